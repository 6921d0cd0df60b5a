"""The layer table: output shapes, and the parameters worked out by hand."""

from markupsafe import Markup

from tinylens.networks.table import layer_table
from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Model"
ORDER = 90

TEMPLATE = """
<div class="scroll"><table class="layers">
<thead><tr><th>layer<th>kind<th>output<th>parameters<th>by hand</thead>
<tbody>{% for row in rows %}<tr><td>{{ row.name }}<td>{{ row.kind }}<td>{{ row.output|join(" × ") }}
<td>{% if row.parameters %}{{ "{:,}".format(row.parameters) }}{% endif %}
<td>{% if row.formula %}{{ row.formula }} = {{ "{:,}".format(row.parameters) }}{% endif %}
{% endfor %}</tbody>
<tfoot><tr><th>in all<td><td><th>{{ "{:,}".format(total) }}<td></tfoot></table></div>
"""

STYLE = ".layers td{white-space:nowrap}"


def render(story: Story) -> Markup:
    """The layers of the lens's network."""
    lens = story.run.lens
    rows = layer_table(lens.network, lens.image_size)
    return html(TEMPLATE, rows=rows, total=sum(row.parameters for row in rows))
