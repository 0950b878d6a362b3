"""Run scripts inside a target interpreter: import slow packages once, fork a child for every script.

This file is started with the target's own interpreter and shares nothing with the rest of the package:
standard library only, Python 3.7 and later. The driver's side of the conversation is ``sandbox.py``.

Three kinds of process come of it::

    probe ──fork──> supervisor ──fork──> script
      │ preloads       │ accepts a connection; has limits of   │ the reader's script, as __main__
      │                │ time, memory and output; kills and    │
      │                │ reaps all that the script leaves      │

* The **probe** imports the modules it is told to, initialises nothing, and keeps one supervisor ready for the
  next connection. It never runs a script, so no script can change what the next one sees.
* A **supervisor** forks the script's process, accepts one connection, hands its request over, watches the script
  and answers with one result. As the "child subreaper" of all that the script starts (Linux) it finds and kills the
  processes left behind.
* The **script** process has its own session, working directory, temporary folder, stdout and stderr.

The script is run by the interpreter's own ``PyRun_SimpleFileExFlags``, called from the bottom of a thread's
stack. There is then no frame of ours below the script's ``<module>`` frame: TensorFlow writes the Python stack
into its error messages, and ``warnings`` and ``inspect`` walk it. A thread that forks becomes the main thread of
its child, so the script is in the main thread, as it would be in a process of its own.

Requests and results are JSON documents, one a line. A request::

    {"script": "/x/broken.py", "arguments": [], "folder": "/tmp/run", "globals": ["losses"], "finalise": true,
     "seconds": 60.0, "memory": 4294967296, "output": 16777216, "variables": {}}

A script whose name ends in ``.sh`` is run by ``sh -e``. ``folder`` holds ``work`` (the script's working directory) and
``tmp``; ``stdout`` and ``stderr`` are written beside them. The supervisor
answers ``{"started": PID}``, or ``{"failed": WHY}`` if it cannot start the script, and then the result::

    {"exit": 0, "signal": null, "stopped": null, "seconds": 0.41, "memory": 512000000,
     "left_behind": ["sleep 60"], "probe_lost": false, "journal": [{"entry": "end", "how": "returned"}]}

``stopped`` says which limit ended the script: ``"time"``, ``"memory"`` or ``"output"``. What the journal has and how
it comes about, ``journal.py`` says.
"""

import sys

from folders import remove
from journal import LEFT, RAISED, RETURNED, Journal, hook_warnings, tell_end
from processes import (
    PR_SET_CHILD_SUBREAPER,
    PR_SET_PDEATHSIG,
    Memory,
    children_of,
    is_lost,
    is_of,
    kill,
    kill_the_rest,
    outlast,
    prctl,
    signal_name,
)

del sys.path[0]  # this folder: its module names are no business of the target's
del sys.modules["folders"], sys.modules["journal"], sys.modules["processes"]

import _thread
import argparse
import atexit
import collections
import ctypes
import gc
import importlib
import itertools
import json
import os
import resource
import select
import signal
import socket
import tempfile
import threading
import time
import traceback
import types
import warnings

POLL_SECONDS = 0.05  # how often memory and output are looked at
REST_SECONDS = 1.0  # how often a probe that nothing happens to looks at its supervisors
RETRY_SECONDS = 0.05  # before another attempt to fork
TALK_SECONDS = 60.0  # for a client to send its request and to take the result
INTERRUPT_SECONDS = 1.0  # between Ctrl-C, which leaves a traceback, and SIGKILL
LONGEST_REQUEST = 2**20  # bytes
LONGEST_IMPORT_LOG = 2**20  # bytes of what the imports say
MADV_POPULATE_WRITE = 23  # asm-generic/mman-common.h, Linux 5.14 and later
LIFELINE = 0  # stdin, a pipe from the driver: its end says that the driver is gone

end_interpreter, end_process = ctypes.pythonapi.Py_Exit, os._exit  # before a script patches what it takes to find them
variables = dict(os.environ)  # before an import adds to them: those of a command line
serving = False  # in the probe, when all is imported
running = None  # in a script's process: the request and the journal


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", type=int, required=True, help="file descriptor of the listening socket")
    parser.add_argument("--status", type=int, required=True, help="file descriptor to announce readiness on")
    parser.add_argument("--folder", required=True, help="folder of all runs, removed at the end")
    parser.add_argument("--preload", action="append", default=[], metavar="MODULE")
    options = parser.parse_args()
    for descriptor in (options.listen, options.status):
        os.set_inheritable(descriptor, False)
    remember_main_thread()
    # The first to be registered is the last to be called: a script that leaves with sys.exit has nothing else to do.
    atexit.register(lambda: finish_early())
    # The thread preloads as well as forks: what a module keeps in thread-local storage at import is then
    # there for the scripts.
    run_script = ctypes.pythonapi.PyRun_SimpleFileExFlags
    run_script.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    statuses = collections.deque()  # of the one call, when it is done: 0, or -1 for an exception
    scripts = itertools.starmap(run_script, accepted_scripts(options, statuses))
    _thread.start_new_thread(statuses.extend, (scripts,))
    select.select([LIFELINE], [], [])
    while serving:  # the thread sees to it itself
        time.sleep(REST_SECONDS)
    kill_the_rest(os.getpid())
    remove(options.folder)
    os._exit(0)


def accepted_scripts(options, statuses):
    """Serve for ever; in a process forked to run a script, yield the arguments of the call that runs it."""
    # To the modules this is the main thread; a thread of unknown origin would be given an object of its own, which
    # complains when the script ends.
    threading._active[threading.get_ident()] = threading.main_thread()
    try:
        shown_at_import = preload(options.preload)
        said_at_import = log_so_far()
        listener = socket.socket(fileno=options.listen)
        listener.setblocking(False)
        request, journal = serve(listener, options.status, options.folder, heap())  # in script processes only
    except BaseException:  # here a probe or a supervisor comes to its end: never may it stay, and not serve
        traceback.print_exc()
        os._exit(3)
    try:
        file_and_name = prepare(request, journal, shown_at_import, said_at_import)
    except BaseException as problem:
        journal.write({"entry": "end", "how": "not begun", "why": str(problem)})
        os._exit(3)
    yield file_and_name + (1, None)
    finish(request, journal, statuses)


# The probe


def preload(modules):
    """Import `modules`; give the warnings they showed, as journal entries."""
    shown = []
    undo = hook_warnings(shown.append)
    gc.disable()  # an import makes much that lasts and little garbage: the collector would only walk it, many times
    for name in modules:
        importlib.import_module(name)
    gc.enable()
    undo()
    gc.collect()
    # The end of an interpreter frees all functions, tens of thousands with TensorFlow in it. Nothing hangs on that:
    # these stay. Modules, classes and objects go as they always do, and with them what a script has stored there.
    keep = ctypes.pythonapi.Py_IncRef
    keep.argtypes = [ctypes.py_object]
    for thing in gc.get_objects():
        if type(thing) is types.FunctionType:
            keep(thing)
    gc.freeze()  # the collector of a child would otherwise copy every page it walks
    return shown


def heap():
    """The ranges of memory, (first address, length), that hold what the modules made. None where there is no /proc."""
    ranges = []
    try:
        with open("/proc/self/smaps") as mappings:  # proc(5)
            for line in mappings:
                words = line.split()
                if "-" in words[0]:
                    first, end = (int(address, 16) for address in words[0].split("-"))
                    of_file = len(words) > 5 and not words[5].startswith("[")
                    wanted = words[1] == "rw-p" and not of_file
                elif words[0] == "Anonymous:" and wanted and 2 * int(words[1]) * 1024 > end - first:
                    ranges.append((first, end - first))
    except OSError:
        pass
    return ranges


def log_so_far():
    """What the imports have said: a reader would have seen it too. What the probe says later is for us alone."""
    try:
        with open("/proc/self/fd/2", "rb") as log:
            return log.read(LONGEST_IMPORT_LOG)
    except OSError:
        return b""


def serve(listener, status, folder, memory):
    """Keep a supervisor ready for the next connection. Returns request and journal, in processes that run a script."""
    global serving
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    supervisors = set()
    ready = None  # the supervisor that will accept the next connection, and a pipe on which it says that it has
    serving = True
    os.write(status, json.dumps({"ready": os.getpid()}).encode() + b"\n")
    while True:
        if ready is None:
            accepted, tell = os.pipe()
            try:
                pid = fork()
            except OSError:  # too many processes, for now
                os.close(accepted)
                os.close(tell)
                pid = None
            if pid == 0:
                os.close(status)
                os.close(accepted)
                return supervise(listener, tell, memory)
            if pid is not None:
                os.close(tell)
                supervisors.add(pid)
                ready = accepted
        busy = len(supervisors) > 1 or children_of(os.getpid()) - supervisors
        rest = RETRY_SECONDS if ready is None else 0.25 if busy else REST_SECONDS
        readable, _, _ = select.select([LIFELINE] + ([] if ready is None else [ready]), [], [], rest)
        if LIFELINE in readable:
            listener.close()
            while supervisors:  # they watch the lifeline too
                reap(supervisors)
                time.sleep(0.01)
            remove(folder)
            os._exit(0)
        if ready in readable:  # it has accepted one, or died
            os.close(ready)
            ready = None
        reap(supervisors)


def reap(supervisors):
    """Collect what ended, end what was stopped, and kill what a script left to us by killing its supervisor."""
    for pid in children_of(os.getpid()) - supervisors:
        kill(pid, signal.SIGKILL)
    while True:
        try:
            pid, how = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if os.WIFSTOPPED(how):
            kill(pid, signal.SIGKILL)
        else:
            supervisors.discard(pid)


# The supervisor


def supervise(listener, tell, memory):
    """Accept a connection, run one script and answer.

    Returns request and journal in the script's process, and never in the supervisor's. The script's process is forked
    before there is a request for it, and copies the memory it shares with the probe: with TensorFlow in it, both take a
    while.
    """
    probe, me = os.getppid(), os.getpid()
    os.setsid()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # as long as it only waits: nothing is run for a probe that is lost
    incoming, outgoing = os.pipe()
    journal = Journal()
    script = fork()
    if script == 0:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != me:
            os._exit(1)
        for descriptor in (listener.detach(), tell, outgoing):
            os.close(descriptor)
        settle()
        copy(memory)
        with open(incoming, encoding="utf-8") as pipe:
            request = json.loads(pipe.readline() or "null")
        if request is None:
            os._exit(0)
        journal.begin()
        return request, journal
    os.close(incoming)
    connection = accept(listener)
    prctl(PR_SET_PDEATHSIG, 0)
    if os.getppid() != probe:
        os._exit(0)
    os.close(tell)  # by which the probe knows that the next supervisor is needed
    request = json.loads(connection.makefile("r", encoding="utf-8").readline(LONGEST_REQUEST) or "null")
    if request is None:
        kill(script, signal.SIGKILL)
        os._exit(0)
    try:
        for name in ("stdout", "stderr"):
            open(os.path.join(request["folder"], name), "wb").close()
        os.chdir(request["folder"])  # by which the driver finds this process if it is stopped
    except OSError as problem:
        send(connection, {"failed": str(problem)})
        kill(script, signal.SIGKILL)
        os._exit(0)
    began = time.monotonic()
    send(connection, {"started": script})  # first: the script may stop this process
    with open(outgoing, "w", encoding="utf-8") as pipe:
        pipe.write(json.dumps(request) + "\n")
    result = watch(script, request, began, [connection.fileno(), LIFELINE])
    outlast(me)
    result["left_behind"] = kill_the_rest(me)
    result["journal"] = journal.entries()
    result["probe_lost"] = is_lost(probe)
    send(connection, result)
    os._exit(0)


def copy(memory):
    """Have the system copy shared pages at once. The end of the interpreter writes to most of them, one by one."""
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = [ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]
    for first, length in memory:
        advise(first, length, MADV_POPULATE_WRITE)


def accept(listener):
    """Wait for a connection; ends this process if the driver leaves."""
    while True:
        readable, _, _ = select.select([listener, LIFELINE], [], [])
        if LIFELINE in readable:
            os._exit(0)
        try:
            connection, _ = listener.accept()
        except OSError:  # another probe of the same socket was faster, or the client has left
            continue
        if not is_of(connection, (0, os.getuid())):
            connection.close()
            continue
        connection.settimeout(TALK_SECONDS)
        listener.close()
        return connection


def watch(script, request, began, clients):
    """Wait for the script or for a limit. `clients` become readable when nobody waits for the result any more."""
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    outputs = [os.path.join(request["folder"], name) for name in ("stdout", "stderr")]
    stopped, kill_at, memory = None, None, Memory()
    while True:
        pid, status, usage = os.wait4(-1, os.WNOHANG)  # others are what the script left without a parent
        if pid == script:
            break
        if pid:
            continue
        now = time.monotonic()
        if stopped is None:
            if now - began > request["seconds"]:
                stopped, kill_at = "time", now + INTERRUPT_SECONDS
                kill(script, signal.SIGINT)
            elif memory.exceeds(os.getpid(), request["memory"]):
                stopped, kill_at = "memory", now
            elif sum(map(file_bytes, outputs)) > request["output"]:
                stopped, kill_at = "output", now
        if kill_at is not None and now >= kill_at:
            kill(-script, signal.SIGKILL)  # with its process group: none of these can fork meanwhile
        readable, _, _ = select.select([ended] + clients, [], [], POLL_SECONDS)
        if set(readable) & set(clients):
            kill(script, signal.SIGKILL)
            kill_the_rest(os.getpid())
            os._exit(0)
        if ended in readable:
            os.read(ended, 4096)
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2) of either system
    return {
        "exit": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": signal_name(os.WTERMSIG(status)) if os.WIFSIGNALED(status) else None,
        "stopped": stopped,
        "seconds": time.monotonic() - began,
        "memory": usage.ru_maxrss * unit,
    }


def file_bytes(path):
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def send(connection, document):
    try:
        connection.sendall(json.dumps(document).encode() + b"\n")
    except OSError:
        pass  # nobody waits for it any more


# The script's process


def settle():
    """Make this process what ``python`` would be, as far as that does not depend on the script."""
    os.setsid()
    with open("/dev/null", "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):  # a driver in the background may ignore some
        signal.signal(number, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # the standard library's generator seeds itself anew after a fork
    become_main_thread()
    program = types.ModuleType("__main__")
    program.__dict__.update(__builtins__=sys.modules["builtins"], __annotations__={})
    sys.modules["__main__"] = program


def prepare(request, journal, shown_at_import, said_at_import):
    """Make this process what ``python script`` would be; give the C file and the name to run. Or run a shell's."""
    global running
    script, folder = request["script"], request["folder"]
    for names in (variables, os.environ):
        names.update(request["variables"])
    os.chdir(os.path.join(folder, "work"))
    of_shell = script.endswith(".sh")
    for number, name in ((1, "stdout"), (2, "stderr")):
        with open(os.path.join(folder, name), "ab", buffering=0) as output:
            if number == 2 and not of_shell:
                output.write(said_at_import)
            os.dup2(output.fileno(), number)
    if of_shell:
        become_shell(script, request["arguments"], os.path.join(folder, "tmp"))
    os.environ["TMPDIR"] = os.path.join(folder, "tmp")
    tempfile.tempdir = None
    sys.argv[:] = [script] + request["arguments"]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = [sys.executable, script] + request["arguments"]
    sys.path.insert(0, os.path.dirname(script))
    for entry in shown_at_import:
        journal.write_warning(entry)
    hook_warnings(journal.write_warning)
    running = request, journal
    fopen = ctypes.CDLL(None, use_errno=True).fopen
    fopen.argtypes, fopen.restype = [ctypes.c_char_p, ctypes.c_char_p], ctypes.c_void_p
    file = fopen(os.fsencode(script), b"rb")
    if file is None:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), script)
    return file, os.fsencode(script)


def become_shell(script, arguments, folder):
    """Run a command line as a reader would; it ends at the first command that fails."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and what it starts so would too
        signal.signal(number, signal.SIG_DFL)
    os.execve("/bin/sh", ["sh", "-e", script] + arguments, dict(variables, TMPDIR=folder))


def finish(request, journal, statuses):
    """Tell how the script ended and end the interpreter as it would have ended.

    A script that leaves with ``sys.exit`` does not get here: the interpreter is finalised inside the call.
    """
    status = tell(request, journal, statuses)  # holds nothing of the script's any more: its destructors run
    if request["finalise"]:
        end_interpreter(status)
    end_process(status)


def tell(request, journal, statuses):
    failed = statuses[-1] != 0
    error = sys.__dict__.get("last_value") if failed else None
    tell_end(journal, RAISED if failed else RETURNED, error, request["script"], request["globals"])
    return 1 if failed else 0


def finish_early():
    """Called when the interpreter is finalised, after all exit handlers of the script."""
    if running is not None:
        request, journal = running
        tell_end(journal, LEFT, None, request["script"], request["globals"])


# The interpreter


def fork():
    """os.fork, without Python 3.12's warning about threads: the other thread of the probe only sleeps."""
    # A thread that `threading` does not know becomes a proper main thread in the child.
    known = threading._active.pop(threading.get_ident(), None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pid = os.fork()
    if pid and known is not None:
        threading._active[threading.get_ident()] = known
    return pid


main_thread_field = None


def remember_main_thread():
    """Find where CPython 3.13 keeps its main thread's state.

    A process forked from another thread inherits that pointer, dangling, and crashes on it in ``Py_Exit``
    (``resolve_final_tstate`` in Python/pylifecycle.c). It stands behind the main thread's number in ``_PyRuntime``.
    """
    global main_thread_field
    if sys.version_info < (3, 13):
        return
    runtime = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
    words = list((ctypes.c_size_t * 2048).from_address(runtime))
    number_and_state = [threading.main_thread().ident, thread_state()]
    for index in range(len(words) - 1):
        if words[index : index + 2] == number_and_state:
            main_thread_field = runtime + (index + 1) * ctypes.sizeof(ctypes.c_size_t)


def become_main_thread():
    """Let the one thread that came through the fork be the main thread to ``Py_Exit`` as well."""
    if main_thread_field is not None:
        ctypes.c_size_t.from_address(main_thread_field).value = thread_state()


def thread_state():
    get = ctypes.pythonapi.PyThreadState_Get
    get.restype = ctypes.c_size_t
    return get()


if __name__ == "__main__":
    main()
