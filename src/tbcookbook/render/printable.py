"""What may be printed: the one border that every text passes on its way to a terminal, a log or a report.

Messages, tags, paths, titles and outputs come from scripts, from files of strangers and from TensorFlow. An escape
sequence among them could rename the window, hide a line or forge one, and a lone surrogate could end the program that
prints it. So no character leaves as it is that a terminal would obey or an encoding refuse.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

# Control characters but tab and line feed, line and paragraph separators, marks that turn the direction of writing
# (which can have a text read otherwise than it is), and surrogates, which no encoding has.
CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
DIRECTIONS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
SURROGATES = r"\ud800-\udfff"
OBEYED = re.compile(f"[{CONTROLS}{DIRECTIONS}{SURROGATES}]")

SPELLED = "tbcookbook-spelled"  # the name of the error handler of `spell`
SPELLINGS = {"✔": "ok", "✘": "!!", "…": "...", "→": "->", "⏎": "/", "–": "-", "“": '"', "”": '"', "’": "'"}


def printable(text: str) -> str:
    r"""The text, with `\x1b` for what a terminal would obey; line feeds and tabs stay, and so does all else."""
    return OBEYED.sub(escaped, text.replace("\r\n", "\n"))


def in_a_line(text: str) -> str:
    r"""A printable text without line breaks: of a path or a key, which could forge a line of ours."""
    return printable(text).replace("\n", r"\n")


def escaped(match: re.Match[str]) -> str:
    return match[0].encode("ascii", "backslashreplace").decode() if match[0] > "\x7f" else repr(match[0])[1:-1]


def printable_json(document: Any, ascii_only: bool = False) -> str:
    r"""One JSON document that loses nothing: what is not printable is written `\u001b`."""
    told = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=ascii_only)
    return OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", told)


def spell(error: UnicodeError) -> tuple[str, int]:
    """For an encoding that lacks a sign of ours: a spelling of it; a backslash escape for any other."""
    assert isinstance(error, UnicodeEncodeError)
    found = error.object[error.start : error.end]
    spelled = [SPELLINGS.get(sign, sign.encode("ascii", "backslashreplace").decode()) for sign in found]
    return "".join(spelled), error.end


codecs.register_error(SPELLED, spell)
