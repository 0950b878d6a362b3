"""A folder that a script has written, whatever it holds: names as text, and regular files opened without waiting.

A script may leave anything there: links to everywhere, FIFOs, devices, names that are no text, folders that nobody may
read or that are nested without end. No link is followed but to a file in the same folder, nothing but regular files is
opened, and there are bounds. What is passed over for such a reason is told.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

DEEPEST = 64  # folders in each other
MOST_ENTRIES = 20_000  # files and folders


@dataclass(frozen=True)
class Entry:
    """Something that is no folder: its name relative to the folder that was walked, and its path, as the system has it.

    `name` has a backslash escape for every byte that is not UTF-8.
    """

    name: str
    path: str


@dataclass
class Walk:
    """What was found, sorted by name; and what could not be looked into, with the reason, "." for the folder itself."""

    entries: list[Entry] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)


def walk(directory: Path, deepest: int = DEEPEST, most: int | None = None) -> Walk:
    """All below a folder, `deepest` folders deep and `most` files and folders; nothing if there is no such folder."""
    most = MOST_ENTRIES if most is None else most
    found = Walk()
    try:
        mode = os.lstat(directory).st_mode
    except FileNotFoundError:
        return found
    except OSError as problem:
        return Walk(unread={".": cannot(problem)})
    if not stat.S_ISDIR(mode):
        return Walk(unread={".": f"cannot be read: {kind_of(mode)}, not a folder"})
    seen = 0
    folders = [(os.fspath(directory), "", 0)]
    while folders:
        path, name, depth = folders.pop()
        if depth > deepest:
            found.unread[name] = f"cannot be read: more than {deepest} folders in each other"
            continue
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    seen += 1
                    if seen > most:
                        found.unread["."] = f"cannot be read: more than {most} files and folders"
                        return sorted_walk(found)
                    inside = f"{name}/{text_of_name(entry.name)}" if name else text_of_name(entry.name)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append((entry.path, inside, depth + 1))
                    else:
                        found.entries.append(Entry(inside, entry.path))
        except OSError as problem:
            found.unread[name or "."] = cannot(problem)
    return sorted_walk(found)


def sorted_walk(found: Walk) -> Walk:
    return Walk(sorted(found.entries, key=lambda entry: entry.name.split("/")), dict(sorted(found.unread.items())))


def text_of_name(name: str) -> str:
    """A name of the file system as text that every encoding has: a backslash escape for each byte that is not UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def open_regular(path: str, below: Path) -> BinaryIO:
    """Open a regular file for reading, without waiting for anybody. Raises OSError, whose `strerror` says why not.

    A link is followed if it leads to a file below the folder given.
    """
    if stat.S_ISLNK(os.lstat(path).st_mode):
        target = os.path.realpath(path)
        if not target.startswith(os.path.join(os.path.realpath(below), "")):  # noqa: PTH118  (with a slash at its end)
            raise OSError(errno.ELOOP, "a link to another place")
        path = target
    if not stat.S_ISREG(mode := os.lstat(path).st_mode):
        raise OSError(errno.EINVAL, f"{kind_of(mode)}, not a file")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not stat.S_ISREG(mode := os.fstat(descriptor).st_mode):  # it was changed in the meantime
        os.close(descriptor)
        raise OSError(errno.EINVAL, f"{kind_of(mode)}, not a file")
    return os.fdopen(descriptor, "rb")


def kind_of(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFREG: "a file",
        stat.S_IFLNK: "a link",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
    }
    return kinds.get(stat.S_IFMT(mode), "a device")


def cannot(problem: OSError) -> str:
    """Why something is not read, as an observation has it."""
    return f"cannot be read: {problem.strerror or type(problem).__name__}"
