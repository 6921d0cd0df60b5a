"""Whether the lens is as often right as it is sure, before and after its temperature, as reliability diagrams."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from markupsafe import Markup

from tinylens.evaluation.calibration import BINS, Bin, reliability
from tinylens.report.drawing import BLUE, GRID, MUTED, ORANGE, inline, new_figure, svg
from tinylens.report.markup import html
from tinylens.report.story import Story
from tinylens.words import percent, with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "Calibration"
ORDER = 52

TEMPLATE = """
<div class="beside"><figure>{{ drawing }}</figure>
<div>{% for sentence in sentences %}<p>{{ sentence }}</p>{% endfor %}</div></div>
"""

STYLE = """
.beside{display:grid;grid-template-columns:minmax(0,3fr) minmax(15rem,2fr);gap:1rem 2rem;align-items:center}
.beside svg{width:100%;height:auto;display:block}
@media(max-width:900px){.beside{grid-template-columns:minmax(0,1fr)}}
"""


def render(story: Story) -> Markup:
    """The diagrams and what they say."""
    predictions = story.predictions
    logits, labels = torch.from_numpy(predictions.logits), torch.from_numpy(predictions.labels).long()
    diagrams = [("as trained", reliability(logits, labels))]
    if predictions.temperature != 1:
        warm = reliability(logits / predictions.temperature, labels)
        diagrams.append((f"with temperature {predictions.temperature:.2f}", warm))
    with new_figure(3.6 * len(diagrams), 4.0) as figure:
        for axes, (name, bins) in zip(figure.subplots(1, len(diagrams), squeeze=False)[0], diagrams, strict=True):
            draw(axes, name, bins)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=4, frameon=False, fontsize=8.5)
        story.figures["calibration.svg"] = svg(figure)
    drawing = inline(story.figures["calibration.svg"], "accuracy by confidence")
    return html(TEMPLATE, drawing=drawing, sentences=sentences(story))


def draw(axes: "Axes", name: str, bins: Sequence[Bin]) -> None:
    """Accuracy by confidence, a bar for each bin with its 95 % interval, and how many images are in it."""
    centres = [50 * (bin.low + bin.high) for bin in bins]
    heights, width = [100 * bin.accuracy for bin in bins], 100 / BINS
    reach = [[100 * (b.accuracy - b.interval[0]) for b in bins], [100 * (b.interval[1] - b.accuracy) for b in bins]]
    most = max(bin.images for bin in bins)
    axes.bar(centres, [14 * bin.images / most for bin in bins], width, color=GRID, label="images")
    axes.plot([0, 100], [0, 100], color=MUTED, linestyle=":", linewidth=1.2, label="perfect")
    axes.errorbar(
        centres, heights, yerr=[[max(0.0, end) for end in side] for side in reach],
        fmt="o", color=BLUE, markersize=4.5, elinewidth=1.3, capsize=2, label="accuracy",
    )  # fmt: skip
    for bin, centre in zip(bins, centres, strict=True):
        axes.plot([centre, centre], [100 * bin.confidence, 100 * bin.accuracy], color=ORANGE, linewidth=4, alpha=0.45)
    axes.plot([], [], color=ORANGE, linewidth=4, alpha=0.45, label="gap")
    axes.set(title=name, xlabel="confidence in %", ylabel="accuracy in %", xlim=(0, 100), ylim=(0, 100))
    axes.set_aspect("equal")


def sentences(story: Story) -> list[str]:
    """What the temperature did, what the error is worth, and how it is counted."""
    metrics, split = story.metrics, story.split
    error = with_interval(metrics.calibration_error, metrics.calibration_interval)
    if metrics.temperature == 1:
        said = [
            "No temperature was fitted: that takes validation images of the lens's own.",
            f"The calibration error on the {split} images is {error}.",
        ]
    else:
        kind = "too sure" if metrics.temperature > 1 else "not sure enough"
        said = [
            f"As trained the lens is {kind}. Its logits are divided by a temperature of {metrics.temperature:.3f}, "
            "fitted on the validation images, before they become probabilities; that changes no prediction.",
            f"The calibration error on the {split} images was {percent(metrics.calibration_before)} and is {error}.",
        ]
        if split == "validation":
            said.append("The temperature was fitted to these very images, so its error is a little too good.")
    floor = (
        f"The error is the mean gap between confidence and accuracy over {BINS} bins of equal width. On as many images "
        f"a perfectly calibrated lens, as sure as this one, would show {percent(metrics.calibration_floor)}: binning "
        "makes the error too large by chance where images are few, and hides gaps that cancel within a bin."
    )
    return [*said, floor]
