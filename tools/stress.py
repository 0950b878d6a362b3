"""The sandbox under stress: many scripts, probes and drivers that are killed, a full disk. Nothing may be left.

``nox -s stress`` runs the long form, ``nox -s stress -- --short`` one of a minute. Each stage prints a line of figures
and ends the program if a script was said to have done what it did not do. Needs no TensorFlow.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from tbcookbook.errors import TargetError
from tbcookbook.execution.inside.folders import remove
from tbcookbook.execution.sandbox import Limits, Probe, Sandbox
from tbcookbook.observation.record import Observation
from tbcookbook.targets.target import Target, this_target

LIMITS = Limits(seconds=60.0, memory=2**29, output=2**20)
DISK_BYTES = 2 * 2**20


@dataclass(frozen=True)
class Script:
    """A script, and what is to be said of it."""

    text: str
    ending: str
    stdout: str
    exception: str | None = None
    left: int = 0


SCRIPTS = {
    "prints": Script("print('fine')\n", "ok", "fine\n"),
    "raises": Script("print('begun')\nraise KeyError('no')\n", "raises", "begun\n", "KeyError"),
    "leaves early": Script("import sys\nprint('early')\nsys.exit(0)\n", "ok", "early\n"),
    "exits": Script("import sys\nsys.exit(3)\n", "exits", ""),
    "ends unseen": Script("import os\nos._exit(0)\n", "unknown", ""),
    "dies": Script("import os\nos.kill(os.getpid(), 11)\n", "killed", ""),
    "works": Script("import time\ntime.sleep(0.1)\nprint(sum(range(10**5)))\n", "ok", "4999950000\n"),
    "leaves a process": Script("import subprocess\nsubprocess.Popen(['sleep', '60'])\n", "ok", "", left=1),
}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--short", action="store_true", help="a twentieth of all")
    share = 20 if arguments.parse_args().short else 1
    random.seed(0)
    folder = Path(tempfile.mkdtemp(prefix="stress-"))
    tempfile.tempdir = str(folder / "tmp")
    os.environ["TMPDIR"] = tempfile.tempdir
    Path(tempfile.tempdir).mkdir()
    for name, script in SCRIPTS.items():
        (folder / f"{name}.py").write_text(script.text, encoding="utf-8")
    target = this_target()
    try:
        one_probe(target, folder, 2000 // share)
        killed_probes(target, folder, 300 // share)
        runs_at_once(folder, 4, 200 // share)
        killed_drivers(folder, 10)
        full_disk(target, folder)
        left = [path.name for path in Path(tempfile.tempdir).iterdir()]
        processes = inhabitants(folder)
        print(f"left: {len(left)} folders, {len(processes)} processes")
        return 1 if left or processes else 0
    finally:
        remove(str(folder))


def one_probe(target: Target, folder: Path, number: int) -> None:
    """Many scripts through one probe, four at a time."""
    with Probe(target, preload=()) as probe:
        sandbox = Sandbox(target, probe.folder, LIMITS)
        run_checked(sandbox, folder, 50)
        driver, process = psutil.Process(), probe_process(probe)
        before = driver.memory_info().rss, process.memory_info().rss
        began = time.monotonic()
        run_checked(sandbox, folder, number)
        seconds = time.monotonic() - began
        grown = [(after - first) / 2**20 for first, after in zip(before, memory_of(driver, process), strict=True)]
        descriptors = driver.num_fds()
    print(
        f"{number} scripts through one probe: {seconds:.1f} s, {seconds / number * 1000:.0f} ms each; "
        f"the driver grew by {grown[0]:.1f} MiB to {descriptors} descriptors, the probe by {grown[1]:.1f} MiB",
        flush=True,
    )


def memory_of(*processes: psutil.Process) -> list[int]:
    return [process.memory_info().rss for process in processes]


def killed_probes(target: Target, folder: Path, number: int) -> None:
    """Probes that are killed at random moments while scripts run."""
    with Probe(target, preload=()) as probe:
        sandbox = Sandbox(target, probe.folder, LIMITS)
        done, killed = threading.Event(), 0

        def kill_at_random() -> None:
            nonlocal killed
            while killed < number:
                time.sleep(random.uniform(0.0, 0.3))  # noqa: S311  (no secret)
                with contextlib.suppress(psutil.Error, ValueError):
                    probe_process(probe).kill()
                    killed += 1
            done.set()

        threading.Thread(target=kill_at_random, daemon=True).start()
        ran, began = 0, time.monotonic()
        while not done.is_set():
            run_checked(sandbox, folder, 8)
            ran += 8
        seconds = time.monotonic() - began
    print(f"{killed} kills of the probe in {seconds:.1f} s: {ran} scripts ran, all as they should", flush=True)


def runs_at_once(folder: Path, drivers: int, number: int) -> None:
    """Drivers at the same time, each with a probe of its own."""
    text = f"""
        import pathlib, tools.stress as stress
        from tbcookbook.execution.sandbox import Probe, Sandbox
        target = stress.this_target()
        with Probe(target, preload=()) as probe:
            stress.run_checked(Sandbox(target, probe.folder, stress.LIMITS), pathlib.Path({str(folder)!r}), {number})
        """
    began = time.monotonic()
    running = [subprocess.Popen([sys.executable, "-c", textwrap.dedent(text)]) for _ in range(drivers)]
    failed = sum(process.wait() != 0 for process in running)
    if failed:
        raise SystemExit(f"{failed} of {drivers} drivers failed")
    print(f"{drivers} drivers at once, {number} scripts each: {time.monotonic() - began:.1f} s", flush=True)


def killed_drivers(folder: Path, moments: int) -> None:
    """Drivers that are killed at different moments, some while the probe imports."""
    (folder / "slow.py").write_text("import time\ntime.sleep(1)\n", encoding="utf-8")
    text = f"""
        import dataclasses, pathlib, sys, tools.stress as stress
        from tbcookbook.execution.sandbox import Probe, Sandbox
        target = dataclasses.replace(stress.this_target(), env={{"PYTHONPATH": {str(folder)!r}}})
        with Probe(target, preload=["slow"]) as probe:
            print("begun", flush=True)
            while True:
                stress.run_checked(Sandbox(target, probe.folder, stress.LIMITS), pathlib.Path({str(folder)!r}), 8)
        """
    slowest = 0.0
    for moment in range(moments):
        for number in (signal.SIGHUP, signal.SIGKILL):
            driver = subprocess.Popen([sys.executable, "-c", textwrap.dedent(text)], stdout=subprocess.PIPE)
            assert driver.stdout is not None
            driver.stdout.readline()
            time.sleep(0.2 * moment)
            driver.send_signal(number)
            driver.communicate()
            began = time.monotonic()
            while any(Path(tempfile.gettempdir()).iterdir()) or inhabitants(folder):
                if time.monotonic() - began > 60:
                    raise SystemExit(f"after {number.name} at {0.2 * moment:.1f} s: {inhabitants(folder)}")
                time.sleep(0.02)
            slowest = max(slowest, time.monotonic() - began)
    print(f"{2 * moments} drivers killed at {moments} moments: all gone after {slowest:.1f} s at most", flush=True)


def full_disk(target: Target, folder: Path) -> None:
    """Scripts on a disk without room for a byte: what raises is said to raise, or not said to have run."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        print(f"full disk: not tried, no disk may be mounted here ({mounted.stderr.decode().strip()})")
        return
    before, tempfile.tempdir = tempfile.tempdir, str(disk)
    said: dict[str, int] = {}
    try:
        with Probe(target, preload=()) as probe, filled(disk):
            for name, script in SCRIPTS.items():
                try:
                    ending: str = Sandbox(target, probe.folder, LIMITS).run(folder / f"{name}.py").ending
                except TargetError:
                    ending = "not run"
                allowed = {script.ending, "not run"}
                if script.ending == "ok" and script.stdout:
                    allowed.add("exits")  # with Python's status 120: what it printed could not be written
                if ending not in allowed:
                    raise SystemExit(f"on a full disk: {name} was said to be {ending!r}")
                said[ending] = said.get(ending, 0) + 1
    finally:
        tempfile.tempdir = before
        subprocess.run([shutil.which("umount") or "umount", str(disk)], check=False)
    print(f"full disk: {said}", flush=True)


@contextlib.contextmanager
def filled(disk: Path) -> Iterator[None]:
    with contextlib.suppress(OSError), (disk / "fill").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    yield


def run_checked(sandbox: Sandbox, folder: Path, number: int) -> None:
    """Run so many of the scripts, four at a time. Ends the program at the first of which something else is said."""
    names = [list(SCRIPTS)[index % len(SCRIPTS)] for index in range(number)]
    with ThreadPoolExecutor(4) as pool:
        for name, seen in zip(names, pool.map(lambda name: sandbox.run(folder / f"{name}.py"), names), strict=True):
            check(name, seen)


def check(name: str, seen: Observation) -> None:
    script = SCRIPTS[name]
    exception = None if seen.exception is None else seen.exception.type
    said = (seen.ending, seen.stdout, exception, len(seen.left_behind))
    if said != (script.ending, script.stdout, script.exception, script.left):
        raise SystemExit(f"{name}: said to be {seen}")


def probe_process(probe: Probe) -> psutil.Process:
    """The process of a probe. Raises ValueError while there is none."""
    (process,) = (child for child in psutil.Process().children() if str(probe.folder) in child.cmdline())
    return process


def inhabitants(folder: Path) -> list[str]:
    """The command lines of all processes that work below a folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd().startswith(str(folder)) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
    return found


if __name__ == "__main__":
    sys.exit(main())
