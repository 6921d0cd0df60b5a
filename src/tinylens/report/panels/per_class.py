"""Precision, recall and F1 of each class, in a table that a click on a heading sorts."""

from markupsafe import Markup

from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Classes"
ORDER = 50

TEMPLATE = """
<div class="scroll"><table class="sortable">
<thead><tr>{% for name in headings %}<th scope="col"><button type="button">{{ name }}</button>
{% endfor %}</thead>
<tbody>{% for c, group in rows %}<tr><td>{{ c.name }}{% if group %}<td>{{ group }}{% endif %}
<td>{{ "%.3f"|format(c.precision) }}<td>{{ "%.3f"|format(c.recall) }}
<td><span class="bar" style="--share:{{ c.f1 }}">{{ "%.3f"|format(c.f1) }}</span>
<td data-value="{{ c.images }}">{{ "{:,}".format(c.images) }}
{% endfor %}</tbody></table></div>
<p class="muted">Precision: of the images called so, the share that are. Recall: of the images that are, the share
called so. F1: their harmonic mean.</p>
"""

STYLE = """
.sortable button{all:unset;cursor:pointer;font-weight:600}
.sortable button:focus-visible{outline:2px solid var(--blue)}
.sortable th[aria-sort=ascending] button::after{content:" ↑"}
.sortable th[aria-sort=descending] button::after{content:" ↓"}
.bar{display:inline-block;min-width:7rem;padding:.05rem .4rem;border-radius:3px;
background:linear-gradient(to right,var(--tint) calc(100%*var(--share)),transparent 0)}
"""

SCRIPT = """
document.querySelectorAll('.sortable').forEach(table => {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  heads.forEach((head, column) => head.addEventListener('click', () => {
    const up = head.getAttribute('aria-sort') !== 'ascending';
    heads.forEach(h => h.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const value = row => row.cells[column].dataset.value || row.cells[column].textContent.trim();
    const compare = (a, b) => value(a).localeCompare(value(b), 'en', {numeric: true});
    body.append(...[...body.rows].sort((a, b) => up ? compare(a, b) : compare(b, a)));
  }));
});
"""


def render(story: Story) -> Markup:
    """The figures of each class."""
    groups = story.predictions.superclasses
    headings = ["class", *(["superclass"] if groups else []), "precision", "recall", "F1", "images"]
    rows = list(zip(story.metrics.per_class, groups or [None] * len(story.metrics.per_class), strict=True))
    return html(TEMPLATE, headings=headings, rows=rows)
