"""Lines that tell what came of planted faults."""

from __future__ import annotations


def signed(sign: str, text: str) -> str:
    """The lines of a text as those of a difference."""
    return "\n".join(f"    {sign} {line}" for line in text.splitlines())


def share(name: str, number: int, unseen: int) -> str:
    """How many of so many faults were noticed."""
    return f"{name:12} {number - unseen:4} of {number:4} noticed, {100 * (1 - unseen / number):5.1f} %"
