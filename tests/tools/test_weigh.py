"""What weighs the tests: faults as they are planted, and when it says no."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("mutmut", reason="the dependency group weigh is not installed: nox -s weigh runs these")

from tools.weigh.__main__ import Equivalent, known_faults, report, sample
from tools.weigh.faults import Fault, places_of, plant

MODULE = '''"""Ages."""


def is_old(age: int) -> bool:
    """Whether somebody is old."""
    assert age >= 0
    if age > 60:
        return True
    return False


def told(age: int) -> str:
    return "he is old" if is_old(age) else "young"
'''


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "ages.py"
    path.write_text(MODULE, encoding="utf-8")
    return path


def faults_of(module: Path) -> list[Fault]:
    return [fault for place in places_of(module) if (fault := plant(place)) is not None]


def test_faults_are_where_they_could_matter(module: Path) -> None:
    changed = {(fault.before, fault.after) for fault in faults_of(module)}
    assert ("if age > 60:", "if age >= 60:") in changed
    assert ("return True", "return False") in changed
    assert any("young" in before for before, _ in changed)
    for before, after in changed:
        assert "assert" not in before, "an assertion is for mypy"
        assert "he is old" in after or "he is old" not in before, "prose is for people"


def test_a_fault_changes_one_place(module: Path) -> None:
    for fault in faults_of(module):
        pairs = zip(MODULE.splitlines(), fault.text.splitlines(), strict=True)
        changed = [(number, *pair) for number, pair in enumerate(pairs, 1) if pair[0] != pair[1]]
        [(number, before, after)] = changed
        assert (number, before.strip(), after.strip()) == (fault.lines.start, fault.before, fault.after)


def test_a_sample_has_no_fault_twice_and_none_that_is_listed(module: Path) -> None:
    places = places_of(module)
    everything = sample(places, [], None)
    assert len({fault.text for fault in everything}) == len(everything)
    listed = Equivalent(str(module), everything[0].before, everything[0].after, "because")
    assert everything[0] not in sample(places, [listed], None)
    assert len(sample(places, [], 3)) == 3


def test_a_listed_fault_is_found_again(module: Path) -> None:
    listed = Equivalent(str(module), "if age > 60:", "if age >= 60:", "nobody is 60")
    [(row, fault)] = known_faults(module, places_of(module), [listed])
    assert row == listed
    assert "age >= 60" in fault.text
    gone = Equivalent(str(module), "if age > 61:", "if age >= 61:", "nobody is 61")
    assert known_faults(module, places_of(module), [gone]) == []


FAULT = Fault(Path("ages.py"), range(1, 2), "", "a", "b")


@pytest.mark.parametrize(
    ("survivors", "stale", "status"),
    [
        (1, [], 0),
        (2, [], 1),
        (0, [Equivalent("ages.py", "if age > 61:", "if age >= 61:", "nobody is 61")], 1),
    ],
    ids=["nine of ten", "eight of ten", "a list that is out of date"],
)
def test_when_it_says_no(
    survivors: int, stale: list[Equivalent], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = [("ages", FAULT)] * 10
    assert report(planted, planted[:survivors], stale, 90.0) == status
    told = capsys.readouterr().out
    assert f"{10 - survivors} of   10 noticed" in told
    assert ("age > 61" in told) == bool(stale)
