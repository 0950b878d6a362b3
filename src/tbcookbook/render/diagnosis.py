"""A diagnosis for people: the first answer as a recipe, the others in a line each."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from tbcookbook.diagnosis.answer import Answer, Diagnosis
from tbcookbook.words import shorten

WIDTH = 100  # columns of a paragraph
LONGEST = 160  # characters of an error that is repeated
NEXT = (
    "What to try next:",
    '  tbcookbook diagnose --symptom "what you see, in words"',
    "  tbcookbook diagnose logs/              the log directory itself",
    "  tbcookbook list                        all that the cookbook has",
)
OUTSIDE = "What is not about logging for TensorBoard is not in the cookbook."


def diagnosis_text(diagnosis: Diagnosis) -> str:
    """What is told of a diagnosis, with or without an answer."""
    if not diagnosis:
        return "\n".join(nothing(diagnosis))
    first, *others = diagnosis.answers
    return "\n".join([*answer_lines(first, diagnosis), *others_lines(others, first)])


def nothing(diagnosis: Diagnosis) -> Iterator[str]:
    if diagnosis.asked == "symptom":
        yield "No scenario or pointer has any of these words."
    elif diagnosis.exceptions:
        last = diagnosis.exceptions[-1]
        told = f"{last.type}: {last.message}" if last.message else last.type
        yield f"Nothing in the cookbook matches {shorten(told, LONGEST)}"
        yield OUTSIDE
    else:
        yield "Found no error in this text that the cookbook knows."
    yield ""
    yield from NEXT


def answer_lines(answer: Answer, diagnosis: Diagnosis) -> Iterator[str]:
    entry = answer.entry
    yield entry.title
    yield "=" * len(entry.title)
    yield ""
    if answer.saying is not None:
        yield f"matched   {shorten(answer.saying.shown.replace(chr(10), ' '), LONGEST)}"
    yield f"why       {'; '.join(answer.reasons)}" + (" (possible)" if answer.confidence == "possible" else "")
    if answer.on:
        yield f"versions  {'every version' if answer.on == '*' else answer.on}"
    if answer.here:
        told = ", ".join(f"{name} {version}" for name, version in diagnosis.versions.items() if name in SHOWN)
        yield f"here      {told or 'the versions found'}: {answer.here}"
    for heading, text in entry.parts.items():
        yield ""
        yield heading
        yield from paragraphs(text)
    if entry.difference:
        yield ""
        yield "The change"
        yield textwrap.indent(entry.difference.rstrip(), "  ")
    yield ""
    if entry.kind == "scenario":
        yield f"More: tbcookbook explain {entry.name}"
    else:
        yield "Where it is told:"
        yield from (f"  {address}" for address in entry.sources)


SHOWN = ("python", "tensorflow", "keras", "tensorboard")


def paragraphs(text: str) -> Iterator[str]:
    """Markdown, in lines that fit; what is set apart stays as it is."""
    for block in text.split("\n\n"):
        if block.lstrip().startswith(("```", "|", "- ", "* ", "    ")):
            yield textwrap.indent(block, "  ")
        else:
            yield textwrap.fill(" ".join(block.split()), WIDTH, initial_indent="  ", subsequent_indent="  ")


def others_lines(others: list[Answer], first: Answer) -> Iterator[str]:
    if not others:
        return
    yield ""
    yield "It may also be:"
    for answer in others:
        same = ", which says the same" if answer.saying is not None and answer.rank == first.rank else ""
        yield f"  {answer.entry.name:32}  {answer.entry.title}{same}"
