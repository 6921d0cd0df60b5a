"""python -m tinylens."""

from tinylens.cli import main

main()
