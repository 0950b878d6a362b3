"""What the doctor says of a log directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    `severity` is "error" where something is lost or is not shown, "warning" where what is shown is probably not what
    was meant, "note" where it may be. `run` and `file` are relative to the directory, "." for itself, and None where
    it is about none or several. `evidence` is what was seen, as JSON has it. `advice` is what to do. `scenarios` are
    slugs of the cookbook, the likeliest first, `pointers` names in ``pointers.toml``.
    """

    check: str
    severity: Severity
    text: str
    run: str | None = None
    file: str | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    advice: str = ""
    scenarios: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()
