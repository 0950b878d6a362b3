"""The warm process: it imports slow modules once, and forks a Jupyter kernel for every request.

It runs in the kernel's interpreter: standard library only, Python 3.7 and later. `provisioner.py` is the client's side.

The process is started with the kernel's own command, say ``python -m ipykernel_launcher``, and with the folder
``startup`` on its PYTHONPATH. Python imports ``sitecustomize`` from there while it starts, and that calls `serve`:
it imports, keeps one process forked for the next client, accepts connections, and returns in the forked processes
alone. Each of these goes on starting as if nothing had been, and so becomes a kernel like any other: in the main
thread, with nothing of ours on its stack or in its ``__main__``, and finalised by the interpreter itself.

A client sends the descriptors 0, 1 and 2 of the kernel with one byte, and then one line of JSON::

    {"arguments": ["-f", "/x/kernel.json"], "command": ["python", "-m", ...], "folder": "/x", "environment": {...}}

It is answered with lines: ``started PID`` when an IPython kernel listens, or when any other is there, and ``ended
STATUS`` (the negative number of a signal) when it has ended; or ``failed REASON``, and then an ordinary kernel must do;
or ``stale``: ask again. A client that closes the connection has its kernel killed, with all of its process group. Until
then an ended kernel is not reaped, so that its number cannot name another process.
"""

from __future__ import annotations

import array
import contextlib
import copy
import ctypes
import gc
import importlib
import importlib.abc
import inspect
import json
import logging
import os
import select
import signal
import socket
import struct
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NamedTuple

VARIABLE = "WARM_KERNELS"  # holds the settings, as JSON, in the environment of the warm process
LOCK_SECONDS = 60.0  # until another client that starts a warm process, which takes a moment, is given up
SAY_SECONDS = 5.0  # until a client that does not read is given up
PR_SET_PDEATHSIG = 1  # linux/prctl.h
MADV_POPULATE_WRITE = 23  # asm-generic/mman-common.h, since Linux 5.14
COPIED_BYTES = 8 << 20  # at a time, which takes some milliseconds

# Where an IPython kernel is launched, and what it imports when it starts and runs its first cells.
KERNEL_APP = "ipykernel.kernelapp"
LAUNCHER = "ipykernel_launcher"  # the module that is run


@contextlib.contextmanager
def locked(folder: str) -> Iterator[None]:
    """Hold the lock of the folder of all warm processes, which is made if there is none.

    Raises OSError if it cannot be made, or is not this user's alone, or is locked for too long. Other users may have
    put anything there, a FIFO or a folder that they have locked: nothing waits for them.
    """
    while True:
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            status = os.fstat(descriptor)
            if status.st_uid != os.getuid() or status.st_mode & 0o077:
                raise PermissionError(f"{folder} must belong to user {os.getuid()} and to nobody else (mode 700)")
            lock(descriptor, folder)
            if os.fstat(descriptor).st_nlink:  # else somebody removed it while we waited
                yield
                return
        finally:
            os.close(descriptor)


def lock(descriptor: int, folder: str) -> None:
    """Raises TimeoutError if another process of this user holds the lock of the folder for too long."""
    import fcntl

    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{folder} was locked for {LOCK_SECONDS:.0f} s") from None
            time.sleep(0.01)


def remove(folder: str, name: str) -> None:
    """Remove the files of a warm process, and the folder if it was the last. Hold the lock."""
    for suffix in (".socket", ".1", ".2"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, name + suffix))
    with contextlib.suppress(OSError):
        os.rmdir(folder)


def serve() -> None:
    """Be the warm process that the environment asks for. Returns in the kernels alone."""
    settings = json.loads(os.environ.pop(VARIABLE))
    restore(settings["environment"])
    if os.fork():
        os._exit(0)  # nobody's child: no client has to wait for its end
    listener = socket.socket(fileno=settings["listen"])
    listener.setblocking(False)
    warm = Warm(listener, settings["folder"], settings["name"])
    try:
        preloaded = preload(settings["preload"], settings["first"])
    except BaseException as error:
        warm.withdraw("failed " + one_line(error))
        os._exit(1)
    become_kernel(warm.accept_and_fork(settings["idle_seconds"]), preloaded)


# The warm process


class Warm:
    """A listening warm process and its kernels."""

    def __init__(self, listener: socket.socket, folder: str, name: str) -> None:
        self.listener = listener
        self.folder = folder
        self.name = name
        self.address = os.path.join(folder, name + ".socket")
        self.inode = inode(self.address)
        self.kernels: dict[int, socket.socket] = {}
        self.ended: set[int] = set()  # and not reaped

    def accept_and_fork(self, idle_seconds: float) -> Forked:
        """Serve until idle for so long. Returns in kernels only."""
        before = module_files()
        woken, wake = os.pipe()
        for descriptor in (woken, wake):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(wake)
        handler = signal.signal(signal.SIGCHLD, lambda *_: None)
        poller = select.poll()
        poller.register(self.listener, select.POLLIN)
        poller.register(woken, select.POLLIN)
        memory: list[Range] | None = None
        ready: Ready | None = None
        withdrawn = False
        while self.kernels or not withdrawn:
            if ready is None and not withdrawn:
                forked = fork_ready(memory or [])
                if isinstance(forked, Forked):
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, handler)
                    for descriptor in (woken, wake):
                        os.close(descriptor)
                    for other in (self.listener, *self.kernels.values()):
                        other.close()
                    return forked
                ready = forked
            events = poller.poll(None if self.kernels else idle_seconds * 1000)
            if not events:
                withdrawn = self.withdraw_if_unasked()
            for descriptor, _ in events:
                if descriptor == woken:
                    os.read(woken, 4096)
                    self.tell_of_the_ended()
                elif descriptor != self.listener.fileno():
                    poller.unregister(descriptor)
                    self.end(descriptor)
                elif ready is not None:
                    connection = accepted(self.listener)
                    if connection is None:
                        continue
                    is_taken = ready.take(connection)
                    is_stale = module_files() != before  # meanwhile the kernel starts
                    if is_taken and not is_stale:
                        ready.go_on()
                        self.kernels[ready.pid] = connection
                        poller.register(connection, 0)  # for its end alone: what it says, the kernel reads
                        memory = finish() if memory is None else memory
                    else:
                        ready.end()
                        say(connection, "stale")
                        connection.close()
                    ready = None
                    if is_stale:
                        poller.unregister(self.listener)
                        self.withdraw("stale")
                        withdrawn = True
        os._exit(0)

    def tell_of_the_ended(self) -> None:
        for pid in set(self.kernels) - self.ended:
            end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if end is not None:
                self.ended.add(pid)
                status = end.si_status if end.si_code == os.CLD_EXITED else -end.si_status
                say(self.kernels[pid], f"ended {status}")

    def end(self, descriptor: int) -> None:
        """End the kernel whose client has closed the connection, and all of its process group."""
        pid = next(pid for pid, connection in self.kernels.items() if connection.fileno() == descriptor)
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self.ended.discard(pid)
        self.kernels.pop(pid).close()

    def withdraw_if_unasked(self) -> bool:
        """Let nobody come any more, unless somebody has just come. Clients come while they hold the lock."""
        with contextlib.suppress(OSError), locked(self.folder):  # the folder of our folder may have been removed
            if select.select([self.listener], [], [], 0)[0]:
                return False
            self.remove_files()
        return True

    def remove_files(self) -> None:
        if self.inode is not None and inode(self.address) == self.inode:  # else they are those of our successor
            remove(self.folder, self.name)

    def withdraw(self, answer: str) -> None:
        """Let nobody come any more, and give an answer to all who wait."""
        with contextlib.suppress(OSError), locked(self.folder):
            self.remove_files()
        while True:
            connection = accepted(self.listener)
            if connection is None:
                self.listener.close()
                return
            say(connection, answer)
            connection.close()


class Range(NamedTuple):
    """A range of memory, in bytes."""

    first: int  # its address
    length: int


class Forked(NamedTuple):
    """What a process that is ready to be a kernel has from its parent."""

    channel: socket.socket  # brings the client's connection, and then a byte when no module has changed
    parent: int  # the number of the process
    memory: list[Range]  # that it shares with its parent, and will write to


class Ready:
    """A process that is ready to be a kernel, seen from its parent."""

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.pid = pid
        self.channel = channel

    def take(self, connection: socket.socket) -> bool:
        """Let it be the kernel of this client; whether it is still there."""
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [connection.fileno()]))
        with contextlib.suppress(OSError):
            self.channel.sendmsg([b"!"], [rights])
            return True
        return False

    def go_on(self) -> None:
        """Let it tell its client that it is there."""
        with contextlib.suppress(OSError):  # it has ended
            self.channel.send(b"!")
        self.channel.close()

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.channel.close()


def fork_ready(memory: list[Range]) -> Forked | Ready:
    """Fork a process that is ready to be a kernel: gives `Forked` in that process, and `Ready` in its parent."""
    ours, its = socket.socketpair()
    parent = os.getpid()
    pid = fork()
    if pid:
        its.close()
        return Ready(pid, ours)
    ours.close()
    return Forked(its, parent, memory)


def accepted(listener: socket.socket) -> socket.socket | None:
    """The next connection of this user; None if there is none."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return None
        connection.settimeout(SAY_SECONDS)
        if not hasattr(socket, "SO_PEERCRED"):
            return connection
        _, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if user == os.getuid():
            return connection
        connection.close()


def inode(path: str) -> int | None:
    try:
        return os.stat(path).st_ino
    except OSError:
        return None


def say(connection: socket.socket, line: str) -> None:
    with contextlib.suppress(OSError):  # nobody listens any more
        connection.sendall(line.encode("utf-8", "backslashreplace") + b"\n")


def fork() -> int:
    """os.fork, without Python 3.12's warning about the threads of libraries, of BLAS say: those know of forks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return os.fork()


def preload(modules: list[str], first: list[str]) -> Preloaded:
    """Import what a kernel needs, and then `modules` as they would be imported in a cell.

    Raises whatever they raise, and RuntimeError if one has started a thread, which no fork would have.
    """
    gc.disable()  # an import makes much that lasts and hardly any garbage, and the collector would walk it many times
    asked = dict(os.environ)
    os.environ["JPY_PARENT_PID"] = asked["JPY_PARENT_PID"] = str(os.getpid())  # ipykernel reads it when it is imported
    for name in first:
        with contextlib.suppress(ImportError):  # some versions lack some; if ipykernel is missing, the kernel will tell
            importlib.import_module(name)
    streams = [Stream("stdout", 1), Stream("stderr", 2)]
    if KERNEL_APP in sys.modules:
        sys.stdout, sys.stderr = streams
        # IPython sets these, and modules take them for the sign of an interactive interpreter.
        sys.ps1, sys.ps2, sys.ps3 = "In : ", "...: ", "Out: "  # type: ignore[attr-defined]
        asked.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        os.environ["MPLBACKEND"] = asked["MPLBACKEND"]  # ipykernel sets it before there is a cell
    for stream in streams:
        stream.taken()  # of the kernel's own start, and in no cell
    written = {}
    for name in modules:
        importlib.import_module(name)
        taken = [stream.taken() for stream in streams]
        if "." not in name:
            written[name] = taken
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    started = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if started:
        raise RuntimeError(f"a thread was started at import: {', '.join(started)}")
    gc.freeze()  # the collector of a kernel would otherwise copy every page it walks
    variables = {
        name: os.environ.get(name) for name in set(asked) | set(os.environ) if asked.get(name) != os.environ.get(name)
    }
    return Preloaded(streams, written, variables)


def finish() -> list[Range]:
    """Do what the first kernel does not wait for. Gives the memory that the modules use."""
    gc.unfreeze()
    gc.collect()  # the collector goes by what was there at its last run: without one, it would run often in the kernels
    gc.freeze()
    if KERNEL_APP in sys.modules:
        prepare_tracebacks()
    return heap()


def prepare_tracebacks() -> None:
    """Fill the caches that IPython's first traceback fills: the files of all modules, and how Python is highlighted."""
    inspect.getmodule(prepare_tracebacks.__code__)
    with contextlib.suppress(ImportError):
        importlib.import_module("pygments.lexers").PythonLexer()


def heap() -> list[Range]:
    """The memory in use that is no file's, so without the code of libraries. None where there is no /proc."""
    ranges = []
    with contextlib.suppress(OSError), open("/proc/self/smaps") as mappings:  # proc(5)
        is_ours, first, length = False, 0, 0
        for line in mappings:
            words = line.split()
            if "-" in words[0]:
                first, end = (int(address, 16) for address in words[0].split("-"))
                length = end - first
                is_ours = words[1] == "rw-p" and (len(words) == 5 or words[5] == "[heap]")
            elif is_ours and words[0] == "Anonymous:" and int(words[1]) * 1024 > length / 2:
                ranges.append(Range(first, length))
    return ranges


class Preloaded(NamedTuple):
    """What the kernels need to know of the imports."""

    streams: list[Stream]  # which modules may hold
    written: dict[str, list[Written]]  # to the streams, by each module
    variables: dict[str, str | None]  # of the environment, that modules have set or removed


class Written(NamedTuple):
    """What was written to a stream, and past it to its descriptor, by an extension module say."""

    text: str
    raw: bytes


class Stream:
    """Stands for sys.stdout or sys.stderr during an import; for modules that keep it, it is then the kernel's stream.

    What is written meanwhile is kept.
    """

    def __init__(self, name: str, descriptor: int) -> None:
        self._name = name
        self._descriptor = descriptor
        self._stream = getattr(sys, name)
        self._kept: list[str] | None = []

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._stream, attribute)

    def write(self, text: str) -> int:
        if self._kept is None:
            return int(self._stream.write(text))
        self._kept.append(text)
        return len(text)

    def taken(self) -> Written:
        """What was written since the last call."""
        text, self._kept = "".join(self._kept or ()), []
        self._stream.flush()
        ctypes.CDLL(None).fflush(None)
        raw = os.pread(self._descriptor, os.lseek(self._descriptor, 0, os.SEEK_CUR), 0)
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        return Written(text, raw)

    def become(self, stream: Any) -> None:
        self._stream, self._kept = stream, None


def module_files() -> dict[str, tuple[int, int, int]]:
    """The files of all modules with their inode, size and time of change, so that what changes on disk is noticed."""
    files = {}
    for module in list(sys.modules.values()):
        with contextlib.suppress(TypeError, OSError):  # not a module, and not a file
            file = vars(module).get("__file__")
            if isinstance(file, str):
                status = os.stat(file)
                files[file] = (status.st_ino, status.st_size, status.st_mtime_ns)
    return files


def one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".replace("\n", " ")


# The kernel


def become_kernel(forked: Forked, preloaded: Preloaded) -> None:
    """Make this process what a new interpreter with the requested command would be at this point of its start."""
    os.setsid()
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != forked.parent:
            os._exit(1)
    copy_until_asked(forked.memory, forked.channel)
    connection = receive_connection(forked.channel)
    descriptors, request = receive(connection)
    try:
        os.chdir(request["folder"])
    except OSError as error:
        say(connection, "failed " + one_line(error))
        os._exit(1)
    for standard, descriptor in enumerate(descriptors):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    sys.stdout.reconfigure(line_buffering=os.isatty(1))  # type: ignore[union-attr]
    restore(dict(request["environment"], **preloaded.variables))
    sys.argv[1:] = request["arguments"]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = request["command"]
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()  # the standard library's generator seeds itself anew after a fork
    sys.meta_path.insert(0, HeldBack(preloaded.written))

    gc.enable()

    def tell() -> None:
        if not forked.channel.recv(1):
            os._exit(1)
        forked.channel.close()
        say(connection, f"started {os.getpid()}")
        connection.close()

    listens = KERNEL_APP in sys.modules and LAUNCHER in request["command"]
    if not listens:
        tell()
    if KERNEL_APP in sys.modules:
        hand_over_streams(preloaded.streams, tell if listens else None)


def copy_until_asked(memory: list[Range], channel: socket.socket) -> None:
    """Have the system copy memory that this process shares with others at once, not when each page is written to."""
    if not sys.platform.startswith("linux"):
        return
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = [ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]
    for first, length in memory:
        for start in range(first, first + length, COPIED_BYTES):
            if select.select([channel], [], [], 0)[0]:
                return
            advise(start, min(COPIED_BYTES, first + length - start), MADV_POPULATE_WRITE)  # before Linux 5.14 refused


def receive_connection(channel: socket.socket) -> socket.socket:
    """The connection with a client, from the warm process. Ends this process if that has ended."""
    descriptor = array.array("i")
    with contextlib.suppress(OSError):
        _, messages, _, _ = channel.recvmsg(1, socket.CMSG_SPACE(descriptor.itemsize))
        for _, _, data in messages:
            descriptor.frombytes(data)
            connection = socket.socket(fileno=descriptor[0])
            connection.settimeout(SAY_SECONDS)
            return connection
    os._exit(1)


def receive(connection: socket.socket) -> tuple[list[int], dict[str, Any]]:
    """The descriptors and the request that a client sends. Ends the process if it has left."""
    descriptors = array.array("i")
    with contextlib.suppress(OSError):
        _, messages, _, _ = connection.recvmsg(1, socket.CMSG_SPACE(3 * descriptors.itemsize))
        for _, _, data in messages:
            descriptors.frombytes(data)
        with connection.makefile("rb") as lines:
            line = lines.readline()
        if line.endswith(b"\n"):
            return list(descriptors), json.loads(line)
    os._exit(1)


def hand_over_streams(streams: list[Stream], tell: Callable[[], None] | None) -> None:
    """Let `streams` be the kernel's own as soon as it has made these, and call `tell` when it listens, just before.

    A client that comes before a kernel listens tries again a tenth of a second later (ZeroMQ's reconnect interval).

    Handlers of log messages are kept out of its sight until then: it configures `logging` when it starts, which would
    close them.
    """
    app = sys.modules[KERNEL_APP].IPKernelApp
    init_io = app.init_io
    handlers = logging._handlerList[:]  # type: ignore[attr-defined]
    logging._handlerList.clear()  # type: ignore[attr-defined]

    def init_io_and_hand_over(self: Any) -> None:  # what ipykernel does next when its sockets are there
        app.init_io = init_io
        if tell is not None:
            tell()
        init_io(self)
        logging._handlerList[:0] = handlers  # type: ignore[attr-defined]
        for stream in streams:
            stream.become(getattr(sys, stream._name))
            for handler in filter(None, (reference() for reference in handlers)):
                if getattr(handler, "stream", None) is stream:
                    handler.stream = stream._stream

    app.init_io = init_io_and_hand_over


class HeldBack(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports what is imported already, and writes what the first import wrote."""

    def __init__(self, written: dict[str, list[Written]]) -> None:
        self.written = written
        self.modules = {name: sys.modules.pop(name) for name in written}
        self.specs: dict[str, Any] = {name: module.__spec__ for name, module in self.modules.items()}

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        if name not in self.modules:
            return None
        spec: ModuleSpec = copy.copy(self.specs[name])
        spec.loader = self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.modules.pop(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__spec__.name  # type: ignore[union-attr]
        module.__spec__ = self.specs[name]
        for descriptor, stream, written in zip((1, 2), (sys.stdout, sys.stderr), self.written[name]):
            os.write(descriptor, written.raw)
            stream.write(written.text)


def restore(environment: dict[str, str | None]) -> None:
    """Make `environment` the whole environment. None is for variables that are not set."""
    wanted = {name: value for name, value in environment.items() if value is not None}
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    os.environ.update(wanted)
