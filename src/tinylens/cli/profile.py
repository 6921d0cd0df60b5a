"""tinylens profile."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tinylens.cli.output import Common, print_json, print_table, settings
from tinylens.words import milliseconds, percent

if TYPE_CHECKING:
    from tinylens.profiling import LayerWork, Profile


def profile(
    recipe: str,
    *,
    data: str | None = None,
    set: Annotated[list[str] | None, Parameter(negative="")] = None,  # it is the option's name
    seconds: float = 2.0,
    plot: Path | None = None,
    data_dir: Path | None = None,
    common: Common | None = None,
) -> None:
    """Show where the time of a training step goes: its parts, its layers, and what they achieve of this machine's peak.

    The recipe is trained for a few seconds as `tinylens train` does it, and nothing of it is kept.

    For example:

      tinylens profile four-by-four

      tinylens profile slim-resnet --set batch_size=256 --plot profile.png

    Parameters
    ----------
    recipe
        A name that `tinylens recipes` prints, or the path of a recipe file.
    data
        A name, a folder of pictures, or an .npz file. Default: noise in the shape of the recipe's own data.
    set
        FIELD=VALUE: another value for a field of the recipe. May be repeated.
    seconds
        How long to time whole steps; at least three are timed, however long they take.
    plot
        Draw the parts and the layers into this file (.png, .svg or .pdf).
    data_dir
        Where to look first for downloaded data.
    """
    from tinylens import profiling
    from tinylens.profiling.figure import plot_profile
    from tinylens.report.drawing import kind_of_picture

    if plot is not None:
        kind_of_picture(plot)  # before the time is spent
    found = profiling.profile(recipe, data, settings=settings(set), seconds=seconds, data_dir=data_dir)
    if plot is not None:
        plot_profile(found, plot)
    if common and common.json:
        print_json(found.to_json())
    else:
        tell(found)


def tell(profile: "Profile") -> None:
    """Print a profile."""
    whole = profile.step_seconds
    print(
        f"\n{profile.recipe} on {profile.data}: {profile.images_per_second:,.0f} images/s in training\n"
        f"  a step     {milliseconds(whole)} ms for {profile.batch_size:,} images (median of {profile.steps:,})\n"
        f"  machine    {profile.device} ({profile.device_name}), {profile.threads} threads, {profile.precision}\n"
        f"  work       {profile.flop / 1e9:,.4g} GFLOP a step, {speed(profile.flop_per_second)} GFLOP/s: "
        f"{percent(profile.flop_per_second / profile.peak)} of the {speed(profile.peak)} that a large product reaches\n"
        f"  memory     {memory(profile)}\n"
    )
    rows = [[name, milliseconds(seconds), percent(seconds / whole)] for name, seconds in profile.parts.items()]
    print_table(["part", "ms", "share"], rows, right=["ms", "share"])
    headings = ["layer", "kind", "forward ms", "backward ms", "share", "GFLOP", "GFLOP/s", "of the peak"]
    print_table(headings, [layer_row(layer, profile) for layer in profile.layers], right=headings[2:])
    print(f"layers: from {profile.traced_steps:,} traced steps, in proportion to whole ones")


def layer_row(layer: "LayerWork", profile: "Profile") -> list[str]:
    """A layer in the table."""
    times = [milliseconds(layer.forward), milliseconds(layer.backward), percent(layer.seconds / profile.step_seconds)]
    achieved = layer.flop_per_second
    if achieved is None:
        return [layer.name, layer.kind, *times, "", "", ""]
    work = [f"{layer.flop / 1e9:,.3g}", speed(achieved), percent(achieved / profile.peak)]
    return [layer.name, layer.kind, *times, *work]


def memory(profile: "Profile") -> str:
    """What is held, in one line."""
    held = profile.peak_memory_bytes
    most = "" if held is None else f", {held / 1e6:,.0f} MB at most in all"
    weights, moments = profile.weights_bytes, profile.optimizer_bytes
    return f"{weights / 1e6:,.1f} MB of weights, {moments / 1e6:,.1f} MB of the optimizer's{most}"


def speed(flop_per_second: float) -> str:
    """GFLOP/s."""
    return f"{flop_per_second / 1e9:,.0f}" if flop_per_second >= 1e10 else f"{flop_per_second / 1e9:.2g}"
