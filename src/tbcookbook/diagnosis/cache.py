"""Keeps what is made of scenarios and recordings between runs, so that an error is answered at once.

A file of the user's cache folder, named after the names, sizes and times of all that it was made of: no change goes
unnoticed, and what cannot be kept is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from tbcookbook.diagnosis.table import FORMAT, Table, plain, table_of

HOME_VARIABLE = "TBCOOKBOOK_HOME"
PACKAGE = Path(__file__).parents[1]
T = TypeVar("T")
KEPT = 4  # files of one kind; the oldest go
in_memory: dict[str, tuple[Path, Any]] = {}  # the last of each kind: a program asks about many errors


def load_table(root: Path | None = None) -> Table:
    """The table of the cookbook, or of another folder of scenarios. Raises ScenarioError, RecordingError."""
    observed = observed_root()

    def build() -> dict[str, Any]:
        from tbcookbook.diagnosis.building import build_table

        return plain(build_table(root or scenario_root(), observed))

    return kept("table", root, build, table_of)


def load_index(table: Table, root: Path | None = None) -> Any:
    """The full-text index of the same. See `symptoms`."""
    from tbcookbook.diagnosis.symptoms import build_index, read_index

    return kept("index", root, lambda: build_index(table), read_index)


def kept(kind: str, root: Path | None, build: Callable[[], Any], read: Callable[[Any], T]) -> T:
    """What `read` makes of JSON data: of that which was kept, if its sources are as they were, or of newly built."""
    path = cache_folder() / f"{kind}-{signature(root or scenario_root())}.json"
    if kind not in in_memory or in_memory[kind][0] != path:
        in_memory[kind] = path, made(kind, path, build, read)
    found: T = in_memory[kind][1]
    return found


def made(kind: str, path: Path, build: Callable[[], Any], read: Callable[[Any], T]) -> T:
    """What `read` makes of a file, or of what is built and kept there."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        return read(json.loads(path.read_bytes()))
    text = json.dumps(build(), ensure_ascii=False)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
        for old in sorted(path.parent.glob(f"{kind}-*.json"), key=lambda found: found.stat().st_mtime)[:-KEPT]:
            old.unlink()
    return read(json.loads(text))  # in the form that it has when it was kept


def signature(root: Path) -> str:
    """What changes with any file that a table is made of, or with the program that makes it."""
    digest = hashlib.sha256(f"{FORMAT} {root.absolute()}".encode())
    for folder in (root, observed_root(), Path(__file__).parent):
        for entry in files_below(os.fspath(folder), 3):
            status = entry.stat()
            digest.update(f"{entry.path} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def files_below(folder: str, depth: int) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in found:
        if entry.is_file():
            yield entry
        elif depth and entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
            yield from files_below(entry.path, depth - 1)


def cache_folder() -> Path:
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home) / "diagnosis"
    from platformdirs import user_cache_path

    return user_cache_path("tensorboard-cookbook") / "diagnosis"


# As `scenarios.loading` and `recordings.store` have them, which are slow to import.


def scenario_root() -> Path:
    inside = PACKAGE / "cookbook"
    return inside if inside.is_dir() else PACKAGE.parents[1] / "scenarios"


def observed_root() -> Path:
    inside = PACKAGE / "observed"
    return inside if inside.is_dir() else PACKAGE.parents[1] / "tests" / "observed"
