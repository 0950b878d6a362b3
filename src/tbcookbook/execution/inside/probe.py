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

    {"script": "/x/broken.py", "folder": "/tmp/run", "globals": ["losses"],
     "seconds": 60.0, "memory": 4294967296, "output": 16777216}

``folder`` holds ``work`` (the script's working directory) and ``tmp``; ``stdout``, ``stderr`` and ``journal`` are
written beside them. The journal has one JSON document a line: each Python warning shown, then the exception or the
values of the globals asked for. The supervisor answers ``{"started": PID}`` and then the result::

    {"exit": 0, "signal": null, "stopped": null, "seconds": 0.41, "memory": 512000000,
     "left_behind": ["sleep 60"], "probe_lost": false}

``stopped`` says which limit ended the script: ``"time"``, ``"memory"`` or ``"output"``.
"""

import sys

del sys.path[0]  # this folder: its module names are no business of the target's

import _thread
import argparse
import collections
import ctypes
import gc
import importlib
import itertools
import json
import os
import resource
import select
import shutil
import signal
import socket
import tempfile
import threading
import time
import traceback
import types
import warnings

POLL_SECONDS = 0.05  # how often memory and output are looked at
INTERRUPT_SECONDS = 1.0  # between Ctrl-C, which leaves a traceback, and SIGKILL
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
PF_EXITING = 4  # linux/sched.h
MADV_POPULATE_WRITE = 23  # asm-generic/mman-common.h, Linux 5.14 and later


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", type=int, required=True, help="file descriptor of the listening socket")
    parser.add_argument("--status", type=int, required=True, help="file descriptor to announce readiness on")
    parser.add_argument("--folder", required=True, help="folder of all runs, removed at the end")
    parser.add_argument("--preload", action="append", default=[], metavar="MODULE")
    options = parser.parse_args()
    remember_main_thread()
    # The thread preloads as well as forks: what a module keeps in thread-local storage at import is then
    # there for the scripts.
    run_script = ctypes.pythonapi.PyRun_SimpleFileExFlags
    run_script.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    scripts = itertools.starmap(run_script, accepted_scripts(options))
    _thread.start_new_thread(collections.deque, (scripts, 0))
    while True:
        time.sleep(3600)


def accepted_scripts(options):
    """Serve for ever; in a process forked to run a script, yield the arguments of the call that runs it."""
    # To the modules this is the main thread; a thread of unknown origin would be given an object of its own, which
    # complains when the script ends.
    threading._active[threading.get_ident()] = threading.main_thread()
    try:
        shown_at_import = preload(options.preload)
    except BaseException:
        traceback.print_exc()
        os._exit(3)
    listener = socket.socket(fileno=options.listen)
    listener.setblocking(False)
    request = serve(listener, options.status, options.folder, heap())  # returns in script processes only
    file_and_name = prepare(request, shown_at_import)
    yield file_and_name + (1, None)
    finish(request)


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


def serve(listener, status, folder, memory):
    """Keep a supervisor ready for the next connection. Returns the request, in the processes that run a script."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    lifeline = 0  # stdin, a pipe from the driver: its end says that the driver is gone
    supervisors = set()
    ready = None  # the supervisor that will accept the next connection, and a pipe on which it says that it has
    os.write(status, json.dumps({"ready": os.getpid()}).encode() + b"\n")
    while True:
        if ready is None:
            accepted, tell = os.pipe()
            pid = fork()
            if pid == 0:
                os.close(status)
                os.close(accepted)
                return supervise(listener, tell, lifeline, memory)
            os.close(tell)
            supervisors.add(pid)
            ready = accepted
        readable, _, _ = select.select([lifeline, ready], [], [], 0.25 if len(supervisors) > 1 else None)
        if lifeline in readable:
            listener.close()
            while supervisors:  # they watch the lifeline too
                reap(supervisors)
                time.sleep(0.01)
            shutil.rmtree(folder, ignore_errors=True)
            os._exit(0)
        if ready in readable:  # it has accepted one, or died
            os.close(ready)
            ready = None
        reap(supervisors)


def reap(supervisors):
    """Collect what ended, and kill what a script left to us by killing its supervisor."""
    while True:
        for pid in children_of(os.getpid()) - supervisors:
            kill(pid, signal.SIGKILL)
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            pid = 0
        if pid == 0:
            return
        supervisors.discard(pid)


# The supervisor


def supervise(listener, tell, lifeline, memory):
    """Accept a connection, run one script and answer.

    Returns the request in the script's process, and never in the supervisor's. The script's process is forked before
    there is a request for it, and copies the memory it shares with the probe: with TensorFlow in it, both take a while.
    """
    probe, me = os.getppid(), os.getpid()
    os.setsid()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # as long as it only waits: nothing is run for a probe that is lost
    incoming, outgoing = os.pipe()
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
        return request
    os.close(incoming)
    connection = accept(listener, lifeline)
    prctl(PR_SET_PDEATHSIG, 0)
    if os.getppid() != probe:
        os._exit(0)
    os.close(tell)  # by which the probe knows that the next supervisor is needed
    request = json.loads(connection.makefile("r", encoding="utf-8").readline() or "null")
    if request is None:
        kill(script, signal.SIGKILL)
        os._exit(0)
    for name in ("stdout", "stderr"):
        open(os.path.join(request["folder"], name), "wb").close()
    os.chdir(request["folder"])  # by which the driver finds this process if it is stopped
    began = time.monotonic()
    send(connection, {"started": script})  # first: the script may stop this process
    with open(outgoing, "w", encoding="utf-8") as pipe:
        pipe.write(json.dumps(request) + "\n")
    result = watch(script, request, began, [connection.fileno(), lifeline])
    result["left_behind"] = kill_the_rest(me)
    result["probe_lost"] = is_lost(probe)
    send(connection, result)
    os._exit(0)


def copy(memory):
    """Have the system copy shared pages at once. The end of the interpreter writes to most of them, one by one."""
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = [ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]
    for first, length in memory:
        advise(first, length, MADV_POPULATE_WRITE)


def accept(listener, lifeline):
    """Wait for a connection; ends this process if the driver leaves."""
    while True:
        readable, _, _ = select.select([listener, lifeline], [], [])
        if lifeline in readable:
            os._exit(0)
        try:
            connection, _ = listener.accept()
        except OSError:  # another probe of the same socket was faster, or the client has left
            continue
        connection.setblocking(True)
        listener.close()
        return connection


def is_lost(probe):
    """Whether the probe is gone or about to be: one that was killed remains the parent until its memory is freed."""
    if os.getppid() != probe:
        return True
    try:
        with open("/proc/%d/stat" % probe) as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return False
    flags, pending = int(fields[6]), int(fields[28])  # the fields 9 and 31 of proc(5)
    return bool(flags & PF_EXITING or pending & 1 << (signal.SIGKILL - 1))


def watch(script, request, began, clients):
    """Wait for the script or for a limit. `clients` become readable when nobody waits for the result any more."""
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    outputs = [os.path.join(request["folder"], name) for name in ("stdout", "stderr")]
    stopped, kill_at = None, None
    while True:
        pid, status, usage = os.wait4(script, os.WNOHANG)
        now = time.monotonic()
        if pid:
            break
        if stopped is None:
            if now - began > request["seconds"]:
                stopped, kill_at = "time", now + INTERRUPT_SECONDS
                kill(script, signal.SIGINT)
            elif sum(map(resident_bytes, family_of(os.getpid()))) > request["memory"]:
                stopped, kill_at = "memory", now
            elif sum(map(file_bytes, outputs)) > request["output"]:
                stopped, kill_at = "output", now
        if kill_at is not None and now >= kill_at:
            kill(script, signal.SIGKILL)
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
        "signal": signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else None,
        "stopped": stopped,
        "seconds": now - began,
        "memory": usage.ru_maxrss * unit,
    }


def kill_the_rest(me):
    """Kill and reap all descendants; give the command lines of those that were still running."""
    commands = []
    while True:
        left = family_of(me) - {me}
        commands.extend(filter(None, map(command_line, left)))
        for pid in left:
            kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, 0 if left else os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return sorted(commands)


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


def prepare(request, shown_at_import):
    """Make this process what ``python script`` would be; give the C file and the name to run."""
    script, folder = request["script"], request["folder"]
    os.chdir(os.path.join(folder, "work"))
    with open(os.path.join(folder, "stderr"), "ab") as stderr:
        with open("/proc/self/fd/2" if os.path.exists("/proc/self/fd/2") else os.devnull, "rb") as imported:
            stderr.write(imported.read())  # what the imports said, the reader would have seen too
        stderr.flush()
        os.dup2(stderr.fileno(), 2)
    with open(os.path.join(folder, "stdout"), "ab") as stdout:
        os.dup2(stdout.fileno(), 1)
    os.environ["TMPDIR"] = os.path.join(folder, "tmp")
    tempfile.tempdir = None
    sys.argv[:] = [script]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = [sys.executable, script]
    sys.path.insert(0, os.path.dirname(script))
    for entry in shown_at_import:
        write_journal(folder, entry)
    hook_warnings(lambda entry: write_journal(folder, entry))
    fopen = ctypes.CDLL(None).fopen
    fopen.argtypes, fopen.restype = [ctypes.c_char_p, ctypes.c_char_p], ctypes.c_void_p
    return fopen(os.fsencode(script), b"rb"), os.fsencode(script)


def finish(request):
    """Write down how the script ended and end the interpreter as it would have ended.

    A script that leaves with ``sys.exit`` does not get here: the interpreter is finalised inside the call.
    """
    ctypes.pythonapi.Py_Exit(record_end(request))  # nothing of the script's is held here: its destructors run


def record_end(request):
    """Write the exception and the globals to the journal; give the exit status."""
    error = getattr(sys, "last_value", None)
    if error is not None:
        write_journal(request["folder"], dict(describe_exception(error), entry="exception"))
    values = {}
    for path in request["globals"]:
        try:
            values[path] = plain(look_up(sys.modules["__main__"].__dict__, path))
        except Exception as problem:
            values[path] = {"missing": "%s: %s" % (type(problem).__name__, problem)}
    write_journal(request["folder"], {"entry": "globals", "values": values})
    return 0 if error is None else 1


def write_journal(folder, entry):
    with open(os.path.join(folder, "journal"), "a", encoding="utf-8") as journal:
        journal.write(json.dumps(entry) + "\n")


def hook_warnings(record):
    """Call `record` with a journal entry for every warning that is shown; give the function that undoes it."""
    show = warnings._showwarnmsg_impl

    def show_and_record(message):
        record(
            {
                "entry": "warning",
                "type": qualified_name(message.category),
                "message": str(message.message),
                "file": message.filename,
                "line": message.lineno,
            }
        )
        show(message)

    warnings._showwarnmsg_impl = show_and_record

    def undo():
        warnings._showwarnmsg_impl = show

    return undo


def describe_exception(error):
    """Type, message, frames and the chain below it, as the traceback shows them (`error` itself is shown last)."""
    seen, chain = {id(error)}, []
    below, relation = next_in_chain(error)
    while below is not None and id(below) not in seen:
        seen.add(id(below))
        chain.append(dict(describe_one(below), relation=relation))
        below, relation = next_in_chain(below)
    return dict(describe_one(error), chain=chain)


def next_in_chain(error):
    if error.__cause__ is not None:
        return error.__cause__, "cause"
    if error.__context__ is not None and not error.__suppress_context__:
        return error.__context__, "context"
    return None, None


def describe_one(error):
    try:
        message = str(error)
    except BaseException:
        message = "<exception str() failed>"  # the traceback module's own words
    frames = [[frame.filename, frame.lineno, frame.name] for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append([error.filename, error.lineno, ""])
    return {"type": qualified_name(type(error)), "message": message, "frames": frames}


def qualified_name(kind):
    if kind.__module__ in ("builtins", "__main__"):
        return kind.__qualname__
    return kind.__module__ + "." + kind.__qualname__


def look_up(program, path):
    """The value at a dotted path: a global, then keys or attributes."""
    first, *rest = path.split(".")
    value = program[first]
    for name in rest:
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    return value


def plain(value):
    """Numbers and lists of numbers, out of whatever a script computes with."""
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "numpy"):
        value = value.numpy()
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    raise TypeError("neither a number nor a list of numbers: " + type(value).__name__)


# Processes


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


def send(connection, document):
    try:
        connection.sendall(json.dumps(document).encode() + b"\n")
    except OSError:
        pass  # nobody waits for it any more


def kill(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def prctl(option, value):
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def family_of(pid):
    """`pid` and all its living descendants. Empty but for `pid` where there is no /proc."""
    family, new = {pid}, {pid}
    while new:
        new = set().union(*map(children_of, new)) - family
        family |= new
    return family


def children_of(pid):
    children = set()
    try:
        for thread in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, thread)) as listing:
                children.update(map(int, listing.read().split()))
    except OSError:
        pass  # it has ended
    return children


def resident_bytes(pid):
    try:
        with open("/proc/%d/statm" % pid) as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def command_line(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as line:
            return line.read().replace(b"\0", b" ").decode("utf-8", "backslashreplace").strip()
    except OSError:
        return ""


def file_bytes(path):
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


if __name__ == "__main__":
    main()
