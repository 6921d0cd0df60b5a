"""The page of a data check: one self-contained HTML file, in the style of the reports."""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from tinylens.data.checkup.observation import Exhibit, Observation
from tinylens.data.checkup.survey import Survey
from tinylens.files import write_text
from tinylens.report import Section, page_of
from tinylens.report.markup import html
from tinylens.report.thumbnails import Thumbnails

SUMMARY = """
<dl class="facts">
<div><dt>Data</dt><dd>{{ survey.name }}</dd></div>
{% for name, split in survey.splits.items() %}
<div><dt>{{ name }}</dt><dd>{{ "{:,}".format(split|length) }} images</dd></div>
{% endfor %}
<div><dt>Classes</dt><dd>{{ survey.classes|length }}</dd></div>
<div><dt>From</dt><dd>{{ survey.origin }}</dd></div>
</dl>
<div class="scroll"><table class="checks">
{% for one in observations %}<tr class="{{ one.severity }}"><td><b>{{ one.severity }}</b>
<td><a href="#{{ one.code }}">{{ one.title }}</a><td>{{ one.found }}{% if one.remedy %}<br>
<span class="muted">{{ one.remedy }}</span>{% endif %}
{% endfor %}</table></div>
"""

DETAIL = """
<p class="found {{ one.severity }}">{{ one.found }}.</p>
{% if one.remedy %}<p>What to do: {{ one.remedy }}.</p>{% endif %}
{% for table in one.tables %}
<div class="scroll {{ "tall" if table.rows|length > 30 }}"><table class="numbers"><thead><tr>
{% for name in table.headings %}<th>{{ name }}{% endfor %}</thead>
<tbody>{% for row in table.rows %}<tr>{% for cell in row %}<td>{{ cell }}{% endfor %}
{% endfor %}</tbody></table></div>
{% endfor %}
{% for gallery in galleries %}<h3>{{ gallery.title }}</h3>
<div class="exhibits">{% for images, caption in gallery.exhibits %}<figure><span class="strip">
{%- for image in images %}{{ image }}{% endfor %}</span><figcaption>{{ caption }}</figcaption></figure>
{% endfor %}</div>
{% endfor %}
{% for remark in one.remarks %}<p class="muted">{{ remark }}</p>{% endfor %}
"""

STYLE = """
.checks td:first-child b{display:inline-block;min-width:4.6rem;padding:.05rem .5rem;border-radius:4px;text-align:center;
background:var(--ground);color:var(--muted);font-weight:600}
.checks .error td:first-child b{background:var(--red);color:var(--paper)}
.checks .warning td:first-child b{background:var(--rust);color:var(--paper)}
.checks .note td:first-child b{background:var(--tint);color:var(--ink)}
.checks a{color:var(--blue);text-decoration:none;white-space:nowrap}.checks a:hover{text-decoration:underline}
.found{border-left:4px solid var(--line);padding-left:.8rem}
.found.error{border-color:var(--red)}.found.warning{border-color:var(--orange)}.found.note{border-color:var(--tint)}
.numbers{margin:.6rem 0}.numbers :is(th,td):not(:first-child){text-align:right;padding:.28rem 0 .28rem 1rem}
.numbers th{white-space:normal;vertical-align:bottom}.numbers td{max-width:16rem;overflow-wrap:break-word}
.tall{max-height:26rem;overflow-y:auto}
.exhibits{display:flex;flex-wrap:wrap;gap:.9rem 1.1rem}
.exhibits figure{max-width:100%;width:min-content;min-width:var(--thumb)}
.exhibits .strip{display:flex;gap:3px}
.exhibits figcaption{font-size:.8rem;line-height:1.3;margin-top:.2rem;color:var(--muted);overflow-wrap:anywhere}
@media(max-width:640px){:root{--thumb:44px}.exhibits{gap:.8rem}.exhibits figcaption{font-size:.75rem;min-width:4.2rem}
.checks :is(tbody,tr,td){display:block}.checks td{border:none;padding:.1rem 0}
.checks td:last-child{padding-bottom:.7rem}
.checks tr{border-bottom:1px solid var(--line);padding-top:.6rem}.checks a{white-space:normal}}
@media print{.tall{max-height:none}.exhibits figure{break-inside:avoid}}
"""


def write_checkup(survey: Survey, observations: Sequence[Observation], path: Path) -> None:
    """Write the page. Raises TinylensError where it cannot be written."""
    thumbnails = Thumbnails()
    sections = [Section("summary", "Summary", html(SUMMARY, survey=survey, observations=observations))]
    sections += [Section(one.code, one.title, detail(survey, one, thumbnails)) for one in observations]
    title = f"Check of {Path(survey.name).name or survey.name}"
    subtitle = f"{len(survey):,} images in {len(survey.classes)} classes"
    write_text(path, page_of(title, subtitle, sections, style=STYLE, thumbnails=thumbnails))


def detail(survey: Survey, one: Observation, thumbnails: Thumbnails) -> Markup:
    """What one check came to, with its figures and pictures."""
    galleries = [
        {
            "title": gallery.title,
            "exhibits": [(shown(survey, each, thumbnails), each.caption) for each in gallery.exhibits],
        }
        for gallery in one.galleries
    ]
    return html(DETAIL, one=one, galleries=galleries)


def shown(survey: Survey, exhibit: Exhibit, thumbnails: Thumbnails) -> list[Markup]:
    """The images of an exhibit as elements of the page."""
    found = []
    for position in exhibit.positions:
        split, index = survey.place(position)
        found.append(thumbnails.html(split, index, f"{survey.label(position)}, {survey.called(position)}"))
    return found
