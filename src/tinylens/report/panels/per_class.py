"""Precision, recall and F1 of each class, in a table that a click on a heading sorts, and of all below it."""

from markupsafe import Markup

from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Classes"
ORDER = 50

TEMPLATE = """
{% macro figures(c) %}<td>{{ "%.3f"|format(c.precision) }}<td>{{ "%.3f"|format(c.recall) }}
<td>{{ bar(c.f1) }}<td data-value="{{ c.images }}">{{ "{:,}".format(c.images) }}{% endmacro %}
{% macro bar(share) %}<span class="bar" style="--share:{{ share }}">{{ "%.3f"|format(share) }}</span>{% endmacro %}
<div class="scroll"><table class="sortable">
<thead><tr>{% for name in headings %}<th scope="col"><button type="button">{{ name }}</button>
{% endfor %}</thead>
<tbody>{% for c, group in rows %}<tr><td>{{ c.name }}{% if group %}<td>{{ group }}{% endif %}

{{ figures(c) }}
{% endfor %}</tbody>
<tfoot><tr><th colspan="{{ headings|length - 4 }}">accuracy<td><td><td>{{ bar(m.accuracy) }}
<td>{{ "{:,}".format(m.images) }}
{% for c in (m.macro_average, m.weighted_average) %}
<tr><th colspan="{{ headings|length - 4 }}">{{ c.name }}{{ figures(c) }}
{% endfor %}</tfoot></table></div>
<p class="muted">Precision: of the images called so, the share that are. Recall: of the images that are, the share
called so. F1: their harmonic mean. Below: the share of all images that are classified correctly; the plain mean of the
classes; their mean weighted by images.</p>
"""

STYLE = """
.sortable button{all:unset;cursor:pointer;font-weight:600}
.sortable button:focus-visible{outline:2px solid var(--blue)}
.sortable th[aria-sort=ascending] button::after{content:" ↑"}
.sortable th[aria-sort=descending] button::after{content:" ↓"}
.sortable tfoot{display:table-row-group}
.sortable tfoot tr:first-child :is(th,td){border-top:2px solid var(--line)}
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
    """The figures of each class, and their averages."""
    groups = story.predictions.superclasses
    headings = ["class", *(["superclass"] if groups else []), "precision", "recall", "F1", "images"]
    rows = list(zip(story.metrics.per_class, groups or [None] * len(story.metrics.per_class), strict=True))
    return html(TEMPLATE, headings=headings, rows=rows, m=story.metrics)
