"""The benchmarks: python benchmarks COMMAND. README.md beside this file says how to run them."""

import subprocess
import sys
from pathlib import Path

from cyclopts import App

import page
from budget import budget
from five_minutes import five_minutes
from growth import growth
from inference import inference
from reached import recipes
from throughput import throughput
from tinylens.console import say
from tinylens.errors import TinylensError

HERE = Path(__file__).parent
MEASURING = (budget, throughput, inference, growth, five_minutes)  # the longest last

app = App(name="benchmarks", help="Tinylens and its peers on the same data and machine.", help_format="plaintext")
for command in (*MEASURING, recipes, page.page):
    app.command(command)


@app.command(name="all")
def everything() -> None:
    """Measure everything, one after the other, then write the page; what fails is said, and the rest goes on.

    For example:

      python benchmarks all
    """
    names = [app.name_transform(function.__name__) for function in (*MEASURING, page.page)]
    failed = [name for name in names if subprocess.run([sys.executable, str(HERE), name], check=False).returncode]
    if failed:
        raise TinylensError(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    try:
        app()
    except TinylensError as error:
        say(str(error))
        sys.exit(error.status)
