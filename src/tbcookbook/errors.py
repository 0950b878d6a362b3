"""What can be wrong with the input, apart from scenarios: errors whose text is for the user."""

from __future__ import annotations


class TargetError(Exception):
    """A target that cannot be used; the text says which, why, and what to do."""


class RecordingError(Exception):
    """A recording that cannot be read or used; the text says which and why."""
