"""Message templates: one text that is asserted, shown and searched.

``Expected scalar shape, saw shape: {shape}.`` has one hole. A hole matches any text, also over several lines;
``{{`` and ``}}`` are braces. A template matches a whole message, not a part of it.
"""

from __future__ import annotations

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
    return [piece for piece in pieces(template) if piece]


def matches(template: str, message: str) -> bool:
    """Whether a message is the template with its holes filled. Takes time in proportion to the message's length."""
    first, *others = pieces(template)
    if not others:
        return message == first
    *between, last = others
    end = len(message) - len(last)
    position = len(first)
    if position > end or not (message.startswith(first) and message.endswith(last)):
        return False
    # Each literal where it is found first. If the template matches at all, it matches so: a literal that is moved to
    # the left leaves those after it more room, and a hole takes any text.
    for literal in between:
        found = message.find(literal, position, end)
        if found < 0:
            return False
        position = found + len(literal)
    return True


def pieces(template: str) -> list[str]:
    """The literal texts before, between and after the holes: one more than there are holes, and some may be empty."""
    texts = [""]
    for literal, name, *_ in string.Formatter().parse(template):
        texts[-1] += literal
        if name is not None:
            texts.append("")
    return texts


def check(template: str) -> None:
    """Raises ValueError, saying why, if a template is malformed or has no text outside its holes."""
    holes(template)
    if not literals(template):
        raise ValueError("a message with some text outside its holes")
