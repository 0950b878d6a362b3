"""Printing: results to stdout, everything else to stderr. No text leaves another way."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tbcookbook.cli.statuses import BAD_INPUT
from tbcookbook.cli.usage import NAME
from tbcookbook.render.printable import SPELLED, printable, printable_json
from tbcookbook.words import shorten

if TYPE_CHECKING:
    from rich.console import RenderableType

LONGEST_MESSAGE = 4000  # characters of one message on stderr
PIPED_WIDTH = 10_000  # columns of a table that is piped: nothing in it is cut or wrapped
TEXT_WIDTH = 118  # columns of other pieces that are piped


def print_text(text: str) -> None:
    write(printable(text))


def print_json(document: Any) -> None:
    told = printable_json(document)
    try:
        told.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeError:
        told = printable_json(document, ascii_only=True)
    write(told)


def print_rich(renderable: RenderableType, before: str = "", width: int = TEXT_WIDTH) -> None:
    """Print a renderable of rich. `width` counts where stdout is not a terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=width)
    with console.capture() as capture:
        console.print(renderable)
    lines = (line.rstrip() for line in capture.get().splitlines())
    write(before + "\n".join(lines))


def write(text: str, err: bool = False) -> None:
    """Print a text with colours, which are left out where there is no terminal."""
    # The stream is named, or else click takes one of its own, in UTF-8, where the encoding is ASCII.
    click.echo(text, file=sys.stderr if err else sys.stdout)


def say(line: str) -> None:
    """Tell how it goes, on stderr."""
    write(printable(shorten(line, LONGEST_MESSAGE)), err=True)


def complain(*messages: str) -> None:
    """Tell what is wrong, a line each, on stderr; further lines of a message are indented below its first."""
    for message in messages:
        first, *more = printable(shorten(message, LONGEST_MESSAGE)).split("\n")
        write("\n".join([f"{NAME}: {first}", *(f"    {line}" for line in more)]), err=True)


def fail(*messages: str) -> NoReturn:
    """Tell what is wrong with the input, and end the program."""
    complain(*messages)
    sys.exit(BAD_INPUT)


@contextlib.contextmanager
def waiting(what: str) -> Iterator[None]:
    """A spinner on stderr while something takes its time; nothing where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(printable(what)):
        yield


def never_refuse() -> None:
    """Have stdout and stderr print every text, whatever their encoding: a spelling for what it lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=SPELLED)


def give_up_printing() -> None:
    """Have what is still to be written to stdout and stderr go nowhere: the interpreter's own end would fail at it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            os.dup2(nowhere, stream.fileno())


class Clock:
    """Tells how many of a number of steps are done, and how long the rest will take at the same pace."""

    def __init__(self, steps: int) -> None:
        self.steps, self.done, self.began = steps, 0, time.monotonic()

    def tick(self) -> str:
        self.done += 1
        passed = time.monotonic() - self.began
        left = passed / self.done * (self.steps - self.done)
        return f" ({self.done} of {self.steps}, {passed / 60:.0f} min passed, about {left / 60:.0f} min left)"
