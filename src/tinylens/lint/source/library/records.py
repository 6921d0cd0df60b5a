"""What records do: classes of theirs whose fields stand in their body, as those of dataclasses."""

from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.values import Class, Made, Name, Thing, Unknown

FACTORY = "made for each"  # the kind of a field's value that every object gets anew


def field(call: Call) -> Any:
    """field(default=...), field(default_factory=...): the value, or what makes one."""
    factory = call.get("default_factory", "factory")
    if factory is not None:
        return Made(Name(FACTORY), {0: factory}, call.place)
    return call.get("default", 0, default=Unknown())


def filled(reading: Reading, cls: Class, args: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    """The fields of a new record: those that it is given, and those that are made for each."""
    from tinylens.lint.source.calling import call

    found = dict(zip(cls.all_fields(), args, strict=False)) | named
    for name in cls.all_fields():
        value = cls.lookup(name)
        if name not in found and isinstance(value, Made) and value.kind == FACTORY:
            found[name] = call(reading, value.args[0], [], {}, value.place)
    return found


def as_dictionary(call: Call) -> Any:
    """dataclasses.asdict, vars: the fields in a dictionary; of the first, those of records inside in others."""
    thing = call.of if isinstance(call.of, Thing) else call.get(0)
    if isinstance(thing, Made) and thing.kind == "Namespace":
        return dict(thing.fields)
    if not isinstance(thing, Thing):
        return call.unknown
    return unfolded(thing) if call.name.last == "asdict" else thing.held


def unfolded(value: Any) -> Any:
    """A value of a record that is made a dictionary."""
    if isinstance(value, Thing):
        return {name: unfolded(one) for name, one in value.held.items()}
    return dict(value) if isinstance(value, dict) else value


def replaced(call: Call) -> Any:
    """dataclasses.replace: another record, of which some fields are others."""
    thing = call.of if isinstance(call.of, Thing) else call.get(0)
    return Thing(thing.cls, call.place, thing.fields | call.named) if isinstance(thing, Thing) else call.unknown


FUNCTIONS = {
    **dict.fromkeys(("dataclasses:field", "attrs:field", "attr:ib", "pydantic:Field"), field),
    "dataclasses:asdict": as_dictionary,
    "builtins:vars": as_dictionary,
    "dataclasses:replace": replaced,
}
METHODS = {
    "any._asdict": as_dictionary,
    "any._replace": replaced,
}
