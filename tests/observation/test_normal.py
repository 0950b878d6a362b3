"""What varies is taken out of any text, in time in proportion to its length."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tbcookbook.observation.normal import (
    Places,
    lines_told,
    log_lines,
    normalise,
    storable,
    with_whole_paths,
    without_hardware,
)

PLACES = Places(Path("/x/script.py"), Path("/run/work"), Path("/run/tmp"), programs="/env/bin")

VARYING = {
    "object at 0x7f0012345678": "object at 0x…",
    "/run/work/logs and /run/tmp/x": "logs and <tmp>/x",
    'File "/env/bin/tensorboard", line 4': 'File "<programs>/tensorboard", line 4',
    "__autograph_generated_fileab12.py": "__autograph_generated_file.py",
    "/tmp/__autograph_generated_file__ab_.py:3": "/tmp/__autograph_generated_file.py:3",
    "1/1 - 0s 12ms/step": "1/1 - <time>/step",
    "3/3 - 12s 4s/epoch": "3/3 - <time>/epoch",
    "2026-01-02 03:04:05.678: I x.cc:1] y": "I x.cc:1] y",
    "events.out.tfevents.1795316607.vm.12.3": "events.out.tfevents.<run>",
}


@pytest.mark.parametrize("text", VARYING)
def test_what_varies(text: str) -> None:
    assert normalise(text, PLACES) == VARYING[text]


LONG = {
    "digits": "1",
    "digits with a unit": "1s ",
    "addresses": "0xabcdef0",
    "generated files": "__autograph_generated_file",
    "event files": "tfevents.1795316607.",
    "hardware": "I cuda",
    "hardware in one word": "cuda",
    "log lines": "I x:1] y\n",
    "colons": "I :::::",
    "files and lines": "    a.py:1 \n",
    "names of files": ".py:1",
    "script's lines": 'File "/x/script.py", line 1',
    "spaces": " ",
    "line ends": "\n",
    "times": "I1234 12:34:56",
    "words": "WARNING:a.b",
    "relative": "\n    relative to /a:\n    b.py:1 ",
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("before", ["", "I ", "E cuda_x", "x\n    relative to /y:\n"])
def test_time_is_linear(name: str, before: str) -> None:
    """Ten times the text takes far less than a hundred times as long, and never long."""
    seconds = []
    for size in (50_000, 500_000):
        text = before + LONG[name] * (size // len(LONG[name]))
        began = time.process_time()
        stderr = without_hardware(normalise(text, PLACES))
        log_lines(stderr)
        lines_told(text, PLACES.script)
        seconds.append(time.process_time() - began)
    assert seconds[1] < 40 * max(seconds[0], 0.01), seconds


def test_folder_of_short_paths_is_no_pattern() -> None:
    assert with_whole_paths(
        "x\n    relative to C:\\q:\n    a.py:1 f"
    ) == "x\n    relative to C:\\q:\n    a.py:1 f".replace("    relative to C:\\q:\n    a", "    C:\\q/a")


def test_numbers_of_lines_that_are_none() -> None:
    assert lines_told(f'File "/x/script.py", line {"1" * 5000}', PLACES.script) == []
    assert lines_told('File "/x/script.py", line 12, in f', PLACES.script) == [12]


def test_hardware() -> None:
    text = "I cuda_x.cc:1] no device\nW other.cc:2] cuda\nI a b] gpu\nE gpu] x"
    assert without_hardware(text) == "W other.cc:2] cuda\nI a b] gpu\nE gpu] x"


def test_one_form_of_all_strings() -> None:
    @dataclass(frozen=True)
    class Thing:
        names: tuple[str, ...]
        values: dict[str, object]

    thing = Thing(("é\udcff",), {"\ud800": ["\udc7f", 1, None]})
    assert storable(thing) == Thing(("é\\xff",), {"\\ud800": ["\\udc7f", 1, None]})
