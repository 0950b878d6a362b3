"""What a script does to its surroundings changes neither what is said of it nor what is said of the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from conftest import QUICK, RunText
from tbcookbook.errors import CookbookError, TargetError
from tbcookbook.execution.sandbox import Limits, Probe, Sandbox
from tbcookbook.observation.record import canonical_json
from tbcookbook.targets.target import Target

# How it ended


TAKES_AWAY = {
    "descriptors": ("kept = []\nwhile True: kept.append(open('/dev/null'))\n", "OSError"),
    "file sizes": ("import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\nraise KeyError\n", "KeyError"),
    "open": ("from unittest import mock\nmock.patch('builtins.open').start()\nraise KeyError\n", "KeyError"),
    "builtins": (
        "import builtins\nbuiltins.len = builtins.str = builtins.isinstance = None\nraise KeyError\n",
        "KeyError",
    ),
    "its folder": ("import os, shutil\nshutil.rmtree(os.path.dirname(os.getcwd()))\nraise KeyError\n", "KeyError"),
    "exit handlers": ("import atexit\natexit._clear()\nraise KeyError\n", "KeyError"),
    "module of a class": ("class E(Exception): pass\nE.__module__ = None\nraise E\n", "E"),
    "cause": (
        "class E(Exception):\n    @property\n    def __cause__(self): raise RuntimeError\nraise E\n",
        "E",
    ),
}


@pytest.mark.parametrize("name", TAKES_AWAY)
def test_an_exception_is_told_whatever_the_script_took_away(name: str, run_text: RunText) -> None:
    text, kind = TAKES_AWAY[name]
    seen = run_text(text)
    assert seen.ending == "raises"
    assert seen.exception is not None
    assert (seen.exception.type, seen.exception.line) == (kind, len(text.splitlines()))


UNWITNESSED = {
    "os._exit": "import os\nos._exit(0)\n",
    "another program": "import os\nos.execv('/bin/true', ['true'])\n",
    "exit of the C library": "import ctypes\nctypes.CDLL(None).exit(0)\n",
    "no exit handlers": "import atexit, sys\natexit._clear()\nsys.exit(0)\n",
}


@pytest.mark.parametrize("name", UNWITNESSED)
def test_an_end_without_a_witness_is_not_ok(name: str, run_text: RunText) -> None:
    seen = run_text(UNWITNESSED[name])
    assert (seen.ending, seen.exit) == ("unknown", 0)


def test_sys_exit_is_witnessed(run_text: RunText) -> None:
    """Its exit handlers run, and the globals are told."""
    seen = run_text("import atexit, sys\nx = 1.5\natexit.register(print, 'handler')\nsys.exit(0)\n", values=("x",))
    assert (seen.ending, seen.exit, seen.stdout, seen.values) == ("ok", 0, "handler\n", {"x": 1.5})


@pytest.mark.parametrize("last", ["raise ValueError('child')", "os.sys.exit(3)", "pass"])
def test_the_end_of_a_child_is_not_the_scripts(last: str, run_text: RunText) -> None:
    seen = run_text(
        f"import os\nx = 1\nif os.fork() == 0:\n    x = 2\n    {last}\nelse:\n    os.wait()\n", values=("x",)
    )
    assert (seen.ending, seen.exception, seen.values) == ("ok", None, {"x": 1})


def test_an_exception_that_is_only_claimed(run_text: RunText) -> None:
    assert run_text("import sys\nsys.last_value = ValueError('no')\n").exception is None


def test_a_warning_that_cannot_be_described(run_text: RunText) -> None:
    """Nothing of ours is raised into the script."""
    seen = run_text("import warnings\nclass W(Warning): pass\nW.__module__ = None\nwarnings.warn('careful', W)\n")
    assert (seen.ending, [warning.message for warning in seen.warnings]) == ("ok", ["careful"])


def test_sizes_are_bounded(run_text: RunText) -> None:
    text = """
        import warnings
        warnings.simplefilter("always")
        for _ in range(400):
            warnings.warn("w" * 50_000)
        big, deep, wide = 10**5000, [], [0.5] * 10**6
        deep.append(deep)
        raise ValueError("x" * 9_000_000)
        """
    seen = run_text(text, values=("big", "deep", "wide"), limits=Limits(seconds=20.0, output=2**26))
    assert seen.exception is not None
    assert len(seen.exception.message) < 10_000
    assert 100 < len(seen.warnings) < 400
    assert all("missing" in value for value in seen.values.values())
    assert len(canonical_json(seen.as_json())) < 2**23


def test_every_string_can_be_stored(run_text: RunText) -> None:
    seen = run_text(
        """
        import os, subprocess, sys

        sys.stdout.buffer.write(b"\\xff")
        open(b"\\xfe.txt", "w").close()
        subprocess.Popen([b"sleep", b"60", b"\\xfd"], stderr=subprocess.DEVNULL)
        text = "\\ud800"
        raise ValueError("\\udcff and \\ud801")
        """,
        values=("text",),
    )
    canonical_json(seen.as_json()).encode()
    assert seen.exception is not None
    assert (seen.exception.message, seen.stdout, seen.outside) == ("\\xff and \\ud801", "\\xff", ("\\xfe.txt",))
    assert seen.values == {"text": "\\ud800"}


FORGED = {
    "no entry": "journal.memory[:6000] = b'x' * 6000",
    "code of marshal": "journal.add(head(b'\\xe3' * 99) + b'\\xe3' * 99)",
    "of no kind": "for entry in ([], 'x', {}, {'entry': 5}, {'entry': 'end'}): journal.write(entry)",
    "wrong types": "journal.write({'entry': 'exception', 'type': [], 'message': {}, 'line': 'x', 'chain': 7})",
    "numbers": "journal.write({'entry': 'globals', 'values': {'x': float('nan'), 'y': 10**5000, 'z': b'bytes'}})",
    "nested": "x = []\nfor _ in range(1500): x = [x]\njournal.write({'entry': 'globals', 'values': {'x': x}})",
    "text": "journal.write({'entry': 'warning', 'type': 'W', 'message': '\\udc80\\x1b[31m', 'file': '', 'line': 1})",
    "of everything": "journal.memory[:] = os.urandom(len(journal.memory))",
}
FORGE = """
import binascii, gc, os, struct

head = lambda data: struct.pack("<II", len(data), binascii.crc32(data))
(journal,) = (found for found in gc.get_objects() if type(found).__name__ == "Journal")
"""


@pytest.mark.parametrize("name", FORGED)
def test_what_is_forged_in_the_journal(name: str, run_text: RunText) -> None:
    """It costs nobody but the script: what is said of it can be stored, and the next one is told of as ever."""
    seen = run_text(FORGE + FORGED[name], values=("x",))
    assert seen.ending in {"ok", "unknown", "lost"}
    canonical_json(seen.as_json()).encode()
    assert run_text("x = 1\n", values=("x",)).values == {"x": 1}


# What it leaves


def test_a_signal_without_a_name(run_text: RunText) -> None:
    """And the next script does not see what the probe has to say of it."""
    seen = run_text("import os\nos.kill(os.getpid(), 40)\n")
    assert (seen.ending, seen.signal) == ("killed", "SIGRTMIN+6")
    assert run_text("print('next')\n").stderr == ""


def test_processes_that_fork_while_they_are_killed(run_text: RunText) -> None:
    text = (
        "import subprocess, time\n"
        "subprocess.Popen(['/bin/sh', '-c', 'while :; do sleep 30 & sleep 0.002; done'])\n"
        "time.sleep(0.3)\n"
    )
    for _ in range(3):
        seen = run_text(text)
        assert seen.ending == "ok"
        assert seen.left_behind


def test_a_fork_bomb(run_text: RunText) -> None:
    """It ends at the limit of memory, of which each process takes some, and the next script runs at once."""
    text = """
        import mmap, os, struct, time

        count = mmap.mmap(-1, 8)  # of all, so that the test ends if the limit does not hold
        until = time.time() + 20
        while time.time() < until:
            (number,) = struct.unpack("<Q", count[:])
            if number < 1000:
                count[:] = struct.pack("<Q", number + 1)
                os.fork()
        """
    seen = run_text(text, limits=Limits(seconds=30.0, memory=2**27))
    assert (seen.ending, seen.signal) == ("memory", "SIGKILL")
    assert run_text("print('next')\n").stdout == "next\n"


def test_pages_that_children_share_count_once(run_text: RunText) -> None:
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("the system does not tell of shared pages; runs on Linux 4.14 and later")
    text = (
        "import os, time\nx = b'x' * 2**25\nfor _ in range(40):\n    if os.fork() == 0: time.sleep(9)\ntime.sleep(1)\n"
    )
    seen = run_text(text, limits=Limits(seconds=5.0, memory=2**28))
    assert (seen.ending, len(seen.left_behind)) == ("ok", 40)


FOLDERS = {
    "nested": "import os\nfor _ in range(1100):\n    os.mkdir('deep'); os.chdir('deep')\n",
    "closed": "import os\nos.makedirs('logs/a')\nfor name in ('logs/a', 'logs', '..', '.'): os.chmod(name, 0)\n",
    "a link to everything": "import os\nos.symlink('/', 'logs')\n",
    "pipes": "import os\nfor name in ('../stdout', '../stderr'):\n    os.unlink(name); os.mkfifo(name)\n",
    "the probe's folder gone": "import shutil\nshutil.rmtree('../..', ignore_errors=True)\n",
    "the probe's folder closed": "import os\nos.chmod('../..', 0)\n",
}


@pytest.mark.parametrize("name", FOLDERS)
def test_folders(name: str, run_text: RunText, probe: Probe) -> None:
    """The run ends well, the next one too, and nothing is left."""
    assert run_text(FOLDERS[name], limits=Limits(seconds=20.0, memory=2**29)).ending == "ok"
    assert run_text("print('next')\n").stdout == "next\n"
    assert not list(probe.folder.glob("run-*"))


# Imports all that it needs before it becomes an ordinary user, who may not see where it is installed.
AS_AN_ORDINARY_USER = """
import os, pathlib, psutil, tbcookbook.execution.sandbox, tbcookbook.observation.collect
import tbcookbook.observation.reading
from tbcookbook.execution.sandbox import Limits, Probe, Sandbox
from tbcookbook.targets.target import Target

os.setgroups([]), os.setgid(65534), os.setuid(65534)
target = Target("system", pathlib.Path("/usr/bin/python3"), {})
with Probe(target) as probe:
    sandbox = Sandbox(target, probe.folder, Limits(seconds=20.0, memory=2**29))
    for script in sorted(pathlib.Path(".").glob("*.py")):
        print(script.stem, sandbox.run(script).ending, flush=True)
    print([path.name for path in probe.folder.glob("run-*")])
print(probe.folder.exists())
"""


def test_folders_of_an_ordinary_user() -> None:
    """For root nothing is closed."""
    if os.getuid() != 0 or not Path("/usr/bin/python3").exists():
        pytest.skip("becomes another user, on an interpreter for all; runs as root, where there is /usr/bin/python3")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for number, text in enumerate(FOLDERS.values()):
            (folder / f"s{number}.py").write_text(text)
            (folder / f"s{number}_next.py").write_text("print('next')\n")
        ended = subprocess.run(
            [sys.executable, "-c", AS_AN_ORDINARY_USER], cwd=folder, capture_output=True, text=True, check=False
        )
        scripts = sorted(path.stem for path in folder.glob("*.py"))
    assert ended.stdout.splitlines() == [*(f"{script} ok" for script in scripts), "[]", "False"], ended.stderr


# Then the system has no process for the probe, for a second.
WITHOUT_PROCESSES = """
import os, pathlib, psutil, resource, sys, threading, time, tbcookbook.execution.sandbox, tbcookbook.observation.collect
from tbcookbook.execution.sandbox import Limits, Probe, Sandbox
from tbcookbook.targets.target import Target

if os.getuid() == 0:
    os.setgroups([]), os.setgid(65533), os.setuid(65533)
target = Target("system", pathlib.Path("/usr/bin/python3"), {})
with Probe(target) as probe:
    sandbox = Sandbox(target, probe.folder, Limits(seconds=20.0, memory=2**29))
    script = pathlib.Path(sys.argv[1])
    print(sandbox.run(script).stdout, end="", flush=True)
    (process,) = (child for child in psutil.Process().children() if str(probe.folder) in child.cmdline())
    before = process.rlimit(psutil.RLIMIT_NPROC)
    process.rlimit(psutil.RLIMIT_NPROC, (0, before[1]))
    for supervisor in process.children():
        supervisor.kill()
    threading.Timer(1.0, process.rlimit, [psutil.RLIMIT_NPROC, before]).start()
    for _ in range(3):
        print(sandbox.run(script).stdout, end="", flush=True)
    print(process.is_running())
"""


def test_a_fork_that_fails() -> None:
    """For want of processes (EAGAIN): the probe lives, and serves when there are some again."""
    if not Path("/usr/bin/python3").exists():
        pytest.skip("needs an interpreter that any user may run; runs where there is /usr/bin/python3")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        script = Path(name) / "script.py"
        script.write_text("print('fine')\n")
        ended = subprocess.run(
            [sys.executable, "-c", WITHOUT_PROCESSES, str(script)],
            cwd=name,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.stdout.splitlines() == [*["fine"] * 4, "True"], ended.stderr


# The probe


def test_a_probe_that_is_stopped_is_replaced(here: Target, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("print('fine')\n")
    with Probe(here, preload=()) as probe:
        sandbox = Sandbox(here, probe.folder, QUICK)
        sandbox.run(script)
        (process,) = (child for child in psutil.Process().children() if str(probe.folder) in child.cmdline())
        process.send_signal(signal.SIGSTOP)
        for _ in range(3):
            assert sandbox.run(script).stdout == "fine\n"


def test_a_probe_killed_at_its_import_imports_again(tmp_path: Path, here: Target) -> None:
    (tmp_path / "fatal.py").write_text(
        f"import os, pathlib\ncount = pathlib.Path({str(tmp_path / 'count')!r})\n"
        "with count.open('a') as file: file.write('x')\n"
        "if len(count.read_text()) == 1: os.kill(os.getpid(), 9)\n"
    )
    script = tmp_path / "script.py"
    script.write_text("import sys\nprint('fatal' in sys.modules)\n")
    target = Target("fatal", here.python, here.versions, env={"PYTHONPATH": str(tmp_path)})
    with Probe(target, preload=["fatal"]) as probe:
        assert Sandbox(target, probe.folder, QUICK).run(script).stdout == "True\n"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_a_driver_killed_during_the_import(number: signal.Signals, tmp_path: Path, here: Target) -> None:
    """Neither the probe nor its folder stays."""
    (tmp_path / "slow.py").write_text(
        f"import pathlib, time\npathlib.Path({str(tmp_path / 'importing')!r}).touch()\ntime.sleep(60)\n"
    )
    driver = textwrap.dedent(
        f"""
        import pathlib, signal, time
        from tbcookbook.execution.sandbox import Probe
        from tbcookbook.targets.target import Target

        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # below `nohup` it is ignored
        target = Target("slow", pathlib.Path({str(here.python)!r}), {{}}, env={{"PYTHONPATH": {str(tmp_path)!r}}})
        with Probe(target, preload=["slow"]) as probe:
            print(probe.folder, flush=True)
            time.sleep(60)
        """
    )
    with subprocess.Popen([sys.executable, "-c", driver], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        wait_until(lambda: (tmp_path / "importing").exists())
        process.send_signal(number)
    wait_until(lambda: not folder.exists())


def test_a_long_path_to_the_temporary_folder(tmp_path: Path, here: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("long" * 40)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    script = tmp_path / "script.py"
    script.write_text("print('fine')\n")
    with Probe(here, preload=()) as probe:
        assert Sandbox(here, probe.folder, QUICK).run(script).stdout == "fine\n"


def test_no_room_for_a_folder(here: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(TargetError, match="no folder can be made"):
        Probe(here, preload=())


def test_no_script(here: Target, probe: Probe, tmp_path: Path) -> None:
    sandbox = Sandbox(here, probe.folder, QUICK)
    for path, found in [(tmp_path / "missing.py", "nothing"), (tmp_path, "something else")]:
        with pytest.raises(CookbookError, match=f"found {found}, expected a script"):
            sandbox.run(path)


def wait_until(condition: object, seconds: float = 30.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
