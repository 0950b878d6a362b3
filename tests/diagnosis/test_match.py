"""Texts as people have them, what they are matched with, and what must match nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import tomli

from tbcookbook.diagnosis.answer import diagnose_symptom, diagnose_text
from tbcookbook.diagnosis.cache import load_table
from tbcookbook.diagnosis.clean import LARGEST, clean
from tbcookbook.diagnosis.exceptions import exceptions_in, frames_in
from tbcookbook.diagnosis.table import plain, table_of
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.pointers import load_pointers

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
UNRELATED = (HERE / "unrelated.txt").read_text(encoding="utf-8").splitlines()
ELSEWHERE = """Traceback (most recent call last):
  File "train.py", line 3, in <module>
    model.fit(x, y)
  File "/usr/lib/python3/site-packages/keras/engine/training.py", line 1184, in fit
    self.step()
"""
SCALAR = "ValueError: Expected scalar shape, saw shape: (64,)."


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TBCOOKBOOK_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_cases_that_the_page_has_as_well(case: dict[str, Any]) -> None:
    diagnosis = diagnose_symptom(case["text"]) if case.get("symptom") else diagnose_text(case["text"])
    names = [answer.entry.name for answer in diagnosis.answers if case.get("symptom") or answer.rank == 1]
    assert (case["first"] in names[:3]) if case["first"] else not names


@pytest.mark.parametrize("text", UNRELATED)
def test_an_error_that_is_not_about_logging_matches_nothing(text: str) -> None:
    assert not diagnose_text(text)
    assert not diagnose_text(ELSEWHERE + text)


@pytest.mark.parametrize(
    "line", ["AttributeError: 'list' object has no attribute 'items'", "TypeError: can't pickle _thread.RLock objects"]
)
def test_an_error_of_many_causes_needs_frames_that_have_to_do_with_tensorboard(line: str) -> None:
    assert diagnose_text(line)
    assert not diagnose_text(ELSEWHERE + line)


def test_every_cause_of_the_reports_has_a_scenario_or_a_pointer() -> None:
    known = {scenario.slug for scenario in load_scenarios()} | load_pointers().keys()
    clusters = tomli.loads((HERE / "clusters.toml").read_text(encoding="utf-8"))
    assert not {cluster for cluster, names in clusters.items() if not known & set(names)}


def test_frames_of_all_kinds() -> None:
    lines = [
        '  File "/usr/lib/keras/callbacks.py", line 12, in on_epoch_end',
        "File C:\\Users\\me\\keras\\callbacks.py:12, in TensorBoard.on_epoch_end(self, epoch)",
        "/usr/local/lib/python3.7/dist-packages/keras/callbacks.py in on_epoch_end(self, epoch, logs)",
        "keras/callbacks.py:12: in on_epoch_end",
        "    /usr/lib/keras/callbacks.py:12 on_epoch_end  *",
    ]
    assert frames_in(lines) == [("keras/callbacks.py", "on_epoch_end")] * len(lines)


def test_exceptions_with_and_without_a_message() -> None:
    found = exceptions_in(
        ["ValueError: a", "tensorflow.errors.NotFoundError: b: c", "KeyboardInterrupt", "no Error: d e"]
    )
    assert [(one.type, one.message) for one in found] == [
        ("ValueError", "a"),
        ("tensorflow.errors.NotFoundError", "b: c"),
        ("KeyboardInterrupt", ""),
    ]


def test_the_versions_in_a_text_say_what_applies() -> None:
    def here(versions: str) -> str:
        answers = diagnose_text(f"{versions}\n{SCALAR}").answers
        return next(answer.here for answer in answers if answer.entry.name == "unreduced-loss")

    assert here("TensorFlow version 2.4.1, keras 2.4.3").startswith("it raises nothing")
    assert here("tensorflow==2.16.1 keras==3.3.0") == "it says the same"


def test_a_table_comes_back_as_it_was() -> None:
    table = load_table()
    again = table_of(json.loads(json.dumps(plain(table))))
    assert plain(again) == plain(table)


@pytest.mark.parametrize("where", ["begin", "middle", "end"])
def test_a_large_log_is_read_in_linear_time(where: str) -> None:
    noise = "2026-01-01 00:00:00,000 WARNING worker: step 12345 ValueError: Expected scalar shape, saw shap\n"
    half = noise * (8_000_000 // len(noise) // 2)
    text = {"begin": SCALAR + "\n" + half * 2, "middle": half + SCALAR + "\n" + half, "end": half * 2 + SCALAR}[where]
    diagnose_text("x")
    began = time.process_time()
    assert diagnose_text(text).answers[0].entry.name
    assert time.process_time() - began < 8


@pytest.mark.parametrize(
    "text", ["(" * 300_000, "a." * 200_000, "\x1b[" * 200_000, "&#" * 200_000, "> " * 200_000, "E" * 500_000]
)
def test_a_bomb_is_only_a_long_text(text: str) -> None:
    began = time.process_time()
    assert not diagnose_text(text)
    assert not diagnose_text(text[: LARGEST - 1])
    assert time.process_time() - began < 5


def test_what_is_around_an_error_goes() -> None:
    assert clean("> \x1b[31mValueError\x1b[0m: &quot;a&quot;\r\n") == ['ValueError: "a"', ""]
    assert clean("2026-11-24 10:00:00,123 ERROR [rank0]: ValueError: a") == ["ValueError: a"]
    assert clean("E   ValueError: a") == ["ValueError: a"]


def test_neither_tensorflow_nor_tensorboard_is_imported() -> None:
    program = (
        "import sys; from tbcookbook import diagnose; assert diagnose(sys.argv[1]);"
        "assert not {'tensorflow', 'tensorboard', 'numpy', 'msgspec'} & set(sys.modules), sorted(sys.modules)"
    )
    load_table()
    subprocess.run([sys.executable, "-c", program, SCALAR], check=True)


def test_a_harmless_line_comes_after_any_error() -> None:
    """TensorBoard without TensorFlow says so at every start; the error stands below."""
    noise = "TensorFlow installation not found - running with reduced feature set."
    (alone,) = diagnose_text(noise).answers
    assert (alone.entry.name, alone.reasons[-1]) == (
        "reduced-feature-set",
        "it is a warning: the program goes on",
    )
    error = "ModuleNotFoundError: No module named 'pkg_resources'"
    text = f'{noise}\nTraceback (most recent call last):\n  File "a.py", line 3, in <module>\n{error}'
    assert [answer.entry.name for answer in diagnose_text(text).answers] == ["pkg-resources", "reduced-feature-set"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("PermissionError: [Errno 13] Permission denied: '/tmp/.tensorboard-info/pid-6149.info'", "info-directory"),
        ("ERROR: TensorBoard could not bind to unsupported address family ::", "address-family"),
        (
            "E0727 09:34:20 main.py:197] TensorBoard attempted to bind to port 6006, but it was already in use",
            "port-taken",
        ),
        ("ERROR: TensorBoard must be run as superuser to bind to port 80", "port-forbidden"),
        (
            "/v/lib/python3.10/site-packages/tensorboard_data_server/bin/server: /lib/x86_64-linux-gnu/libc.so.6: "
            "version `GLIBC_2.33' not found (required by /v/site-packages/tensorboard_data_server/bin/server)",
            "data-server-glibc",
        ),
    ],
)
def test_what_tensorboard_says_when_it_does_not_start(line: str, name: str) -> None:
    assert diagnose_text(line).answers[0].entry.name == name
