"""One line with the recipe below a traceback: for any Python program, and for IPython and Jupyter."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType
from typing import Any

from tbcookbook.diagnosis.answer import Diagnosis, diagnose_text
from tbcookbook.render.printable import in_a_line


def diagnose(problem: str | BaseException) -> Diagnosis:
    """What an error is: an exception, or any text with one in it. It is false if nothing matches.

    Raises CookbookError if the files of the cookbook cannot be read.
    """
    return diagnose_text(problem if isinstance(problem, str) else text_of(problem))


def text_of(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def excepthook(type_: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    """For ``sys.excepthook``: the traceback as ever, and below it the recipe, if there is one."""
    sys.__excepthook__(type_, error, where)
    line = recipe_line(error)
    if line and sys.stderr is not None:
        print(line, file=sys.stderr)  # noqa: T201  (what a hook is there for)


def recipe_line(error: BaseException) -> str:
    """One line that names the recipe for an exception; "" if there is none, or anything goes wrong on the way."""
    try:
        diagnosis = diagnose(error)
        if not diagnosis:
            return ""
        entry = diagnosis.answers[0].entry
        command = f"tbcookbook explain {entry.name}" if entry.kind == "scenario" else entry.sources[0]
        return in_a_line(f"TensorBoard cookbook: {entry.title}. See: {command}")
    except Exception:  # a program that fails anyway must not fail in its hook
        return ""


def load_ipython_extension(shell: Any) -> None:
    """For ``%load_ext tbcookbook``."""
    show = shell._showtraceback

    def showtraceback(type_: Any, error: BaseException, lines: Any) -> None:
        show(type_, error, lines)
        line = recipe_line(error) if isinstance(error, Exception) else ""
        if line:
            print(line, file=sys.stderr)  # noqa: T201

    showtraceback.shown_before = show  # type: ignore[attr-defined]
    shell._showtraceback = showtraceback


def unload_ipython_extension(shell: Any) -> None:
    """For ``%unload_ext tbcookbook``."""
    shell._showtraceback = getattr(shell._showtraceback, "shown_before", shell._showtraceback)
