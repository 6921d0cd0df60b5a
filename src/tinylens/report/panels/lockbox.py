"""The lockbox: each time that the test images were looked at, by what, and for which lens."""

from markupsafe import Markup

from tinylens.report.markup import html
from tinylens.report.story import Story
from tinylens.words import MARKED, times

TITLE = "Lockbox"
ORDER = 85

TEMPLATE = """
{% if openings %}<p>The test images were looked at {{ looked }}.{% if looks > 1 %} To choose by such looks, a lens or a
setting, makes the figures too good.{% endif %}{% if mark %} {{ marked }}.{% endif %}</p>
<div class="scroll"><table><thead><tr><th>when<th>what looked<th>lens</thead>
<tbody>{% for o in openings %}<tr><td>{{ o.when|replace("T", " ") }}<td>{{ o.by }}
<td class="muted">{{ o.lens or "–" }}{% endfor %}</tbody></table></div>
{% else %}<p>The test images are unseen: nothing was decided by them.</p>{% endif %}
"""


def render(story: Story) -> Markup:
    """The openings of the test split."""
    run = story.run
    looks = run.times_opened
    return html(TEMPLATE, openings=run.openings, looks=looks, looked=times(looks), mark=run.recipe.mark, marked=MARKED)
