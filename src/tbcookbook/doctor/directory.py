"""No directory, or none with an event file: what was meant instead."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from tbcookbook.doctor.finding import Finding
from tbcookbook.doctor.plugins import PROJECTOR, profiles
from tbcookbook.doctor.survey import Survey, below, is_event_file
from tbcookbook.words import listed, nearest

NOTHING_WRITTEN = (
    "not-passed-to-fit",
    "class-not-instance",
    "none-in-the-list",
    "eager-disabled",
    "trainer-without-callbacks",
    "log-dir-deleted",
)
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):/")
SPEC = re.compile(r"[\w.-]+:(?=[^/\\])|[\w.-]+:(?=/[^/])")
MOST_BESIDE = 500  # folders beside the one that was given, which are looked at
LEVELS = 2  # folders up


def no_directory(path: Path) -> Iterator[Finding]:
    """What is wrong with a path that is no folder."""
    text = str(path)
    if os.path.lexists(path) and not path.is_dir():
        yield from no_folder(path)
        return
    found = list(meant(path))
    advice = (
        f"did you mean {listed(found)}?"
        if found
        else f"nothing near it has event files; the working directory is {Path.cwd()}"
    )
    why = reason(text)
    yield Finding(
        "no-directory",
        "error",
        f"there is no {text!r}" + (f": {why}" if why else ""),
        evidence={"path": text, "near": found, "working_directory": str(Path.cwd())},
        advice=advice,
        scenarios=("remote-scheme",) if SCHEME.match(text) else NOTHING_WRITTEN if not found else (),
        pointers=("bucket-credentials", "mounted-bucket") if SCHEME.match(text) else (),
    )


def no_folder(path: Path) -> Iterator[Finding]:
    """A path that is something else than a folder."""
    folder = str(path.parent)
    kind = "an event file" if is_event_file(path.name) else "a file" if path.is_file() else "no folder"
    yield Finding(
        "no-directory",
        "error",
        f"{str(path)!r} is {kind}: --logdir takes a folder",
        file=path.name,
        evidence={"path": str(path), "near": [folder]},
        advice=f"give its folder: {folder}",
    )


def reason(text: str) -> str:
    """What in a path itself is odd."""
    if text.startswith("~"):
        return "the ~ was not expanded: the shell does it at the start of a word alone, and not within quotes"
    if SCHEME.match(text):
        return f"{text.partition(':')[0]} is a file system that is not looked into here"
    if text != text.strip() or text.strip("'\"") != text:
        return "it has a space or a quote at one end"
    if text.startswith("--logdir"):
        return "the option is a part of it"
    if "," in text:
        return "several folders in one --logdir: TensorBoard 2 has --logdir_spec for them"
    if SPEC.match(text) and os.name != "nt":
        return "NAME:FOLDER is the form of --logdir_spec"
    if "\\" in text:
        return "it has backslashes"
    return ""


def meant(path: Path) -> Iterator[str]:
    """Folders that may have been meant, with event files below them, the likeliest first; each once."""
    seen: set[str] = set()
    for candidate in candidates(path):
        name = os.path.normpath(candidate)
        if name not in seen and has_events(Path(name)):
            seen.add(name)
            yield name
            if len(seen) == 3:
                return


def candidates(path: Path) -> Iterator[str]:
    text = str(path)
    for changed in (
        text.strip(),
        text.strip("'\" "),
        text.replace("\\ ", " "),
        text.replace("\\", "/"),
        re.sub(r"^--logdir[= ]*", "", text),
    ):
        if changed and changed != text:
            yield os.path.expanduser(changed)  # noqa: PTH111  (of text, which may be no path)
    if text.startswith("~"):
        yield os.path.expanduser(text)  # noqa: PTH111
    if "," in text:
        yield from text.split(",")
    if (match := SPEC.match(text)) is not None:
        yield text[match.end() :]
    folder = path
    wrong = []
    while not folder.is_dir() and folder != folder.parent:
        wrong.append(folder.name)
        folder = folder.parent
    rest = wrong[-2::-1] if len(wrong) > 1 else []
    if wrong:
        for name in nearest(wrong[-1], sorted(folders_in(folder))):
            yield str(folder.joinpath(name, *rest))
            yield str(folder / name)
        # A level that is not there, or one that was left out.
        yield str(folder.joinpath(*rest))
        for name in sorted(folders_in(folder)):
            yield str(folder.joinpath(name, *reversed(wrong)))
    if not path.is_absolute():
        for parent in list(Path.cwd().parents)[:LEVELS]:
            yield str(parent / path)
    if not Path.cwd().is_relative_to(folder.absolute()):
        yield str(folder)


def folders_in(folder: Path) -> Iterator[str]:
    """The names of the folders in a folder."""
    try:
        with os.scandir(folder) as entries:
            for number, entry in enumerate(entries):
                if number >= MOST_BESIDE:
                    return
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                    yield entry.name
    except OSError:
        return


def has_events(folder: Path) -> bool:
    try:
        return folder.is_dir() and next(below(folder), None) is not None
    except (OSError, ValueError):
        return False


def no_event_file(survey: Survey) -> Iterator[Finding]:
    """A folder without an event file, and where there are some."""
    if survey.files or any(entry.name.rpartition("/")[2] == PROJECTOR for entry in survey.others):
        return
    beside = list(near_events(survey.directory))
    links = [name for name, why in survey.passed_over.items() if "link" in why]
    there = profiles(survey)
    text = "there is no event file in it"
    if there:
        text += ", only profiles: the Profile dashboard looks beside event files"
    if not survey.others and not survey.passed_over:
        text += ", nor anything else"
    yield Finding(
        "no-event-file",
        "error",
        text,
        ".",
        None,
        {"files": len(survey.others), "near": beside, "links": links[:10]},
        f"there are event files in {listed(beside)}"
        if beside
        else "nothing was written here: was the callback passed to `fit`, and did the writer flush?",
        () if beside else ("profile-in-another-place",) if there else NOTHING_WRITTEN,
    )


def near_events(directory: Path) -> Iterator[str]:
    """Folders beside a folder and above it that have event files; three at most."""
    here = directory.absolute()
    number = 0
    for parent in list(here.parents)[:LEVELS]:
        for name in sorted(folders_in(parent)):
            if parent / name == here or here.is_relative_to(parent / name):
                continue
            if has_events(parent / name):
                yield os.path.relpath(parent / name)
                number += 1
            if number == 3:
                return
        if parent == Path.home() or number:
            return


CHECKS = (no_event_file,)
