"""A kernel provisioner that has kernels forked by a warm process: the client's side of `server.py`.

A kernel specification asks for it in its `metadata`::

    "kernel_provisioner": {"provisioner_name": "warm-kernels", "config": {"preload": ["tensorflow"]}}

One warm process serves all clients of a user that ask for the same kernel command, modules and environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Float, List, Unicode

from warm_kernels.server import LAUNCHER, VARIABLE, locked, remove

SERVER = Path(__file__).with_name("server.py")
STARTUP = Path(__file__).with_name("startup")
START_SECONDS = 30.0  # for the start of an interpreter, without any import, on the slowest machine we can think of
# For so long the client goes on trying to reach a kernel that it restarts. One which is there sooner would get what was
# meant for the one before it, the request to shut down say (KernelManager._connect_control_socket).
LINGER_SECONDS = 0.15
KILL_SECONDS, KILL_POLLS = 0.1, 20
ATTEMPTS = 5  # at reaching a warm process that is about to end

# Each kernel has these as its client has them. The warm process is without: they differ from client to client, or from
# shell to shell, and no module is expected to read them while it is imported. All others are the same in both.
OF_A_CLIENT = ("JPY_", "PYTEST_")
OF_A_SHELL = ("_", "COLUMNS", "LINES", "OLDPWD", "PWD", "SHLVL")

# What ipykernel imports when it starts and runs its first cells. Not matplotlib_inline: it looks for a running kernel.
OF_IPYKERNEL = [
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "psutil",
    "sqlite3",
    "pexpect",
    "pygments.formatters.html",
    "pygments.formatters.terminal256",
    "pygments.lexers.python",
    "stack_data",
]

Stream = int | IO[Any] | None  # as subprocess.Popen takes it


class WarmKernelError(Exception):
    """A kernel that cannot be forked, so that an ordinary one must do; the text says why."""


class WarmProvisioner(LocalProvisioner):
    """Starts kernels that have modules imported already; where that cannot be, ordinary ones, with a warning."""

    preload = List(Unicode(), config=True, help="The modules that every kernel has imported when it starts.")
    idle_seconds = Float(60.0, config=True, help="How long the warm process stays when it has no kernel.")
    why_ordinary = ""  # if the last kernel is not warm

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel; see the base class."""
        self.why_ordinary = ""
        if self.pid is not None:
            await asyncio.sleep(LINGER_SECONDS)
        try:
            kernel = await fork_kernel(cmd, self.preload, self.idle_seconds, **self._scrub_kwargs(kwargs))
        except (WarmKernelError, OSError) as reason:
            self.why_ordinary = f"the kernel starts without {', '.join(self.preload)} imported: {reason}"
            self.log.warning("%s", self.why_ordinary)
            return await super().launch_kernel(cmd, **kwargs)
        self.process = kernel  # type: ignore[assignment]
        self.pid = self.pgid = kernel.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and wait a moment for its end: who calls this looks only every tenth of a second."""
        await super().kill(restart)
        for _ in range(KILL_POLLS):
            if await self.poll() is not None:
                break
            await asyncio.sleep(KILL_SECONDS / KILL_POLLS)


class WarmKernel:
    """A forked kernel, with the methods of subprocess.Popen that the base class uses. Ends with its client."""

    stdin = stdout = stderr = None
    alive: ClassVar[set[WarmKernel]] = set()  # as with Popen, losing the object is not to end the process

    def __init__(self, warm: WarmProcess, connection: socket.socket, pid: int) -> None:
        self.warm = warm
        self.connection = connection
        self.pid = pid
        self.returncode: int | None = None
        self.alive.add(self)

    def poll(self) -> int | None:
        """The exit status, or the negative number of the signal that ended it; None while it runs."""
        if self.returncode is None:
            with contextlib.suppress(BlockingIOError):
                self._end(self.connection.recv(64))
        return self.returncode

    def wait(self) -> int | None:
        """Wait for the end; see `poll`."""
        if self.returncode is None:
            self.connection.setblocking(True)
            self._end(self.connection.recv(64))
        return self.returncode

    def send_signal(self, number: int) -> None:
        """To the kernel alone, if it is still there."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _end(self, told: bytes) -> None:
        self.connection.close()
        self.alive.discard(self)
        if told:
            self.returncode = int(told.split()[1])
        else:  # the warm process was killed, and with it all its kernels
            self.returncode = -signal.SIGKILL
            with contextlib.suppress(OSError):
                self.warm.clear_away()


async def fork_kernel(
    command: list[str],
    preload: list[str],
    idle_seconds: float,
    *,
    env: dict[str, str],
    cwd: str | os.PathLike[str] | None = None,
    stdin: Stream = None,
    stdout: Stream = None,
    stderr: Stream = None,
    **others: object,
) -> WarmKernel:
    """Have a kernel forked, by a warm process that is started if there is none.

    Raises WarmKernelError or OSError if that cannot be.
    """
    if not (hasattr(os, "fork") and hasattr(os, "waitid")):
        raise WarmKernelError("this system lacks os.fork or os.waitid")
    if others:
        raise WarmKernelError(f"it is to be started with {', '.join(others)}")
    warm = WarmProcess.of(command, preload, idle_seconds, env)
    request = {
        "arguments": command[len(warm.command) :],
        "command": command,
        "folder": str(Path(cwd or ".").absolute()),
        "environment": {**env, "JPY_PARENT_PID": str(os.getpid())},
    }
    for _ in range(ATTEMPTS):
        connection, is_new = warm.connect()
        try:
            answer = await ask(connection, request, (stdin, stdout, stderr))
        except BaseException:
            connection.close()
            raise
        word, _, rest = answer.partition(" ")
        if word == "started":
            return WarmKernel(warm, connection, int(rest))
        connection.close()
        if word == "failed":
            raise WarmKernelError(rest)
        if word == "ended":
            raise WarmKernelError(f"it ended with status {rest} before it listened")
        if word != "stale" and is_new:
            raise WarmKernelError(f"the process that imports it has ended: {warm.clear_away() or 'it wrote nothing'}")
    raise WarmKernelError("the process that imports it ends again and again")


async def ask(connection: socket.socket, request: dict[str, Any], streams: tuple[Stream, Stream, Stream]) -> str:
    """Send a request; give the answer, without its end of line, or as much as came before the warm process ended."""
    loop = asyncio.get_running_loop()
    answer = b""
    try:
        with descriptors(streams) as standard:
            socket.send_fds(connection, [b"\0"], standard)
        connection.setblocking(False)
        await loop.sock_sendall(connection, json.dumps(request).encode() + b"\n")
        while not answer.endswith(b"\n"):
            byte = await loop.sock_recv(connection, 1)  # the line after this one is for `WarmKernel.poll`
            if not byte:
                break
            answer += byte
    except (BrokenPipeError, ConnectionResetError):
        pass
    return answer.decode("utf-8", "replace").strip()


@contextlib.contextmanager
def descriptors(streams: tuple[Stream, Stream, Stream]) -> Iterator[list[int]]:
    """The descriptors 0, 1 and 2 of a kernel. As with ordinary kernels, there is nothing to read by default."""
    stdin, stdout, stderr = streams
    nothing, end = os.pipe()
    os.close(end)
    with os.fdopen(nothing), Path(os.devnull).open("r+b") as null:

        def number(stream: Stream, default: int) -> int:
            if stream == subprocess.PIPE:
                raise WarmKernelError("its output is to go to a pipe made for it")
            if stream == subprocess.DEVNULL:
                return null.fileno()
            return default if stream is None else stream if isinstance(stream, int) else stream.fileno()

        out = number(stdout, 1)
        yield [number(stdin, nothing), out, out if stderr == subprocess.STDOUT else number(stderr, 2)]


@dataclass(frozen=True)
class WarmProcess:
    """The warm process for a command, modules and an environment, whether it runs or not."""

    command: list[str]  # of the kernel, up to the module that is run
    settings: dict[str, Any]

    @classmethod
    def of(cls, kernel_command: list[str], preload: list[str], idle_seconds: float, env: dict[str, str]) -> WarmProcess:
        """Raises WarmKernelError if such kernels cannot be forked."""
        if "-m" not in kernel_command[:-1]:
            raise WarmKernelError(f"its command is not of the form 'python -m MODULE': {' '.join(kernel_command)}")
        length = kernel_command.index("-m") + 2
        command = kernel_command[:length]
        for option in command[1:]:
            if option.startswith("-") and not option.startswith(("-X", "-W")) and set(option) & set("EIS"):
                raise WarmKernelError(f"the option {option} has Python ignore PYTHONPATH or sitecustomize")
        environment = {
            name: value for name, value in env.items() if not name.startswith(OF_A_CLIENT) and name not in OF_A_SHELL
        }
        paths = environment.get("PYTHONPATH", "")
        if not all(map(os.path.isabs, filter(None, paths.split(os.pathsep)))):
            raise WarmKernelError(f"PYTHONPATH has a path that is not absolute: {paths}")
        first = OF_IPYKERNEL if command[-1] == LAUNCHER else []
        settings = {"first": first, "preload": preload, "idle_seconds": idle_seconds, "environment": environment}
        return cls(command, settings)

    @property
    def name(self) -> str:
        """The same for all clients that can share it, until this program changes."""
        told = json.dumps([self.command, self.settings], sort_keys=True).encode()
        return hashlib.sha256(told + SERVER.read_bytes()).hexdigest()[:16]

    @property
    def folder(self) -> Path:
        """The folder of all warm processes of this user."""
        runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        return Path(runtime) / f"warm-kernels-{os.getuid()}"

    @property
    def address(self) -> Path:
        return self.folder / f"{self.name}.socket"

    def printed(self, descriptor: int) -> Path:
        """What the modules print to stdout (1) or stderr (2) while they are imported."""
        return self.folder / f"{self.name}.{descriptor}"

    def connect(self) -> tuple[socket.socket, bool]:
        """Connect to it, and start it first if need be; and whether it was started. It answers after its imports."""
        with locked(str(self.folder)):
            connection = socket.socket(socket.AF_UNIX)
            try:
                try:
                    connection.connect(str(self.address))
                    return connection, False
                except (FileNotFoundError, ConnectionRefusedError):
                    self._start()
                    connection.connect(str(self.address))
                    return connection, True
            except BaseException:
                connection.close()
                raise

    def clear_away(self) -> str:
        """Remove what a warm process left that was killed or crashed; give the last line that it wrote."""
        with locked(str(self.folder)):
            try:
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.connect(str(self.address))
                return ""  # it has a successor
            except OSError:
                lines = self.printed(2).read_text("utf-8", "replace").split("\n") if self.printed(2).exists() else []
                remove(str(self.folder), self.name)
        return next((line for line in reversed(lines) if line), "")

    def _start(self) -> None:
        environment = dict(self.settings["environment"])
        paths = [str(STARTUP), *filter(None, [environment.get("PYTHONPATH")])]
        self.address.unlink(missing_ok=True)
        with (
            socket.socket(socket.AF_UNIX) as listener,
            self.printed(1).open("w+b") as stdout,
            self.printed(2).open("w+b") as stderr,
        ):
            listener.bind(str(self.address))
            listener.listen(128)
            place = {"listen": listener.fileno(), "folder": str(self.folder), "name": self.name}
            environment[VARIABLE] = json.dumps({**self.settings, **place})
            environment["PYTHONPATH"] = os.pathsep.join(paths)
            first = subprocess.Popen(
                # The arguments are for people who look at the list of processes. `-f /dev/null` has ipykernel end with
                # an error if the interpreter does not import our sitecustomize.
                [*self.command, "-f", os.devnull, *self.settings["preload"]],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env=environment,
                cwd="/",
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )
        try:
            first.wait(START_SECONDS)  # it leaves a daemon
        except BaseException:
            first.kill()
            first.wait()
            raise
