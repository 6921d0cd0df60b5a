"""The page of a comparison: one self-contained HTML file, in the style of the reports."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from tinylens.comparison import Comparison
from tinylens.comparison.figure import draw, draw_classes
from tinylens.comparison.pairs import Pair
from tinylens.comparison.seeds import LEVEL
from tinylens.comparison.sides import Side
from tinylens.comparison.verdict import p_words, points, signed
from tinylens.data import Dataset
from tinylens.errors import TinylensError
from tinylens.files import write_text
from tinylens.report import Section, page_of
from tinylens.report.drawing import inline
from tinylens.report.markup import html
from tinylens.report.thumbnails import Thumbnails
from tinylens.words import count

IMAGES = 18  # of each kind that a pair shows
DETAILED = 10  # pairs that are shown class by class and with images

RESULT = """
{% for verdict in verdicts %}<p class="verdict">{{ verdict|coded }}</p>
{% endfor %}
{% for remark in remarks %}<p class="muted">{{ remark }}</p>
{% endfor %}
<div class="scroll"><figure class="wide">{{ drawing }}</figure></div>
"""

SIDES = """
<div class="scroll"><table class="numbers">
<thead><tr><th><th class="name">side<th>seeds<th>accuracy<th>macro F1<th>loss<th>calibration error
<th>AURC<th>epochs</thead>
<tbody>{% for s in sides %}<tr><td>{{ s.letter }}<td class="name">{{ s.name }}<td>{{ s.seeds|join(", ") }}
<td>{{ s.said }}
<td>{{ "%.3f"|format(s.mean("macro_f1")) }}<td>{{ "%.3f"|format(s.mean("loss")) }}
<td>{{ s.mean("calibration_error")|percent }}<td>{{ s.mean("risk_area")|percent }}<td>{{ epochs(s) }}
{% endfor %}</tbody></table></div>
<p class="muted">Of one run the accuracy stands with its 95 % Wilson interval, of several seeds with the standard
deviation; the other figures are means over seeds. AURC: mean share of mistakes where only the surest images are
answered, over all shares of images.</p>
"""

PAIRS = """
<div class="scroll"><table class="numbers">
<thead><tr><th>pair<th>difference<th>other images<th>p<th>p, Holm<th>other seeds<th>p, Holm
<th>both right<th>first alone<th>second alone<th>none</thead>
<tbody>{% for p in pairs %}<tr><td>{{ p.letters }}
<td>{% if p.lenses_differ %}<b>{{ signed(p.difference) }}</b>{% else %}{{ signed(p.difference) }}{% endif %}
<td>{{ signed(p.interval[0]) }} to {{ signed(p.interval[1]) }}<td>{{ words(p.p) }}<td>{{ words(p.corrected) }}
{% if p.seeds %}<td>{{ signed(p.seeds.interval[0]) }} to {{ signed(p.seeds.interval[1]) }},
{{ p.seeds.method.split()[0] }}
<td>{% if p.seeds.corrected < level %}<b>{{ words(p.seeds.corrected) }}</b>{% else %}{{ words(p.seeds.corrected) }}
{% endif %}{% else %}<td>–<td>–{% endif %}
<td>{{ "{:,}".format(p.both) }}<td>{{ "{:,}".format(p.first_alone|length) }}
<td>{{ "{:,}".format(p.second_alone|length) }}<td>{{ "{:,}".format(p.neither) }}
{% endfor %}</tbody></table></div>
<p class="muted">In points of accuracy. Other images: 95 % interval of a paired bootstrap, drawn within classes; p of
two runs by McNemar's exact test, where a side has several by exact sign flips. Other seeds: 95 % interval and p of a t
test of the runs' accuracies, paired where each seed trained both recipes on the same images, else Welch's. Holm:
corrected for {{ comparisons }}. Bold: below {{ level }}.</p>
"""

DETAIL = """
<p>{{ first.letter }}: {{ first.name }}. {{ second.letter }}: {{ second.name }}. The share of each class's images that
is called so (recall), and its change.</p>
<div class="beside"><figure>{{ drawing }}</figure>
<div class="scroll"><table class="numbers"><thead><tr><th>class<th>images
<th>{{ first.letter }}<th>{{ second.letter }}<th>change
<th>95 % interval<th>p, Holm</thead>
<tbody>{% for c in classes %}<tr><td>{{ c.name }}<td>{{ "{:,}".format(c.images) }}<td>{{ c.first|percent }}
<td>{{ c.second|percent }}<td>{% if c.corrected < level %}<b>{{ signed(c.difference) }}</b>{% else %}
{{ signed(c.difference) }}{% endif %}<td>{{ signed(c.interval[0]) }} to {{ signed(c.interval[1]) }}
<td>{{ words(c.corrected) }}{% endfor %}</tbody></table></div></div>
{% for kind in kinds %}<h3>{{ kind.title }}</h3>
{% if kind.images %}<div class="thumbs">{% for image, truth, said in kind.images %}<figure>{{ image }}
<figcaption>is <b>{{ truth }}</b><br><span class="muted">other: {{ said }}</span></figcaption></figure>{% endfor %}
</div>{% endif %}{% endfor %}
"""

STYLE = """
.verdict{font-size:1.08rem;max-width:80ch}
.wide svg{width:100%;min-width:34rem;max-width:860px;height:auto;display:block;margin-top:1rem}
.numbers :is(th,td){text-align:right;padding:.28rem 0 .28rem .85rem}
.numbers :is(th,td):first-child{text-align:left;padding-left:0}.numbers th{white-space:normal;vertical-align:bottom}
.numbers td{white-space:nowrap}.numbers .name{text-align:left;white-space:normal}
.beside{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,8fr);gap:1rem 1.6rem}
@media(max-width:900px){.beside{grid-template-columns:minmax(0,1fr)}}
.beside svg{width:100%;height:auto;display:block}
"""


def write_page(comparison: Comparison, path: Path, data_dir: str | Path | None = None) -> str | None:
    """Write the page. Images are shown where the data is here: the reason where it is not, else None."""
    images, why = judged_images(comparison, data_dir)
    write_text(path, page(comparison, images))
    return why


def judged_images(comparison: Comparison, data_dir: str | Path | None) -> tuple[Dataset | None, str | None]:
    """The images that were judged, or why they are not here."""
    try:
        return comparison.sides[0].runs[0].manifest.reload(data_dir=data_dir)[comparison.split], None
    except TinylensError as error:
        return None, str(error)


def page(comparison: Comparison, images: Dataset | None) -> str:
    """The page. images: those that were judged, where they are here."""
    thumbnails = Thumbnails()
    sections = [
        Section("verdict", "Verdict", result(comparison)),
        Section("sides", "Sides", html(SIDES, sides=comparison.sides, epochs=epochs)),
        Section("pairs", "Pairs", pairs_table(comparison.pairs)),
    ]
    for number, pair in enumerate(comparison.pairs[:DETAILED], 1):
        body = detail(pair, images, thumbnails)
        sections.append(Section(f"pair-{number}", pair.letters, body))
    choice = comparison.sides[0].runs[0].manifest.choice
    title = " and ".join(side.name for side in comparison.sides) if len(comparison.sides) == 2 else "Comparison"
    subtitle = f"{choice.name}, {len(comparison.sides[0].right):,} {comparison.split} images"
    return page_of(title, subtitle, sections, style=STYLE, thumbnails=thumbnails)


def result(comparison: Comparison) -> Markup:
    """The verdicts, what must be known before they are believed, and the figure."""
    words = "; ".join(f"{side.name}: {side.said}" for side in comparison.sides)
    drawing = inline(draw(comparison.sides, comparison.pairs), words)
    return html(RESULT, verdicts=comparison.verdicts, remarks=comparison.remarks, drawing=drawing)


def epochs(side: Side) -> str:
    """The epochs that its runs took."""
    return ", ".join(map(str, sorted({run.training["epochs"] for run in side.runs})))


def pairs_table(pairs: Sequence[Pair]) -> Markup:
    """Each pair in a row."""
    comparisons, tested = count(len(pairs), "comparison"), sum(pair.seeds is not None for pair in pairs)
    if 0 < tested < len(pairs):
        comparisons = f"{comparisons} by images, {tested:,} by seeds"
    return html(PAIRS, pairs=pairs, signed=signed, words=p_words, level=LEVEL, comparisons=comparisons)


def detail(pair: Pair, images: Dataset | None, thumbnails: Thumbnails) -> Markup:
    """One pair, class by class, and images that each side gets right alone."""
    kinds = [alone(pair.first, pair.second, pair.first_alone, images, thumbnails)]
    kinds.append(alone(pair.second, pair.first, pair.second_alone, images, thumbnails))
    drawing = inline(draw_classes(pair.classes), f"change of recall by class, {points(pair.difference)} in all")
    return html(
        DETAIL, drawing=drawing, classes=pair.classes, first=pair.first, second=pair.second, kinds=kinds,
        signed=signed, words=p_words, level=LEVEL,
    )  # fmt: skip


def alone(
    side: Side, other: Side, positions: np.ndarray, images: Dataset | None, thumbnails: Thumbnails
) -> dict[str, Any]:
    """Some images that one side gets right and the other wrong, those first of which a lens that is wrong is surest."""
    # Of several lenses some may be right of an image that most get wrong: what is told is said by one that is wrong.
    sure = np.stack([np.where(said.correct, -1, said.confidence) for said in other.predictions])
    surest = positions[np.argsort(-sure.max(axis=0)[positions], kind="stable")][:IMAGES].tolist()
    title = f"Right in {side.name} alone: {count(len(positions), 'image')}"
    if images is None:
        return {"title": title, "images": []}
    shown = []
    for index in surest:
        answer = other.predictions[int(sure[:, index].argmax())].answer(index)
        image = thumbnails.html(images, index, f"{answer.truth}, called {answer.predicted}")
        shown.append((image, answer.truth, answer.predicted))
    return {"title": title, "images": shown}
