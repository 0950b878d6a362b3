"""All faults of a module in one text, of which each call chooses one: mutmut's."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.mutation.trampoline_templates import CLASS_NAME_SEPARATOR, mangle_function_name

from tools.weigh.faults import what_differs, where_differs

MARK = "__mutmut_"
THEIRS, OURS = "from mutmut.mutation.trampoline import", "from choosing import"


@dataclass(frozen=True)
class Fault:
    """A function with one thing changed. `lines` are those of the file that lead to the change when they are run.

    `body` are all lines of the function.
    """

    name: str  # of the function with the fault
    module: str
    function: str
    lines: frozenset[int]
    before: str
    after: str
    body: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Planted:
    """A module with all its faults. `starts` are the lines of its functions, by the name that mutmut has for them."""

    module: str
    file: Path
    text: str
    starts: Mapping[str, int]
    faults: Sequence[Fault]


def plant(module: str, file: Path) -> Planted:
    """All faults of a module. Functions with decorators have none: mutmut leaves them as they are."""
    old = file.read_text(encoding="utf-8")
    new = mutate_file_contents(str(file), old)
    functions = functions_of(ast.parse(old))
    lines = new.code.splitlines()

    def text_of(name: str) -> list[str]:
        span = new.line_span_by_function_name[name]
        text = "\n".join(lines[span.start - 1 : span.end]).strip("\n")
        return text.replace(f"def {name}(", "def (", 1).splitlines()

    faults = []
    for name in new.mutant_names:
        key = name.rpartition(MARK)[0]
        original, changed = text_of(f"{key}{MARK}orig"), text_of(name)
        before, after = what_differs(original, changed)
        places, _ = where_differs(original, changed)
        node = functions[key]
        first = node.lineno - next(number for number, line in enumerate(original) if "def (" in line)
        reached = leading_to(node, [first + place for place in places or [places.start]])
        body = frozenset(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        faults.append(Fault(name, module, words_of(key), reached, before, after, body))
    assert new.code.count(THEIRS) == 1
    starts = {key: node.lineno for key, node in functions.items()}
    return Planted(module, file, new.code.replace(THEIRS, OURS), starts, faults)


def functions_of(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """Functions and methods, by the name that mutmut gives them."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[mangle_function_name(name=node.name, class_name=None)] = node
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    found[mangle_function_name(name=method.name, class_name=node.name)] = method
    return found


def words_of(key: str) -> str:
    """``TensorBoard.set_model`` for ``xǁTensorBoardǁset_model``, and ``scalar`` for ``x_scalar``."""
    return ".".join(key.split(CLASS_NAME_SEPARATOR)[1:]) or key.removeprefix("x_")


def leading_to(function: ast.FunctionDef, changed: Sequence[int]) -> frozenset[int]:
    """The lines of the statement that a change is in; all of the function if it is in no statement of its body."""
    statement = None
    for node in ast.walk(function):  # a statement comes before those that are part of it
        if isinstance(node, ast.stmt) and node is not function and changed[0] in lines_of(node):
            statement = node
    if statement is None:
        return frozenset(range(function.body[0].lineno, (function.end_lineno or function.lineno) + 1))
    return frozenset(lines_of(statement))


def lines_of(node: ast.stmt) -> range:
    """The lines of a statement; of one that has others in it, those before them."""
    inner = getattr(node, "body", None)
    end = inner[0].lineno - 1 if inner else node.end_lineno or node.lineno
    return range(node.lineno, max(end, node.lineno) + 1)
