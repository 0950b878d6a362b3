"""Holds a text against the table. Linear in the length of the text; the longest literal text wins.

A saying is there if its pieces follow each other in the flat text, where words begin and end. It counts if it says
enough by itself, or with its type before it, or as the whole of what an exception says; in a traceback, only if
something in that has to do with TensorBoard, or its frames are those of a recorded one. Frames that are unlike make a
text shorter, so of texts that are about as long the frames decide, and then the place: what comes later.

``docs/_static/diagnose.js`` does the same in the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tbcookbook.diagnosis.clean import WORD, clean, flat
from tbcookbook.diagnosis.exceptions import Found, exceptions_in, frames_in
from tbcookbook.diagnosis.table import Saying, Table

ENOUGH = 12  # letters that tell a saying from others: it counts wherever it stands
SENTENCE = 10  # the same, of what a report says in words
LITTLE = 6  # the same, with its type before it, as a whole message, or in a text about TensorBoard
FRAMES = 0.6  # what frames that are quite unlike take from the literal text
ALIKE = 0.6  # frames that are those of a recorded traceback
TYPE_BEFORE = 160  # characters in which the type of an exception is looked for
LEAST_CUT = 24  # characters of a piece at which a text ends
PLACES = 50  # of a piece that are tried
CUT = re.compile(r"\.\.\.|…|\[\.\.\.\]|$")
# What a text that has to do with TensorBoard says somewhere.
ABOUT = re.compile(
    r"tensorboard|tf\.summary|summary_ops|summarywriter|summary_writer|tfevents|events\.out|hparams|callback|profiler"
    r"|projector|file_writer|filewriter|logdir|log_dir|add_scalar|add_summary|pkg_resources|torch/utils/tensorboard"
)


@dataclass(frozen=True)
class Match:
    """A saying in a text: how good it is, greater is better, and why it was taken. `rank` is 1 for the best."""

    saying: Saying
    score: tuple[float, ...]
    typed: bool
    whole: bool
    near: float
    cut: bool


@dataclass(frozen=True)
class Seen:
    """What was found in a text: its lines, its exceptions, the functions of its frames, and the flat text."""

    lines: Sequence[str]
    exceptions: Sequence[Found]
    functions: frozenset[str]
    text: str
    about: bool

    @property
    def has_frames(self) -> bool:
        return bool(self.functions)


def look(text: str, table: Table) -> Seen:
    """Take a text apart."""
    lines = clean(text, table.telling)
    flat_text = flat("\n".join(lines))
    functions = frozenset(function for _, function in frames_in(lines) if function != "<module>")
    return Seen(lines, exceptions_in(lines), functions, flat_text, ABOUT.search(flat_text) is not None)


def matches_of(seen: Seen, table: Table) -> list[Match]:
    """The best match of each entry, best first."""
    whole = {flat(line) for line in seen.lines} | {flat(found.message) for found in seen.exceptions}
    whole.add(seen.text)
    words = {found[0] for found in WORD.finditer(seen.text)}
    known = {
        table.number_of_function[name]
        for name in seen.functions
        if name in table.number_of_function and not name.startswith("__")  # such are everywhere
    }
    best: dict[int, Match] = {}
    for word, numbers in table.telling.items():
        if word and word not in words and not ends_in_part(seen.text, word):
            continue
        for number in numbers:
            match = match_of(table.sayings[number], seen, whole, known)
            entry = table.sayings[number].entry
            if match is not None and (entry not in best or match.score > best[entry].score):
                best[entry] = match
    return sorted(best.values(), key=lambda match: match.score, reverse=True)


def ends_in_part(text: str, word: str) -> bool:
    """Whether a text ends within a word, as one that was cut may."""
    return any(text.endswith(word[:length]) for length in range(3, len(word)))


def match_of(saying: Saying, seen: Seen, whole: set[str], known: set[int]) -> Match | None:
    where = find(saying, seen.text)
    cut = where is None
    if where is None:
        where = find_cut(saying, seen.text)
    if where is None:
        return None
    begin, end = where
    typed = bool(saying.type) and f"{saying.type.lower()}:" in seen.text[max(0, begin - TYPE_BEFORE) : begin]
    is_whole = not cut and is_all_of(saying, whole)
    near = nearness(saying, known)
    if seen.has_frames and not seen.about and near < ALIKE and not saying.warns:
        return None  # a traceback in which nothing of TensorBoard is
    if not counts(saying, seen, typed, is_whole, end - begin if cut else None):
        return None
    literal = (end - begin if cut else saying.length) + len(saying.type) * typed
    score = (
        0.0 if saying.warns else 1.0,
        round(literal * (1 - FRAMES + FRAMES * near if known else 1), 2),
        float(typed),
        end / (len(seen.text) + 1),
    )
    return Match(saying, score, typed, is_whole, near, cut)


def counts(saying: Saying, seen: Seen, typed: bool, is_whole: bool, cut: int | None) -> bool:
    """Whether a saying that stands in a text is enough to say so."""
    if cut is not None:
        return saying.weight >= ENOUGH and cut >= LEAST_CUT
    if saying.weight >= ENOUGH:
        return True
    if saying.origin == "reported" and not saying.type and saying.weight < SENTENCE:
        return seen.text == saying.pieces[0]
    if saying.weight >= LITTLE:
        return typed or is_whole or seen.about
    if saying.origin == "reported":
        return is_whole and (
            seen.about or seen.text in (saying.pieces[0], f"{saying.type.lower()}: {saying.pieces[0]}")
        )
    return is_whole and (typed or seen.about or not saying.type or saying.pieces[0] == seen.text)


def is_all_of(saying: Saying, whole: set[str]) -> bool:
    """Whether a saying in one piece is all that a line or an exception says, apart from its holes."""
    if len(saying.pieces) > 1:
        return False
    piece = saying.pieces[0]
    if piece in whole:
        return True
    if saying.open_before and any(line.endswith(piece) for line in whole):
        return True
    return saying.open_after and any(line.startswith(piece) for line in whole)


def find(saying: Saying, text: str) -> tuple[int, int] | None:
    """Where the pieces of a saying follow each other, (begin, end); None if they do not."""
    first, *others = saying.pieces
    position = 0
    for _ in range(PLACES):
        begin = text.find(first, position)
        if begin < 0:
            return None
        end = begin + len(first)
        if saying.open_before or starts_word(text, begin, first):
            for piece in others:
                found = text.find(piece, end)
                if found < 0:
                    return None  # nor is it behind any later place of the first piece
                end = found + len(piece)
            if saying.open_after or ends_word(text, end):
                return begin, end
        position = begin + 1
    return None


def find_cut(saying: Saying, text: str) -> tuple[int, int] | None:
    """The same where the text ends, or is left out, within the first piece."""
    first = saying.pieces[0]
    if len(first) < LEAST_CUT:
        return None
    begin = text.find(first[:LEAST_CUT])
    if begin < 0 or not (saying.open_before or starts_word(text, begin, first)):
        return None
    stop = CUT.search(text, begin)
    end = len(text) if stop is None else stop.start()
    part = text[begin:end].strip()
    return (begin, begin + len(part)) if LEAST_CUT <= len(part) < len(first) and first.startswith(part) else None


def starts_word(text: str, begin: int, piece: str) -> bool:
    return begin == 0 or not is_word(piece[0]) or not (is_word(text[begin - 1]) or text[begin - 1] == ".")


def ends_word(text: str, end: int) -> bool:
    if end >= len(text) or not is_word(text[end - 1]):
        return True
    return not (is_word(text[end]) or (text[end] == "." and end + 1 < len(text) and is_word(text[end + 1])))


def is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def nearness(saying: Saying, known: set[int]) -> float:
    """How alike the frames of a text are to those of the recorded traceback that is most like them, from 0 to 1.

    What counts most is how many of them are in the recorded one: of a long traceback people paste the end.
    """
    if not known:
        return 0.0
    return max((alike(known, set(frames)) for frames in saying.frames if frames), default=0.0)


def alike(known: set[int], recorded: set[int]) -> float:
    both = len(known & recorded)
    return 0.7 * both / len(known) + 0.3 * 2 * both / (len(known) + len(recorded))
