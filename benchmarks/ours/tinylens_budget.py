"""Where the time of a training step goes, as one line of JSON.

python benchmarks/ours/tinylens_budget.py JOB        JOB: as budget.py makes it
"""

import json
import sys
from typing import Any

from tinylens.profiling import profile
from tinylens.runs import environment


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """What `tinylens profile` finds. job: recipe; seconds to time whole steps."""
    return profile(job["recipe"], seconds=job["seconds"]).to_json() | {"versions": environment()["versions"]}


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
