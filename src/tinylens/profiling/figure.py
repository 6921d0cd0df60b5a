"""The picture of a profile: the parts of a step, and its layers in both passes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tinylens.profiling import LayerWork, Profile
from tinylens.report.drawing import BLUE, INK, MUTED, ORANGE, figure_file
from tinylens.words import milliseconds, percent, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LAYERS = 40  # drawn, those that take longest
ROW = 0.27  # inches a bar


def plot_profile(profile: Profile, path: str | Path) -> None:
    """Draw a profile into a .png, .svg or .pdf file. Raises UsageError for another kind of file."""
    slowest = sorted(profile.layers, key=lambda layer: layer.seconds)[-MOST_LAYERS:]
    layers = [layer for layer in profile.layers if layer in slowest and layer.seconds]
    heights = [len(profile.parts), len(layers) + 1]
    with figure_file(path, 8.4, 1.9 + ROW * sum(heights)) as figure:
        upper, lower = figure.subplots(2, 1, height_ratios=heights)
        speed = f"{profile.images_per_second:,.0f} images/s in training, {profile.precision}"
        figure.suptitle(f"{profile.recipe}: {speed}", x=0.01, ha="left", fontweight="bold")
        draw_parts(upper, profile)
        draw_layers(lower, layers, profile.peak)


def draw_parts(axes: "Axes", profile: Profile) -> None:
    """A bar for each part of a step."""
    names, seconds = list(profile.parts), list(profile.parts.values())
    axes.barh(names, [1000 * s for s in seconds], color=BLUE, height=0.7)
    shares = [percent(s / profile.step_seconds) for s in seconds]
    label(axes, seconds, shares)
    axes.set(title=f"A step of {profile.batch_size:,} images: {milliseconds(profile.step_seconds)} ms")
    finish(axes, seconds)


def draw_layers(axes: "Axes", layers: Sequence[LayerWork], peak: float) -> None:
    """A bar for each layer, forward and backward, with what it achieves of the peak."""
    places = range(len(layers))
    forward, backward = ([1000 * getattr(layer, way) for layer in layers] for way in ("forward", "backward"))
    axes.barh(places, forward, color=BLUE, height=0.7, label="forward")
    axes.barh(places, backward, left=forward, color=ORANGE, height=0.7, label="backward")
    axes.set_yticks(places, labels=[shortened(layer.name, 28) for layer in layers])
    seconds = [layer.seconds for layer in layers]
    label(axes, seconds, [achieved(layer, peak) for layer in layers])
    axes.set(title="By layer", xlabel="ms")
    axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0)
    finish(axes, seconds)


def achieved(layer: LayerWork, peak: float) -> str:
    """What a layer achieves, where it multiplies matrices."""
    speed = layer.flop_per_second
    return "" if speed is None else f"{speed / 1e9:,.0f} GFLOP/s, {percent(speed / peak, 0)} of the peak"


def label(axes: "Axes", seconds: Sequence[float], words: Sequence[str]) -> None:
    """Write beside each bar."""
    for place, (length, text) in enumerate(zip(seconds, words, strict=True)):
        axes.annotate(
            text, (1000 * length, place), (4, 0), textcoords="offset points", va="center", color=MUTED, size=9
        )


def finish(axes: "Axes", seconds: Sequence[float]) -> None:
    """The first bar at the top, room for the words beside the longest, no lines between."""
    axes.set(xlim=(0, 1000 * max(seconds) * 1.45), ylim=(len(seconds) - 0.4, -0.6))
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(visible=False, axis="y")
