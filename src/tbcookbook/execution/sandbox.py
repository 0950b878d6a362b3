"""Run scripts on a target, isolated from each other and from the driver: the driver's side of ``probe.py``.

A `Probe` is a process in the target that has its slow modules imported. It serves any number of `Sandbox` objects, in
any number of processes: all that they need to know of it is its folder.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from tbcookbook.errors import CookbookError, TargetError
from tbcookbook.execution.inside.folders import remove
from tbcookbook.observation.collect import Told, collect, shown_of, text_of
from tbcookbook.observation.logs import Logs
from tbcookbook.observation.normal import Places
from tbcookbook.observation.record import Observation, Shown
from tbcookbook.targets.target import Target

Isolation = Literal["fork", "spawn"]

PROBE = Path(__file__).parent / "inside" / "probe.py"
SHOW = PROBE.with_name("show.py")
SHOW_SECONDS = 120.0  # for TensorBoard to be asked, with an import of TensorFlow where there is no warm one
MOST_DEATHS = 3  # of a probe by signals while it imports, in a row: then it is the imports
MOST_DEATHS_AT_ONCE = 20  # the same, where nothing is imported: then it is the interpreter
LOOK_SECONDS = 1.0  # how often a probe is looked at
LONGEST_SAID = 2000  # characters of a probe's own words
START_SECONDS = 600.0  # until a script is begun: the import before the first, on the slowest machine we can think of
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
        self.target = target
        self.preload = target.preload if preload is None else tuple(preload)
        self._closing = threading.Event()
        self._starting = threading.Lock()  # so that none is started again once it is being closed
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="tbcookbook-"))
        except OSError as problem:
            raise TargetError(f"target {target.name}: no folder can be made to run scripts in: {problem}") from None
        try:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(address_of(self.folder))
            self._listener.listen(128)
            # Ends with the driver, whatever ends that; the probe and its supervisors watch for it.
            self._lifeline, self._driver_end = os.pipe()
            self._process, status = self._start()
        except OSError as problem:
            remove(str(self.folder))
            raise TargetError(f"target {target.name}: {target.python} cannot be started: {problem}") from None
        open_probes.add(self)
        self._watcher = threading.Thread(target=self._watch, args=[status], daemon=True)
        self._watcher.start()

    def __enter__(self) -> Self:
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
        with self._starting:
            self._closing.set()
        self._listener.close()
        os.close(self._driver_end)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        kill_inhabitants(self.folder)
        self._process.wait()
        self._watcher.join(10)
        os.close(self._lifeline)
        remove(str(self.folder))

    def _start(self) -> tuple[subprocess.Popen[bytes], int]:
        status, announce = os.pipe()
        command = [str(self.target.python), str(PROBE), "--folder", str(self.folder)]
        command += ["--listen", str(self._listener.fileno()), "--status", str(announce)]
        for module in self.preload:
            command += ["--preload", module]
        variables = self.target.variables(self.folder / "keras")
        variables["PATH"] = search_path(self.target.python, variables.get("PATH", os.defpath))
        try:
            with (self.folder / "probe.log").open("wb") as log:
                process = subprocess.Popen(
                    command,
                    stdin=self._lifeline,
                    stdout=log,
                    stderr=log,
                    env=variables,
                    cwd=self.folder,
                    pass_fds=[self._listener.fileno(), announce],
                    start_new_session=True,
                )
        finally:
            os.close(announce)
        return process, status

    def _watch(self, status: int) -> None:
        """Start the probe again when it ends; without the imports if these are what it dies of."""
        deaths = 0
        while True:
            ready = self._outlive(status)
            code = self._process.wait()
            if self._closing.is_set():
                return
            deaths = 0 if ready else deaths + 1
            if not ready and self.preload and (code >= 0 or deaths >= MOST_DEATHS):
                self.preload, deaths = (), 0  # each script then meets the failing import itself
            elif not ready and (code >= 0 or deaths >= MOST_DEATHS_AT_ONCE):
                break
            try:
                with self._starting:
                    if self._closing.is_set():
                        return
                    self._process, status = self._start()
            except OSError:
                break
        self._listener.close()  # who waits for an answer is told, and so is who comes now

    def _outlive(self, status: int) -> bool:
        """Wait until the probe ends, and end it if a script has stopped it. Gives whether it was ready to serve."""
        ready = False
        process = self._process
        with open(status, "rb", buffering=0) as announced:
            while process.poll() is None:
                if select.select([announced], [], [], LOOK_SECONDS)[0]:
                    if not announced.read(4096):
                        break
                    ready = True
                elif is_stopped(process.pid):
                    process.kill()
        return ready


def search_path(python: Path, path: str) -> str:
    """``PATH`` as in an environment that is activated: `tensorboard`, say, is that of the target or there is none.

    So what other virtual environments have is left out, first of all that of the driver.
    """
    others = [folder for folder in path.split(os.pathsep) if not is_environment(Path(folder).parent)]
    return os.pathsep.join([str(python.parent), *others])


def is_environment(folder: Path) -> bool:
    """Whether a folder is a virtual environment; not one that this user may not look into, nor run anything from."""
    try:
        return (folder / "pyvenv.cfg").exists()
    except PermissionError:
        return False


@dataclass(frozen=True)
class Sandbox:
    """Runs scripts on one target, in children of the probe whose folder is given, or each in a process of its own.

    `keep` is where a script's working directory is copied to when it has ended; there must be no such folder yet.
    `extra` are variables that scripts get beside those of the target, and that nothing sees which a probe has imported.
    """

    target: Target
    probe_folder: Path | None = None
    limits: Limits = Limits()
    keep: Path | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    def run(self, script: Path, values: Sequence[str] = (), *, show: bool = False) -> Observation:
        """Run a script and observe it. `values` are the globals to record, as dotted paths.

        With `show` the target's own TensorBoard is asked afterwards what it makes of the logs, if it has one.

        A script whose name ends in ``.sh`` is run by ``sh -e``. The target's programs come first in ``PATH``.
        Raises TargetError if the target's interpreter cannot be made to run scripts at all, CookbookError if there is
        no script.
        """
        script = script.resolve()
        if not script.is_file():
            found = "something else" if script.exists() else "nothing"
            raise CookbookError(f"{script}: found {found}, expected a script")
        if self.probe_folder is None:
            return self._run_alone(script, values, show)
        observation = self._run_in(self.probe_folder, script, values, show)
        if observation is None:
            # The probe died in the meantime. Which of the scripts that ran then did it, a run alone will tell.
            return self._run_alone(script, values, show)
        return observation

    def _run_alone(self, script: Path, values: Sequence[str], show: bool) -> Observation:
        with Probe(self.target, preload=()) as probe:
            observation = self._run_in(probe.folder, script, values, show)
            probe.check_open()
        if observation is None:
            return Observation("lost", None, None, stderr="The script killed the probe, the process that started it.")
        return observation

    def _run_in(self, probe_folder: Path, script: Path, values: Sequence[str], show: bool) -> Observation | None:
        """One run. None if the probe was lost while the script ran."""
        with self._new_folder(probe_folder) as folder:
            result = self._ask(probe_folder, self._request(folder, script, values))
            for ours in (probe_folder, folder):
                with contextlib.suppress(OSError):
                    ours.chmod(0o700)  # whatever the script has made of it
            if result is None:
                kill_inhabitants(folder)
                return collect(folder, self._places(script, folder), Told(stopped="lost"))
            if result.pop("probe_lost"):
                return None
            if self.keep is not None:
                shutil.copytree(folder / "work", self.keep, symlinks=True)
            places = self._places(script, folder)
            seen = collect(folder, places, Told(**result))
            if show and "tensorboard" in self.target.versions:
                return dataclasses.replace(seen, shown=self._shown(probe_folder, places, seen.logs))
            return seen

    def _shown(self, probe_folder: Path, places: Places, read: Logs) -> Shown:
        """What the target's TensorBoard shows of the log directory of a run, of which `read` are the contents."""
        with self._new_folder(probe_folder) as folder:
            request = self._request(folder, SHOW, ())
            request.update(arguments=[str(places.work / "logs")], finalise=False, seconds=SHOW_SECONDS)
            if self._ask(probe_folder, request) is None:
                kill_inhabitants(folder)
            return shown_of(folder, places, read)

    @contextlib.contextmanager
    def _new_folder(self, probe_folder: Path) -> Iterator[Path]:
        """A folder for one run below that of the probe, which an earlier script may have removed or closed."""
        try:
            try:
                folder = Path(tempfile.mkdtemp(prefix="run-", dir=probe_folder))
            except OSError:
                probe_folder.mkdir(mode=0o700, exist_ok=True)
                probe_folder.chmod(0o700)
                folder = Path(tempfile.mkdtemp(prefix="run-", dir=probe_folder))
        except OSError as problem:
            raise TargetError(f"target {self.target.name}: no folder can be made for a run: {problem}") from None
        try:
            for name in ("work", "tmp"):
                (folder / name).mkdir()
            yield folder
        except OSError as problem:
            raise TargetError(f"target {self.target.name}: a script cannot be run: {problem}") from None
        finally:
            remove(str(folder))

    def _places(self, script: Path, folder: Path) -> Places:
        programs = str(self.target.python.parent)  # a command line that fails tells where the program is
        return Places(script, folder / "work", folder / "tmp", self.target.packages, self.target.library, programs)

    def _request(self, folder: Path, script: Path, values: Sequence[str]) -> dict[str, Any]:
        return {
            "script": str(script),
            "arguments": [],
            "folder": str(folder),
            "globals": list(values),
            "finalise": True,
            "seconds": self.limits.seconds,
            "memory": self.limits.memory,
            "output": self.limits.output,
            "variables": dict(self.extra),
        }

    def _ask(self, probe_folder: Path, request: dict[str, Any]) -> dict[str, Any] | None:
        """Have the probe run a script, and give its result. None if the script's supervisor was lost."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with socket.socket(socket.AF_UNIX) as connection:
                try:
                    connection.settimeout(max(1.0, deadline - time.monotonic()))
                    connection.connect(address_of(probe_folder))
                    connection.sendall(json.dumps(request).encode() + b"\n")
                    answers = connection.makefile("r", encoding="utf-8")
                    started = json.loads(answers.readline() or "null")
                except (ConnectionRefusedError, FileNotFoundError):  # there will be no probe any more
                    break
                except OSError:
                    continue
                if started is None:
                    continue  # the probe died before it could begin
                if "failed" in started:
                    raise TargetError(f"target {self.target.name}: a script cannot be run: {started['failed']}")
                try:
                    connection.settimeout(request["seconds"] + GRACE_SECONDS)
                    answer = answers.readline()
                except OSError:
                    return None
                with contextlib.suppress(ValueError):  # an answer that is cut off
                    return json.loads(answer) if answer else None
                return None
        said = text_of(probe_folder / "probe.log").strip()[-LONGEST_SAID:]
        raise TargetError(f"target {self.target.name}: {self.target.python} cannot run the probe\n{said}".strip())


def address_of(probe_folder: Path) -> str:
    """The address of a probe's socket. On Linux it is in no folder: no script removes it, and no path is too long."""
    if not sys.platform.startswith("linux"):
        return str(probe_folder / "socket")
    return f"\0tbcookbook-{hashlib.sha256(os.fsencode(probe_folder)).hexdigest()[:32]}"


def is_stopped(pid: int) -> bool:
    """Whether a process is stopped by a signal, and not going to do anything more."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0] == "T"
        )
    except (OSError, IndexError):
        return False


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
