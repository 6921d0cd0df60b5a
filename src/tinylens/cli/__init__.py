"""The command line: parse, call, print. Nothing heavy is imported before a command needs it."""

import inspect
import json
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stdout, suppress
from types import FrameType

from cyclopts import App
from cyclopts.exceptions import CycloptsError, UnknownCommandError, UnusedCliTokensError

from tinylens import __version__
from tinylens.cli import compare, data, figures, judge, lint, look, profile, sweep, train
from tinylens.errors import Terminated, TinylensError, one_line

FLAGS = ("--json", "--debug")

app = App(
    name="tinylens",
    version=__version__,
    help="From small images to a trained, honestly judged, explained and usable classifier.\n\n"
    "First steps:  tinylens train four-by-four --data digits",
    help_format="plaintext",
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
for command in (
    train.train,
    sweep.sweep,
    train.resume,
    judge.evaluate,
    judge.report,
    judge.predict,
    compare.compare,
    figures.history,
    figures.confusion,
    figures.predictions,
    look.runs,
    look.results,
    look.doctor,
    profile.profile,
    lint.lint,
):
    app.command(command)
app.command(look.recipes_app)
app.command(data.data_app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 it cannot be done, 2 the call is wrong, 130 or 143 it was stopped."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    flags = [word for word in given if word in FLAGS]
    words = [word for word in given if word not in FLAGS]
    if words and not words[0].startswith("-"):
        words += flags  # they may stand before the command too
    with suppress(ValueError):  # signals reach the main thread only
        signal.signal(signal.SIGTERM, terminate)
    sys.exit(run(words, as_json="--json" in flags, debug="--debug" in flags))


def terminate(number: int, frame: FrameType | None) -> None:
    """What SIGTERM does where nobody else listens: the command ends as after Ctrl-C, and says so."""
    raise Terminated


def run(words: list[str], *, as_json: bool, debug: bool) -> int:
    """Run one command; its exit status. What goes wrong is one line, or one JSON document with the key error."""
    try:
        # With --json nothing but the document goes to stdout, not even what a user's own recipe prints.
        with redirect_stdout(sys.stderr) if as_json else nullcontext():
            app(words, exit_on_error=False, print_error=False)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stderr.close()
        return 1
    except (Exception, KeyboardInterrupt) as error:
        if debug:
            traceback.print_exception(error)
        return fail(*explained(error), as_json)
    return 0


def explained(error: BaseException) -> tuple[str, int]:
    """What an error is in one line, and the exit status that it stands for."""
    if isinstance(error, UnusedCliTokensError):
        return left_over(error), 2
    if isinstance(error, CycloptsError):
        return " ".join(str(error).split()), 2
    if isinstance(error, TinylensError):
        return str(error), error.status
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", 128 + getattr(error, "signal_number", signal.SIGINT)
    return f"{type(error).__name__}: {one_line(error)} (a bug in Tinylens; --debug shows where)", 1


def left_over(error: UnusedCliTokensError) -> str:
    """What words that a command has no use for are: a command below it that is not known, or too many."""
    words, command = error.unused_tokens or [], " ".join(error.command_chain or ())
    if error.app and any(not name.startswith("-") for name in error.app):
        return str(UnknownCommandError(unused_tokens=words, app=error.app, verbose=False))
    kinds = inspect.signature(error.target).parameters.values() if error.target else ()
    takes = [one.name for one in kinds if one.kind is one.POSITIONAL_OR_KEYWORD]
    many = "is one too many" if len(words) == 1 else "are too many"
    return f"{command} takes {' and '.join(f'one {name}' for name in takes) or 'nothing'}: {', '.join(words)} {many}"


def fail(message: str, status: int, as_json: bool) -> int:
    """Say what went wrong; the exit status."""
    if as_json:
        print(json.dumps({"error": message, "status": status}, ensure_ascii=False))
    print(f"tinylens: {message}", file=sys.stderr)
    return status
