"""All checks on a log directory, each on its own: one that fails says so, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tbcookbook.doctor import directory, environment, files, plugins, runs, steps, values
from tbcookbook.doctor.finding import SEVERITIES, Finding
from tbcookbook.doctor.survey import Progress, Survey, survey
from tbcookbook.targets.target import Target

Check = Callable[[Survey], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    *directory.CHECKS,
    *files.CHECKS,
    *steps.CHECKS,
    *values.CHECKS,
    *runs.CHECKS,
    *plugins.CHECKS,
)
MOST_FINDINGS = 50  # of one check: what is wrong in more runs than these is wrong everywhere


@dataclass(frozen=True)
class Failure:
    """A check that failed, which is a fault of ours, and how."""

    check: str
    problem: str


@dataclass(frozen=True)
class Examination:
    """What was found, the worst first.

    `left_out` counts what a check found beyond its first `MOST_FINDINGS`, `checks` the checks that were done.
    """

    survey: Survey
    findings: tuple[Finding, ...]
    failures: tuple[Failure, ...] = ()
    left_out: int = 0
    checks: int = 0


def examine(path: Path, target: Target | None = None, progress: Progress = lambda number, name: None) -> Examination:
    """Examine a log directory, and the environment of a target. `progress` is told of bytes as they are read."""
    if path.is_dir():
        seen = survey(path, progress)
        checks: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
            (name_of(check), partial(check, seen)) for check in CHECKS
        ]
    else:
        seen = Survey(path)
        checks = [("no_directory", partial(directory.no_directory, path))]
    if target is not None:
        checks += [(name_of(check), partial(check, target, seen)) for check in environment.CHECKS]
    return examined(seen, checks)


def examined(seen: Survey, checks: Iterable[tuple[str, Callable[[], Iterable[Finding]]]]) -> Examination:
    findings: list[Finding] = []
    failures: list[Failure] = []
    left_out = number = 0
    for name, check in checks:
        number += 1
        try:
            found = list(check())
        except Exception as problem:  # whatever is in the files: the other checks still have something to say
            failures.append(Failure(name, f"{type(problem).__name__}: {problem}"))
            continue
        findings += found[:MOST_FINDINGS]
        left_out += len(found[MOST_FINDINGS:])
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return Examination(seen, tuple(findings), tuple(failures), left_out, number)


def name_of(check: Callable[..., object]) -> str:
    return getattr(check, "__name__", "check")
