"""Reader: from a file to the program that it is."""

import ast
from pathlib import Path

from tinylens.lint.source.calling import enter, instantiate, network_library
from tinylens.lint.source.cells import Cell, Document, Passage, read_document
from tinylens.lint.source.library.layers import pass_through
from tinylens.lint.source.network import Network, Node
from tinylens.lint.source.parsing import parse
from tinylens.lint.source.program import Program
from tinylens.lint.source.reading import Exhausted, Leave, Reading
from tinylens.lint.source.statements import execute
from tinylens.lint.source.values import Class, Function, Unknown

UNFORESEEN = (AttributeError, TypeError, ValueError, LookupError, ArithmeticError)  # one statement costs no file


def read_program(path: Path) -> Program:
    """The program in a script, a notebook or a page; nothing of it is run. Raises UsageError for what is none."""
    return program_of(read_document(path))


def program_of(document: Document) -> Program:
    """The program in a document: its cells in order, then what nothing calls, with arguments that are not known."""
    program = Program(document)
    reading = Reading(program)
    try:
        for cell in document.cells:
            read_cell(reading, cell, interactive=document.interactive)
        read_uncalled(reading)
        finish_networks(reading)
    except Exhausted:
        program.unread.append(
            Passage("so much happens here that the rest was not followed", document.cells[0].place(1))
        )
    return program


def read_cell(reading: Reading, cell: Cell, *, interactive: bool) -> None:
    """Go through a cell, statement by statement: one that is too deep to follow is left out."""
    statements, about = parse(cell)
    reading.program.unread += about
    for number, statement in enumerate(statements):
        placed(statement, cell)
        if interactive and number == len(statements) - 1:
            statement.shown = True  # type: ignore[attr-defined]
        try:
            execute(reading, statement)
        except (Leave, RecursionError):
            continue
        except UNFORESEEN as error:
            why = f"this statement could not be followed ({type(error).__name__}); the rest was"
            reading.program.unread.append(Passage(why, cell.place(statement.lineno)))


def placed(statement: ast.stmt, cell: Cell) -> None:
    """Leave at each piece of syntax where it stands, and at a condition that leaves what is done where it does not."""
    for node in ast.walk(statement):
        if hasattr(node, "lineno"):
            node.place = cell.place(node.lineno)  # type: ignore[attr-defined]
        body = getattr(node, "body", [])
        for i, one in enumerate(body if isinstance(body, list) else []):
            if isinstance(one, ast.If) and isinstance(one.body[-1], ast.Return | ast.Continue) and not one.orelse:
                one.follows = body[i + 1 :]  # type: ignore[attr-defined]


def read_uncalled(reading: Reading) -> None:
    """Go through functions and networks that nothing in the file uses: others may.

    What seeds in them is no seed of a training that the file makes without them.
    """
    program = reading.program
    seeds = list(program.seeds) if program.fits or program.happened else None
    used = {thing.cls.name for thing in reading.program.things}
    for value in list(reading.scope.names.values()):
        try:
            if isinstance(value, Class) and value.name not in used and network_library(value):
                instantiate(reading, value, [], {}, value.place)
            elif isinstance(value, Function) and id(value.node) not in reading.entered:
                enter(reading, value, [], {})
        except (Leave, RecursionError, *UNFORESEEN):
            continue
    if seeds is not None:
        program.seeds[:] = seeds


def finish_networks(reading: Reading) -> None:
    """Find what comes out of networks that were never called."""
    for network in list(reading.program.networks):
        try:
            if network.output is None and not network.more_outputs:
                finish(reading, network)
        except (Leave, RecursionError, *UNFORESEEN):
            continue


def finish(reading: Reading, network: Network) -> None:
    """What comes out of a network for images that are not known."""
    reading.inside += 1
    try:
        if network.sequential or network.thing is not None or network.fields:
            found = pass_through(reading, network, Node(None, (), Unknown(), network))
            network.output = found if isinstance(found, Node) else None
            network.more_outputs = isinstance(found, tuple)
    finally:
        reading.inside -= 1
