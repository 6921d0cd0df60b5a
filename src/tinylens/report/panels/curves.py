"""Loss and accuracy by epoch, in training and in validation: as curves, and as a table."""

from markupsafe import Markup

from tinylens.report.drawing import inline, new_figure, svg
from tinylens.report.history import draw_metric, history_table
from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Training"
ORDER = 30

TEMPLATE = """
<div class="pair">{% for drawing in drawings %}<figure>{{ drawing }}</figure>{% endfor %}</div>
<p class="muted">Training figures are taken while the weights move, with dropout where there is any, so they are not
those of the finished model. The dotted line marks epoch {{ kept }}, whose weights were kept. Ended: {{ ended }}.</p>
<details><summary>The history as a table</summary><div class="scroll"><table class="history">
<thead><tr>{% for heading in headings %}<th>{{ heading|replace("-", "‑") }}{% endfor %}</thead>
<tbody>{% for row in rows %}<tr>{% for value in row %}<td>{{ value }}{% endfor %}

{% endfor %}</tbody></table></div></details>
"""

STYLE = ".history :is(th,td){text-align:right;white-space:normal}.history th{vertical-align:bottom}"


def render(story: Story) -> Markup | None:
    """The curves of a run."""
    run = story.run
    if not run.history:
        return None
    headings, rows = history_table(run)
    drawings = []
    for metric in ("loss", "accuracy"):
        with new_figure(5.2, 3.2) as figure:
            draw_metric(figure.subplots(), run, metric)
            story.figures[f"{metric}.svg"] = svg(figure)
        drawings.append(
            inline(story.figures[f"{metric}.svg"], f"{metric} by epoch in training and {run.recipe.select_on}")
        )
    kept, ended = run.training["kept_epoch"], run.training["ended"]
    return html(TEMPLATE, drawings=drawings, headings=headings, rows=rows, kept=kept, ended=ended)
