"""What can be wrong with the input: errors whose text is for the user.

Every error that we raise for the user is a `CookbookError`. The command line turns it into a line for each of its
messages and exit status 2.
"""

from __future__ import annotations


class CookbookError(Exception):
    """Input that cannot be used, or a machine that lacks what is needed. Each message tells one problem.

    The first line of a message says what was found and what was expected; lines after it, if any, are evidence, such as
    the last words of an installer.
    """

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages

    def __str__(self) -> str:
        return "\n".join(self.messages)


class TargetError(CookbookError):
    """A target that cannot be used; the text says which, why, and what to do."""


class RecordingError(CookbookError):
    """A recording that cannot be read or used; the text says which and why."""
