"""How long an answer takes: a new process for an error and for a symptom, beside an empty one; and 50 MB of log."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from tbcookbook.diagnosis.answer import diagnose_text

ERROR = "ValueError: Expected scalar shape, saw shape: (64,)."
TIMES = 7
MEGABYTES = 50
LINE = "2026-01-01 00:00:00,000 WARNING worker: step {} ValueError: Expected scalar shape, saw shap\n"


def main() -> None:
    """Print seconds of processor time, the least of several, and ratios in this run."""
    program = [sys.executable, "-m", "tbcookbook"]
    empty = least([sys.executable, "-c", "pass"])
    for name, words in (
        ("an error", ["diagnose", ERROR]),
        ("a symptom", ["diagnose", "--symptom", "no batch loss"]),
        ("list", ["list"]),
    ):
        seconds = least([*program, *words])
        print(f"{name:10} {seconds:.3f} CPU s, {seconds / empty:.1f} times an empty program")
    text = "".join(LINE.format(number) for number in range(MEGABYTES * 10_000)) + ERROR
    began = time.process_time()
    assert diagnose_text(text)
    seconds = time.process_time() - began
    print(f"a log      {len(text) / 1e6:.0f} MB, {text.count(chr(10))} near-matches: {seconds:.2f} CPU s")


def least(command: list[str]) -> float:
    return min(once(command) for _ in range(TIMES))


def once(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
