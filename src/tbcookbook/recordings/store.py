"""Recordings: what every script did on every target, written by runs and never by hand, committed.

A file a scenario, ``CHAPTER/SLUG.json``: targets that did the same stand together, and beside them when each was run
and as what. What a target was (platform, versions, requirements) is in a file of ``environments/`` that is named after
its contents. So whoever adds a scenario adds files, and changes none.

This module alone knows the form. What it hands out are records; a `Run` is one script on one target.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import functools
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tbcookbook.errors import RecordingError
from tbcookbook.observation.record import Observation, Times
from tbcookbook.recordings.form import content_hash, is_sealed, readable_json, recorded_form, sealed, write_whole
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario
from tbcookbook.targets.registry import registered_targets
from tbcookbook.words import one_of

FORMAT = 2
LONGEST_FILE = 256 * 2**20  # bytes: hundreds of times what a recording has
NOT_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)  # the last for values in values, thousands deep
ENVIRONMENTS = "environments"  # the folder of what the targets were, beside those of the chapters
PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Environment:
    """What a target was when a script ran on it: system and C library, versions of all packages, what was asked for."""

    platform: str
    versions: Mapping[str, str]
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """What one script did on one target: the digest of the script, the day in the form 2026-01-31, and in what."""

    script: str
    date: str
    environment: Environment
    observation: Observation


@dataclass(frozen=True)
class Recording:
    """All runs on one target, by slug and role."""

    name: str
    runs: Mapping[tuple[str, Role], Run]

    def run(self, slug: str, role: Role) -> Run | None:
        """One of them; None if the script was not run."""
        return self.runs.get((slug, role))

    def observation(self, slug: str, role: Role) -> Observation | None:
        """What a script did; None if it was not run."""
        run = self.runs.get((slug, role))
        return None if run is None else run.observation

    @functools.cached_property
    def latest(self) -> Run | None:
        """The run of the latest day, which says what the target is now."""
        return max(self.runs.values(), key=lambda run: run.date, default=None)

    @property
    def versions(self) -> Mapping[str, str]:
        """The versions of all packages in the latest run."""
        return {} if self.latest is None else self.latest.environment.versions

    @property
    def date(self) -> str:
        """The day of the latest run."""
        return "" if self.latest is None else self.latest.date


def today() -> str:
    """The date of a run made now, in UTC: 2026-01-31."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def observed_root() -> Path:
    """The folder of the recordings: beside the package in a wheel, ``tests/observed`` of a checkout otherwise."""
    inside = PACKAGE / "observed"
    return inside if inside.is_dir() else PACKAGE.parents[1] / "tests" / "observed"


# Reading


def load_recording(root: Path, name: str) -> Recording:
    """The recording of one target. Raises RecordingError if there is none or a file cannot be read."""
    found = read_recordings(root, [name])
    if name not in found:
        known = recorded_targets(root)
        expected = f"expected {one_of(known, name)}" if known else "nothing is recorded there"
        raise RecordingError(f"no recording of {name!r} in {root}; {expected}")
    return found[name]


def read_recordings(root: Path, names: Collection[str] | None = None) -> dict[str, Recording]:
    """The recordings of some targets, or of all that have one, by name. Raises RecordingError."""
    runs: dict[str, dict[tuple[str, Role], Run]] = {}
    for path in scenario_files(root):
        for (name, role), run in read_scenario(root, path, names).items():
            runs.setdefault(name, {})[path.stem, role] = run
    return {name: Recording(name, runs[name]) for name in in_order(runs)}


def holds_recordings(folder: Path) -> bool:
    """Whether a folder is one of recordings."""
    return (folder / ENVIRONMENTS).is_dir()


def recorded_targets(root: Path) -> list[str]:
    """The names of all targets that something is recorded of. Raises RecordingError."""
    return in_order({name for path in scenario_files(root) for name in read_document(path).runs})


def scenario_files(root: Path) -> list[Path]:
    """The recordings in a folder, by chapter and slug."""
    return sorted(path for path in root.glob("*/[!.]*.json") if path.parent.name != ENVIRONMENTS)


def recorded_run(root: Path, scenario: Scenario, role: Role, name: str) -> Run | None:
    """What is recorded of one script on one target; None if nothing is. Raises RecordingError."""
    path = root / scenario.chapter / f"{scenario.slug}.json"
    return read_scenario(root, path, [name]).get((name, role)) if path.exists() else None


def read_scenario(root: Path, path: Path, names: Collection[str] | None = None) -> dict[tuple[str, Role], Run]:
    """The runs of one file, of some targets or of all, by target and role. Raises RecordingError."""
    document = read_document(path)
    runs: dict[tuple[str, Role], Run] = {}
    try:
        for role in ROLES:
            for group in document.groups(role):
                wanted = [name for name in group.targets if names is None or name in names]
                observation = DECODE_OBSERVATION(group.observation) if wanted else None
                for name in wanted:
                    assert observation is not None
                    date, environment = document.runs[name][role]
                    ran_in = read_environment(environment_file(root, name, environment))
                    runs[name, role] = Run(group.script, date, ran_in, observation)
    except (*NOT_JSON, KeyError) as problem:
        raise RecordingError(f"{path}: not a recording: {type(problem).__name__}: {problem}") from None
    return runs


DECODE_OBSERVATION = msgspec.json.Decoder(Observation).decode


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Targets on which a script did the same."""

    targets: list[str]
    script: str
    observation: msgspec.Raw


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file. `runs` has for each target and role the day, and the hash of the environment."""

    format: int
    scenario: str
    broken: list[Group]
    fixed: list[Group]
    runs: dict[str, dict[Role, tuple[str, str]]]
    digest: str

    def groups(self, role: Role) -> list[Group]:
        return self.broken if role == "broken" else self.fixed


DECODE_DOCUMENT = msgspec.json.Decoder(Document).decode


def read_document(path: Path) -> Document:
    """Raises RecordingError, also for a file that was changed after it was written."""
    try:
        data = contents(path)
        document = DECODE_DOCUMENT(data)
    except OSError as problem:
        raise RecordingError(f"{path}: cannot be read: {problem.strerror}") from None
    except NOT_JSON as problem:
        raise RecordingError(f"{path}: not a recording: {problem}") from None
    if (document.format, document.scenario) != (FORMAT, path.stem):
        found = f"found format {document.format} of scenario {document.scenario!r}"
        raise RecordingError(f"{path}: not a recording: {found}; expected format {FORMAT} of {path.stem!r}")
    if not is_sealed(data):
        hint = "restore it, or remove it and record it again"
        raise RecordingError(f"{path}: changed after it was recorded, its digest is another; {hint}")
    return document


def environment_file(root: Path, name: str, content: str) -> Path:
    """Where an environment of a target is, whose contents have this hash."""
    return root / ENVIRONMENTS / f"{name}-{content}.json"


@functools.lru_cache(maxsize=1024)  # it is named after its contents, and the same for all scenarios
def read_environment(path: Path) -> Environment:
    """Raises RecordingError if it is not there, or not what its name says."""
    try:
        data = msgspec.json.decode(contents(path))
        if content_hash(data) != path.stem.rpartition("-")[2]:
            raise RecordingError(f"{path}: not what was recorded: its contents are others than its name says")
        return msgspec.convert(data, Environment)
    except OSError as problem:
        raise RecordingError(f"{path}: cannot be read: {problem.strerror}") from None
    except NOT_JSON as problem:
        raise RecordingError(f"{path}: not a recording: {problem}") from None


def contents(path: Path) -> bytes:
    """The bytes of a file. Raises OSError, and RecordingError for what is no file, a FIFO, say, or is far too long."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise RecordingError(f"{path}: not a recording: not a file")
    if status.st_size > LONGEST_FILE:
        raise RecordingError(f"{path}: not a recording: found {status.st_size} bytes, expected at most {LONGEST_FILE}")
    return path.read_bytes()


# Writing


def record(root: Path, name: str, runs: Iterable[tuple[Scenario, Role, Run]]) -> None:
    """Put runs on a target into the recordings; all else in them stays. Raises OSError, RecordingError.

    Safe when others write to the same folder at the same time: each file is written whole, by one at a time.
    """
    scenarios: dict[str, dict[tuple[str, Role], Run]] = {}
    for scenario, role, run in runs:
        scenarios.setdefault(f"{scenario.chapter}/{scenario.slug}", {})[name, role] = run
    for scenario_name, found in scenarios.items():
        save(root, scenario_name, found)


def merge(source: Path, root: Path) -> None:
    """Put all that is recorded in one folder, or in a part of one, into another. Raises OSError, RecordingError."""
    for path in scenario_files(source):
        save(root, f"{path.parent.name}/{path.stem}", read_scenario(source, path))


def save(root: Path, scenario: str, runs: Mapping[tuple[str, Role], Run]) -> None:
    """Put runs, by target and role, into the recording of a scenario, CHAPTER/SLUG."""
    path = root / f"{scenario}.json"
    if path.parent.name == ENVIRONMENTS:
        raise RecordingError(f"{path}: a chapter cannot be called {ENVIRONMENTS!r}, which is a folder of recordings")
    with locked(root):
        old = read_scenario(root, path) if path.exists() else {}
        write(root, path, {**old, **runs})


def prune(root: Path, scenarios: Collection[str] | None = None, targets: Collection[str] | None = None) -> None:
    """Remove the environments that no run refers to, and what is of other scenarios, CHAPTER/SLUG, or targets."""
    with locked(root):
        used = set()
        for path in scenario_files(root):
            if scenarios is not None and f"{path.parent.name}/{path.stem}" not in scenarios:
                path.unlink()
                continue
            if targets is not None and not read_document(path).runs.keys() <= set(targets):
                kept = {key: run for key, run in read_scenario(root, path).items() if key[0] in targets}
                write(root, path, kept)
            used |= {
                environment_file(root, name, environment)
                for name, roles in read_document(path).runs.items()
                for _, environment in roles.values()
            }
        for path in (root / ENVIRONMENTS).glob("*.json"):
            if path not in used:
                path.unlink()


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """The only writer below a folder, among threads and processes. The folder itself is the lock."""
    import fcntl

    root.mkdir(parents=True, exist_ok=True)
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def write(root: Path, path: Path, runs: Mapping[tuple[str, Role], Run]) -> None:
    """Write the file of a scenario, and first the environments that it refers to."""
    names = in_order({name for name, _ in runs})
    references: dict[str, dict[Role, tuple[str, str]]] = {name: {} for name in names}
    for (name, role), run in sorted(runs.items()):
        environment = recorded_form(run.environment)
        content = content_hash(environment)
        references[name][role] = (run.date, content)
        kept = environment_file(root, name, content)
        if not kept.exists():
            write_whole(kept, readable_json(environment) + "\n")
    document: dict[str, Any] = {"format": FORMAT, "scenario": path.stem}
    for role in ROLES:
        document[role] = groups_of({name: runs[name, role] for name in names if (name, role) in runs})
    document["runs"] = references
    write_whole(path, sealed(document))


def groups_of(runs: Mapping[str, Run]) -> list[dict[str, Any]]:
    """The runs of a script by target, those that are the same in one group."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for name, run in runs.items():
        observation = recorded_form(without_times(run.observation))
        key = run.script, content_hash(observation)
        group = groups.setdefault(key, {"targets": [], "script": run.script, "observation": observation})
        group["targets"].append(name)
    return list(groups.values())


def without_times(observation: Observation) -> Observation:
    """An observation without what is never the same again."""
    return dataclasses.replace(observation, times=Times(0.0, 0))


def in_order(names: Iterable[str]) -> list[str]:
    """Names of targets in the order of the registry, and those that it does not have after them."""
    places = {target.name: place for place, target in enumerate(registered_targets())}
    return sorted(names, key=lambda name: (places.get(name, len(places)), name))
