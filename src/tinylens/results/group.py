"""Runs that differ by nothing but their seed, together."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from tinylens.results.account import Account
from tinylens.runs import Run, assignment


@dataclass(frozen=True, eq=False)
class Group:
    """Runs of one recipe with the same settings on the same data and hardware, each with a seed of its own."""

    accounts: tuple[Account, ...]

    @property
    def run(self) -> Run:
        """The first run."""
        return self.accounts[0].run

    @property
    def name(self) -> str:
        """The recipe, with what is set otherwise in these runs as --set takes it."""
        changed, code = self.run.recipe.changed(), self.accounts[0].code
        form = ["as published"] if self.run.recipe.as_published else []
        form += [f"code {code[:6]}"] if code else []
        settings = [assignment(name, value) for name, value in changed.items() if name not in ("seed", "as_published")]
        about = ", ".join([*form, *settings])
        return f"{self.run.title} ({about})" if about else self.run.title

    @property
    def data(self) -> str:
        """The name of the data."""
        return self.run.manifest.choice.name

    @property
    def parameters(self) -> int:
        """Numbers that are learned."""
        from tinylens.networks.table import parameter_count

        size = self.run.recipe.image_size
        return parameter_count(self.run.recipe.build((size, size), len(self.run.manifest.classes)))

    @property
    def precision(self) -> str:
        """Of the arithmetic in training, with the device where it is not the processor."""
        hardware = self.accounts[0].hardware
        device = "" if hardware["device"] == "cpu" else f" ({hardware['device']})"
        return f"{hardware['precision']}{device}"

    @property
    def epoch_seconds(self) -> float:
        """The median time of an epoch, looking at the images that selection goes by included."""
        return statistics.median(second for account in self.accounts for second in account.epoch_seconds)


def grouped(accounts: Iterable[Account]) -> list[Group]:
    """Runs that differ by their seed together, of each seed the newest; by data, then by recipe."""
    found: dict[str, dict[int, Account]] = {}
    for account in sorted(accounts, key=lambda account: account.when):
        found.setdefault(account.kind, {})[account.run.recipe.seed] = account
    groups = [Group(tuple(seeds[seed] for seed in sorted(seeds))) for seeds in found.values()]
    return sorted(groups, key=lambda group: (group.data, group.name, group.precision))


def newest(group: Group) -> Group:
    """The newest run of a group alone."""
    return Group((max(group.accounts, key=lambda account: account.when),))
