"""Scripts run as a reader would run them, and scripts that misbehave are data."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil
import pytest

from conftest import QUICK, RunText, heed_interrupts
from tbcookbook.errors import TargetError
from tbcookbook.execution.sandbox import Limits, Probe, Sandbox
from tbcookbook.observation.record import Observation, Points, Shown, canonical_json
from tbcookbook.targets.environments import find_interpreter
from tbcookbook.targets.target import Target, describe, parse_target

ENOUGH_TO_START = Limits(seconds=2.0)  # for a script to reach its second line on a busy machine


def inhabitants(folder: Path) -> list[str]:
    """The command lines of all processes that work below a folder, but for the probe's own."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd().startswith(f"{folder}/"):
                found.append(" ".join(process.cmdline()))
    return found


# As a reader would run it


FACTS = {
    "name": "__main__",
    "main": True,
    "argv": True,
    "path": True,
    "stack": True,
    "folder": [],
    "thread": True,
    "harness": [],
    "variables": [],
}


def test_script_is_main_with_a_clean_stack(run_text: RunText) -> None:
    seen = run_text(
        """
        import inspect, os, sys, threading

        main = sys.modules["__main__"]
        facts = {
            "name": __name__,
            "main": main.__dict__ is globals(),
            "argv": sys.argv == [__file__],
            "path": sys.path[0] == os.path.dirname(__file__),
            "stack": [frame.filename == __file__ for frame in inspect.stack()] == [True],
            "folder": os.listdir("."),
            "thread": threading.current_thread() is threading.main_thread(),
            "harness": [name for name in sys.modules if "tbcookbook" in name or "probe" in name],
            "variables": [name for name in os.environ if "COOKBOOK" in name or name.startswith("PYTEST")],
        }
        """,
        values=tuple(f"facts.{name}" for name in FACTS),
    )
    assert seen.ending == "ok", seen.stderr
    assert seen.values == {f"facts.{name}": value for name, value in FACTS.items()}


def test_traceback_is_what_python_prints(run_text: RunText, tmp_path: Path) -> None:
    seen = run_text("def f():\n    raise ValueError('no')\n\nf()\n")
    alone = subprocess.run([sys.executable, tmp_path / "script.py"], capture_output=True, text=True)
    assert seen.stderr == alone.stderr.replace(f"{tmp_path}/", "")
    assert (seen.ending, seen.exit, alone.returncode) == ("raises", 1, 1)


@pytest.mark.skipif(
    "COVERAGE_RUN" in os.environ, reason="what measures a script keeps its globals; runs where coverage is not measured"
)
def test_interpreter_is_finalised(run_text: RunText) -> None:
    """Exit handlers, threads and destructors run, as TensorFlow's writers need them to."""
    seen = run_text(
        """
        import atexit, threading, time

        class Writer:
            def __del__(self):
                print("destroyed")

        writer = Writer()
        atexit.register(print, "exit handler")
        threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
        """
    )
    assert seen.stdout.split("\n") == ["thread", "exit handler", "destroyed", ""]


@pytest.mark.parametrize("version", ["3.7", "3.8", "3.9", "3.10", "3.12", "3.13"])
def test_every_python_of_the_registry(version: str, tmp_path: Path) -> None:
    """The stack, the exception and the finalisation, on each interpreter that can be found."""
    python = find_interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on PATH or under pyenv; runs where there is one")
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import inspect, threading

            class Writer:
                def __del__(self):
                    print("destroyed")

            writer = Writer()
            print(len(inspect.stack()), threading.current_thread().name)
            thread = threading.Thread(target=print, args=("thread",))
            thread.start()
            thread.join()
            try:
                1 / 0
            except ZeroDivisionError as error:
                raise KeyError("outer") from error
            """
        )
    )
    target = describe("old", python)
    with Probe(target, preload=()) as probe:
        seen = Sandbox(target, probe.folder, QUICK).run(script)
    assert seen.stdout == "1 MainThread\nthread\ndestroyed\n"
    assert seen.ending == "raises"
    assert seen.exception is not None
    assert (seen.exception.type, seen.exception.line) == ("KeyError", 16)
    assert [(link.relation, link.type, link.line) for link in seen.exception.chain] == [
        ("cause", "ZeroDivisionError", 14)
    ]


def test_observation_is_the_same_twice(run_text: RunText) -> None:
    text = """
        import os, sys, tempfile, warnings

        warnings.warn("careful")
        print(object(), os.getcwd(), tempfile.gettempdir())
        print("WARNING:tensorflow:look out", file=sys.stderr)
        os.makedirs("logs/plugins/profile/2026_01_02_03_04_05")
        open("logs/plugins/profile/2026_01_02_03_04_05/host.xplane.pb", "w").close()
        open("notes.txt", "w").close()
        raise RuntimeError(f"at {object()}")
        """
    first, second = (run_text(text).as_json() for _ in range(2))
    for seen in (first, second):
        assert seen.pop("times")["seconds"] > 0
    assert canonical_json(first) == canonical_json(second)
    assert first["logs"]["files"] == ("plugins/profile/<time>/<host>.xplane.pb",)
    assert first["outside"] == ("notes.txt",)
    assert first["warnings"] == ({"type": "UserWarning", "message": "careful", "file": "script.py", "line": 4},)
    assert first["log"] == ({"level": "WARNING", "source": "tensorflow", "message": "look out"},)


def test_working_folder_is_kept_where_asked(here: Target, probe: Probe, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import os\nos.mkdir('logs')\nopen('logs/notes.txt', 'w').write('kept')\n", encoding="utf-8")
    Sandbox(here, probe.folder, QUICK, keep=tmp_path / "kept").run(script)
    assert (tmp_path / "kept" / "logs" / "notes.txt").read_text(encoding="utf-8") == "kept"


def test_values_of_globals(run_text: RunText) -> None:
    text = "class H: history = {'loss': [1.0, float('nan')]}\nh = H()\nn = object()\n"
    seen = run_text(text, values=("h.history.loss", "n", "absent"))
    assert seen.values["h.history.loss"] == [1.0, "nan"]
    assert "object" in seen.values["n"]["missing"]
    assert "KeyError" in seen.values["absent"]["missing"]


# Scripts that misbehave

MISBEHAVIOUR = {
    "never ends": ("import time\nwhile True: time.sleep(1)\n", "time", None),
    "ignores signals": (
        "import signal, time\n"
        "for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(n, signal.SIG_IGN)\n"
        "while True: time.sleep(1)\n",
        "time",
        "SIGKILL",
    ),
    "segmentation fault": ("import ctypes\nctypes.string_at(0)\n", "killed", "SIGSEGV"),
    "os._exit": ("import os\nos._exit(7)\n", "exits", 7),
    "prints without end": ("while True: print('x' * 1000)\n", "output", "SIGKILL"),
    "allocates without end": ("x = []\nwhile True: x.append(bytearray(2**20))\n", "memory", "SIGKILL"),
    "a child allocates": (
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'x = []\\nwhile True: x.append(bytearray(2**20))'])\n",
        "memory",
        "SIGKILL",
    ),
    "not UTF-8": ("import sys\nsys.stdout.buffer.write(b'\\xff\\xfe')\n", "ok", 0),
    "deletes its folder": ("import os, shutil\nshutil.rmtree(os.getcwd())\n", "ok", 0),
    "deletes the run's folder": ("import os, shutil\nshutil.rmtree(os.path.dirname(os.getcwd()))\n", "ok", 0),
    "closes its files": ("import os\nos.closerange(0, 10)\n", "ok", 0),
    "kills its parent": ("import os\nos.kill(os.getppid(), 9)\nimport time\ntime.sleep(60)\n", "lost", None),
    "stops its parent": ("import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\n", "lost", None),
    "syntax error": ("x = = 1\n", "raises", 1),
    "sys.exit of a text": ("import sys\nsys.exit('text')\n", "exits", 1),
    "sys.exit of zero": ("import sys\nsys.exit(0)\n", "ok", 0),
    "str() raises": (
        "class Bad(Exception):\n    def __str__(self): raise RuntimeError\nraise Bad\n",
        "raises",
        1,
    ),
    "forks a daemon": (
        "import os, time\n"
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(60)\n    os._exit(0)\n"
        "time.sleep(0.1)\n",
        "ok",
        0,
    ),
    "signals its group": ("import os, signal\nos.killpg(0, signal.SIGKILL)\n", "killed", "SIGKILL"),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_misbehaviour_is_an_outcome(
    name: str, run_text: RunText, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has its outcome; the next script runs; no process and no folder is left."""
    text, outcome, status = MISBEHAVIOUR[name]
    if name == "stops its parent":
        monkeypatch.setattr("tbcookbook.execution.sandbox.GRACE_SECONDS", 3.0)  # nothing else tells that it is lost
    seconds = 1.0 if outcome in ("time", "lost") else 60.0  # who ends by itself has the time for it on a busy machine
    seen = run_text(text, limits=Limits(seconds, memory=2**28, output=2**20))
    assert seen.ending == outcome, seen
    assert status in (None, seen.exit, seen.signal)
    assert run_text("print('next')").stdout == "next\n"
    wait_until(lambda: inhabitants(probe.folder) == [])
    assert [path.name for path in probe.folder.iterdir() if path.name.startswith("run-")] == []


def test_what_is_said_of_misbehaviour(run_text: RunText) -> None:
    endless = run_text(MISBEHAVIOUR["never ends"][0], limits=ENOUGH_TO_START)
    assert endless.exception is not None
    assert (endless.exception.type, endless.exception.line) == ("KeyboardInterrupt", 2)  # where it was stopped
    syntax = run_text(MISBEHAVIOUR["syntax error"][0])
    assert syntax.exception is not None
    assert (syntax.exception.type, syntax.exception.line) == ("SyntaxError", 1)
    bad = run_text(MISBEHAVIOUR["str() raises"][0])
    assert bad.exception is not None
    assert bad.exception.message == "<exception str() failed>"
    assert run_text(MISBEHAVIOUR["sys.exit of a text"][0]).stderr == "text\n"
    assert run_text(MISBEHAVIOUR["not UTF-8"][0]).stdout == "\\xff\\xfe"


def test_a_server_left_behind_is_named_and_killed(run_text: RunText) -> None:
    seen = run_text(
        """
        import os, socket, subprocess, sys

        # An address of this machine that nothing else uses: nobody takes a port of it between its choice and its use.
        host = ".".join(["127", *(str(byte % 254 + 1) for byte in os.urandom(3))])
        with socket.socket() as free:
            free.bind((host, 0))
            port = free.getsockname()[1]
        server = subprocess.Popen([sys.executable, "-m", "http.server", "--bind", host, str(port)],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        while True:
            try:
                socket.create_connection((host, port)).close()
                break
            except OSError:
                pass
        """,
        values=("host", "port"),
    )
    assert seen.ending == "ok"
    assert [command.split()[1:3] for command in seen.left_behind] == [["-m", "http.server"]]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((seen.values["host"], seen.values["port"]))


def test_probe_killed_by_a_script(here: Target, tmp_path: Path) -> None:
    """A script that kills the probe is named, its neighbour is not, and the probe is there again."""
    killer, neighbour = tmp_path / "killer.py", tmp_path / "neighbour.py"
    killer.write_text(
        "import os\n"
        "stat = open(f'/proc/{os.getppid()}/stat').read()\n"
        "os.kill(int(stat.rpartition(')')[2].split()[1]), 9)\n"
    )
    begun, killed = tmp_path / "begun", tmp_path / "killed"
    neighbour.write_text(
        f"import pathlib, time\npathlib.Path({str(begun)!r}).touch()\n"
        f"while not pathlib.Path({str(killed)!r}).exists(): time.sleep(0.02)\nprint('fine')\n"
    )
    seen: list[Observation] = []
    with Probe(here, preload=()) as probe:
        sandbox = Sandbox(here, probe.folder, Limits(seconds=60.0))
        beside = threading.Thread(target=lambda: seen.append(sandbox.run(neighbour)))
        beside.start()
        wait_until(begun.exists)
        assert sandbox.run(killer).ending == "lost"
        killed.touch()
        beside.join()
        assert [observation.stdout for observation in seen] == ["fine\n"]
        assert sandbox.run(neighbour).stdout == "fine\n"


def test_a_probe_that_is_closed_while_it_is_started_again(here: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """No exception in the thread that watches it, and no process that nobody waits for."""
    begun, start = threading.Event(), Probe._start

    def start_late(probe: Probe) -> tuple[subprocess.Popen[bytes], int]:
        begun.set()
        if probe._closing.wait(0.5):
            time.sleep(0.2)  # until it has closed what the new process would listen to
        return start(probe)

    with Probe(here, preload=()) as probe:
        folder = probe.folder
        monkeypatch.setattr(Probe, "_start", start_late)
        probe._process.kill()
        assert begun.wait(60)
    assert inhabitants(folder) == []


def test_interrupt_in_the_middle_of_a_run(here: Target, tmp_path: Path) -> None:
    """Ctrl-C, and even SIGKILL, leave neither processes nor folders."""
    script = tmp_path / "script.py"
    length = f"61.{os.getpid()}"  # of a sleep that is ours: the same test may run beside this one
    script.write_text(
        f"import pathlib, subprocess, time\nsubprocess.Popen(['sleep', '{length}'])\n"
        f"pathlib.Path({str(tmp_path / 'started')!r}).touch()\ntime.sleep(60)\n"
    )
    driver = textwrap.dedent(
        f"""
        import pathlib
        from tbcookbook.execution.sandbox import Probe, Sandbox
        from tbcookbook.targets.target import this_target

        target = this_target()
        with Probe(target, preload=()) as probe:
            pathlib.Path({str(tmp_path / "folder")!r}).write_text(str(probe.folder))
            Sandbox(target, probe.folder).run(pathlib.Path({str(script)!r}))
        """
    )
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        (tmp_path / "started").unlink(missing_ok=True)
        process = subprocess.Popen([sys.executable, "-c", driver], stderr=subprocess.PIPE, preexec_fn=heed_interrupts)
        wait_until((tmp_path / "started").exists)
        process.send_signal(number)
        process.communicate(timeout=60)
        folder = Path((tmp_path / "folder").read_text())
        wait_until(lambda folder=folder: not folder.exists())
        wait_until(lambda folder=folder: not inhabitants(folder))
        wait_until(lambda: not [p for p in psutil.process_iter() if length in " ".join(safe_command(p))])


def test_script_is_interrupted_when_the_driver_is_not(here: Target, tmp_path: Path) -> None:
    """A shell starts what runs in the background with Ctrl-C ignored; a script's time limit still shows its line."""
    script = tmp_path / "script.py"
    script.write_text("import time\nwhile True: time.sleep(1)\n")
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Probe(here, preload=()) as probe:
            seen = Sandbox(here, probe.folder, ENOUGH_TO_START).run(script)
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen.ending == "time"
    assert seen.exception is not None
    assert seen.exception.line == 2


def safe_command(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def wait_until(condition: object, seconds: float = 60.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# Fork and spawn, probes and targets


def test_spawn_sees_what_fork_sees(here: Target, probe: Probe, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import warnings\nwarnings.warn('careful')\nprint(__name__)\nraise ValueError('no')\n")
    forked, spawned = (Sandbox(here, folder, QUICK).run(script).as_json() for folder in (probe.folder, None))
    del forked["times"], spawned["times"]
    assert forked == spawned


def test_preloading_is_not_seen(here: Target, tmp_path: Path) -> None:
    """What a module says while it is imported is part of each observation, however often the module was imported."""
    (tmp_path / "chatty.py").write_text("import sys, warnings\nprint('hello', file=sys.stderr)\nwarnings.warn('old')\n")
    script = tmp_path / "script.py"
    script.write_text("import chatty\n")
    target = Target("chatty", here.python, here.versions, env={"PYTHONPATH": str(tmp_path)})
    with Probe(target, preload=["chatty"]) as probe:
        forked, again = (Sandbox(target, probe.folder, QUICK).run(script) for _ in range(2))
    spawned = Sandbox(target, None, QUICK).run(script)
    for seen in (forked, again, spawned):
        assert seen.stderr.startswith("hello\n")
        assert [warning.message for warning in seen.warnings] == ["old"]


def test_an_import_that_fails_is_met_by_each_script(here: Target, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("raise TypeError('Descriptors cannot be created directly.')\n")
    script = tmp_path / "script.py"
    script.write_text("import bad\n")
    target = Target("bad", here.python, here.versions, env={"PYTHONPATH": str(tmp_path)})
    with Probe(target, preload=["bad"]) as probe:
        seen = Sandbox(target, probe.folder, QUICK).run(script)
    assert seen.exception is not None
    assert (seen.exception.type, seen.exception.line) == ("TypeError", 1)


def test_modules_are_imported_once_for_all_workers(here: Target, tmp_path: Path) -> None:
    """Eight clients, one import."""
    (tmp_path / "slow.py").write_text("import os\nopen(os.environ['COUNT'], 'a').write('imported\\n')\n")
    script = tmp_path / "script.py"
    script.write_text("import slow\n")
    env = {"PYTHONPATH": str(tmp_path), "COUNT": str(tmp_path / "count")}
    target = Target("slow", here.python, here.versions, env=env)
    with Probe(target, preload=["slow"]) as probe:
        clients = [threading.Thread(target=Sandbox(target, probe.folder, QUICK).run, args=[script]) for _ in range(8)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    assert (tmp_path / "count").read_text() == "imported\n"


def test_an_interpreter_that_dies_at_once(tmp_path: Path) -> None:
    """It answers who it is and then cannot run the probe: an error that says so, and nothing left."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\n[ "$1" = - ] && exec {sys.executable} "$@"\necho out of order >&2\nexit 1\n')
    python.chmod(0o755)
    target = parse_target(f"x={python}")
    script = tmp_path / "script.py"
    script.touch()
    with Probe(target) as probe, pytest.raises(TargetError, match=r"cannot run the probe\nout of order"):
        Sandbox(target, probe.folder, QUICK).run(script)
    assert not probe.folder.exists()


def test_environment_of_the_driver_does_not_leak(run_text: RunText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    with Probe(parse_target("this"), preload=()) as probe:
        script = probe.folder / "script.py"
        script.write_text("import os, sys\nprint(os.environ.get('KERAS_BACKEND'), sys.warnoptions)\n")
        assert Sandbox(probe.target, probe.folder, QUICK).run(script).stdout == "None []\n"


def test_sets_are_in_the_same_order_in_every_run(here: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow 2.0 lists the devices of a strategy by a set, in a message."""
    said = set()
    for seed in ("1", "2"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        with Probe(here, preload=()) as probe:
            script = probe.folder / "script.py"
            script.write_text("print(hash('device'))\n")
            for sandbox in (Sandbox(here, probe.folder, QUICK), Sandbox(here, None, QUICK)):
                said.add(sandbox.run(script).stdout)
    assert len(said) == 1


def test_descriptors_of_the_driver_do_not_leak(run_text: RunText) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc; runs on Linux")
    seen = run_text("import os\nprint(sorted(map(int, os.listdir('/proc/self/fd'))))")
    assert seen.stdout == "[0, 1, 2, 3]\n"  # 3 is the listing itself


def test_lines_inside_a_traced_function(run_text: RunText) -> None:
    """TensorFlow writes them into the message, in one form before 2.5 and in another since; 2.0 shortens paths too."""
    new = run_text("raise ValueError(f'in user code:\\n\\n    File \"{__file__}\", line 7, in step  *\\n        x')")
    old = run_text("raise ValueError(f'in converted code:\\n\\n    {__file__}:8 step  *\\n        x')")
    short = run_text(
        "import os\nfolder, name = os.path.split(__file__)\n"
        "raise ValueError(f'in converted code:\\n    relative to {folder}:\\n\\n    {name}:9 step  *\\n        x')"
    )
    lines = [seen.exception.line for seen in (new, old, short) if seen.exception is not None]
    assert lines == [7, 8, 9]
    assert short.exception is not None
    assert short.exception.message == "in converted code:\n\n    script.py:9 step  *\n        x"


def test_the_statement_that_failed(run_text: RunText) -> None:
    """`line` is the last line of the script in the traceback, `statement` that of its own top level."""
    seen = run_text("def f():\n    raise ValueError('no')\n\nf()\n")
    assert seen.exception is not None
    assert (seen.exception.line, seen.exception.statement) == (2, 4)
    syntax = run_text("x = = 1\n")
    assert syntax.exception is not None
    assert (syntax.exception.line, syntax.exception.statement) == (1, None)


# Scripts of other kinds


SHELL = {
    "works": ("echo out; python -c 'import sys; print(sys.executable)'; mkdir logs\n", "ok", 0),
    "fails": ("echo out\nfalse\necho never\n", "exits", 1),
    "unknown command": ("echo out\nno-such-command\n", "exits", 127),
    "dies": ("echo out\nkill -9 $$\n", "killed", None),
    "never ends": ("echo out\nsleep 60\n", "time", None),
    "writes to a closed pipe": ("echo out\nyes | head -n 1 > /dev/null\n", "ok", 0),
}


@pytest.mark.parametrize("name", SHELL)
def test_command_line(name: str, here: Target, probe: Probe, tmp_path: Path) -> None:
    text, ending, status = SHELL[name]
    script = tmp_path / "broken.sh"
    script.write_text(text)
    seen = Sandbox(here, probe.folder, Limits(seconds=2.0)).run(script)
    assert (seen.ending, seen.exit, seen.exception, seen.left_behind) == (ending, status, None, ())
    lines = seen.stdout.splitlines()
    assert lines[0] == "out"
    if name == "works":
        assert Path(lines[1]).parent == Path("<programs>")


def test_command_line_that_asks_a_server(here: Target, probe: Probe, tmp_path: Path) -> None:
    """The pattern for a server of a target: started on a free port, asked, stopped; it is not left behind."""
    script = tmp_path / "main.sh"
    script.write_text(
        "python -u -m http.server --bind 127.0.0.1 0 > said.txt 2>&1 &\n"
        "until address=$(grep -o 'http://[^ /)]*' said.txt); do sleep 0.1; done\n"
        "python -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).status)' \"$address\"\n"
        "kill $!\n"
    )
    seen = Sandbox(here, probe.folder, QUICK).run(script)
    assert (seen.ending, seen.stdout, seen.left_behind) == ("ok", "200\n", ())


def test_programs_of_another_environment_are_not_found(
    here: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the driver's own, say, which is activated."""
    for name in ("environment", "plain"):
        program = tmp_path / name / "bin" / f"of-{name}"
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\necho found\n")
        program.chmod(0o755)
    (tmp_path / "environment" / "pyvenv.cfg").touch()
    folders = [str(tmp_path / name / "bin") for name in ("environment", "plain")]
    monkeypatch.setenv("PATH", os.pathsep.join([*folders, os.environ["PATH"]]))
    script = tmp_path / "broken.sh"
    script.write_text("of-plain\nof-environment\n")
    with Probe(here, preload=()) as probe:
        seen = Sandbox(here, probe.folder, Limits(seconds=20.0)).run(script)
    assert (seen.ending, seen.exit, seen.stdout) == ("exits", 127, "found\n")


def test_script_with_files_beside_it(here: Target, probe: Probe, tmp_path: Path) -> None:
    """Its folder is first on the path, its working directory is another."""
    (tmp_path / "broken").mkdir()
    script = tmp_path / "broken" / "main.py"
    script.write_text("import helper, os\nprint(helper.__file__, os.listdir('.'))\n")
    script.with_name("helper.py").touch()
    assert Sandbox(here, probe.folder, QUICK).run(script).stdout == "helper.py []\n"


# What TensorBoard shows

FAKE_TENSORBOARD = """
import http.server, json, threading

class TensorBoard:
    def __init__(self, plugins): pass
    def configure(self, argv): self.argv = argv
    def launch(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.partition("?")[0]
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(ANSWERS[path]).encode())
            def log_message(self, *_): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return "http://127.0.0.1:%d/" % server.server_port

ANSWERS = {
    "/data/plugin/scalars/tags": {"train": {"loss": {}}},
    "/data/plugin/scalars/scalars": [[0.0, 0, 1.0], [0.0, 3, 0.5]],
    "/data/plugins_listing": {"scalars": {"enabled": True}, "images": {"enabled": False}},
    "/data/runs": ["train"],
}
"""


def test_what_tensorboard_shows(here: Target, tmp_path: Path) -> None:
    """The target's own is asked: here one that shows what is not there."""
    package = tmp_path / "modules" / "tensorboard"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "default.py").write_text("def get_plugins(): return []\ndef get_static_plugins(): return []\n")
    (package / "program.py").write_text(FAKE_TENSORBOARD)
    script = tmp_path / "script.py"
    script.write_text("import os\nos.mkdir('logs')\n")
    env = {"PYTHONPATH": str(tmp_path / "modules")}
    target = Target("fake", here.python, {"tensorboard": "0"}, env=env)
    with Probe(target) as probe:
        sandbox = Sandbox(target, probe.folder, QUICK)
        assert sandbox.run(script).shown is None
        points = {"train/loss": Points((0, 3), (0, 3))}
        assert sandbox.run(script, show=True).shown == Shown(("scalars",), ("train",), points)
        (package / "program.py").write_text("raise ModuleNotFoundError('No module named pkg_resources')\n")
        failed = sandbox.run(script, show=True).shown
        assert failed is not None
        assert failed.failure == "ModuleNotFoundError: No module named pkg_resources"
        without = dataclasses.replace(target, versions={})
        assert Sandbox(without, probe.folder, QUICK).run(script, show=True).shown is None
