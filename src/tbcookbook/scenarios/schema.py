"""JSON Schema of ``scenario.toml``, for editors: the forms of `scenario`, the words of its reference page.

``python -m tbcookbook.scenarios.schema`` writes it, in a checkout. It says what one value may be.
What needs the registry or the scripts (ranges that overlap, a template that is none) is found when a scenario is
loaded.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from tbcookbook.observation.record import canonical_json
from tbcookbook.scenarios.scenario import AXES, CONDITIONAL_KEYS, KEYS_OF_OUTCOME, ScenarioFile, Versions

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
PAGE, SCHEMA = REFERENCE / "scenario-format.md", REFERENCE / "scenario.schema.json"

NAMES = "|".join(map(re.escape, AXES))
SPECIFIER = r"(===|[<>=!~]=|<|>) *v?[0-9][0-9A-Za-z.*+!-]*"
RANGE = {"type": "string", "pattern": rf"^(!({NAMES})|({NAMES}) *({SPECIFIER}( *, *{SPECIFIER})*)?)$"}
VERSIONS = {"anyOf": [{"const": "*"}, RANGE, {"type": "array", "items": RANGE, "minItems": 1}]}


def main() -> None:
    SCHEMA.write_text(canonical_json(scenario_schema(PAGE.read_text(encoding="utf-8"))), encoding="utf-8")


def scenario_schema(page: str) -> dict[str, Any]:
    """The schema. `page` is the Markdown of the format's reference, whose tables say what each key is."""
    schema = msgspec.json.schema(ScenarioFile, schema_hook=lambda kind: dict(VERSIONS) if kind is Versions else {})
    tables = schema["$defs"]
    of_file, of_table, of_stream = tables_of(page, "key")
    (of_outcome,) = tables_of(page, "outcome")
    described = {
        "ScenarioFile": of_file,
        "Expectation": {**of_table, "outcome": "\n".join(f"{name}: {text}." for name, text in of_outcome.items())},
        "Unavailable": of_table,
        "StreamExpectation": of_stream,
    }
    for name, table in tables.items():
        table["description"] = first_sentence(table["description"])
        table["properties"] = {
            key: {**without_null(value), "description": described[name][key]}
            for key, value in table["properties"].items()
        }
    top, expectation = tables["ScenarioFile"]["properties"], tables["Expectation"]
    top["sources"]["items"]["pattern"] = r"^https://\S+\.\S+$"
    top["broken"]["contains"] = {"not": outcome_is("ok")}
    top["fixed"]["items"] = {"allOf": [top["fixed"]["items"], outcome_is("ok", "unavailable")]}
    expectation["properties"]["events"]["propertyNames"] = {"pattern": "^[^/]+/."}
    expectation["allOf"] = [
        {"if": {**outcome_is(outcome), "required": ["outcome"]}, "then": keys_of(outcome)}
        for outcome in sorted(KEYS_OF_OUTCOME)
    ]
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "scenario.toml", **schema}


def keys_of(outcome: str) -> dict[str, Any]:
    """The keys that a table with this outcome must have and may not have."""
    needed, allowed = KEYS_OF_OUTCOME[outcome]
    others = [key for key in CONDITIONAL_KEYS if key not in (*needed, *allowed)]
    rule: dict[str, Any] = {"required": list(needed), "properties": dict.fromkeys(others, False)}
    if outcome == "crashes":
        rule["oneOf"] = [{"required": ["exit"]}, {"required": ["signal"]}]
    return rule


def outcome_is(*outcomes: str) -> dict[str, Any]:
    return {"properties": {"outcome": {"enum": list(outcomes)}}}


def without_null(value: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value that may be left out: TOML has no null."""
    rest = {key: found for key, found in value.items() if key != "default" or found is not None}
    kinds = rest.pop("anyOf", [])
    if {"type": "null"} not in kinds:
        return value
    (kind,) = (kind for kind in kinds if kind != {"type": "null"})
    return {**rest, **kind}


def tables_of(page: str, head: str) -> list[dict[str, str]]:
    """Of each Markdown table whose first column is `head`: what the second column says of each name in the first."""
    found = []
    for rows in re.findall(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", page, re.MULTILINE):
        cells = [row.split(" | ") for row in rows.splitlines()]
        found.append(
            {name: plain(text) for names, text, *_ in cells for name in re.findall(r"`(?:\[\[)?(\w[\w-]*)", names)}
        )
    return found


def plain(text: str) -> str:
    return text.removesuffix(" |").replace("`", "").strip()


def first_sentence(docstring: str) -> str:
    return docstring.partition("\n")[0].partition(". ")[0].replace("`", "").removesuffix(".") + "."


if __name__ == "__main__":
    main()
