"""Pictures that cannot be read, or that are not what their names say."""

from tinylens.data.checkup.observation import Observation, Severity, Table
from tinylens.data.checkup.survey import Survey
from tinylens.words import count

CODE = "files"
TITLE = "Files"
ORDER = 10
SHOWN = 50  # rows of the table on the page; all are in the JSON


def check(survey: Survey) -> Observation | None:
    """Looks at the files of a folder; data of another kind was read whole, or refused."""
    if survey.pictures is None:
        return None
    total = len(survey.pictures.names)
    remarks = [f"Note: {note}." for note in survey.notes]
    if survey.misnamed:
        named = ", ".join(survey.misnamed[:SHOWN]) + more(len(survey.misnamed))
        remarks.append(f"Read as what they are, not as their names say, which other programs may not do: {named}.")
    severity: Severity = "error" if survey.bad else "note" if survey.misnamed else "fine"
    said = [f"{len(survey.bad):,} of {total:,} pictures cannot be used"] if survey.bad else []
    said += [f"{count(len(survey.misnamed), 'picture')} with a wrong ending of the name"] if survey.misnamed else []
    rows = survey.bad[:SHOWN]
    if len(survey.bad) > SHOWN:
        rows += ((more(len(survey.bad)).strip(), "see --json"),)
    return Observation(
        CODE,
        TITLE,
        severity,
        "; ".join(said) or f"all {total:,} pictures can be read",
        "mend or remove them; training refuses the folder, or leaves them out with --skip-bad" if survey.bad else "",
        tuple(remarks),
        (Table(("file", "what is wrong"), rows),) if rows else (),
        facts=(
            ("pictures", total),
            ("unusable", [{"file": name, "reason": what} for name, what in survey.bad]),
            ("misnamed", list(survey.misnamed)),
            ("notes", list(survey.notes)),
        ),
    )


def more(number: int) -> str:
    """How many of so many are not shown, where there are any."""
    return f" and {number - SHOWN:,} more" if number > SHOWN else ""
