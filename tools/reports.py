"""How many real reports are answered rightly: ``python -m tools.reports FILE...``, a JSON object a line.

A report has ``url``, ``symptom`` (what the reporter saw), ``symptom_verbatim`` (whether that is quoted), ``title`` and
``cluster``. Right is a scenario or pointer that names the address as its source, or that tests/diagnosis/clusters.toml
names for the cluster. A quoted symptom that looks like an error must be answered first; any other, as words, among the
first three.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import tomli

from tbcookbook.diagnosis.answer import diagnose_symptom, diagnose_text
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.pointers import load_pointers

CLUSTERS = Path(__file__).parents[1] / "tests/diagnosis/clusters.toml"
AMONG = 3  # answers to a symptom in words
# What makes a quoted symptom an error text, and no sentence of a person.
ERROR = re.compile(
    r"[A-Za-z]*(Error|Exception|Warning)\b|WARNING|ERROR|has no attribute|RET_CHECK|OP_REQUIRES|Check failed|RAW:"
    r"|terminate called|[A-Z]+_[A-Z_]{6,}|refused|does not exist|lock failed|not found: |Another profiler|must be"
    r"|not available|No (?:dashboards|step marker|profile data|graph definition)|no checkpoint found|has moved"
    r"|visualization failed|do not match the number|^error code|not allowed|unsupported operations|Limited tf"
)
Kind = Literal["error", "words"]


class Report(msgspec.Struct, frozen=True):
    """One report; what else a line has is left out."""

    url: str
    symptom: str
    title: str
    symptom_verbatim: bool = False
    cluster: str = ""
    clusters: Sequence[str] = ()
    told: Kind | None = msgspec.field(default=None, name="kind")
    half: str = ""

    @property
    def kind(self) -> Kind:
        return self.told or ("error" if self.symptom_verbatim and ERROR.search(self.symptom) else "words")


def main(arguments: Sequence[str]) -> int:
    """Print the shares, and every miss. The exit status is 1 under 90 % of the errors or 85 % of the symptoms."""
    reports = [report for name in arguments for report in read(Path(name))]
    right = rights()
    good = True
    for kind, least in (("error", 0.90), ("words", 0.85)):
        asked = [report for report in reports if report.kind == kind]
        missed = [(report, told) for report in asked if (told := miss(report, right)) is not None]
        share = 1 - len(missed) / max(1, len(asked))
        good = good and share >= least
        print(f"{kind}: {len(asked) - len(missed)} of {len(asked)}, {share:.0%}")
        for report, told in missed:
            print(
                f"    {report.cluster or report.clusters[0]}: {report.symptom[:90]}  {report.url}\n"
                f"        {', '.join(told) or 'no answer'}"
            )
    return 0 if good else 1


def read(path: Path) -> Iterator[Report]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield msgspec.json.decode(line, type=Report)


def rights() -> dict[str, set[str]]:
    """The names of scenarios and pointers by cluster, and by address."""
    found: dict[str, set[str]] = {}
    clusters: dict[str, Any] = tomli.loads(CLUSTERS.read_text(encoding="utf-8"))
    for cluster, names in clusters.items():
        found[cluster] = set(names)
    sources = {scenario.slug: scenario.sources for scenario in load_scenarios()}
    sources |= {name: pointer.sources for name, pointer in load_pointers().items()}
    for name, addresses in sources.items():
        for address in addresses:
            found.setdefault(address, set()).add(name)
    return found


def miss(report: Report, right: dict[str, set[str]]) -> list[str] | None:
    """The answers that a report got, if none of those that count is right."""
    wanted = set().union(*(right.get(name, ()) for name in (report.cluster, report.url, *report.clusters)))
    if report.kind == "error":
        answers = [found for found in diagnose_text(report.symptom).answers if found.rank == 1]
    else:
        answers = list(diagnose_symptom(report.symptom).answers[:AMONG])
    names = [found.entry.name for found in answers]
    return None if wanted & set(names) else names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
