"""Message templates: one text that is asserted, shown and searched.

``Expected scalar shape, saw shape: {shape}.`` has one hole. A hole matches any text, also over several lines;
``{{`` and ``}}`` are braces. A template matches a whole message, not a part of it.
"""

from __future__ import annotations

import re
import string


def holes(template: str) -> list[str]:
    """The names of a template's holes, in their order. Raises ValueError, saying why, if it is malformed."""
    names = []
    for _, name, spec, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"a hole is written {{name}}, and a brace {{{{ or }}}}; found {{{name}…}}")
        names.append(name)
    return names


def literals(template: str) -> list[str]:
    """The texts between the holes of a template: what a message that matches it must contain, in this order."""
    pieces = [literal for literal, *_ in string.Formatter().parse(template)]
    return [piece for piece in pieces if piece]


def matches(template: str, message: str) -> bool:
    """Whether a message is the template with its holes filled."""
    pattern = ""
    for literal, name, *_ in string.Formatter().parse(template):
        pattern += re.escape(literal) + ("(?s:.*?)" if name is not None else "")
    return re.fullmatch(pattern, message) is not None


def check(template: str) -> None:
    """Raises ValueError, saying why, if a template is malformed or has no text outside its holes."""
    holes(template)
    if not literals(template):
        raise ValueError("a message with some text outside its holes")
