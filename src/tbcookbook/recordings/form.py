"""The form of a recording's files: JSON that people read and git merges, with a digest of all that stands before it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

WIDTH = 120  # characters: what fits into a line stands on one
DIGEST = ',\n "digest": "'
END = '"\n}\n'


def recorded_form(value: Any) -> Any:
    """A record as plain JSON data: without what is as it is by default, and so without what is empty."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        defaults = defaults_of(type(value))
        pairs = [(name, getattr(value, name)) for name in defaults]
        return {name: recorded_form(found) for name, found in pairs if found != defaults[name]}
    if isinstance(value, msgspec.Struct):
        return recorded_form(msgspec.to_builtins(value))
    if isinstance(value, Mapping):
        return {key: recorded_form(found) for key, found in value.items()}
    if isinstance(value, (list, tuple)):
        return [recorded_form(found) for found in value]
    return value


@functools.cache
def defaults_of(kind: type) -> dict[str, Any]:
    """The fields of a dataclass with their defaults; `dataclasses.MISSING`, which equals nothing, for none."""
    return {
        field.name: field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
        for field in dataclasses.fields(kind)
    }


def readable_json(value: Any, indent: int = 0) -> str:
    """JSON text in which whatever fits into a line stands on one, and all else has a line for each of its parts."""
    short = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, (dict, list)) or not value or len(short) + indent <= WIDTH:
        return short
    inside = " " * (indent + 1)
    if isinstance(value, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {readable_json(value[key], indent + 1)}" for key in value]
        return f"{{\n{inside}" + f",\n{inside}".join(parts) + f"\n{' ' * indent}}}"
    if all(not isinstance(part, (dict, list)) for part in value):
        return f"[\n{inside}" + f"\n{inside}".join(filled(value, indent + 1)) + f"\n{' ' * indent}]"
    return (
        f"[\n{inside}" + f",\n{inside}".join(readable_json(part, indent + 1) for part in value) + f"\n{' ' * indent}]"
    )


def filled(values: list[Any], indent: int) -> list[str]:
    """Numbers and texts in lines, as many in each as fit."""
    lines, line = [], ""
    for index, value in enumerate(values):
        text = json.dumps(value, ensure_ascii=False, allow_nan=False) + "," * (index < len(values) - 1)
        if line and indent + len(line) + 1 + len(text) > WIDTH:
            lines.append(line)
            line = ""
        line = f"{line} {text}".lstrip()
    return [*lines, line]


def sealed(document: Mapping[str, Any]) -> str:
    """The text of a file: the document, and the SHA-256 of all that stands before it."""
    parts = [f"{json.dumps(key)}: {readable_json(document[key], 1)}" for key in document]
    body = "{\n " + ",\n ".join(parts)
    return f"{body}{DIGEST}{hashlib.sha256(body.encode()).hexdigest()}{END}"


def is_sealed(data: bytes) -> bool:
    """Whether no byte of a file was changed or lost since it was written."""
    body, found, seal = data.rpartition(DIGEST.encode())
    return bool(found) and seal == f"{hashlib.sha256(body).hexdigest()}{END}".encode()


def content_hash(data: Any) -> str:
    """Twelve digits that stand for plain data, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:12]


def write_whole(path: Path, text: str) -> None:
    """Write a file, all of it or nothing. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)  # noqa: PTH105  (the same in one step)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
