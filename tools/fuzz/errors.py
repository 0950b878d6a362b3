"""Texts that are pasted for a diagnosis: tracebacks, cut, quoted and coloured, and what only looks like them."""

from __future__ import annotations

import functools
import json

from hypothesis import strategies as st

from tbcookbook.diagnosis.answer import Diagnosis, diagnosis_json
from tbcookbook.diagnosis.building import build_table
from tbcookbook.diagnosis.cache import observed_root, scenario_root
from tbcookbook.diagnosis.match import look, matches_of
from tbcookbook.diagnosis.table import Table
from tools.fuzz.strategies import ANY_TEXT, repeated
from tools.fuzz.subject import Subject

FRAGMENTS = [
    *("\n", " ", "> ", "| ", "E   ", "\x1b[31m", "&quot;", "&#39;", "&", "...", "…", "'", "`", "\r\n", "\\", "[0m"),
    *("ValueError: ", "Error", "Expected scalar shape, saw shape: ", "(64,).", "in user code:\n", "Traceback "),
    *('  File "a/b.py", line 1, in f\n', "File ~/a.py:1, in f(x)\n", "a.py:1: in f\n", "a.py in f()\n"),
    *("2026-11-24 10:00:00,123 ERROR [rank0]: ", "'NoneType' object has no attribute 'optimizer'", "tensorboard"),
    *("Resource localhost/", "SummaryWriterInterface", " does not exist.", "TF 2.4", "keras==3.5", "python 3.1"),
]


@functools.cache
def table() -> Table:
    return build_table(scenario_root(), observed_root())


def check(text: str) -> None:
    seen = look(text, table())
    found = matches_of(seen, table())
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)
    json.dumps(diagnosis_json(Diagnosis([], seen.exceptions)))


SUBJECT = Subject(
    "errors",
    repeated(st.sampled_from(FRAGMENTS) | ANY_TEXT, 200_000),
    check,
    declared=(),
    seconds=2.0,
    share=15,
)
