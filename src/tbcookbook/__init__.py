"""The TensorBoard cookbook: each mistake as a broken and a fixed script, run on real TensorFlow.

``from tbcookbook import diagnose`` is for programs: `diagnose(error)` says what an exception or a text is, and
`excepthook` and ``%load_ext tbcookbook`` add a line with the recipe below a traceback. See docs/how-to/diagnose.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from tbcookbook.diagnosis.answer import Diagnosis

__version__ = "0.1.0"


def diagnose(problem: str | BaseException) -> Diagnosis:
    """What an error is: an exception, or any text with one in it. It is false if nothing matches.

    Raises CookbookError if the files of the cookbook cannot be read.
    """
    from tbcookbook import hooks

    return hooks.diagnose(problem)


def excepthook(type_: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    """For ``sys.excepthook``: the traceback as ever, and below it one line with the recipe, if there is one."""
    from tbcookbook import hooks

    hooks.excepthook(type_, error, where)


def load_ipython_extension(shell: Any) -> None:
    """For ``%load_ext tbcookbook``."""
    from tbcookbook import hooks

    hooks.load_ipython_extension(shell)


def unload_ipython_extension(shell: Any) -> None:
    """For ``%unload_ext tbcookbook``."""
    from tbcookbook import hooks

    hooks.unload_ipython_extension(shell)
