"""A page of results from run directories: runs that differ by seed in one row, beside what their source published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tinylens.errors import UsageError
from tinylens.files import write_text
from tinylens.results.account import sorted_out
from tinylens.results.group import Group, grouped, newest
from tinylens.results.page import command_of, curve, introduction, progress_of, table
from tinylens.runs import Run, all_runs

__all__ = ["Page", "write_results"]


@dataclass(frozen=True)
class Page:
    """The page that was written. left_out: why runs that can be read are not in it. broken: each that cannot be read,
    with its path and the error."""

    path: Path
    left_out: tuple[str, ...]
    broken: tuple[dict[str, str], ...]


def write_results(folders: Sequence[str | Path], path: str | Path) -> Page:
    """Write the page, Markdown, about all runs in these folders, with a figure beside it for each unfinished run.

    folders: run directories, or folders that hold some. Of runs that differ by nothing the newest counts.
    Raises UsageError where a folder is not there, where there is no run to tell of, or where the page cannot be there.
    """
    path = Path(path)
    if path.suffix.lower() != ".md":
        raise UsageError(f"{path}: the page is Markdown, so its name ends in .md")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}")
    found = sorted_out(runs_in(folders))
    finished = grouped(found.judged)
    done = {group.accounts[0].kind for group in finished}
    unfinished = [newest(group) for group in grouped(found.begun) if group.accounts[0].kind not in done]
    if not finished and not unfinished:
        reasons = [*found.reasons, *(f"{one['run']}: {one['error']}" for one in found.broken)]
        why = f" ({'; '.join(reasons)})" if reasons else ""
        raise UsageError(f"no run on whole data in {', '.join(map(str, folders))}: there is nothing to tell{why}")
    lines = ["# Results", "", *introduction([*finished, *unfinished]), "", *table(finished)]
    figures = figure_files(path, [group for group in unfinished if group.accounts[0].history])
    for group in unfinished:
        lines += [*progress_of(group), ""]
        if group in figures:
            write_text(figures[group], curve(group))
            lines += [f"![The curve so far]({quote(figures[group].name)})", ""]
    if finished:
        lines += ["## Commands", "", "```text", *(command_of(group) for group in finished), "```"]
    write_text(path, "\n".join(lines).rstrip() + "\n")
    return Page(path, tuple(found.reasons), tuple(found.broken))


def runs_in(folders: Iterable[str | Path]) -> list[Run]:
    """The runs that these folders are, or hold, each once. Raises UsageError where a folder is not there."""
    runs: dict[Path, Run] = {}
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise UsageError(f"{folder}: there is no such folder")
        for run in [Run(folder)] if (folder / "recipe.json").is_file() else all_runs(folder):
            runs.setdefault(run.path.resolve(), run)
    return list(runs.values())


def figure_files(path: Path, groups: Sequence[Group]) -> dict[Group, Path]:
    """A file beside the page for the curve of each group, with a number behind where recipes are called the same."""
    files: dict[Group, Path] = {}
    for group in groups:
        title = group.run.title
        number = 1 + sum(other.run.title == title for other in files)
        files[group] = path.with_name(f"{path.stem}-{title if number == 1 else f'{title}-{number}'}.svg")
    return files
