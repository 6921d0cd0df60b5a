"""One sitting of training as a process of its own: python sitting.py RUN [--resume]. Ends with the error's status."""

import sys

from tinylens.errors import TinylensError
from tinylens.runs import Run
from tinylens.training.fit import fit

if __name__ == "__main__":
    try:
        run = Run(sys.argv[1])
        with run.locked():
            fit(run, run.manifest.reload(), resume="--resume" in sys.argv)
    except TinylensError as error:
        print(error, file=sys.stderr)
        sys.exit(error.status)
