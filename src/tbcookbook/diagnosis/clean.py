r"""Pasted text made comparable: what consoles, notebooks, loggers and issue trackers put around an error goes.

``docs/_static/diagnose.js`` does the same in the page; ``tests/diagnosis/cases.json`` holds both to the same answers.
So this module keeps to what both languages have: regular expressions without look-behind of varying width, and `find`.
"""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Collection

LARGEST = 100_000  # characters that are looked at closely; of a larger text, those around what may be an error
BEFORE, AFTER = 1_200, 1_800  # characters around a line of a larger text
FIRST, LAST = 8, 20  # places of a larger text, from its beginning and its end
LONGEST_LINE = 4_000  # characters

ESCAPES = re.compile(r"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])|\[(?:\d{1,3};)*\d{1,3}m")
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
# Of an issue, pytest, rich, or an exception group, as often as they stand there; then what a logger begins a line with.
MARGIN = re.compile(r"(?:[ \t]*(?:[>|│┃╎]|E(?=[ \t]{2})[ \t]{0,2}|\+-[-+ 0-9]*(?=\s|$)))+ ?")
STAMP = re.compile(
    r"[ \t]*(?:"
    r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,:]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?:?"
    r"|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?"
    r"|\[?(?:INFO|DEBUG|ERROR|WARN|WARNING|CRITICAL|FATAL|TRACE)\]?:?(?=[ \t])"
    r"|\[(?:rank|worker|pid|default|cuda|gpu|node|proc|stderr|stdout|err|out)[-_ :=]?\w*\]:?"
    r"|[A-Z]\d{4} \d\d:\d\d:\d\d\.\d+"
    r") ?"
)
SPACE = re.compile(r"\s+")
QUOTES = re.compile(r"['\"`\\´‘’‚‛“”„‟«»′″]")
SUSPECT = re.compile(
    r"Error|Exception|Warning|WARNING|ERROR|[Ff]ailed|Traceback|terminate called|RAW:|has no attribute"
)
WORD = re.compile(r"[a-z0-9_]{4,}")
DIGITS = re.compile(r"[0-9]+")


def flat(text: str) -> str:
    """A text in one line of lower-case letters, without quotation marks: what is compared."""
    return SPACE.sub(" ", QUOTES.sub("", text.lower())).strip()


def clean(text: str, telling: Collection[str] = ()) -> list[str]:
    """The lines of a pasted text, without colours, entities, margins and time stamps.

    Of a text of more than `LARGEST` characters only the surroundings of lines are given that may be an error, those
    first that have one of the `telling` words. Takes time in proportion to the length of the text.
    """
    if len(text) > LARGEST:
        text = surroundings(text, telling)
    text = ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if "&" in text:
        text = ENTITY.sub(lambda found: html.unescape(found[0]), text)
    text = INVISIBLE.sub("", text).replace("\xa0", " ")
    return [bare(line[:LONGEST_LINE]) for line in text.split("\n")]


def bare(line: str) -> str:
    """A line without margin and stamps."""
    position = margin(line, 0)
    for _ in range(4):  # time, level, rank, and one more
        found = STAMP.match(line, position)
        if found is None:
            break
        position = found.end()
    if position and line.startswith("- ", position):
        position += 2
    return line[margin(line, position) :]


def margin(line: str, position: int) -> int:
    found = MARGIN.match(line, position)
    return position if found is None else found.end()


def surroundings(text: str, telling: Collection[str]) -> str:
    """What stands around suspect lines of a large text, and its end."""
    first: list[tuple[int, int]] = []
    last: deque[tuple[int, int]] = deque(maxlen=LAST)
    seen: set[str] = set()
    position = 0
    while found := SUSPECT.search(text, position):
        begin = text.rfind("\n", position, found.start()) + 1 or position
        end = text.find("\n", found.end())
        end = len(text) if end < 0 else end
        position = end
        line = text[begin : min(end, begin + LONGEST_LINE)].lower()
        shape = DIGITS.sub("0", line)
        if shape in seen or not any(word in telling for word in WORD.findall(line)):
            continue
        if len(seen) < LARGEST:
            seen.add(shape)
        where = max(0, begin - BEFORE), min(len(text), min(end, begin + LONGEST_LINE) + AFTER)
        if len(first) < FIRST:
            first.append(where)
        else:
            last.append(where)
    places = [*first, *last, (max(0, len(text) - BEFORE - AFTER), len(text))]
    return "\n".join(text[begin:end] for begin, end in places)
