"""Faults of a module, the order of what may notice them, and the list of those that change nothing."""

from pathlib import Path

import pytest

pytest.importorskip("mutmut", reason="only the session `mutants` has it")

from tools.mutants.faults import Planted, plant
from tools.mutants.report import Equivalent, Noticed, report
from tools.mutants.suites import Check, order

MODULE = """
class Counter:
    def add(self, number):
        if number > 1:
            return number + 1
        return 0
"""


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    file = tmp_path / "counter.py"
    file.write_text(MODULE)
    return plant("counter", file)


def test_faults_tell_function_lines_and_difference(planted: Planted) -> None:
    (fault,) = (fault for fault in planted.faults if fault.after == "return number - 1")
    assert (fault.function, fault.before, fault.lines) == ("Counter.add", "return number + 1", frozenset({5}))
    assert planted.starts["xǁCounterǁadd"] == 3


def test_only_what_runs_through_a_fault_may_notice_it_different_ones_first(planted: Planted) -> None:
    (fault,) = (fault for fault in planted.faults if fault.after == "return 1")
    file = str(planted.file)
    short, long = frozenset({(file, 6)}), frozenset({(file, 4), (file, 6)})
    checks = [
        Check("other", frozenset({(file, 4), (file, 5)}), 1),
        Check("slow", long, 2),
        Check("short", short, 1),
        Check("quick", long, 1),
    ]
    assert [check.name for check in order(checks, fault, planted.file)] == ["quick", "short", "slow"]


@pytest.mark.parametrize(
    ("before", "by", "status"), [("return 0", "", 0), ("return 0", "a script: differs", 1), ("return 7", "", 1)]
)
def test_a_list_that_is_stale_fails(planted: Planted, before: str, by: str, status: int) -> None:
    row = Equivalent("counter", "Counter.add", before, "return 1", "why")
    found = [Noticed("the scenarios", "counter", fault.name, by) for fault in planted.faults]
    assert report(planted.faults, found, [row], [planted], whole=True, floor=0) == status
