"""The JSON Schema of ``scenario.toml`` for editors: the forms, with the words of the format's reference page.

``python -m tbcookbook.scenarios.schema`` writes it, in a checkout. It says what one value may be.
What needs the registry or the scripts (ranges that overlap, a template that is none) is found when a scenario is
loaded.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tbcookbook.observation.record import canonical_json
from tbcookbook.scenarios.forms import forms, is_one
from tbcookbook.scenarios.ranges import AXES

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
PAGE, SCHEMA = REFERENCE / "scenario-format.md", REFERENCE / "scenario.schema.json"

SPECIFIER = r"(===|[<>=!~]=|<|>) *v?[0-9][0-9A-Za-z.*+!-]*"
OF_FILE, OF_ENVIRONMENT, OF_TABLE, OF_STREAM, OF_CONTENTS, OF_GRAPH = range(6)  # the tables of the page, in their order


def main() -> None:
    SCHEMA.write_text(canonical_json(scenario_schema(PAGE.read_text(encoding="utf-8"))), encoding="utf-8")


def scenario_schema(page: str) -> dict[str, Any]:
    """The schema. `page` is the Markdown of the format's reference, whose tables say what each key is."""
    schema = forms(versions_of(r"[A-Za-z][\w.-]*(\[\w+\])?"))
    described = descriptions(page)
    tables = schema["$defs"]
    for name, table in tables.items():
        table["description"] = first_sentence(table["description"])
        table["properties"] = {
            key: {**value, "description": described[name][key]} for key, value in table["properties"].items()
        }
    top, expectation = tables["ScenarioFile"], tables["Expectation"]
    top["properties"]["broken"]["contains"] = {"not": is_one("outcome", "ok", required=False)}
    cures = {"properties": {"outcome": {"enum": ["ok", "unavailable"]}}}
    top["properties"]["fixed"]["items"] = {"allOf": [top["properties"]["fixed"]["items"], cures]}
    registered = versions_of("|".join(map(re.escape, AXES)))
    on = {"items": {"properties": {"on": registered}}}
    top["if"] = {"not": {"required": ["environments"]}}
    top["then"] = {"properties": dict.fromkeys(("broken", "fixed", "unavailable"), on)}
    expectation["properties"]["events"]["propertyNames"] = {"pattern": "^[^/]+/."}
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "scenario.toml", **schema}


def versions_of(names: str) -> dict[str, Any]:
    """The forms of a range of any of these names, which are a regular expression."""
    pattern = rf"^(!({names})|({names}) *({SPECIFIER}( *, *{SPECIFIER})*)?)$"
    one = {"type": "string", "pattern": pattern}
    return {"anyOf": [{"const": "*"}, one, {"type": "array", "items": one, "minItems": 1}]}


def descriptions(page: str) -> dict[str, dict[str, str]]:
    """What the page says of each key of each table."""
    found = tables_of(page, "key")
    (of_outcome,) = tables_of(page, "outcome")
    outcomes = "\n".join(f"{name}: {text}." for name, text in of_outcome.items())
    return {
        "ScenarioFile": found[OF_FILE],
        "Environments": found[OF_ENVIRONMENT],
        "Environment": found[OF_ENVIRONMENT],
        "Expectation": {**found[OF_TABLE], "outcome": outcomes},
        "Unavailable": found[OF_TABLE],
        "StreamExpectation": found[OF_STREAM],
        "Contents": found[OF_CONTENTS],
        "GraphExpectation": found[OF_GRAPH],
    }


def tables_of(page: str, head: str) -> list[dict[str, str]]:
    """Of each Markdown table whose first column is `head`: what the second column says of each name in the first."""
    found = []
    for rows in re.findall(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", page, re.MULTILINE):
        cells = [row.split(" | ") for row in rows.splitlines()]
        named = r"`\[*(?:environments\.)?(\w[\w-]*)"
        found.append({name: plain(text) for names, text, *_ in cells for name in re.findall(named, names)})
    return found


def plain(text: str) -> str:
    return text.removesuffix(" |").replace("`", "").strip()


def first_sentence(docstring: str) -> str:
    return docstring.partition("\n")[0].partition(". ")[0].replace("`", "").removesuffix(".") + "."


if __name__ == "__main__":
    main()
