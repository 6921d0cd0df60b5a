"""Loss and accuracy by epoch, in training and in validation."""

from typing import Any

from markupsafe import Markup

from tinylens.report.drawing import BLUE, MUTED, ORANGE, inline, new_figure, svg
from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Training"
ORDER = 30

TEMPLATE = """
<div class="pair">{% for drawing in drawings %}<figure>{{ drawing }}</figure>{% endfor %}</div>
<p class="muted">Training figures are taken while the weights move, with dropout where there is any, so they are not
those of the finished model. The dotted line marks epoch {{ kept }}, whose weights were kept. Ended: {{ ended }}.</p>
<details><summary>The history as a table</summary><div class="scroll"><table>
<thead><tr><th>epoch<th>steps<th>seconds<th>rate<th>train loss<th>train accuracy<th>{{ seen }} loss
<th>{{ seen }} accuracy
</thead><tbody>
{% for row in rows %}<tr><td>{{ row.epoch }}<td>{{ "{:,}".format(row.step) }}<td>{{ "%.1f"|format(row.seconds) }}
<td>{{ "%.2g"|format(row.learning_rate) }}
<td>{{ "%.4f"|format(row.train_loss) }}<td>{{ "%.4f"|format(row.train_accuracy) }}
<td>{{ "%.4f"|format(row.validation_loss) }}<td>{{ "%.4f"|format(row.validation_accuracy) }}
{% endfor %}</tbody></table></div></details>
"""

STYLE = ".pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:1rem}"


def render(story: Story) -> Markup | None:
    """The curves of a run."""
    rows, training = story.run.history, story.run.training
    if not rows:
        return None
    seen = story.run.recipe.select_on
    drawings = []
    for metric in ("loss", "accuracy"):
        document = draw(rows, metric, seen, training["kept_epoch"])
        story.figures[f"{metric}.svg"] = document
        drawings.append(inline(document, f"{metric} by epoch in training and {seen}"))
    return html(TEMPLATE, drawings=drawings, rows=rows, kept=training["kept_epoch"], ended=training["ended"], seen=seen)


def draw(rows: list[dict[str, Any]], metric: str, seen: str, kept: int) -> str:
    """One metric by epoch as an SVG document."""
    from matplotlib.ticker import MaxNLocator

    with new_figure(5.2, 3.2) as figure:
        axes = figure.subplots()
        epochs = [row["epoch"] for row in rows]
        for part, name, colour in (("train", "training", BLUE), ("validation", seen, ORANGE)):
            values = [row[f"{part}_{metric}"] for row in rows]
            axes.plot(epochs, values, color=colour, linewidth=2, marker="o", markersize=3.5, label=name)
        axes.axvline(kept, color=MUTED, linestyle=":", linewidth=1.2)
        axes.set(title=metric.capitalize(), xlabel="epoch")
        axes.margins(x=0.04)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if len(rows) == 1:
            axes.set_xticks(epochs)
        axes.legend(frameon=False)
        return svg(figure)
