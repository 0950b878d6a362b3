"""What scripts print and raise: tracebacks, log lines, progress bars, and what only looks like them."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import strategies as st

from tbcookbook.observation import normal
from tbcookbook.render.printable import OBEYED, in_a_line, printable, printable_json
from tbcookbook.words import one_of, shorten
from tools.fuzz.strategies import ANY_TEXT, repeated
from tools.fuzz.subject import Subject

PLACES = normal.Places(Path("/t/script.py"), Path("/w/work"), Path("/w/tmp"), ("/p/site-packages",), ("/l/python3",))
FRAGMENTS = [
    *("0", "1", "123", " ", "\n", "    ", "/", ".", ":", "_", "w", "é", "\r", "\x1b[31m"),
    *("0x", "0xdeadbeef", "\n    relative to ", ":\n", "C:\\q", "a.py:1 ", "    a.py:12 f\n", "\\1", "(.*", "[", "\\"),
    *("__autograph_generated_file", ".py", "2021-01-01 00:00:00.000000: ", "I ", "W0101 00:00:00.0 123 "),
    *("1s 2ms/step", "12ms 3us/epoch", "tfevents.1234567890.host.1.0", "Keras model file.", "1234567890.x"),
    *('File "/t/script.py", line ', '  File "/t/script.py", line 3, in f\n', "/t/script.py:21 f\n", "/w/work/logs"),
    *("WARNING:tensorflow:", "ERROR:a.b:text\n", "W tensorflow/core/x.cc:1] text\n", "I cuda.cc:1] x\n", "IWEF"),
]


def check(text: str) -> None:
    normalised = normal.normalise(text, PLACES)
    normal.with_whole_paths(text)
    normal.lines_told(text, PLACES.script)
    stderr = normal.without_hardware(normalised)
    normal.log_lines(stderr)
    stored = normal.storable(normal.shortened(stderr))
    stored.encode()
    shown = printable(shorten(text, 4000))
    assert not OBEYED.search(shown)
    assert "\n" not in in_a_line(text)
    assert not OBEYED.search(printable_json({text: [text]}))
    shown.encode()
    one_of(["alpha", "beta", "tf-2.21"], text)
    assert re.search("", stored) is not None


SUBJECT = Subject(
    "texts",
    repeated(st.sampled_from(FRAGMENTS) | ANY_TEXT, 200_000),
    check,
    declared=(),
    seconds=2.0,
    share=25,
)
