"""Scripts: programs of hostile lines, run in a sandbox, judged and told.

They run as whoever runs the fuzzer, in any order. So no line names a path of the machine's, nor one that depends on the
working directory: what they remove, leave or link to is their own folder, `OWN`, or an empty one, `ELSEWHERE`.
"""

from __future__ import annotations

import functools

from hypothesis import strategies as st

from tbcookbook.execution.sandbox import Limits, Probe, Sandbox
from tbcookbook.observation.record import Observation
from tbcookbook.render.printable import OBEYED, printable_json
from tbcookbook.render.report import failure, plain_text
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.targets.target import Target, this_target
from tbcookbook.verdict.case import Case
from tbcookbook.verdict.judge import judge_case
from tools.fuzz.subject import Subject, temporary_folder

FOLDER = temporary_folder()
LIMITS = Limits(seconds=5.0, memory=2**29, output=2**20)
LINES = [
    *("raise ValueError('x\\x1b[2J')", "raise SystemExit(3)", "raise KeyboardInterrupt", "1/0", "print('x' * 10**5)"),
    *("print('\\ud800')", "sys.stderr.write('\\udcff\\x9b')", "os.write(2, bytes(range(256)))", "os.close(2)"),
    *("os.close(1)", "sys.stdout = None", "sys.stderr = None", "sys.excepthook = None", "del sys.modules['os']"),
    *("os.fork()", "os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 11)", "os.kill(os.getpid(), 40)", "os.abort()"),
    *("os._exit(0)", "os._exit(7)", "os.setsid()", "os.chdir(ELSEWHERE)", "os.closerange(3, 100)", "os.nice(5)"),
    *(
        "os.makedirs('logs/a/b', exist_ok=True)",
        "os.mkfifo('logs/events.out.tfevents.1.h')",
        "os.symlink(ELSEWHERE, 'logs')",
    ),
    *("os.symlink('nowhere', 'events.out.tfevents.1')", "open('logs/events.out.tfevents.2.h', 'wb').write(b'x' * 99)"),
    *("open(b'\\xff\\xfe', 'w')", "open('a\\x1b[2J', 'w')", "open('projector_config.pbtxt', 'w').write('{')"),
    *("resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))", "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"),
    *("sys.setrecursionlimit(50)", "warnings.warn('w\\ud800\\n\\x1b')", "warnings.simplefilter('error')"),
    *("(lambda f: f(f))(lambda f: f(f))", "threading.Thread(target=lambda: 1/0).start()", "atexit.register(1/1)"),
    *(
        "class E(Exception): __module__ = None",
        "class F(Exception): __str__ = lambda self: 1/0",
        "raise E()",
        "raise F()",
    ),
    *(
        "shutil.rmtree(os.path.dirname(OWN), ignore_errors=True)",
        "signal.alarm(1)",
        "x = [float('nan'), 10**400, '\\ud800', {1: 2}]",
    ),
    *("builtins.open = None", "sys.exit('\\udc80 text')", "exec('x = 1\\n' * 3)", "gc.disable()", "time.sleep(0.01)"),
]
HEAD = f"""\
import atexit, builtins, gc, os, resource, shutil, signal, sys, threading, time, warnings
OWN, ELSEWHERE = os.getcwd(), {str(FOLDER / "elsewhere" / "empty")!r}
"""
SCENARIO = load_scenarios()[0]


@functools.cache
def here() -> Target:
    return this_target()


@functools.cache
def probe() -> Probe:
    return Probe(here(), preload=())


def check(lines: list[str]) -> None:
    (FOLDER / "elsewhere" / "empty").mkdir(parents=True, exist_ok=True)
    script = FOLDER / "broken.py"
    script.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    seen = Sandbox(here(), probe().folder, LIMITS).run(script, ("x",))
    assert isinstance(seen, Observation)
    assert seen.ending in ("raises", "unknown", "killed", "exits", "time", "memory", "output", "lost", "ok")
    told = printable_json(seen.as_json())
    told.encode()
    verdict = judge_case(Case(SCENARIO, "broken", here()), seen)
    shown = plain_text(failure(verdict))
    assert not OBEYED.search(shown)
    shown.encode()


def close() -> None:
    if probe.cache_info().currsize:
        probe().close()


SUBJECT = Subject(
    "scripts",
    st.lists(st.sampled_from(LINES), min_size=1, max_size=5),
    check,
    declared=(),
    seconds=60.0,
    share=1,
    waits=True,
    close=close,
)
