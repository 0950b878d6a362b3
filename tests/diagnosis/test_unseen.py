"""Public reports that no scenario was written from: how many are answered, so that a change of the matching is noticed.

The first half was mended by; the half that was held, and those that were found later, were measured before, which
docs/how-to/diagnose.md tells. Now all are known, and these are floors.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tbcookbook.diagnosis.answer import diagnose_symptom, diagnose_text
from tbcookbook.diagnosis.match import ABOUT
from tools.reports import miss, read, rights

HERE = Path(__file__).parent
REPORTS = list(read(HERE / "unseen.jsonl"))
UNRELATED: list[dict[str, Any]] = json.loads((HERE / "unrelated.json").read_text(encoding="utf-8"))
IN_A_FOLDER = """Traceback (most recent call last):
  File "/home/me/tensorboard/train.py", line 84, in main
    loss.backward()
"""
OTHER_CALLBACK = """Traceback (most recent call last):
  File "train.py", line 31, in <module>
    model.fit(x, y, callbacks=[checkpoint, early])
  File "/usr/lib/python3/site-packages/keras/callbacks.py", line 1184, in on_epoch_end
    self.model.save(path)
"""


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TBCOOKBOOK_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.mark.parametrize(
    ("half", "kind", "least"),
    [("first", "error", 34), ("first", "words", 42), ("held", "error", 30), ("held", "words", 41)],
)
def test_reports_that_were_not_used_in_writing(half: str, kind: str, least: int) -> None:
    right = rights()
    asked = [report for report in REPORTS if (report.half, report.kind) == (half, kind)]
    missed = [(report.url, told) for report in asked if (told := miss(report, right)) is not None]
    assert len(asked) - len(missed) >= least, missed


@pytest.mark.parametrize("case", UNRELATED, ids=lambda case: case["url"].removeprefix("https://github.com/"))
def test_errors_of_others_match_nothing(case: dict[str, str]) -> None:
    assert not diagnose_text(case["text"])


@pytest.mark.parametrize("before", [IN_A_FOLDER, OTHER_CALLBACK])
def test_a_folder_named_tensorboard_or_another_callback_is_not_about_logging(before: str) -> None:
    assert ABOUT.search(before)
    lines = (HERE / "unrelated.txt").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if diagnose_text(before + line)]


@pytest.mark.parametrize(
    ("symptom", "name"),
    [
        ("hyperparamters from the kerastuner are missing", "hparams-not-written"),
        ("no dashboards are active with --logdir E:/logs, but --inspect lists the tags", "windows-drive"),
        ("the graph doesn't display", "train-graph-missing"),
    ],
)
def test_misspelt_words_and_drives(symptom: str, name: str) -> None:
    assert name in [answer.entry.name for answer in diagnose_symptom(symptom).answers[:5]]
