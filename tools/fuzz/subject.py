"""What is fuzzed, and how: inputs from hypothesis, in batches, watched for errors, time and memory."""

from __future__ import annotations

import atexit
import contextlib
import gc
import random
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import psutil
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

BATCH = 500  # inputs; what hypothesis keeps of a batch is dropped after it
GROWTH = 96 * 2**20  # bytes: of the process, from the end of its first batch on
HANG_SECONDS = 30.0  # of wall time beyond its bound, until an input is said to hang


@dataclass(frozen=True)
class Subject:
    """Something that reads input from outside.

    `check` takes one input and raises AssertionError where a result is wrong. `declared` are the errors that it may
    raise. `seconds` is the bound of one input, in processor time of this process, or in wall time where `waits`.
    `share` is how many of 100 inputs it gets.
    """

    name: str
    inputs: SearchStrategy[Any]
    check: Callable[[Any], None]
    declared: tuple[type[Exception], ...]
    seconds: float
    share: int
    waits: bool = False
    close: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True)
class Report:
    """What came of it. `fault` is empty if the subject held; `grown` is in bytes, the rest in seconds."""

    subject: Subject
    inputs: int
    seconds: float
    slowest: float
    grown: int
    fault: str


@contextlib.contextmanager
def watched_for_a_hang(seconds: float) -> Iterator[None]:
    """Raises TooSlowError where something waits, for a FIFO say, and takes no processor time at all."""

    def hangs(*_: object) -> None:
        raise TooSlowError("it hangs")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.setitimer(signal.ITIMER_REAL, seconds + HANG_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def temporary_folder() -> Path:
    """A folder that is gone when the program ends."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class TooSlowError(Exception):
    """An input took longer than it may."""


def fuzz(subject: Subject, inputs: int, number: int | None) -> Report:
    """Give a subject so many inputs, or as many as it takes to find a fault, which is printed."""
    began, slowest, done = time.monotonic(), 0.0, 0
    number = random.randrange(2**32) if number is None else number
    process, first, grown, fault = psutil.Process(), 0, 0, ""

    def check(given_input: Any) -> None:
        nonlocal slowest, done
        clock = time.monotonic if subject.waits else time.process_time
        start = clock()
        with watched_for_a_hang(subject.seconds), contextlib.suppress(*subject.declared):
            subject.check(given_input)
        taken = clock() - start
        done += 1
        slowest = max(slowest, taken)
        if taken > subject.seconds:
            raise TooSlowError(f"{taken:.2f} s")

    while done < inputs and not fault:
        size = min(BATCH, inputs - done)
        watched = settings(
            max_examples=size,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        before = done
        try:
            seed(number + done)(watched(given(subject.inputs)(check)))()
        except Exception as problem:
            fault = f"{type(problem).__name__} (--seed {number})"
            click.echo(f"{subject.name}:\n{traceback.format_exc()}", err=True)
            click.echo("\n".join(getattr(problem, "__notes__", [])), err=True)
        if done == before:
            break  # there are no more inputs of its kind
        gc.collect()
        size_now = process.memory_info().rss
        first = first or size_now
        grown = max(grown, size_now - first)
        if grown > GROWTH and not fault:
            fault = f"memory grew by {grown / 2**20:.0f} MiB (--seed {number})"
    subject.close()
    return Report(subject, done, time.monotonic() - began, slowest, grown, fault)
