"""What came of one target whose scripts were to be recorded, or held to what is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tbcookbook.targets.recipe import Recipe
from tbcookbook.verdict.judge import Verdict

State = Literal["recorded", "fresh", "as recorded", "different", "not recorded", "failed", "skipped"]


@dataclass(frozen=True)
class Row:
    """What came of one target. `text` says more: why it failed, or how many scripts ran. Seconds are wall time."""

    target: Recipe
    state: State
    text: str
    verdicts: tuple[Verdict, ...] = ()
    install_seconds: float = 0.0
    run_seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        return {
            "target": self.target.name,
            "state": self.state,
            "text": self.text,
            "not_as_expected": [verdict.as_json() for verdict in self.verdicts if verdict.mismatches],
            "install_seconds": round(self.install_seconds, 1),
            "run_seconds": round(self.run_seconds, 1),
        }

    @property
    def bad(self) -> bool:
        return self.state in ("failed", "different", "not recorded") or any(
            verdict.mismatches for verdict in self.verdicts
        )
