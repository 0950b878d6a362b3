"""What came of it: shares by function, what was not noticed, and whether the list of equivalent faults is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.mutants.faults import Fault, Planted
from tools.weigh.telling import share, signed


@dataclass(frozen=True)
class Noticed:
    """What a suite makes of a fault. `by` is the first check that notices it and what differs; empty for none."""

    suite: str
    module: str
    fault: str
    by: str
    target: str = ""


@dataclass(frozen=True)
class Equivalent:
    """A fault that changes nothing that anybody could see, and why. Lines as they are, without indentation."""

    module: str
    function: str
    before: str
    after: str
    why: str

    def names(self, fault: Fault) -> bool:
        return (self.module, self.function, self.before, self.after) == (
            fault.module,
            fault.function,
            fault.before,
            fault.after,
        )


def report(
    faults: Sequence[Fault],
    found: Sequence[Noticed],
    listed: Sequence[Equivalent],
    planted: Sequence[Planted],
    *,
    whole: bool,
    floor: float,
) -> int:
    """Print it. Gives the exit status: 1 for less than `floor` per cent, or a list that is stale."""
    equivalent = {(fault.module, fault.name) for fault in faults if any(row.names(fault) for row in listed)}
    counted = [fault for fault in faults if (fault.module, fault.name) not in equivalent]
    status = 0
    print(f"{len(faults)} faults, {len(equivalent)} of which change nothing and are left out")
    for suite in dict.fromkeys(told.suite for told in found):
        seen = {(told.module, told.fault) for told in found if told.suite == suite and told.by}
        print(f"\nnoticed by {suite}")
        for line in shares(counted, seen):
            print(line)
    told_last = sorted(found, key=lambda told: bool(told.by))  # of several targets one that notices it, if any does
    scenarios = {told.fault: told for told in told_last if told.suite == "the scenarios"}
    survivors = [fault for fault in counted if fault.name in scenarios and not scenarios[fault.name].by]
    for fault in survivors:
        print(f"\nthe scenarios do not notice {fault.name}\n{difference(fault)}")
    every = [fault for found_in in planted for fault in found_in.faults]
    for row in listed:
        same = [fault for fault in every if row.names(fault)]
        noticed = [scenarios[fault.name].by for fault in same if fault.name in scenarios and scenarios[fault.name].by]
        if not same or noticed:
            status = 1
            why = f"is noticed by {noticed[0]}" if noticed else "is no fault of today's"
            print(f"\nequivalent.toml: {row.function}: {why}\n{signed('-', row.before)}\n{signed('+', row.after)}")
    if scenarios and counted and 100 * (1 - len(survivors) / len(counted)) < floor:
        print(f"expected {floor:g} % or more")
        status = 1
    return status


def shares(faults: Sequence[Fault], seen: set[tuple[str, str]]) -> list[str]:
    """A line for each function, and one for all."""
    names = list(dict.fromkeys(fault.function for fault in faults))
    groups = {name: [fault for fault in faults if fault.function == name] for name in names}
    rows = [*groups.items(), ("all", list(faults))]
    width = max(len(name) for name, _ in rows)
    return [
        share(name.ljust(width), len(group), sum((fault.module, fault.name) not in seen for fault in group))
        for name, group in rows
        if group
    ]


def difference(fault: Fault) -> str:
    return f"{signed('-', fault.before)}\n{signed('+', fault.after)}"
