"""Options that several commands have."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from environments import ENVS

Names = Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=())]
DATA = "A folder to look for CIFAR in, before TINYLENS_DATA and the cache."
PEERS = "Where the peers' environments are, or are made."


@Parameter(name="*")
@dataclass(frozen=True)
class Places:
    """Where things are that are not the benchmarks' own."""

    data: Annotated[Path | None, Parameter(help=DATA)] = None
    envs: Annotated[Path, Parameter(help=PEERS)] = ENVS
