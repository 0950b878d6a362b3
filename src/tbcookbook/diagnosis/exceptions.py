"""The exceptions and the frames in a text, in whatever form a program, a notebook or a logger shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# ``ValueError: text``, ``tensorflow.python.framework.errors_impl.NotFoundError: text``, and a type alone at the end.
RAISED = re.compile(
    r"(?<![\w.'\"/])((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Interrupt|Exit|Failure))(?:: ?(.*)|\s*$)"
)
# A frame: of CPython; of IPython 8; of IPython 7 and Colab; of pytest; of TensorFlow's "in user code".
FRAMES = (
    re.compile(r'File "([^"\n]{1,400})", line \d+, in ([\w<>.]+)'),
    re.compile(r"File ([^\s()\"]{1,400}?)(?::\d+|, line \d+)?,? in ([\w<>.]+)\("),
    re.compile(r"^([^\s:()]{1,400}\.py[cx]?) in ([\w<>]+)\("),
    re.compile(r"^\s*([^\s:()]{1,400}\.py):\d+:? (?:in )?([\w<>]+)"),
)
SEPARATORS = re.compile(r"[/\\]")


@dataclass(frozen=True)
class Found:
    """An exception in a text: its type as it is written there, its first line, and the line of the text, from 0."""

    type: str
    message: str
    line: int

    @property
    def bare_type(self) -> str:
        return self.type.rpartition(".")[2]


def exceptions_in(lines: Sequence[str]) -> list[Found]:
    """All that look like exceptions, in their order, the same one once."""
    found: dict[tuple[str, str], Found] = {}
    for number, line in enumerate(lines):
        match = RAISED.search(line)
        if match is not None:
            told = Found(match[1], (match[2] or "").strip(), number)
            found.pop((told.type, told.message), None)  # what is told twice counts where it is told last
            found[told.type, told.message] = told
    return list(found.values())


def frames_in(lines: Iterable[str]) -> list[tuple[str, str]]:
    """The frames in a text, (file, function): the file's name with its folder, ``keras/callbacks.py``."""
    frames = []
    for line in lines:
        if ".py" not in line and "File " not in line:
            continue
        for form in FRAMES:
            found = form.search(line)
            if found is not None:
                frames.append(("/".join(SEPARATORS.split(found[1])[-2:]), found[2].rpartition(".")[2]))
                break
    return frames
