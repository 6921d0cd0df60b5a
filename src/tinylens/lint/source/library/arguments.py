"""What argparse does: a command's options, which have their defaults."""

from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.values import Made, Name, Unknown


def add_argument(call: Call) -> Any:
    """An argument of the command line: its default is what it is read as."""
    names = [one for one in call.args if isinstance(one, str)]
    if names:
        name = max(names, key=len).lstrip("-").replace("-", "_")
        off = {"store_true": False, "store_false": True}.get(str(call.get("action")), Unknown())
        call.of.fields[str(call.get("dest", default=name))] = call.get("default", default=off)
    return None


def parse_args(call: Call) -> Any:
    """The arguments of the command line, as they are by default."""
    found = Made(Name("argparse.Namespace"), {}, call.place)
    found.fields |= {name: value for name, value in call.of.fields.items() if name != "groups"}
    return (found, Unknown()) if call.name.last == "parse_known_args" else found


def argument_group(call: Call) -> Any:
    """A group of arguments is the parser, for us."""
    return call.of


FUNCTIONS = {"argparse:ArgumentParser": lambda call: Made(Name("argparse.ArgumentParser"), {}, call.place)}
METHODS = {
    "ArgumentParser.add_argument": add_argument,
    "ArgumentParser.add_argument_group": argument_group,
    "ArgumentParser.parse_args": parse_args,
    "ArgumentParser.parse_known_args": parse_args,
}
