"""What varies is taken out of any text, in time in proportion to its length."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tbcookbook.observation.normal import (
    LONGEST_TEXT,
    MOST_LOG_LINES,
    Places,
    lines_told,
    log_lines,
    normalise,
    shortened,
    storable,
    with_whole_paths,
    without_hardware,
)

PLACES = Places(
    Path("/x/script.py"), Path("/run/work"), Path("/run/tmp"), ("/p/site-packages",), ("/p/lib",), programs="/env/bin"
)

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
    "Keras model file.1795316607.vm.12.3": "Keras model file.<run>",
    "at 0x00abcd": "at 0x…",
    "no address: 0x00abc, 0xABCDEF": "no address: 0x00abc, 0xABCDEF",
    "at 0x7FCA5AFF1D00>": "at 0x…>",
    "f_61[config_proto=135613195898957579,executor_type=11160318154034397]": "f_61[config_proto=…,executor_type=…]",
    r'f_61[config_proto="\n\007\001\000",executor_type=""]': 'f_61[config_proto=…,executor_type=""]',
    "it (from gc.get_referrers, limited to two hops) = [\n\t\t<a>\n\t\t<b>]\n\tc": (
        "it (from gc.get_referrers, limited to two hops) = […\n\tc"
    ),
    "12ms 3us/step": "<time>/step",
    "5s 20ms/epoch": "<time>/epoch",
    "x\n2026-01-02 03:04:05.678: W x.cc:1] y": "x\nW x.cc:1] y",
    "2026-01-02 03:04:05.678: x": "2026-01-02 03:04:05.678: x",
    "I1125 03:04:05.678901   1234 x.cc:1] y": "I x.cc:1] y",
    "x\nE0102 03:04:05.678901 1 x.cc:1] y": "x\nE x.cc:1] y",
    "in /run/work": "in .",
    "/x/script.py:3 and /p/site-packages/a.py, /p/lib/os.py": "script.py:3 and <packages>/a.py, <python>/os.py",
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
    "files of XLA": '\nThe op is created at:\nFile "x/a',
    "long files of XLA": 'The op is created at:\nFile "',
    "referrers": "(from gc.get_referrers, limited to two hops):\n\t\t",
    "settings of XLA": 'config_proto="',
    "numbers of XLA": "config_proto=1,executor_type=1",
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


def test_files_whose_paths_xla_shortens_and_does_not_say_so() -> None:
    places = Places(Path("/a/b/s/script.py"), Path("/run/work"), Path("/run/tmp"), ("/a/env/lib/site-packages",))
    said = """No kernel.
The op is created at:
File "b/s/script.py", line 9, in <module>
File "b/s/script.py", line 4, in step
File "env/lib/site-packages/tensorboard/summary.py", line 89, in scalar
File "else/where.py", line 1, in f
"""
    assert normalise(said, places) == said.replace("b/s/", "").replace("env/lib/site-packages", "<packages>")
    assert lines_told(said, places.script) == [9, 4]
    assert normalise(said.replace("created", "made"), places) == said.replace("created", "made")


def test_numbers_of_lines_that_are_none() -> None:
    assert lines_told(f'File "/x/script.py", line {"1" * 5000}', PLACES.script) == []
    assert lines_told('File "/x/script.py", line 12, in f', PLACES.script) == [12]


def test_hardware() -> None:
    text = "I cuda_x.cc:1] no device\nW other.cc:2] cuda\nI a b] gpu\nE gpu] x"
    assert without_hardware(text) == "W other.cc:2] cuda\nI a b] gpu\nE gpu] x"


def test_what_is_said_of_hardware_is_told_by_the_file_that_says_it() -> None:
    for file in ("cuda_dnn.cc", "rocm.cc", "gpu_device.cc", "tf2tensorrt/x.cc", "dso_loader.cc", "cpu_utils.cc"):
        assert without_hardware(f"x\nW tensorflow/{file}:12] No device.\ny\n") == "x\ny\n"
    for file in ("cpu_feature_guard.cc", "tsl/port.cc", "computation_placer.cc", "CUDA_X.cc"):
        assert without_hardware(f"E tensorflow/{file}:12] No device.\n") == ""
    said = "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    assert without_hardware(f"{said}x\n") == "x\n"
    assert without_hardware(f"x {said}") == f"x {said}"


def test_lines_of_logs() -> None:
    """Of Python's loggers and of TensorFlow's C++, in the order in which they were written."""
    text = "F a/b.cc:12] died\nWARNING:a.b:look: out\nW c.cc:3] x] y\nno line\nI d.cc:4] z\nE e.cc:5] w\n"
    assert [(line.level, line.source, line.message) for line in log_lines(text)] == [
        ("FATAL", "a/b.cc", "died"),
        ("WARNING", "a.b", "look: out"),
        ("WARNING", "c.cc", "x] y"),
        ("INFO", "d.cc", "z"),
        ("ERROR", "e.cc", "w"),
    ]
    for level in ("DEBUG", "INFO", "ERROR", "CRITICAL", "FATAL"):
        assert [line.level for line in log_lines(f"{level}:root:x")] == [level]
    assert log_lines("NOTE:root:x\n warning:root:x\nX a.cc:1] y\nW a.cc] y\n") == ()
    assert len(log_lines("INFO:a:b\n" * (MOST_LOG_LINES + 1))) == MOST_LOG_LINES


def test_lines_of_the_script_in_a_message() -> None:
    """As tracebacks tell them, and as TensorFlow before 2.5 did."""
    message = 'File "/x/script.py", line 12, in f\n  /x/script.py:21 train_step  *\nFile "/x/other.py", line 3\n'
    assert lines_told(message, PLACES.script) == [12, 21]
    assert lines_told("in user code:\n\n    relative to /x:\n    script.py:7 f\n", PLACES.script) == [7]


def test_long_texts_keep_both_ends() -> None:
    text = "a" * (LONGEST_TEXT // 2) + "b" * (LONGEST_TEXT // 2)
    assert shortened(text) == text
    cut = shortened(f"{text[: LONGEST_TEXT // 2]}cut{text[LONGEST_TEXT // 2 :]}")
    assert cut == f"{'a' * (LONGEST_TEXT // 2)}\n… 3 characters …\n{'b' * (LONGEST_TEXT // 2)}"


def test_one_form_of_all_strings() -> None:
    @dataclass(frozen=True)
    class Thing:
        names: tuple[str, ...]
        values: dict[str, object]

    thing = Thing(("é\udcff",), {"\ud800": ["\udc7f", 1, None]})
    assert storable(thing) == Thing(("é\\xff",), {"\\ud800": ["\\udc7f", 1, None]})
