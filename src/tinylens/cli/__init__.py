"""The command line: parse, call, print. Nothing heavy is imported before a command needs it."""

import json
import sys
from collections.abc import Sequence

from cyclopts import App
from cyclopts.exceptions import CycloptsError

from tinylens import __version__
from tinylens.cli import data, judge, look, train
from tinylens.errors import TinylensError

app = App(
    name="tinylens",
    version=__version__,
    help="From small images to a trained, honestly judged, explained and usable classifier.\n\n"
    "First steps:  tinylens train four-by-four --data digits",
    help_format="plaintext",
    result_action="return_value",
)
for command in (train.train, train.resume, judge.evaluate, judge.report, judge.predict, look.runs, look.doctor):
    app.command(command)
app.command(look.recipes_app)
app.command(data.data_app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 it cannot be done, 2 the call is wrong, 130 or 143 it was stopped."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(words, as_json="--json" in words, debug="--debug" in words))


def run(words: list[str], *, as_json: bool, debug: bool) -> int:
    """Run one command; its exit status. What goes wrong is one line, or one JSON document with the key error."""
    try:
        app(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return fail(" ".join(str(error).split()), 2, as_json)
    except TinylensError as error:
        if debug:
            raise
        return fail(str(error), error.status, as_json)
    except KeyboardInterrupt:
        return fail("interrupted", 130, as_json)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stderr.close()
        return 1
    except Exception as error:
        if debug:
            raise
        line = f"{type(error).__name__}: {error}".splitlines()[0]
        return fail(f"{line} (this is a mistake in tinylens; --debug shows where)", 1, as_json)
    return 0


def fail(message: str, status: int, as_json: bool) -> int:
    """Say what went wrong; the exit status."""
    if as_json:
        print(json.dumps({"error": message, "status": status}, ensure_ascii=False))
    print(f"tinylens: {message}", file=sys.stderr)
    return status
