"""Run scripts on a target, isolated from each other and from the driver: the driver's side of ``probe.py``.

A `Probe` is a process in the target that has its slow modules imported. It serves any number of `Sandbox` objects, in
any number of processes: all that they need to know of it is its folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tbcookbook.errors import TargetError
from tbcookbook.observation.logs import Logs, read_logs, rounded, stable_name
from tbcookbook.observation.record import (
    Ending,
    Link,
    Observation,
    Places,
    Raised,
    Times,
    Warned,
    log_lines,
    normalise,
    shortened,
    with_whole_paths,
    without_hardware,
)
from tbcookbook.targets.target import Target

Isolation = Literal["fork", "spawn"]

PROBE = Path(__file__).parent / "inside" / "probe.py"
SOCKET = "socket"
START_SECONDS = 600.0  # for the import before the first script, on the slowest machine we can think of
ATTEMPTS = 5  # at reaching a probe that is being started again
GRACE_SECONDS = 30.0  # beyond a script's own limit, until its supervisor is given up


@dataclass(frozen=True)
class Limits:
    """What one script may use: seconds of wall time, bytes of memory with its children, bytes of stdout and stderr."""

    seconds: float = 60.0
    memory: int = 4 * 2**30
    output: int = 16 * 2**20


open_probes: set[Probe] = set()
closing_lock = threading.Lock()


def close_all_probes() -> None:
    """Close every probe of this process: who waits for a script of one gets a TargetError."""
    for probe in list(open_probes):
        probe.close()


class Probe:
    """A probe process of a target, started again whenever it dies. Close it, or use it as a context manager.

    `preload` names the modules that it imports, by default those of the target. `folder` is where it listens and where
    scripts run. It is gone after `close`, and after the end of the driver, whatever ended it.
    """

    def __init__(self, target: Target, preload: Sequence[str] | None = None) -> None:
        if not hasattr(os, "fork"):
            raise TargetError("scripts are isolated with os.fork, which this system does not have: use Linux or WSL")
        open_probes.add(self)
        self.target = target
        self.preload = target.preload if preload is None else tuple(preload)
        self.folder = Path(tempfile.mkdtemp(prefix="tbcookbook-"))
        self._closing = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / SOCKET))
        self._listener.listen(128)
        # Ends with the driver, whatever ends that; the probe and its supervisors watch for it.
        self._lifeline, self._driver_end = os.pipe()
        self._process, status = self._start()
        self._watcher = threading.Thread(target=self._watch, args=[status], daemon=True)
        self._watcher.start()

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check_open(self) -> None:
        """Raises TargetError if the probe was closed: what its scripts did since says nothing about them."""
        if self._closing.is_set():
            raise TargetError(f"target {self.target.name}: the run was interrupted")

    def close(self) -> None:
        """End the probe, every script it still runs, and all that they left, and remove the folder."""
        with closing_lock:
            if self not in open_probes:
                return
            open_probes.remove(self)
        self._closing.set()
        self._listener.close()
        os.close(self._driver_end)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        kill_inhabitants(self.folder)
        self._process.wait()
        self._watcher.join(10)
        os.close(self._lifeline)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> tuple[subprocess.Popen[bytes], int]:
        status, announce = os.pipe()
        command = [str(self.target.python), str(PROBE), "--folder", str(self.folder)]
        command += ["--listen", str(self._listener.fileno()), "--status", str(announce)]
        for module in self.preload:
            command += ["--preload", module]
        try:
            with (self.folder / "probe.log").open("wb") as log:
                process = subprocess.Popen(
                    command,
                    stdin=self._lifeline,
                    stdout=log,
                    stderr=log,
                    env=self.target.variables(self.folder / "keras"),
                    cwd=self.folder,
                    pass_fds=[self._listener.fileno(), announce],
                    start_new_session=True,
                )
        finally:
            os.close(announce)
        return process, status

    def _watch(self, status: int) -> None:
        """Start the probe again when it dies; without the imports if these are what it dies of."""
        while True:
            with open(status, "rb") as announced:
                ready = bool(announced.readline())
                announced.read()  # until the probe ends
            self._process.wait()
            if self._closing.is_set():
                return
            if not ready and not self.preload:
                self._listener.close()  # who waits for an answer is told, and so is who comes now
                (self.folder / SOCKET).unlink(missing_ok=True)
                return
            if not ready:
                self.preload = ()  # each script then meets the failing import itself
            try:
                self._process, status = self._start()
            except OSError:
                return


@dataclass(frozen=True)
class Sandbox:
    """Runs scripts on one target, in children of the probe whose folder is given, or each in a process of its own.

    `keep` is where a script's working directory is copied to when it has ended; there must be no such folder yet.
    """

    target: Target
    probe_folder: Path | None = None
    limits: Limits = Limits()
    keep: Path | None = None

    def run(self, script: Path, values: Sequence[str] = ()) -> Observation:
        """Run a script and observe it. `values` are the globals to record, as dotted paths.

        Raises TargetError if the target's interpreter cannot be made to run scripts at all.
        """
        if self.probe_folder is None:
            return self._run_alone(script, values)
        observation = self._run_in(self.probe_folder, script, values)
        if observation is None:
            # The probe died in the meantime. Which of the scripts that ran then did it, a run alone will tell.
            return self._run_alone(script, values)
        return observation

    def _run_alone(self, script: Path, values: Sequence[str]) -> Observation:
        with Probe(self.target, preload=()) as probe:
            observation = self._run_in(probe.folder, script, values)
            probe.check_open()
        if observation is None:
            return Observation("lost", None, None, stderr="The script killed the probe, the process that started it.")
        return observation

    def _run_in(self, probe_folder: Path, script: Path, values: Sequence[str]) -> Observation | None:
        """One run. None if the probe was lost while the script ran."""
        script = script.resolve()
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=probe_folder))
        try:
            (folder / "work").mkdir()
            (folder / "tmp").mkdir()
            result = self._ask(probe_folder, folder, script, values)
            if result is None:
                kill_inhabitants(folder)
                return observe(folder, script, self.target, LOST)
            if result["probe_lost"]:
                return None
            if self.keep is not None:
                shutil.copytree(folder / "work", self.keep, symlinks=True)
            return observe(folder, script, self.target, result)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _ask(self, probe_folder: Path, folder: Path, script: Path, values: Sequence[str]) -> dict[str, Any] | None:
        """Have the probe run the script, and give its result. None if the script's supervisor was lost."""
        request = {
            "script": str(script),
            "folder": str(folder),
            "globals": list(values),
            "seconds": self.limits.seconds,
            "memory": self.limits.memory,
            "output": self.limits.output,
        }
        for _ in range(ATTEMPTS):
            with socket.socket(socket.AF_UNIX) as connection:
                try:
                    connection.settimeout(START_SECONDS)
                    connection.connect(str(probe_folder / SOCKET))
                    connection.sendall(json.dumps(request).encode() + b"\n")
                    answers = connection.makefile("r", encoding="utf-8")
                    if not answers.readline():
                        continue  # the probe died before it could begin
                except OSError:
                    continue
                try:
                    connection.settimeout(self.limits.seconds + GRACE_SECONDS)
                    answer = answers.readline()
                except OSError:
                    return None
                return json.loads(answer) if answer else None
        said = text_of(probe_folder / "probe.log").strip()
        raise TargetError(f"target {self.target.name}: {self.target.python} cannot run the probe\n{said}".strip())


LOST: dict[str, Any] = {"exit": None, "signal": None, "stopped": "lost", "seconds": 0.0, "memory": 0, "left_behind": []}


def observe(folder: Path, script: Path, target: Target, result: dict[str, Any]) -> Observation:
    """Put together what the supervisor saw and what the script left in its folder."""
    work = folder / "work"
    places = Places(script, work, folder / "tmp", target.packages, target.library)
    stdout = normalise(text_of(folder / "stdout"), places)
    stderr = without_hardware(normalise(text_of(folder / "stderr"), places))
    journal = read_journal(folder / "journal")
    exception = next((raised_of(entry, places) for entry in journal if entry["entry"] == "exception"), None)
    return Observation(
        ending=ending_of(result, exception),
        exit=result["exit"],
        signal=result["signal"],
        exception=exception,
        warnings=tuple(warned_of(entry, places) for entry in journal if entry["entry"] == "warning"),
        log=log_lines(stderr),
        stdout=shortened(stdout),
        stderr=shortened(stderr),
        left_behind=tuple(normalise(command, places) for command in result["left_behind"]),
        values=next((rounded_values(entry["values"]) for entry in journal if entry["entry"] == "globals"), {}),
        logs=read_logs(work / "logs") if (work / "logs").is_dir() else Logs(),
        outside=files_outside_logs(work),
        times=Times(round(result["seconds"], 3), result["memory"]),
    )


def ending_of(result: dict[str, Any], exception: Raised | None) -> Ending:
    if result["stopped"] is not None:
        ending: Ending = result["stopped"]
        return ending
    if result["signal"] is not None:
        return "killed"
    if exception is not None:
        return "raises"
    return "ok" if result["exit"] == 0 else "exits"


def raised_of(entry: dict[str, Any], places: Places) -> Raised:
    return Raised(
        type=entry["type"],
        message=normalise(entry["message"], places),
        line=script_line(entry, places.script),
        chain=tuple(
            Link(
                relation=link["relation"],
                type=link["type"],
                message=normalise(link["message"], places),
                line=script_line(link, places.script),
            )
            for link in entry["chain"]
        ),
        statement=next(
            (line for file, line, name in entry["frames"] if file == str(places.script) and name == "<module>"), None
        ),
    )


def script_line(entry: dict[str, Any], script: Path) -> int | None:
    """The last line of the script in a traceback, and in the message below it.

    TensorFlow writes the lines inside a ``tf.function`` into the message: as a traceback does, and before 2.5 as
    "script.py:21 train_step".
    """
    lines = [line for file, line, _ in entry["frames"] if file == str(script)]
    name = re.escape(str(script))
    message = with_whole_paths(entry["message"])
    told = re.findall(rf'File "{name}", line (\d+)|^ *{name}:(\d+) ', message, re.MULTILINE)
    lines += [int(new or old) for new, old in told]
    return lines[-1] if lines else None


def warned_of(entry: dict[str, Any], places: Places) -> Warned:
    file = normalise(entry["file"], places)
    return Warned(entry["type"], normalise(entry["message"], places), file, entry["line"])


def rounded_values(value: Any) -> Any:
    if isinstance(value, float):
        return rounded(value)
    if isinstance(value, list):
        return [rounded_values(item) for item in value]
    if isinstance(value, dict):
        return {name: rounded_values(item) for name, item in value.items()}
    return value


def files_outside_logs(work: Path) -> tuple[str, ...]:
    paths = (path.relative_to(work) for path in work.rglob("*") if not path.is_dir())
    return tuple(sorted(stable_name(path.as_posix()) for path in paths if path.parts[0] != "logs"))


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The entries of a journal; the last line may be half written by a script that was killed."""
    entries = []
    for line in text_of(path).splitlines():
        with contextlib.suppress(ValueError):
            entries.append(json.loads(line))
    return entries


def text_of(path: Path) -> str:
    """A file's text, bytes that are not UTF-8 as backslash escapes; empty if the script removed the file."""
    try:
        return path.read_bytes().decode("utf-8", "backslashreplace")
    except OSError:
        return ""


def kill_inhabitants(folder: Path) -> None:
    """Kill every process whose working directory is in a folder: the last resort against what escaped."""
    import psutil

    for _ in range(100):
        inhabitants = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.cwd().startswith(str(folder)) and process.status() != psutil.STATUS_ZOMBIE:
                    process.kill()
                    inhabitants.append(process)
        if not inhabitants:
            return
        time.sleep(0.02)
