"""The forms of ``scenario.toml`` as a JSON Schema, made from the records, and all in which a file departs from them.

One source for both readers: an editor is given this schema, with words and patterns added (`schema`), and a file that
the records refuse is held against it, since it tells all that is wrong and not the first thing alone.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tbcookbook.scenarios import message
from tbcookbook.scenarios.problems import Problem, UnexpectedError, shown
from tbcookbook.scenarios.ranges import Versions, parse_versions
from tbcookbook.scenarios.scenario import (
    CONDITIONAL_KEYS,
    HOLDS,
    KEYS_OF_OUTCOME,
    Contents,
    ScenarioFile,
    says,
)
from tbcookbook.words import one_of

WORDS = {  # what JSON Schema calls a type -> what a writer of TOML calls it
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a table",
    "boolean": "true or false",
}


def forms(versions: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON Schema of the records. `versions` is what it says of a range; a format of our own if left out."""
    of_range = {"format": "versions"} if versions is None else versions
    schema = msgspec.json.schema(ScenarioFile, schema_hook=lambda kind: dict(of_range) if kind is Versions else {})
    tables = schema["$defs"]
    for table in tables.values():
        table["properties"] = {key: without_null(value) for key, value in table["properties"].items()}
    tables["Expectation"]["allOf"] = [
        {"if": is_one("outcome", outcome, required=True), "then": keys_of(outcome)}
        for outcome in sorted(KEYS_OF_OUTCOME)
    ]
    plugins = [(is_one("plugin", name, required=name != "scalars"), name) for name in sorted(HOLDS)]
    other = {"plugin": {"not": {"enum": sorted(HOLDS)}}}
    others = {"type": "object", "properties": other, "required": ["plugin"]}
    tables["StreamExpectation"]["allOf"] = [
        {"if": condition, "then": {"properties": {"holds": contents_of(name)}}}
        for condition, name in [*plugins, (others, "")]
    ]
    return schema


def without_null(value: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value that may be left out: TOML has no null."""
    rest = {key: found for key, found in value.items() if key != "default" or found is not None}
    kinds = rest.pop("anyOf", [])
    if {"type": "null"} not in kinds:
        return value
    kinds = [kind for kind in kinds if kind != {"type": "null"}]
    return {**rest, **kinds[0]} if len(kinds) == 1 else {**rest, "anyOf": kinds}


def is_one(key: str, value: str, required: bool) -> dict[str, Any]:
    """That a key has a value; or, where it is not required, that it has it or is left out."""
    condition: dict[str, Any] = {"type": "object", "properties": {key: {"enum": [value]}}}
    return {**condition, "required": [key]} if required else condition


def keys_of(outcome: str) -> dict[str, Any]:
    """The keys that a table with this outcome must have and may not have."""
    needed, allowed = KEYS_OF_OUTCOME[outcome]
    others = [key for key in CONDITIONAL_KEYS if key not in (*needed, *allowed)]
    never = {"not": {}, **says(f"no such key with the outcome {outcome!r}")}
    rule = says(
        f"a value, which the outcome {outcome!r} needs",
        required=list(needed),
        properties={key: dict(never) for key in others},
    )
    if outcome == "crashes":
        rule["allOf"] = [{"oneOf": [{"required": ["exit"]}, {"required": ["signal"]}]}]
    return rule


def contents_of(plugin: str) -> dict[str, Any]:
    """The keys that may not be said of the contents of a plugin's streams."""
    known = (*HOLDS.get(plugin, ()), "within")
    about = f"the plugin {plugin!r}" if plugin else "this plugin"
    never = {"not": {}, **says(f"no such key with {about}")}
    rule = {"properties": {key: dict(never) for key in Contents.__struct_fields__ if key not in known}}
    return {**rule, "items": rule}


# What is wrong with a file


def form_problems(toml: Path, data: Any) -> list[Problem]:
    """Every way in which the contents of a ``scenario.toml`` depart from the forms, in the order of the file's keys."""
    errors = sorted(validator().iter_errors(data), key=lambda error: [str(part) for part in error.absolute_path])
    return list(dict.fromkeys(problem for error in errors for problem in problems_of(toml, error)))


@functools.cache
def validator() -> Any:
    """A validator of the forms. Slow to import, and needed only for a file that is wrong."""
    from jsonschema import Draft7Validator, FormatChecker, validators

    formats = FormatChecker(formats=())
    formats.checks("versions", raises=UnexpectedError)(is_range)
    formats.checks("template", raises=UnexpectedError)(is_template)
    # TOML tells 1 from 1.0, and so do the records.
    kinds = Draft7Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    kind: Any = validators.extend(Draft7Validator, type_checker=kinds)  # type: ignore[no-untyped-call]
    return kind(forms(), format_checker=formats)


def is_range(value: object) -> bool:
    parse_versions(value)
    return True


def is_template(value: object) -> bool:
    if isinstance(value, str):
        try:
            message.check(value)
        except ValueError as problem:
            raise UnexpectedError(shown(value), f"a template: {problem}") from None
    return True


def problems_of(toml: Path, error: Any) -> Iterable[Problem]:
    """One error of the validator in the project's terms. Its kinds: the keywords of JSON Schema that `forms` uses."""
    where, found, rule = dotted(error.absolute_path), error.instance, error.validator
    expected = error.schema.get("$comment") if isinstance(error.schema, dict) else None
    if rule == "additionalProperties":
        keys = list(error.schema["properties"])
        for key in sorted(found.keys() - keys):
            yield Problem(toml, where or "top level", f"the unknown key {key!r}", one_of(keys, key))
    elif rule == "required":
        for key in error.validator_value:
            if key not in found:
                yield Problem(toml, dotted([where, key]), "nothing", expected or "a value")
    elif rule == "oneOf" and isinstance(found, dict):  # what is no table at all is told by its type
        said = "both exit and signal" if "exit" in found else "neither exit nor signal"
        yield Problem(toml, dotted([where, "exit"]), said, "one of them")
    elif rule == "anyOf":
        for inner in nearest(error.context):
            yield from problems_of(toml, inner)
    elif rule == "format":
        yield Problem(toml, where, error.cause.found, error.cause.expected)
    elif rule == "enum":
        yield Problem(toml, where, shown(found), one_of(error.validator_value, str(found)[:100]))
    elif rule != "oneOf":
        yield Problem(toml, where, shown(found), expected or plain_words(rule, error.validator_value))


def nearest(errors: Sequence[Any]) -> list[Any]:
    """Of what is wrong with each of several alternatives: what is wrong with the one that is of the right type."""
    alternatives: dict[Any, list[Any]] = {}
    for error in errors:
        alternatives.setdefault(error.schema_path[0], []).append(error)
    depth = min(len(error.absolute_path) for error in errors)
    of_the_type = [
        found
        for found in alternatives.values()
        if not any(error.validator == "type" and len(error.absolute_path) == depth for error in found)
    ]
    return (of_the_type or list(alternatives.values()))[0]


def plain_words(rule: str, value: Any) -> str:
    """What a keyword of JSON Schema asks for."""
    if rule == "type":
        return WORDS[value]
    if rule == "minLength":
        return "some text" if value == 1 else f"at least {value} characters"
    if rule == "minItems":
        return f"a list of at least {value}"
    return {"minimum": f"a number from {value} on", "maximum": f"a number up to {value}"}.get(rule, f"{rule} {value}")


def dotted(path: Iterable[object]) -> str:
    """A path as the messages have it: ``broken[0].events.train/loss.steps[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text and part else str(part)
    return text
