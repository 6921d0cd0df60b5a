"""How a part was measured: command, machine, versions, and what went wrong."""

from collections.abc import Sequence
from typing import Any

from page.tables import lines
from record import Rows, model, troubles, went_well
from tinylens.words import percent


def how(record: dict[str, Any], *said: str) -> str:
    """The end of a part: how it was measured. said: what this part has to tell of it."""
    rows = record["measurements"]
    items = [f"`{record['command']}`, {record['when'][:16].replace('T', ' ')} UTC", *said, machine(record["machine"])]
    items += [", ".join(f"{name} {version}" for name, version in versions(rows).items()) or "no version is known"]
    items += [f"Other processes took {others(rows)} of the processors' time during a measurement"]
    items += [f"Images: {'; '.join(record['images'])}"]
    return "\n".join(["### How it was measured", "", lines(f"{item}." for item in items), failures(rows)])


def ways(texts: dict[str, str], rows: Rows) -> list[str]:
    """The sentences, by what a side's name begins with, that are of any side here; under no name, of all."""
    here = {start: text for start, text in texts.items() if any(name.startswith(start) for name in sides(rows))}
    return [f"{start}: {text}" if start else text for start, text in here.items()]


def first(rows: Rows, side: str) -> dict[str, Any]:
    """The first measurement of a side that came to its end; empty where none did."""
    return next((row for row in rows if row["side"] == side and went_well(row)), {})


def sides(rows: Rows) -> list[str]:
    """The sides that were measured, in their order."""
    return list(dict.fromkeys(row["side"] for row in rows))


def machine(about: dict[str, Any]) -> str:
    """What it ran on."""
    memory = f", {about['memory_bytes'] / 2**30:.0f} GiB" if about["memory_bytes"] else ""
    hardware = f"{about['machine']}, {about['cores']} cores{memory}; {about['why']}"
    return f"{hardware}. {about['system']}, Python {about['python']}; load average before {about['load_average']}"


def versions(rows: Rows) -> dict[str, str]:
    """Of all libraries; several where the peers' environments differ."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for name, version in row.get("versions", {}).items():
            found.setdefault(name, [])
            if version not in found[name]:
                found[name].append(version)
    return {name: " and ".join(several) for name, several in found.items()}


def others(rows: Rows) -> str:
    """The share of the processors' time that other processes took, at most."""
    shares = [row["others"] for row in rows if row["others"] is not None]
    return f"at most {percent(max(shares))}" if shares else "an unknown share"


def failures(rows: Rows) -> str:
    """What failed or was disturbed; nothing where all went well."""
    found = [f"Round {row['round']}, {named(row)}: {trouble}" for row in rows for trouble in troubles(row)]
    return f"\n### What failed or was disturbed\n\n{lines(found)}\n" if found else ""


def named(row: dict[str, Any]) -> str:
    """What was measured, for people."""
    what = f"{row['recipe']} ({model(row)[1]}), " if "settings" in row else ""
    where = f", {row['grows']} {row[row['grows']]:,}" if "grows" in row else ""
    return f"{what}{row['side']}{where}"


def values(rows: Rows, key: str) -> list[float]:
    """What measurements found that came to their end."""
    return [row[key] for row in rows if went_well(row)]


def of(rows: Rows, **wanted: Any) -> Sequence[dict[str, Any]]:
    """The measurements of which this is so."""
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]
