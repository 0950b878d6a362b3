"""Kernels forked from a warm process are like ordinary ones, cost one import, and leave nothing."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from warm_kernels.provisioner import WarmProcess
from warm_kernels.server import locked

pytest_plugins = ["pytester"]

IDLE_SECONDS = 0.5
PATIENCE = 60.0  # seconds until what does not happen is given up: long, since other things may keep the machine busy
PAST = "past\n"  # what is written past Python's streams: a thread of the kernel reads it, at its leisure

SLOW = """
import logging, os, sys, warnings

with open(os.environ["COUNT"], "a") as count:
    count.write("imported\\n")
print("hello")
sys.stdout.flush()
os.write(2, b"past\\n")
warnings.warn("careful")
interactive = hasattr(sys, "ps1")
stream = sys.stderr
closed = []

class Handler(logging.StreamHandler):
    def close(self):
        closed.append(self)

logger = logging.getLogger("slow")
logger.addHandler(Handler())
"""


@dataclass
class Seen:
    """What a client sees of the execution of one cell."""

    stdout: str = ""
    stderr: str = ""
    error: str | None = None
    results: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Session:
    """A running kernel and its client. `past` has what came past Python's streams, whenever it came."""

    manager: KernelManager
    client: BlockingKernelClient
    past: list[str] = field(default_factory=list)

    def run(self, code: str) -> Seen:
        """Run a cell, up to the message that the kernel is idle again."""
        seen = Seen()
        asked = self.client.execute(textwrap.dedent(code))
        while not self._note(seen, asked):
            pass
        while self.client.get_shell_msg(timeout=PATIENCE)["parent_header"].get("msg_id") != asked:
            pass
        return seen

    def wait_for_past(self) -> None:
        """Wait for something that was written past Python's streams: it may come after the cell's last message."""
        while not self.past:
            self._note(Seen(), "")

    def _note(self, seen: Seen, asked: str) -> bool:
        """Read one message, and note it if it is of the cell; whether it was the last one."""
        message = self.client.get_iopub_msg(timeout=PATIENCE)
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "stream" and PAST in content["text"]:
            self.past.append(content["name"])
            content["text"] = content["text"].replace(PAST, "")
        if message["parent_header"].get("msg_id") != asked:
            return False
        if kind == "stream":
            setattr(seen, content["name"], getattr(seen, content["name"]) + content["text"])
        elif kind == "error":
            seen.error = content["ename"]
        elif kind == "execute_result":
            seen.results.append(content["data"]["text/plain"])
        return bool(kind == "status" and content["execution_state"] == "idle")

    def pid(self) -> int:
        return int(self.run("import os; os.getpid()").results[0])


@dataclass(frozen=True)
class Kitchen:
    """A folder of warm processes, and a module `slow` that counts its imports. `sockets` is for those of clients."""

    root: Path
    runtime: Path
    sockets: Path

    @property
    def count(self) -> Path:
        return self.root / "count"

    def imports(self) -> int:
        return len(self.count.read_text().split()) if self.count.exists() else 0

    def manager(self, name: str = "warm", transport: str = "ipc") -> KernelManager:
        """With TCP, what else runs here may take a port between its choice and its use; but on no address of ours."""
        kernels = KernelSpecManager(kernel_dirs=[str(self.root / "kernels")])
        manager = KernelManager(kernel_name=name, kernel_spec_manager=kernels, transport=transport)
        # Where its sockets are, or an address of this machine that nothing else uses.
        manager.ip = str(self.sockets / uuid.uuid4().hex[:8]) if transport == "ipc" else own_address()
        return manager

    @contextlib.contextmanager
    def kernel(self, name: str = "warm", transport: str = "ipc", **options: Any) -> Iterator[Session]:
        manager = self.manager(name, transport)
        # With PYTEST_CURRENT_TEST ipykernel leaves alone what is written past Python's streams.
        env = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
        manager.start_kernel(**{"env": env, **options})
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=PATIENCE)
            yield Session(manager, client)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)

    def specify(self, name: str, preload: list[str], *options: str) -> None:
        folder = self.root / "kernels" / name
        folder.mkdir(parents=True, exist_ok=True)
        provisioner = {
            "provisioner_name": "warm-kernels",
            "config": {"preload": preload, "idle_seconds": IDLE_SECONDS},
        }
        spec = {
            "argv": [sys.executable, *options, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": name,
            "language": "python",
            "metadata": {"kernel_provisioner": provisioner} if name != "ordinary" else {},
        }
        (folder / "kernel.json").write_text(json.dumps(spec))

    def processes(self, name: str = "") -> list[psutil.Process]:
        """All that live and were started with this folder of warm processes in their environment, by their name."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                ours = process.pid != os.getpid() and process.environ().get("XDG_RUNTIME_DIR") == str(self.runtime)
                if ours and process.name().startswith(name):
                    found.append(process)
        return found

    def leaves_nothing(self) -> bool:
        return not self.processes() and not list(self.runtime.iterdir())


@pytest.fixture
def kitchen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kitchen]:
    """In the end of each test nothing may be left."""
    short = Path(tempfile.mkdtemp(prefix="warm-"))  # the path of a socket has at most 107 bytes
    runtime, sockets = short / "run", short / "ipc"
    for folder in (runtime, sockets):
        folder.mkdir(mode=0o700)
    kitchen = Kitchen(tmp_path, runtime, sockets)
    monkeypatch.setattr(
        "jupyter_client.provisioning.local_provisioner.is_local_ip", lambda address: True
    )  # it does not know all of 127.*
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "slow.py").write_text(SLOW)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("COUNT", str(kitchen.count))
    monkeypatch.setenv("SOCKETS", str(sockets))
    kitchen.specify("warm", ["slow"])
    kitchen.specify("ordinary", [])
    yield kitchen
    try:
        wait_until(kitchen.leaves_nothing)
    finally:
        for process in kitchen.processes():
            process.kill()
        shutil.rmtree(short)


def own_address() -> str:
    """An address of this machine that is used by nothing else, so that no port of it is taken."""
    return ".".join(["127", *(str(secrets.randbelow(254) + 1) for _ in range(3))])


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for what is certain to happen; however long it takes on a busy machine, nothing is said about that."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + PATIENCE, condition
        time.sleep(0.02)


SOCKET_FILES = """
import os
from jupyter_client.manager import KernelManager

KernelManager.transport.default_value = "ipc"
KernelManager._ip_default = lambda self: os.path.join(os.environ["SOCKETS"], os.urandom(4).hex())
"""


@pytest.fixture
def session(kitchen: Kitchen, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for nbval, where kernels listen at files instead of ports that something else may take."""
    monkeypatch.setenv("JUPYTER_PATH", str(kitchen.root))
    pytester.makeconftest(SOCKET_FILES)
    return pytester


# One import


def test_two_kernels_one_import(kitchen: Kitchen) -> None:
    with kitchen.kernel() as first, kitchen.kernel() as second:
        assert first.run("import slow; x = 1").error is None
        assert second.run("import slow; x").error == "NameError"
        assert first.pid() != second.pid()
    assert kitchen.imports() == 1


CLIENT = """
import os, sys
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

manager = KernelManager(
    kernel_name="warm",
    kernel_spec_manager=KernelSpecManager(kernel_dirs=[sys.argv[1]]),
    transport="ipc",
    ip=os.path.join(os.environ["SOCKETS"], str(os.getpid())),
)
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)
client.execute_interactive("import subprocess; p = subprocess.Popen(['sleep', '62.5'])", timeout=60)
print("ready", flush=True)
"""
SHUT_DOWN = "sys.stdin.read()\nclient.stop_channels()\nmanager.shutdown_kernel(now=True)\n"
WAIT = "client.execute_interactive('import time; time.sleep(60)')\n"


def test_clients_that_start_together_share_one_import(kitchen: Kitchen) -> None:
    """None ends before all are ready: a warm process that is idle ends, and is started again."""
    command = [sys.executable, "-c", CLIENT + SHUT_DOWN, str(kitchen.root / "kernels")]
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(3)
        ]
        assert [client.stdout and client.stdout.readline() for client in clients] == ["ready\n"] * 3
        for client in clients:
            client.communicate(timeout=PATIENCE)
    assert [client.returncode for client in clients] == [0, 0, 0]
    assert kitchen.imports() == 1


def test_another_environment_is_another_import(kitchen: Kitchen) -> None:
    """But for variables that differ from client to client."""
    code = "import os; os.environ.get('MINE'), os.environ.get('PYTEST_MINE')"
    with kitchen.kernel(), kitchen.kernel(env={**os.environ, "PYTEST_MINE": "1"}) as kernel:
        assert kernel.run(code).results == ["(None, '1')"]
    assert kitchen.imports() == 1
    with kitchen.kernel(env={**os.environ, "MINE": "1"}) as kernel:
        assert kernel.run(code).results == ["('1', None)"]
    assert kitchen.imports() == 2


def test_a_started_kernel_listens(kitchen: Kitchen) -> None:
    """Who comes before it listens tries again only a tenth of a second later."""
    for _ in range(3):
        with kitchen.kernel(transport="tcp") as kernel:
            kernel.manager.restart_kernel(now=True)
            for port in kernel.manager.ports:
                socket.create_connection((kernel.manager.ip, port)).close()


def test_the_kernel_kept_ready_may_end(kitchen: Kitchen) -> None:
    with kitchen.kernel() as kernel:
        ours = psutil.Process(kernel.pid())
        warm = ours.parent()
        assert warm is not None
        wait_until(lambda: set(warm.children()) - {ours})  # it is forked once the kernel is there
        [ready] = set(warm.children()) - {ours}
        ready.kill()
        wait_until(lambda: not ready.is_running() or ready.status() == psutil.STATUS_ZOMBIE)
        with kitchen.kernel() as next_one:
            assert next_one.run("import slow").error is None
    assert kitchen.imports() == 1


def test_a_client_that_is_slow_to_ask(kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = WarmProcess.connect

    def connect_and_wait(self: WarmProcess) -> Any:
        connected = connect(self)
        time.sleep(0.5)
        return connected

    monkeypatch.setattr(WarmProcess, "connect", connect_and_wait)
    for _ in range(2):
        with kitchen.kernel() as kernel:
            assert kernel.run("import slow").error is None
    assert kitchen.imports() == 1


def test_a_module_that_changes_is_imported_anew(kitchen: Kitchen) -> None:
    with kitchen.kernel() as before:
        (kitchen.root / "modules" / "slow.py").write_text(SLOW + "new = 1\n")
        with kitchen.kernel() as after:
            assert before.run("import slow; slow.new").error == "AttributeError"
            assert after.run("import slow; slow.new").results == ["1"]


# As in an ordinary kernel

FACTS = """
import asyncio, gc, inspect, os, signal, sys, threading

{
    "collector": (gc.isenabled(), gc.get_threshold()),
    "argv": [sys.argv[0], len(sys.argv)],
    "command": [word for word in sys.orig_argv if not word.endswith(".json")],
    "path": sys.path,
    "folder": os.getcwd(),
    "main": sorted(vars(sys.modules["__main__"]))[:5],
    "stack": [(frame.filename, frame.function) for frame in inspect.stack()[1:]],
    "thread": threading.current_thread() is threading.main_thread(),
    "threads": sorted(type(thread).__name__ for thread in threading.enumerate()),
    "environment": {name: value for name, value in os.environ.items() if not name.startswith("KERNEL_")},
    "descriptors": [os.path.exists(f"/proc/self/fd/{number}") for number in range(3)],
    "leader": os.getsid(0) == os.getpgid(0) == os.getpid(),
    "loop": type(asyncio.get_running_loop()).__name__,
    "signals": {int(number): str(signal.getsignal(number)).split(" at ")[0] for number in signal.valid_signals()},
    "modules": [name for name in sys.modules if "warm" in name or "slow" in name],
    "prompt": sys.ps1,
    "buffering": sys.__stdout__.line_buffering,
    "handlers": [type(handler).__module__ for handler in sys.meta_path if "warm" not in type(handler).__module__],
}
"""


def test_a_cell_sees_what_it_sees_in_an_ordinary_kernel(kitchen: Kitchen) -> None:
    seen = []
    for name in ("warm", "ordinary"):
        with kitchen.kernel(name, cwd=str(kitchen.root)) as kernel:
            [told] = kernel.run(FACTS).results
            seen.append(eval(told))
    for name, fact in seen[0].items():
        assert fact == seen[1][name], name
    assert seen[0]["folder"] == str(kitchen.root)


def test_an_import_says_what_it_says_in_an_ordinary_kernel(kitchen: Kitchen) -> None:
    """What the module prints, the warnings it shows, where its log goes, and that it finds itself in a notebook."""
    seen = {}
    for name in ("warm", "ordinary"):
        with kitchen.kernel(name) as kernel:
            seen[name] = [
                kernel.run(cell)
                for cell in (
                    "import importlib.util; importlib.util.find_spec('slow').origin",
                    "import slow",
                    "import slow",
                    "slow.logger.warning('log')",
                    "import contextlib, io\nwith contextlib.redirect_stderr(io.StringIO()): slow.logger.error('x')",
                    "print('kept', file=slow.stream)",
                    "import sys; slow.closed, slow.logger.handlers[0].stream is sys.stderr",
                    "slow.interactive, slow.__spec__.origin == slow.__file__",
                )
            ]
            kernel.wait_for_past()
            assert kernel.past == ["stderr"]
    assert seen["warm"] == seen["ordinary"]
    assert [cell.stdout for cell in seen["warm"][1:3]] == ["hello\n", ""]
    assert "careful" in seen["warm"][1].stderr
    assert [cell.stderr for cell in seen["warm"][3:5]] == ["log\n", "x\n"]


def test_what_kernels_do(kitchen: Kitchen) -> None:
    """Processes, shell lines, output past Python's streams, errors, files that other kernels have open."""
    with kitchen.kernel(), kitchen.kernel() as kernel:
        assert kernel.run("import subprocess; subprocess.run(['echo', 'x'], stdout=-1).stdout").results == ["b'x\\n'"]
        assert kernel.run("!echo shell").stdout.strip() == "shell"
        kernel.run("import os; os.write(1, b'past\\n')")
        kernel.wait_for_past()
        assert kernel.past == ["stdout"]
        assert kernel.run("1 / 0").error == "ZeroDivisionError"
        assert kernel.run("import sys; sys.stdin.read()").results == ["''"]
        assert kernel.run("import multiprocessing as m; m.get_context('spawn').Pool(1).map(abs, [-1])").results == [
            "[1]"
        ]


def test_random_numbers_differ(kitchen: Kitchen) -> None:
    pytest.importorskip("numpy")
    kitchen.specify("warm", ["numpy.random"])
    code = "import random, numpy, uuid; random.random(), float(numpy.random.rand()), uuid.uuid4().hex"
    with kitchen.kernel() as first, kitchen.kernel() as second:
        ours, theirs = (eval(kernel.run(code).results[0]) for kernel in (first, second))
    assert not set(ours) & set(theirs)


# Interrupt, restart, end


def test_interrupt(kitchen: Kitchen) -> None:
    """It hits the cell that runs, and no other kernel."""
    begun = kitchen.root / "begun"
    with kitchen.kernel() as kernel, kitchen.kernel() as other:
        other.client.execute("import time; time.sleep(2); done = True")
        code = f"x = 1\nopen({str(begun)!r}, 'w').close()\nimport time; time.sleep(60)"
        kernel.client.execute(code, stop_on_error=False)  # else what is asked for next may be refused, as what waits is
        wait_until(begun.exists)
        kernel.manager.interrupt_kernel()
        assert kernel.client.get_shell_msg(timeout=PATIENCE)["content"]["ename"] == "KeyboardInterrupt"
        assert kernel.run("x").results == ["1"]
        assert other.run("done").results == ["True"]


@pytest.mark.parametrize("now", [True, False])
def test_restart_is_a_fresh_kernel(kitchen: Kitchen, now: bool) -> None:
    with kitchen.kernel(transport="tcp") as kernel, kitchen.kernel():  # the second keeps the warm process from ending
        kernel.run("x = 1")
        pid = kernel.pid()
        kernel.manager.restart_kernel(now=now)
        kernel.client.wait_for_ready(timeout=PATIENCE)
        assert kernel.run("x").error == "NameError"
        assert kernel.pid() != pid
    assert kitchen.imports() == 1


def test_shutdown_runs_exit_handlers(kitchen: Kitchen) -> None:
    with kitchen.kernel() as kernel:
        kernel.run(f"import atexit, pathlib; atexit.register(pathlib.Path({str(kitchen.root / 'ended')!r}).touch)")
        process = psutil.Process(kernel.pid())
        kernel.manager.shutdown_kernel()
        assert not process.is_running()
        assert not kernel.manager.is_alive()
    assert (kitchen.root / "ended").exists()


ENDS = {
    "os._exit": ("import os; os._exit(3)", 3),
    "SIGKILL": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    "segmentation fault": ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
    "kills the warm process": ("import os, signal; os.kill(os.getppid(), signal.SIGKILL)", -signal.SIGKILL),
}


@pytest.mark.parametrize("how", ENDS)
def test_death_is_noticed(kitchen: Kitchen, how: str) -> None:
    code, status = ENDS[how]
    with kitchen.kernel() as kernel:
        kernel.client.execute(code)
        wait_until(lambda: not kernel.manager.is_alive())
        assert kernel.manager.provisioner is not None
        assert kernel.manager.provisioner.process.returncode == status  # type: ignore[attr-defined]
        kernel.manager.restart_kernel()
        kernel.client.wait_for_ready(timeout=PATIENCE)
        assert kernel.run("1").results == ["1"]


def test_kernels_end_with_the_warm_process(kitchen: Kitchen) -> None:
    """Also those which do not look for their parent."""
    (kitchen.root / "modules" / "sleeps.py").write_text("import time\ntime.sleep(60)\n")
    specification = kitchen.root / "kernels" / "warm" / "kernel.json"
    specification.write_text(specification.read_text().replace("ipykernel_launcher", "sleeps"))
    manager = kitchen.manager()
    manager.start_kernel()
    assert manager.provisioner is not None
    kernel = psutil.Process(manager.provisioner.pid)  # type: ignore[attr-defined]
    parent = kernel.parent()
    assert parent is not None
    parent.kill()
    kernel.wait(PATIENCE)
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("kernel", ["warm", "ordinary"])
def test_death_is_noticed_under_nbval(session: pytest.Pytester, kernel: str) -> None:
    """At once: nbval by itself waits for the 2000 seconds that a cell may take."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os; os._exit(3)")])
    nbformat.write(notebook, session.path / "dies.ipynb")
    plugin = ("-p", "warm_kernels.nbval_plugin")
    result = session.runpytest_subprocess("--nbval", f"--nbval-kernel-name={kernel}", *plugin, "--durations=0", "-vv")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the kernel has died*"])
    [seconds] = re.findall(r"([\d.]+)s call", result.stdout.str())
    assert float(seconds) < PATIENCE


@pytest.mark.parametrize(("kernel", "waits"), [("warm", []), ("ordinary", ["waited"])])
def test_nbval_does_not_wait_for_warm_kernels(session: pytest.Pytester, kernel: str, waits: list[str]) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0"), nbformat.v4.new_code_cell("1")])
    nbformat.write(notebook, session.path / "fails.ipynb")
    session.makeconftest(
        SOCKET_FILES
        + """
from jupyter_client.blocking.client import BlockingKernelClient

wait = BlockingKernelClient.wait_for_ready

def wait_for_ready(*arguments, **options):
    with open("waits", "a") as waits:
        waits.write("waited ")
    wait(*arguments, **options)

BlockingKernelClient.wait_for_ready = wait_for_ready
"""
    )
    plugin = ("-p", "warm_kernels.nbval_plugin")
    result = session.runpytest_subprocess("--nbval-lax", f"--nbval-kernel-name={kernel}", *plugin)
    result.assert_outcomes(failed=1, passed=1)
    told = session.path / "waits"
    assert (told.read_text().split() if told.exists() else []) == waits


def test_nbval_tells_of_an_ordinary_kernel(kitchen: Kitchen, session: pytest.Pytester) -> None:
    (kitchen.root / "modules" / "slow.py").unlink()
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), session.path / "one.ipynb")
    options = ("--nbval-lax", "--nbval-kernel-name=warm", "-p", "warm_kernels.nbval_plugin")
    result = session.runpytest_subprocess(*options)
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*the kernel starts without slow imported: *No module named 'slow'*"])
    ours_is_an_error = ("-W", "error:the kernel starts without:UserWarning")  # and nobody else's warning
    session.runpytest_subprocess(*options, *ours_is_an_error).assert_outcomes(errors=1)


def heed_interrupts() -> None:
    """In a process to be: heed Ctrl-C, which a shell has processes in the background ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_end_of_the_client(kitchen: Kitchen, number: signal.Signals) -> None:
    """The kernel ends, with what it started; that nothing is left, the fixture checks."""
    command = [sys.executable, "-c", CLIENT + WAIT, str(kitchen.root / "kernels")]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=heed_interrupts,
    ) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == b"ready\n"
        os.killpg(client.pid, number)
        client.wait(PATIENCE)
    wait_until(lambda: not kitchen.processes("sleep"))


def test_end_of_a_client_that_waits_for_the_import(kitchen: Kitchen) -> None:
    (kitchen.root / "modules" / "slow.py").write_text(SLOW + "import time; time.sleep(1)\n")
    client = subprocess.Popen([sys.executable, "-c", CLIENT, str(kitchen.root / "kernels")])
    wait_until(lambda: kitchen.imports() == 1)
    client.kill()
    client.wait(PATIENCE)


# An ordinary kernel instead


def ordinary_kernel(kitchen: Kitchen, caplog: pytest.LogCaptureFixture, **options: Any) -> str:
    """Start a kernel which is an ordinary one that works; give the warning."""
    caplog.set_level(logging.WARNING)
    with kitchen.kernel(**options) as kernel:
        assert kernel.run("1").results == ["1"]
        assert kernel.run("import os; os.getppid()").results == [str(os.getpid())]
    [warning] = [record.message for record in caplog.records if "without slow imported" in record.message]
    return warning.partition("imported: ")[2]


@pytest.mark.parametrize("name", ["fork", "waitid"])
def test_without_fork(
    kitchen: Kitchen, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delattr(os, name)
    assert name in ordinary_kernel(kitchen, caplog)


BAD_MODULES = {
    "absent": (None, "ModuleNotFoundError: No module named 'slow'"),
    "fails": ("raise ValueError('two\\nlines')\n", "ValueError: two lines"),
    "exits": ("import sys; sys.exit(4)\n", "SystemExit: 4"),
    "crashes": ("import os; os.write(2, b'out of order\\n'); os._exit(1)\n", "out of order"),
    "starts a thread": ("import threading, time\nthreading.Thread(target=time.sleep, args=[1]).start()\n", "thread"),
}


@pytest.mark.parametrize("how", BAD_MODULES)
def test_a_module_that_cannot_be_imported(kitchen: Kitchen, caplog: pytest.LogCaptureFixture, how: str) -> None:
    text, said = BAD_MODULES[how]
    module = kitchen.root / "modules" / "slow.py"
    module.unlink()
    if text is not None:
        module.write_text(text)
    assert said in ordinary_kernel(kitchen, caplog)


def test_a_kernel_that_ends_before_it_listens(kitchen: Kitchen, caplog: pytest.LogCaptureFixture) -> None:
    specification = kitchen.root / "kernels" / "warm" / "kernel.json"
    specification.write_text(specification.read_text().replace('"-f"', '"--version", "-f"'))
    manager = kitchen.manager()
    manager.start_kernel()
    wait_until(lambda: not manager.is_alive())
    manager.shutdown_kernel(now=True)
    assert "it ended with status 0 before it listened" in caplog.text


def test_options_that_hide_our_hook(kitchen: Kitchen, caplog: pytest.LogCaptureFixture) -> None:
    kitchen.specify("warm", ["slow"], "-E")
    assert "-E" in ordinary_kernel(kitchen, caplog)


def test_output_that_goes_to_a_pipe_of_popen(kitchen: Kitchen, caplog: pytest.LogCaptureFixture) -> None:
    assert "pipe" in ordinary_kernel(kitchen, caplog, stderr=subprocess.PIPE)


@pytest.mark.parametrize(("stderr", "written"), [(subprocess.STDOUT, "out err "), (subprocess.DEVNULL, "out ")])
def test_output_that_goes_elsewhere(
    kitchen: Kitchen, caplog: pytest.LogCaptureFixture, stderr: int, written: str
) -> None:
    """Standard output to a file, standard error to the same file or to nothing."""
    path = kitchen.root / "output"
    with path.open("w") as output, kitchen.kernel(stdout=output, stderr=stderr) as kernel:
        kernel.run("import os; os.write(1, b'out ')")
        wait_until(lambda: path.read_text() == "out ")
        kernel.run("import os; os.write(2, b'err ')")
        wait_until(lambda: path.read_text() == written)
    assert "without slow" not in caplog.text


def test_relative_paths_of_modules(
    kitchen: Kitchen, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "src")
    assert "src" in ordinary_kernel(kitchen, caplog)


def test_a_folder_that_others_can_read(kitchen: Kitchen, caplog: pytest.LogCaptureFixture) -> None:
    folder = kitchen.runtime / f"warm-kernels-{os.getuid()}"
    folder.mkdir(mode=0o755)
    assert "nobody else" in ordinary_kernel(kitchen, caplog)
    folder.rmdir()


@pytest.mark.parametrize("what", ["fifo", "file", "link", "link to nothing"])
def test_what_somebody_else_put_there(kitchen: Kitchen, caplog: pytest.LogCaptureFixture, what: str) -> None:
    """A FIFO would have us wait for ever."""
    folder = kitchen.runtime / f"warm-kernels-{os.getuid()}"
    if what == "fifo":
        os.mkfifo(folder)
    elif what == "file":
        folder.touch()
    else:
        folder.symlink_to(kitchen.sockets if what == "link" else "nowhere")
    assert str(folder) in ordinary_kernel(kitchen, caplog)
    folder.unlink()


@pytest.mark.skipif(os.getuid() != 0, reason="a folder can be given to another user by root alone")
def test_a_folder_of_another_user_who_holds_its_lock(kitchen: Kitchen, caplog: pytest.LogCaptureFixture) -> None:
    folder = kitchen.runtime / f"warm-kernels-{os.getuid()}"
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, -1)
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert "nobody else" in ordinary_kernel(kitchen, caplog)
    os.close(descriptor)
    folder.rmdir()


def test_a_lock_that_is_held_for_ever(
    kitchen: Kitchen, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warm_kernels.server.LOCK_SECONDS", 0.1)
    folder = kitchen.runtime / f"warm-kernels-{os.getuid()}"
    with locked(str(folder)):
        assert "was locked for" in ordinary_kernel(kitchen, caplog)
    folder.rmdir()


def test_files_of_a_warm_process_that_was_killed(kitchen: Kitchen) -> None:
    """The next one takes their place."""
    with kitchen.kernel() as kernel:
        os.kill(int(kernel.run("import os; os.getppid()").results[0]), signal.SIGKILL)
        wait_until(lambda: not kernel.manager.is_alive())
    with kitchen.kernel() as kernel:
        assert kernel.run("1").results == ["1"]
    assert kitchen.imports() == 2


def test_files_that_were_removed(kitchen: Kitchen) -> None:
    """By what clears temporary folders. Neither of the two warm processes then removes what is the other's."""
    with kitchen.kernel() as first:
        parent = psutil.Process(int(first.run("import os; os.getppid()").results[0]))
        folder = kitchen.runtime / f"warm-kernels-{os.getuid()}"
        shutil.rmtree(folder)
        with kitchen.kernel():
            first.manager.shutdown_kernel(now=True)
            parent.wait(PATIENCE)
            assert len(list(folder.glob("*.socket"))) == 1
    assert kitchen.imports() == 2


def test_a_runtime_folder_that_was_removed(kitchen: Kitchen) -> None:
    with kitchen.kernel():
        shutil.rmtree(kitchen.runtime)
    wait_until(lambda: not kitchen.processes())
    assert not kitchen.runtime.exists()
    kitchen.runtime.mkdir()


def test_the_folder_is_locked(kitchen: Kitchen) -> None:
    """Also for who waits while it is removed."""
    folder = kitchen.runtime / "folder"
    entered = []

    def enter() -> None:
        with locked(str(folder)):
            entered.append(folder.stat().st_ino)

    with locked(str(folder)):
        waiting = threading.Thread(target=enter)
        waiting.start()
        time.sleep(0.1)
        assert not entered
        folder.rmdir()
    waiting.join(PATIENCE)
    assert entered == [folder.stat().st_ino]
    folder.rmdir()


# Other interpreters


def find_interpreter(version: str) -> Path | None:
    """An interpreter of a minor version, under pyenv or on PATH, but no stand-in of pyenv: it may lead nowhere."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    on_path = shutil.which(f"python{version}")
    found = [*pyenv.glob(f"versions/{version}.*/bin/python"), *([Path(on_path)] if on_path is not None else [])]
    return next((python for python in found if "shims" not in python.parts), None)


@pytest.mark.parametrize("version", ["3.7", "3.8", "3.9", "3.10", "3.12", "3.13"])
def test_every_python_of_the_registry(kitchen: Kitchen, version: str) -> None:
    """The hook at the interpreter's start, the fork and the finalisation, with a kernel that only writes a file."""
    python = find_interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on PATH or under pyenv; runs where there is one")
    (kitchen.root / "modules" / "writes.py").write_text(
        "import atexit, inspect, os, pathlib, slow, sys, threading\n"
        "atexit.register(print, 'exit handler')\n"
        "main = threading.current_thread() is threading.main_thread()\n"
        "print(__name__, sys.argv[1:], main, os.getcwd() in sys.path, len(inspect.stack()))\n"
    )
    folder = kitchen.root / "kernels" / "other"
    folder.mkdir()
    for name in ("warm", "ordinary"):
        spec = json.loads((kitchen.root / "kernels" / name / "kernel.json").read_text())
        (folder / "kernel.json").write_text(json.dumps({**spec, "argv": [str(python), "-m", "writes", "x"]}))
        with (kitchen.root / name).open("w") as stdout:
            manager = kitchen.manager("other")
            manager.start_kernel(cwd=str(kitchen.root), stdout=stdout)
            while manager.is_alive():
                time.sleep(0.02)
            manager.shutdown_kernel(now=True)
    told = (kitchen.root / "warm").read_text()
    assert told == (kitchen.root / "ordinary").read_text()
    assert told.startswith("hello\n__main__ ['x'] True True")
    assert kitchen.imports() == 2
