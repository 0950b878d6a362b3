"""What a text or a symptom is: the answer that is told in the terminal, as JSON, and to programs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tbcookbook.diagnosis.cache import load_index, load_table
from tbcookbook.diagnosis.exceptions import Found
from tbcookbook.diagnosis.match import ENOUGH, Match, Seen, look, matches_of
from tbcookbook.diagnosis.table import Entry, Saying, Table

MOST = 8  # answers that are given
SEVERAL = 3  # entries that say the same words: more, and the words do not tell which it is
WEAK = 0.25  # of the best symptom's score: what is below is not told
Confidence = Literal["likely", "possible"]
# ``tensorflow==2.15.0``, ``TF 2.4``, ``Keras version: 3.5``, in a text.
VERSION = re.compile(
    r"(?<![\w.-])(tensorflow|tf|keras|tensorboard|protobuf|setuptools|numpy)"
    r"(?:[ _-]?version)?[ :='\"v]{1,6}(\d{1,3}\.\d{1,3}(?:\.\d{1,3})?)(?![\w-])",
    re.IGNORECASE,
)
PYTHON_VERSION = re.compile(r"(?<![\w.-])python[ :=/v]{0,3}(3\.\d{1,2})(?!\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """One scenario or pointer that a text or a symptom leads to.

    `rank` counts from 1; answers that nothing tells apart have the same. `reasons` say in words why it was taken. `on`
    is the range of versions in which the scenario says this, "" if that is not known; `here` what it does with the
    versions that were found, "" if none were.
    """

    rank: int
    entry: Entry
    confidence: Confidence
    reasons: Sequence[str]
    saying: Saying | None = None
    on: str = ""
    here: str = ""
    score: float = 0.0


@dataclass(frozen=True)
class Diagnosis:
    """All answers, best first, the exceptions that were found, and the versions that the answers were held against."""

    answers: Sequence[Answer]
    exceptions: Sequence[Found] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    asked: Literal["text", "symptom"] = "text"

    def __bool__(self) -> bool:
        """Whether there is an answer."""
        return bool(self.answers)


def diagnose_text(text: str, root: Path | None = None, versions: Mapping[str, str] | None = None) -> Diagnosis:
    """What the errors in a text are. `versions` are those of packages by name; without, those that the text names.

    Raises ScenarioError or RecordingError if the files of the cookbook cannot be read.
    """
    table = load_table(root)
    seen = look(text, table)
    found = matches_of(seen, table)
    there = versions_in(seen) if versions is None and found else dict(versions or {})
    answers = [answer_of(table, seen, match, rank) for match, rank in ranked(found)[:MOST]]
    if there:
        answers = in_order_of_versions([with_versions(answer, there, root, versions is None) for answer in answers])
    return Diagnosis(answers, seen.exceptions, there, "text")


def diagnose_symptom(symptom: str, root: Path | None = None) -> Diagnosis:
    """What people saw who described it in such words. Raises as `diagnose_text` does."""
    from tbcookbook.diagnosis.symptoms import search

    table = load_table(root)
    quoted = quotes(symptom, table)
    found = search(load_index(table, root), symptom)
    scores = {number: score for number, score in found if score >= WEAK * found[0][1]}
    best = [match.saying.entry for match, rank in ranked(quoted) if rank == 1]
    first = list(dict.fromkeys([*(best if len(best) <= SEVERAL else ()), *scores]))
    first = list(dict.fromkeys([*first[:SEVERAL], *(match.saying.entry for match in quoted), *first]))[:MOST]
    reasons = {match.saying.entry: reasons_of(match) for match in quoted}
    answers = [
        Answer(
            rank,
            table.entries[number],
            "likely" if number in reasons else "possible",
            reasons.get(number, ["the words fit"]),
            score=round(scores.get(number, 0.0), 3),
        )
        for rank, number in enumerate(first, 1)
    ]
    return Diagnosis(answers, asked="symptom")


def quotes(symptom: str, table: Table) -> list[Match]:
    """What a symptom repeats word for word: an error, or what stands on the screen."""
    return matches_of(look(symptom, table), table)


def ranked(found: Sequence[Match]) -> list[tuple[Match, int]]:
    """Matches with their ranks: those that differ in nothing but the place of the text share one."""
    ranks: list[tuple[Match, int]] = []
    for number, match in enumerate(found):
        same = number and match.score[:3] == found[number - 1].score[:3]
        ranks.append((match, ranks[-1][1] if same else number + 1))
    return ranks


def answer_of(table: Table, seen: Seen, match: Match, rank: int) -> Answer:
    saying = match.saying
    sure = saying.weight >= ENOUGH or match.typed or (match.whole and seen.about)
    return Answer(
        rank,
        table.entries[saying.entry],
        "likely" if sure else "possible",
        reasons_of(match),
        saying,
        saying.on,
        score=match.score[1],
    )


ORIGINS = {
    "template": "the message is that of the broken script",
    "recorded": "word for word what the broken script said when it was run",
    "reported": "people who had it quote this",
}


def reasons_of(match: Match) -> list[str]:
    reasons = [ORIGINS[match.saying.origin]]
    reasons += [f"the type is {match.saying.type}"] * match.typed
    reasons += ["the text ends within the message"] * match.cut
    reasons += [f"{match.near:.0%} of the frames are those of the recorded traceback"] * (match.near > 0)
    reasons += ["it is a warning: the program goes on"] * match.saying.warns
    return reasons


# Versions


def versions_in(seen: Seen) -> dict[str, str]:
    """The versions that a text names, by package; nothing for one of which it names several."""
    found: dict[str, set[str]] = {}
    for line in seen.lines:
        for name, version in VERSION.findall(line):
            found.setdefault("tensorflow" if name.lower() == "tf" else name.lower(), set()).add(version)
        for version in PYTHON_VERSION.findall(line):
            found.setdefault("python", set()).add(version)
    return {name: versions.pop() for name, versions in found.items() if len(versions) == 1}


def with_versions(answer: Answer, versions: Mapping[str, str], root: Path | None, some: bool) -> Answer:
    """An answer with what the scenario does on these versions: all that are installed, or `some` of them."""
    import dataclasses

    from tbcookbook.diagnosis.cache import scenario_root
    from tbcookbook.scenarios.loading import load_scenario

    if answer.entry.kind != "scenario":
        return answer
    scenario = load_scenario((root or scenario_root()) / answer.entry.chapter / answer.entry.name)
    asked = {name for found in scenario.expectations["broken"] for name in found.on.names}
    known = {name for name in asked if name.partition("[")[0] in versions}
    if asked and not known:
        return answer
    if some and "keras" in versions:
        versions = {"keras[tensorflow]": versions["keras"], **versions}
    rules = [rule for rule in scenario.expectations["broken"] if not (some and rule.outcome == "unavailable")]
    found = next((rule for rule in rules if versions in rule.on), None)
    if found is None:
        return dataclasses.replace(answer, here="it was not run on such versions")
    if found.outcome == "unavailable":
        return dataclasses.replace(answer, here=f"the script cannot run there: {found.note}")
    if found.message is not None:
        told = f"{found.type}: {found.message}" if found.type else found.message
        words = "it says the same" if answer.on == found.on.text else f"it ends otherwise: {told}"
    else:
        words = "it raises nothing there"
        words += f": {found.note}" if found.note else ""
    return dataclasses.replace(answer, here=words)


def in_order_of_versions(answers: Sequence[Answer]) -> list[Answer]:
    """Of answers of the same rank those first that say the same with these versions."""
    return sorted(answers, key=lambda answer: (answer.rank, answer.here != "it says the same"))


# JSON


def diagnosis_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis as plain data: docs/reference/json-outputs.md has its fields."""
    return {
        "asked": diagnosis.asked,
        "exceptions": [{"type": found.type, "message": found.message} for found in diagnosis.exceptions],
        "versions": dict(diagnosis.versions),
        "answers": [answer_json(answer) for answer in diagnosis.answers],
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    entry = answer.entry
    return {
        "rank": answer.rank,
        "kind": entry.kind,
        "name": entry.name,
        "chapter": entry.chapter,
        "title": entry.title,
        "page": entry.page,
        "confidence": answer.confidence,
        "reasons": list(answer.reasons),
        "message": answer.saying.shown if answer.saying is not None else None,
        "on": answer.on,
        "here": answer.here,
        "score": float(answer.score),
        "parts": dict(entry.parts),
        "difference": entry.difference,
        "sources": list(entry.sources),
    }
