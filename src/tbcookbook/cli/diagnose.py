"""``tbcookbook diagnose``: from an error, a symptom or a log directory to the recipe."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from tbcookbook.cli.choosing import given_root
from tbcookbook.cli.output import fail, print_json, print_text
from tbcookbook.cli.statuses import AS_EXPECTED, DIFFERS
from tbcookbook.cli.usage import json_option

LARGEST_INPUT = 512 * 2**20  # bytes
LONGEST_PATH = 4096
A_PATH = re.compile(r"(?:\S*[/\\]\S+|[\w.-]+\.(?:txt|log|out|err|md|ipynb|json))")  # what is no error text
A_NAME = re.compile(r"(?!\w*(?:Error|Exception|Warning)$)[\w.-]{1,255}")  # of a directory, if it is of no exception
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}  # of Windows' shells


@click.command()
@click.argument("what", required=False, metavar="[FILE|DIR|TEXT|-]")
@click.option("--symptom", metavar="TEXT", help="What you see in TensorBoard, in words.")
@click.option(
    "--python", metavar="PATH", help="An interpreter: say what applies to the versions that are installed there."
)
@json_option
def diagnose(what: str | None, symptom: str | None, python: str | None, as_json: bool) -> None:
    """Say what an error is, and what to change.

    Takes a file with a traceback or a log, the text itself, a log directory, or stdin. The exit status is 1 if nothing
    in the cookbook matches.
    """
    if symptom is not None and what is not None:
        fail("diagnose: either --symptom or an error; found both")
    if symptom is not None:
        if not symptom.strip():
            fail("diagnose: --symptom: found nothing; expected what you see, in words")
        answer_symptom(symptom, as_json)
    if what is not None and names_a_directory(what):
        sys.exit(examined(Path(what), python, as_json))
    text = text_of(what)
    answer_text(text, python, as_json, A_NAME.fullmatch(what or "") is not None)


def answer_symptom(symptom: str, as_json: bool) -> None:
    from tbcookbook.diagnosis.answer import diagnose_symptom, diagnosis_json
    from tbcookbook.render.diagnosis import diagnosis_text

    diagnosis = diagnose_symptom(symptom, given_root())
    if as_json:
        print_json(diagnosis_json(diagnosis))
    else:
        print_text(diagnosis_text(diagnosis))
    sys.exit(AS_EXPECTED if diagnosis else DIFFERS)


def answer_text(text: str, python: str | None, as_json: bool, may_be_a_directory: bool = False) -> None:
    """One word in which no error is found was meant to be a directory, which is then not there."""
    from tbcookbook.diagnosis.answer import diagnose_text, diagnosis_json
    from tbcookbook.render.diagnosis import diagnosis_text

    versions = None
    if python is not None:
        from tbcookbook.targets.environments import resolve_target

        versions = resolve_target(python).versions
    diagnosis = diagnose_text(text, given_root(), versions)
    if not diagnosis and may_be_a_directory:
        sys.exit(examined(Path(text), python, as_json))
    if as_json:
        print_json(diagnosis_json(diagnosis))
    else:
        print_text(diagnosis_text(diagnosis))
    sys.exit(AS_EXPECTED if diagnosis else DIFFERS)


def examined(folder: Path, python: str | None, as_json: bool) -> int:
    """What the doctor says of a log directory; its exit status."""
    from tbcookbook.cli.doctor import examine_directory

    interpreter = None
    if python is not None:
        from tbcookbook.targets.environments import resolve_target

        interpreter = resolve_target(python).python
    return examine_directory(folder, as_json, interpreter)


def names_a_directory(what: str) -> bool:
    """Whether this is a log directory, or was meant to be one: an event file, or a path to nothing without a suffix."""
    try:
        path = Path(what)
        if not what.strip() or len(what) > LONGEST_PATH:
            return False
        if path.is_dir():
            return True
        if path.exists():
            return "tfevents" in path.name
    except (OSError, ValueError):
        return False
    return bool(A_PATH.fullmatch(what)) and ":" not in what[2:] and not path.suffix and ("/" in what or "~" in what)


def text_of(what: str | None) -> str:
    """The text that an argument is or names. Ends the program if there is none."""
    if what is None and sys.stdin is not None and sys.stdin.isatty():
        fail("diagnose: found nothing; expected a file, a text, a log directory, or an error on stdin")
    if what is None or what == "-":
        return decoded(read(sys.stdin.buffer, "stdin")) if sys.stdin is not None else ""
    if not what.strip():
        fail("diagnose: found an empty text; expected an error")
    path = Path(what)
    try:
        is_file = len(what) <= LONGEST_PATH and path.exists()
    except (OSError, ValueError):
        is_file = False
    if is_file:
        try:
            with path.open("rb") as file:
                data = read(file, what)
        except OSError as error:
            fail(f"{what}: cannot be read: {error.strerror}")
        return notebook_text(data) if path.suffix == ".ipynb" else decoded(data)
    if A_PATH.fullmatch(what) and ":" not in what[2:]:
        fail(f"{what}: there is no such file; expected one, a folder, or the text of an error")
    return what


def read(file: object, name: str) -> bytes:
    data: bytes = file.read(LARGEST_INPUT + 1)  # type: ignore[attr-defined]
    if len(data) > LARGEST_INPUT:
        fail(f"{name}: more than {LARGEST_INPUT} bytes; expected a traceback, or the part of a log that has it")
    return data


def decoded(data: bytes) -> str:
    encoding = next((name for mark, name in BYTE_ORDER_MARKS.items() if data.startswith(mark)), "utf-8")
    return data.decode(encoding, errors="replace")


def notebook_text(data: bytes) -> str:
    """The tracebacks and streams of a notebook's outputs; of what is no notebook, the text."""
    import json

    try:
        outputs = [output for cell in json.loads(data)["cells"] for output in cell.get("outputs", [])]
        parts = [output.get("traceback") or output.get("text") or "" for output in outputs]
        return "\n".join("\n".join(part) if isinstance(part, list) else str(part) for part in parts)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return decoded(data)
