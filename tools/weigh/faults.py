"""The faults that can be planted in a module: mutmut's, where they could matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import libcst
from libcst import matchers
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider
from mutmut.mutation.mutators import mutation_operators

# Where nothing that runs is changed, or what mypy and the interpreter look at.
SPARED = (libcst.Annotation, libcst.Decorator, libcst.Import, libcst.ImportFrom, libcst.Assert)
# Arguments that say what is the case on Linux anyway, or that only guard against what cannot be.
SPARED_ARGUMENTS = ("encoding", "strict")


@dataclass(frozen=True)
class Fault:
    """A module with one thing changed. `lines` are those of the module in which it is, from 1."""

    path: Path
    lines: range
    text: str
    before: str
    after: str


@dataclass(frozen=True)
class Place:
    """Where a fault can be planted, and what would stand there instead."""

    path: Path
    module: libcst.Module
    statement: int  # of the module's, that which has the node
    node: libcst.CSTNode
    instead: libcst.CSTNode
    lines: range


def places_of(path: Path) -> list[Place]:
    """Everything that can be changed in a module, in the order of its text."""
    wrapper = MetadataWrapper(libcst.parse_module(path.read_text(encoding="utf-8")))
    positions = wrapper.resolve(PositionProvider)
    parents = wrapper.resolve(ParentNodeProvider)
    found = []
    for number, statement in enumerate(wrapper.module.body):
        for node in nodes_of(statement):
            if is_prose(node):
                continue
            lines = range(positions[node].start.line, positions[node].end.line + 1)
            for kind, operator in mutation_operators:
                if isinstance(node, kind):
                    instead = operator(node)
                    found += [Place(path, wrapper.module, number, node, other, lines) for other in instead]
    return [place for place in found if not spares_argument(place) and not is_alias(place.node, parents)]


def nodes_of(node: libcst.CSTNode) -> Iterator[libcst.CSTNode]:
    if isinstance(node, SPARED):
        return
    if isinstance(node, libcst.Arg) and node.keyword is not None and node.keyword.value in SPARED_ARGUMENTS:
        return
    yield node
    for child in node.children:
        yield from nodes_of(child)


def is_prose(node: libcst.CSTNode) -> bool:
    """Whether this is a text for people, whose wording no test should know; a raw string is a pattern."""
    return isinstance(node, libcst.SimpleString) and " " in node.value and "r" not in node.prefix


def spares_argument(place: Place) -> bool:
    """Whether all that is left out is an argument that is spared."""
    if not (isinstance(place.node, libcst.Call) and isinstance(place.instead, libcst.Call)):
        return False
    kept = [id(argument) for argument in place.instead.args]
    gone = [argument.keyword for argument in place.node.args if id(argument) not in kept]
    return bool(gone) and all(keyword is not None and keyword.value in SPARED_ARGUMENTS for keyword in gone)


def is_alias(node: libcst.CSTNode, parents: Mapping[libcst.CSTNode, libcst.CSTNode]) -> bool:
    """Whether this names a type, which mypy checks, or what a module has, which ruff checks."""
    return isinstance(node, libcst.SimpleString) and any(
        matchers.matches(parent, TYPE | NAMES) for parent in above(node, parents)
    )


TYPE = matchers.Subscript(value=matchers.Name("Literal"))
NAMES = matchers.Assign(targets=[matchers.AssignTarget(target=matchers.Name("__all__"))])


def above(node: libcst.CSTNode, parents: Mapping[libcst.CSTNode, libcst.CSTNode]) -> Iterator[libcst.CSTNode]:
    while node in parents:
        node = parents[node]
        yield node


def plant(place: Place) -> Fault | None:
    """The module with this change; None if it is not Python any more."""
    old = place.path.read_text(encoding="utf-8")
    statement = place.module.body[place.statement]
    changed = statement.deep_replace(place.node, place.instead)
    assert isinstance(changed, libcst.CSTNode)
    piece = place.module.code_for_node(statement)
    if old.count(piece) != 1:
        return None
    new = old.replace(piece, place.module.code_for_node(changed))
    try:
        compile(new, place.path, "exec")
    except SyntaxError:
        return None
    before, after = what_differs(old.splitlines(), new.splitlines())
    return Fault(place.path, place.lines, new, before, after)


def what_differs(old: list[str], new: list[str]) -> tuple[str, str]:
    """The lines between what two texts have in common at both ends, without indentation."""
    before, after = (
        lines[place.start : place.stop] for lines, place in zip((old, new), where_differs(old, new), strict=True)
    )
    return "\n".join(line.strip() for line in before), "\n".join(line.strip() for line in after)


def where_differs(old: list[str], new: list[str]) -> tuple[range, range]:
    """The numbers, from 0, of these lines in either text."""
    shorter = min(len(old), len(new))
    start = next((number for number in range(shorter) if old[number] != new[number]), shorter)
    rest = range(shorter - start)
    end = next((number for number in rest if old[-1 - number] != new[-1 - number]), len(rest))
    return range(start, len(old) - end), range(start, len(new) - end)
