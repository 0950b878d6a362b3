"""One template out of several messages: what they have in common, with holes for what differs."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Sequence

WORD = re.compile(r"\w+|\s+|[^\w\s]")
# The frames of a traceback in a message: paths and lines differ with every version.
FRAMES = re.compile(r"(?:\n {4}(?:File \"[^\n]*|\S+:\d+ [^\n]*)(?:\n {8}[^\n]*)*)+")
# What Python says in many errors that have nothing else in common.
COMMONPLACE = {"argument", "arguments", "attribute", "got", "has", "is", "keyword", "missing", "module", "no", "not"}
COMMONPLACE |= {"a", "an", "object", "of", "positional", "required", "takes", "the", "to", "type", "unexpected", "was"}
LEAST_LITERAL = 8  # characters that all messages must share, beside commonplaces
LEAST_SHARE = 0.4  # of the shortest message
SHORTEST_PIECE = 3  # characters of a literal between two holes: less is chance

HOLE = None  # in a list of tokens
Tokens = tuple[str | None, ...]


def generalise(messages: Sequence[str]) -> str | None:
    """A template that matches every one of the messages; None if they have too little in common."""
    distinct = list(dict.fromkeys(messages))
    pieces = [tokens_of(message) for message in distinct]
    tokens = pieces[0]
    for other in pieces[1:]:
        tokens = common(tokens, other)
    least = min(LEAST_LITERAL, *map(weight, pieces))
    if distinct[1:] and weight(tokens) < max(least, LEAST_SHARE * min(map(weight, pieces))):
        return None
    return template_of(tokens)


def tokens_of(message: str) -> Tokens:
    """Words, spaces and signs, with a hole for the frames of a traceback."""
    tokens: list[str | None] = []
    for place, piece in enumerate(FRAMES.split(message)):
        tokens += [HOLE] if place else []
        tokens += WORD.findall(piece)
    return tuple(tokens)


def weight(tokens: Tokens) -> int:
    """The characters that say something."""
    return sum(len(token) for token in tokens if token is not HOLE and token.strip() and token not in COMMONPLACE)


@functools.lru_cache(maxsize=1024)  # messages are asked about in groups that grow by one
def common(tokens: Tokens, message: Tokens) -> Tokens:
    """The tokens that a message shares with those, in order, with holes between them."""
    matcher = difflib.SequenceMatcher(None, tokens, message, autojunk=False)
    found: list[str | None] = []
    before = (0, 0)
    for block in matcher.get_matching_blocks():
        if (block.a, block.b) != before:
            found.append(HOLE)
        found += tokens[block.a : block.a + block.size]
        before = (block.a + block.size, block.b + block.size)
    return without_chance(found)


def without_chance(tokens: Sequence[str | None]) -> Tokens:
    """Tokens with what is only by chance the same, between two holes, made part of the hole."""
    pieces: list[list[str] | None] = []
    for token in tokens:
        if token is HOLE:
            pieces.append(None)
        elif pieces and pieces[-1] is not None:
            pieces[-1].append(token)
        else:
            pieces.append([token])
    kept: list[list[str] | None] = []
    for place, piece in enumerate(pieces):
        inner = 0 < place < len(pieces) - 1
        short = piece is not None and len("".join(piece).strip()) < SHORTEST_PIECE
        hole = piece is None or (inner and short)
        if not (hole and kept and kept[-1] is None):
            kept.append(None if hole else piece)
    return tuple(token for piece in kept for token in ([HOLE] if piece is None else piece))


def template_of(tokens: Tokens) -> str:
    """The text of a template. Holes are named a, b, c: whoever writes the scenario knows better names."""
    text, holes = "", 0
    for token in tokens:
        if token is HOLE:
            holes += 1
            text += f"{{{name_of(holes)}}}"
        else:
            text += token.replace("{", "{{").replace("}", "}}")
    return text


def name_of(number: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return letters[number - 1] if number <= len(letters) else f"hole{number}"
