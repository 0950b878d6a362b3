"""What the doctor found, for people and as JSON."""

from __future__ import annotations

import math
from typing import Any

from tbcookbook.doctor.examine import Examination
from tbcookbook.doctor.finding import SEVERITIES, Finding
from tbcookbook.doctor.survey import Survey
from tbcookbook.render.printable import in_a_line
from tbcookbook.words import shorten

LONGEST = 400  # characters of a line
PASSED_OVER = 5  # that are told
NOTHING = "nothing is wrong with it that its files can show"


def examination_text(found: Examination) -> str:
    """The findings, the worst first, each with where, what to do and where to read on."""
    lines = [summary(found.survey)]
    for name, reason in list(found.survey.passed_over.items())[:PASSED_OVER]:
        lines.append(told(f"  not looked into: {name}: {reason.removeprefix('cannot be read: ')}"))
    if (more := len(found.survey.passed_over) - PASSED_OVER) > 0:
        lines.append(f"  and {more} more")
    for finding in found.findings:
        lines += ["", *finding_lines(finding)]
    if found.left_out:
        lines += ["", f"{found.left_out} more of the same kinds are left out"]
    for failure in found.failures:
        lines += ["", told(f"the check {failure.check} failed, which is a fault of ours: {failure.problem}")]
    lines += ["", verdict(found)]
    return "\n".join(lines)


def summary(survey: Survey) -> str:
    points = sum(file.points for file in survey.files)
    size = sum(file.size for file in survey.files)
    parts = [
        counted(len(survey.runs), "run"),
        counted(len(survey.series), "tag"),
        counted(points, "point"),
        f"{counted(len(survey.files), 'event file')} ({megabytes(size)})",
    ]
    return told(f"{survey.directory}: {', '.join(parts)}")


def finding_lines(finding: Finding) -> list[str]:
    where = finding.run if finding.run is not None else "environment" if finding.file is None else ""
    first = ": ".join(filter(None, [finding.severity, where, finding.text]))
    lines = [told(first)]
    if finding.file:
        lines.append(told(f"    in {finding.file}"))
    if finding.advice:
        lines.append(told(f"    do: {finding.advice}"))
    if finding.scenarios:
        lines.append(told(f"    see: tbcookbook explain {finding.scenarios[0]}" + likely(finding.scenarios[1:])))
    elif finding.pointers:
        lines.append(told(f"    see: {', '.join(finding.pointers)} (reported, not run here)"))
    return lines


def likely(others: tuple[str, ...]) -> str:
    return f" (or {', '.join(others)})" if others else ""


def verdict(found: Examination) -> str:
    if not found.findings:
        return NOTHING if not found.failures else "no finding, but not every check was done"
    numbers = {severity: sum(finding.severity == severity for finding in found.findings) for severity in SEVERITIES}
    return ", ".join(counted(number, severity) for severity, number in numbers.items() if number)


def counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.1f} kB"


def told(text: str) -> str:
    return in_a_line(shorten(text, LONGEST))


def examination_json(found: Examination) -> dict[str, Any]:
    """The document that ``diagnose DIRECTORY --json`` prints."""
    survey = found.survey
    return {
        "directory": str(survey.directory),
        "runs": survey.runs,
        "tags": len(survey.series),
        "points": sum(file.points for file in survey.files),
        "event_files": [
            {
                "file": file.name,
                "run": file.run,
                "bytes": file.size,
                "records": file.records,
                "points": file.points,
                "first_time": plain(file.first_time),
                "last_time": plain(file.last_time),
                "damage": None
                if file.damage is None
                else {"kind": file.damage.kind, "position": file.damage.position, "record": file.damage.record},
                "unreadable": file.unreadable,
            }
            for file in survey.files
        ],
        "passed_over": dict(survey.passed_over),
        "findings": [finding_json(finding) for finding in found.findings],
        "left_out": found.left_out,
        "checks": found.checks,
        "failed_checks": [{"check": failure.check, "problem": failure.problem} for failure in found.failures],
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "severity": finding.severity,
        "run": finding.run,
        "file": finding.file,
        "text": finding.text,
        "evidence": {name: plain(value) for name, value in finding.evidence.items()},
        "advice": finding.advice,
        "scenarios": list(finding.scenarios),
        "pointers": list(finding.pointers),
    }


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers that are not finite are strings."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value
