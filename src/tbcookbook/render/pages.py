"""What can be told without running anything: scenarios, recipes, the registry, drift. Plain text, at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from tbcookbook.scenarios.difference import difference
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario
from tbcookbook.targets.registry import RegisteredTarget
from tbcookbook.words import columns, shorten

if TYPE_CHECKING:
    from tbcookbook.drift import Change
    from tbcookbook.recordings.store import Recording
    from tbcookbook.upgrade import Turn, Upgrade

REGISTRY_COLUMNS = ("tensorflow", "keras", "tensorboard")
LONGEST_DRIFT = 3  # lines of what was before or after a change
LONGEST_MARKDOWN = 300  # characters of the same in a table, which has one line a row

# Scenarios


def scenario_list(scenarios: Iterable[Scenario]) -> str:
    rows = [(f"{scenario.chapter}/{scenario.slug}", scenario.title) for scenario in scenarios]
    return columns([("scenario", "mistake"), *rows])


def recipe(scenario: Scenario) -> str:
    """The page of a scenario: messages, prose, the change, the script that breaks, and what each version does."""
    messages = dict.fromkeys(
        f"{expectation.type}: {expectation.message}" if expectation.type else str(expectation.message)
        for expectation in scenario.expectations["broken"]
        if expectation.message is not None and expectation.outcome != "unavailable"
    )
    parts = [scenario.title, "=" * len(scenario.title), "", *messages, *[""] * bool(messages), scenario.readme]
    parts += ["## The change", "", difference(scenario)]
    for path in scenario.files("broken"):
        parts += [f"## {path.relative_to(scenario.folder)}", "", path.read_text(encoding="utf-8")]
    parts += ["## On which versions", "", expectations_list(scenario), ""]
    return "\n".join([*parts, "## Sources", "", *scenario.sources])


def expectations_list(scenario: Scenario) -> str:
    """What each script does on which versions; where it cannot run at all, last."""
    rows = [("script", "on", "outcome", "what it does")]
    found = [(role, expectation) for role in ROLES for expectation in scenario.expectations[role]]
    for role, expectation in sorted(found, key=lambda pair: pair[1].outcome == "unavailable"):
        streams = ", ".join(expectation.events) or "nothing written"
        told = f"{expectation.type}: {expectation.message}" if expectation.type else streams
        note = f" ({expectation.note})" if expectation.note else ""
        rows.append((scenario.script_name(role), expectation.on.text, expectation.outcome, f"{told}{note}"))
    return columns(rows)


def scenario_json(scenario: Scenario) -> dict[str, object]:
    """A scenario as plain data, for programs."""

    def expectations(role: Role) -> list[dict[str, object]]:
        plain = msgspec.to_builtins(scenario.expectations[role], enc_hook=lambda versions: versions.text)
        return [{key: value for key, value in found.items() if value} for found in plain]

    return {
        "scenario": scenario.slug,
        "chapter": scenario.chapter,
        "title": scenario.title,
        "folder": str(scenario.folder),
        "sources": list(scenario.sources),
        "fault": scenario.fault,
        "symptoms": list(scenario.symptoms),
        "related": list(scenario.related),
        "environments": {
            role: {"python": recipe.python, "requirements": list(recipe.requirements), "env": dict(recipe.env)}
            for role, recipe in scenario.environments.items()
        },
        "expectations": {role: expectations(role) for role in ROLES},
    }


# Targets


def target_list(rows: Sequence[RegisteredTarget], states: Mapping[str, str], recorded: Collection[str]) -> str:
    """The registry, with the state of each target on this machine."""
    lines: list[tuple[str, ...]] = [("target", "status", "python", *REGISTRY_COLUMNS, "recorded", "here")]
    for row in rows:
        versions = [row.versions.get(name, "none") for name in REGISTRY_COLUMNS]
        here = f"needs Python {row.python}" if states[row.name] == "no interpreter" else states[row.name]
        has_recording = "yes" if row.name in recorded else "not run"
        lines.append((row.name, row.status, row.python, *versions, has_recording, here))
    return columns(lines, wrap=False)


# Drift


# What an upgrade does, all changes, and the scripts that were not run on one of the two.
Drift = tuple["Upgrade", Sequence["Change"], Sequence[str]]

PLAIN, PINNED = "What pip installs", "With the exact versions of the registry"


def upgrade_text(plain: Drift, pinned: Drift) -> str:
    """What changes with plain installations, and then with exact versions."""
    parts = [(PLAIN, drift_text(*plain)), (PINNED, drift_text(*pinned))]
    return "\n\n".join(f"{title}\n{'=' * len(title)}\n\n{told}" for title, told in parts)


def upgrade_markdown(plain: Drift, pinned: Drift) -> str:
    """The same for a pull request."""
    parts = [(PLAIN, drift_markdown(*plain)), (PINNED, drift_markdown(*pinned))]
    return "\n".join(f"## {title}\n\n{told}" for title, told in parts)


def drift_text(upgrade: Upgrade, changes: Sequence[Change], missing: Sequence[str]) -> str:
    """What an upgrade does in three lines, what changes beside it, and all changes, grouped by kind."""
    lines = [drift_title(upgrade.before, upgrade.after), ""]
    lines += [columns([("-", line.replace("`", ""))]) for line in upgrade.lines]
    if upgrade.beside:
        lines.append(columns([("-", f"Other than before: {beside_in_words(upgrade)}.")]))
    for kind, rows in drift_rows(changes):
        lines += ["", kind]
        for old, new, scripts in rows:
            told = [("  before", old), ("  after", new), ("  in", scripts)]
            lines += [columns([(label.ljust(8), text)]) for label, text in told] + [""]
        lines.pop()
    lines += ["", "no change"] * (not changes)
    lines += [f"not run on one of the two: {', '.join(missing)}"] * bool(missing)
    return "\n".join(lines)


def drift_markdown(upgrade: Upgrade, changes: Sequence[Change], missing: Sequence[str]) -> str:
    """The same for a pull request or the summary of a CI job."""
    lines = [f"### {drift_title(upgrade.before, upgrade.after)}", "", *(f"- {line}" for line in upgrade.lines)]
    lines += [f"- Other than before: {beside_in_words(upgrade)}."] * bool(upgrade.beside)
    lines.append("")
    for kind, rows in drift_rows(changes):
        lines += [f"#### {kind}", "", "| before | after | scripts |", "|---|---|---|"]
        lines += [f"| {markdown_cell(old)} | {markdown_cell(new)} | {scripts} |" for old, new, scripts in rows]
        lines.append("")
    lines += ["No change.", ""] * (not changes)
    lines += [f"Not run on one of the two: {', '.join(missing)}.", ""] * bool(missing)
    return "\n".join(lines)


def beside_in_words(upgrade: Upgrade) -> str:
    return ", ".join(f"{name} {old} → {new}" for name, old, new, _ in upgrade.beside)


def markdown_cell(text: str) -> str:
    """Text for a cell of a Markdown table, in which nothing is markup."""
    code = shorten(text, LONGEST_MARKDOWN).replace("\n", " ⏎ ").replace("`", "'").replace("|", "\\|")
    return f"`{code}`" if code.strip() else ""


def drift_rows(changes: Sequence[Change]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """For each kind its rows: before, after, and the scripts of which that is true."""
    kinds: dict[str, dict[tuple[str, str], list[str]]] = {}
    for change in changes:
        scripts = kinds.setdefault(change.kind, {}).setdefault(sides(change), [])
        scripts.append(f"{change.scenario}/{change.script}")
    return [
        (kind, [(old, new, ", ".join(scripts)) for (old, new), scripts in rows.items()]) for kind, rows in kinds.items()
    ]


def sides(change: Change) -> tuple[str, str]:
    """What was before and after, in brief, each with the stream it is about if that is not said anyway."""
    about = f"{change.subject}: " if change.subject and change.subject not in change.before + change.after else ""
    return about + brief(change.before), about + brief(change.after)


def brief(text: str) -> str:
    """The first and the last line of a long text: of a traceback, what is raised."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return text if len(lines) <= LONGEST_DRIFT else f"{lines[0]} … {lines[-1]}"


def drift_json(upgrade: Upgrade, changes: Sequence[Change], missing: Sequence[str]) -> dict[str, object]:
    before, after = upgrade.before, upgrade.after
    correct, mistakes, advice = upgrade.lines
    return {
        "before": {"target": before.name, "date": before.date, "versions": dict(before.versions)},
        "after": {"target": after.name, "date": after.date, "versions": dict(after.versions)},
        "summary": {"correct_code": correct, "mistakes": mistakes, "before_upgrading": advice},
        "changes": [vars(change) for change in changes],
        "not_compared": list(missing),
    }


def drift_title(before: Recording, after: Recording) -> str:
    return " → ".join(f"{found.name} ({', '.join(title_versions(found.versions))})" for found in (before, after))


def title_versions(versions: Mapping[str, str]) -> list[str]:
    """The versions that matter, and that there is none of what should be there."""
    names = REGISTRY_COLUMNS if versions else ()
    return [f"{name} {versions[name]}" if name in versions else f"no {name}" for name in names]


# Bisection


def turns_text(steps: int, found: Sequence[Turn]) -> str:
    """The steps at which a behaviour changed, a line for each change."""
    from tbcookbook.upgrade import KINDS  # slow to import, and `tbcookbook list` waits for it

    if not found:
        return f"no change in {steps} step{'s' * (steps != 1)}"
    rows = [("step", "script", "change")]
    for turn in found:
        example = f" ({turn.effect.example})" if turn.effect.example else ""
        told = f"{KINDS[turn.effect.kind]} {turn.effect.what}{example}"
        rows.append((f"{turn.before} → {turn.after}", turn.role, told))
    return columns(rows)


def turns_json(scenario: Scenario, steps: int, found: Sequence[Turn]) -> dict[str, object]:
    return {
        "scenario": scenario.slug,
        "steps": steps,
        "turns": [
            {
                "before": turn.before,
                "after": turn.after,
                "script": turn.role,
                "kind": turn.effect.kind,
                "what": turn.effect.what,
                "example": turn.effect.example,
            }
            for turn in found
        ],
    }
