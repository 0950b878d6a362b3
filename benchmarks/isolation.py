"""What isolation costs: every script run three ways, in one go, on the interpreter that runs this file.

* runpy: ``runpy.run_path`` in a process that has just imported TensorFlow; the import is not counted.
* warm: `Sandbox` on a warm probe, from the request to the finished observation; the one import is counted apart.
* fresh: `Sandbox` with a process of its own for every script, its import of TensorFlow included.

The three take turns script by script, so that a busy machine is busy for all of them. The observations of warm and
fresh are compared: they must agree in everything but times. Exit status 1 if they do not.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tbcookbook.recording import differences, recorded_form
from tbcookbook.runner import Case, cases
from tbcookbook.sandbox import Probe, Sandbox
from tbcookbook.scenario import load_scenarios
from tbcookbook.target import Target, this_target

RUNPY = """
import contextlib, runpy, sys, time
import tensorflow
began = time.perf_counter()
with contextlib.suppress(BaseException):
    runpy.run_path(sys.argv[1], run_name="__main__")
print("SECONDS", time.perf_counter() - began)
"""

MOST_COST, LEAST_SPEED_UP = 0.1, 6.0  # seconds a script over runpy; fresh over warm


def main() -> int:
    console = Console()
    target = this_target()
    console.print(target.title)
    found = cases(load_scenarios(), [target])
    rows: list[tuple[str, float, float, float]] = []
    disagreeing: list[tuple[str, str, str, str]] = []
    began = time.perf_counter()
    with Probe(target) as probe:
        warm, fresh = Sandbox(target, probe.folder), Sandbox(target)
        warm.run(Path(__file__).with_name("nothing.py"))  # the import, and the driver's own first use
        start = time.perf_counter() - began
        for case in found:
            script = case.scenario.script(case.role)
            values = case.scenario.values(case.role)
            alone = in_process(script, target)
            warm_seconds, warm_seen = timed(warm, script, values)
            fresh_seconds, fresh_seen = timed(fresh, script, values)
            rows.append((name(case), alone, warm_seconds, fresh_seconds))
            disagreeing += [(name(case), *difference) for difference in differences(warm_seen, fresh_seen)]
    report(console, rows, start)
    for case_name, path, before, after in disagreeing:
        console.print(f"{case_name}: warm and fresh disagree on {path}: {before} / {after}", markup=False)
    console.print(f"{len(rows)} scripts, {len(disagreeing)} disagreements between warm and fresh")
    return 1 if disagreeing else 0


def timed(sandbox: Sandbox, script: Path, values: list[str]) -> tuple[float, dict[str, Any]]:
    began = time.perf_counter()
    seen = sandbox.run(script, values)
    return time.perf_counter() - began, recorded_form(seen)


def in_process(script: Path, target: Target) -> float:
    """Seconds that a script takes by itself, after the import of TensorFlow."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [target.python, "-c", RUNPY, script],
            cwd=folder,
            env=target.environment(Path(folder) / "keras"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    return float(done.stdout.rpartition("SECONDS")[2])


def report(console: Console, rows: list[tuple[str, float, float, float]], start: float) -> None:
    table = Table("script", "runpy s", "warm s", "fresh s", "warm - runpy", "fresh / warm", box=None)
    for label, alone, warm, fresh in rows:
        table.add_row(label, *(f"{value:.2f}" for value in (alone, warm, fresh, warm - alone, fresh / warm)))
    console.print(table)
    alone, warm, fresh = (sum(column) for column in list(zip(*rows, strict=True))[1:])
    costs = [row[2] - row[1] for row in rows]
    console.print(f"sums: runpy {alone:.1f} s, warm {warm:.1f} s (and {start:.1f} s to start), fresh {fresh:.1f} s")
    mean, median = statistics.mean(costs), statistics.median(costs)
    console.print(f"cost of the harness a script: mean {mean:.3f} s, median {median:.3f} s (aim: under {MOST_COST} s)")
    console.print(
        f"fresh over warm: {fresh / warm:.1f}, with the start of the probe {fresh / (warm + start):.1f} "
        f"(aim: at least {LEAST_SPEED_UP})"
    )


def name(case: Case) -> str:
    return f"{case.scenario.slug}/{case.role}"


if __name__ == "__main__":
    sys.exit(main())
