"""The files of a scenario's folder, which may be anything: read once, and opened only if they are ordinary files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tbcookbook.scenarios.scenario import MAIN, README, ROLES, TOML, Role

LARGEST_FILE = 1_000_000  # bytes
LARGEST_FOLDER = 100  # files beside a script


@dataclass(frozen=True)
class Files:
    """What is in a folder.

    `names` are its entries, folders with a slash at the end. `scripts` has the files of each script by path, the one
    that runs first. `texts` are the files that could be read, `unreadable` says why those that must be text could not.
    """

    names: tuple[str, ...]
    scripts: dict[Role, tuple[Path, ...]]
    texts: dict[Path, str]
    unreadable: dict[Path, str]


def read_files(folder: Path) -> Files:
    """Look at a folder. Raises OSError if it cannot be listed."""
    with os.scandir(folder) as entries:
        names = tuple(sorted(f"{entry.name}/" if is_folder(entry) else entry.name for entry in entries))
    scripts = {role: tuple(files_of(folder, role, names)) for role in ROLES}
    needed = [folder / name for name in (TOML, README) if name in names or f"{name}/" in names]
    texts, unreadable = {}, {}
    for path in (*needed, *(path for role in ROLES for path in scripts[role])):
        text, why = read_text(path)
        if text is not None:
            texts[path] = text
        elif path in needed or path.suffix in (".py", ".sh"):
            unreadable[path] = why
    return Files(names, scripts, texts, unreadable)


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder that is not in the place of a file."""
    try:
        return entry.is_dir() and not entry.name.endswith((".py", ".sh", ".md", ".toml"))
    except OSError:  # a link to itself
        return False


def files_of(folder: Path, role: Role, names: tuple[str, ...]) -> Iterator[Path]:
    """The files of a role, the one that runs first; none if there is no script."""
    for name in (f"{role}.py", f"{role}.sh"):
        if name in names:
            yield folder / name
            return
    if f"{role}/" in names:
        inside = folder / role
        found = sorted(path for path in inside.rglob("*") if not path.is_dir() and "__pycache__" not in path.parts)
        main = [inside / name for name in MAIN if inside / name in found]
        yield from [*main, *(path for path in found if path not in main)][:LARGEST_FOLDER]


def read_text(path: Path) -> tuple[str | None, str]:
    """A file's text; or None, and why it cannot be had. A pipe or a device is not opened."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            return None, "a folder" if stat.S_ISDIR(about.st_mode) else "no ordinary file"
        if about.st_size > LARGEST_FILE:
            return None, f"{about.st_size:,} bytes"
        data = path.read_bytes()
    except OSError as problem:
        return None, f"a file that cannot be read: {problem.strerror}"
    if b"\0" in data:
        return None, "a binary file"
    try:
        return data.decode("utf-8").replace("\r\n", "\n"), ""
    except UnicodeDecodeError as problem:
        return None, f"byte {data[problem.start]:#04x} at {problem.start}, which is not UTF-8"
