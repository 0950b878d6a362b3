"""``python -m tools.weigh``: see the package."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.weigh.faults import Fault, Place, places_of, plant
from tools.weigh.running import survey, unnoticed, warm_up
from tools.weigh.telling import share, signed

PACKAGE = "src/tbcookbook"
GROUPS = {
    "verdict": (f"{PACKAGE}/verdict/*.py",),
    "scenario": tuple(
        f"{PACKAGE}/scenarios/{name}.py" for name in ("checks", "forms", "loading", "ranges", "scenario")
    ),
    "message": (f"{PACKAGE}/scenarios/message.py",),
    "drift": (f"{PACKAGE}/drift.py",),
    "observation": (f"{PACKAGE}/observation/*.py",),
    "recording": (f"{PACKAGE}/recordings/*.py",),
    "events": ("packages/pytest-tensorboard/src/tfevents/*.py",),
}
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
EACH = 40  # faults of a group
FLOOR = 90  # per cent


@dataclass(frozen=True)
class Equivalent:
    """A fault that changes nothing that anybody could see, and why. Lines as they are, without indentation."""

    path: str
    before: str
    after: str
    why: str

    def names(self, fault: Fault) -> bool:
        return (self.path, self.before, self.after) == (str(fault.path), fault.before, fault.after)


def main() -> int:
    arguments = parse()
    groups = {name: modules(GROUPS[name]) for name in arguments.only or GROUPS}
    listed = [Equivalent(**row) for row in tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("fault", [])]
    planted: list[tuple[str, Fault]] = []
    known: list[tuple[Equivalent, Fault]] = []
    for group, paths in groups.items():
        places = [place for path in paths for place in places_of(path)]
        known += [pair for path in paths for pair in known_faults(path, places, listed)]
        chance = random.Random(f"{arguments.seed} {group}")
        chance.shuffle(places)
        faults = sample(places, listed, None if arguments.all else arguments.each)
        print(f"{group}: {len(faults)} faults, of at most {len(places)}", flush=True)
        planted += [(group, fault) for fault in faults]
    everything = [path for paths in groups.values() for path in paths]
    missing = [row for row in listed if Path(row.path) in everything and row not in [row for row, _ in known]]
    survivors, surprises = weigh(planted, known, everything, arguments.jobs)
    return report(planted, survivors, [*missing, *surprises], arguments.floor)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools.weigh", description="Plant faults, and see whether a test notices.")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--each", type=int, default=EACH, help="faults of each group of modules")
    parser.add_argument("--all", action="store_true", help="every fault, which takes hours")
    parser.add_argument("--only", nargs="+", choices=GROUPS, help="groups of modules")
    parser.add_argument("--floor", type=float, default=FLOOR, help="per cent that must be noticed")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="faults at a time")
    return parser.parse_args()


def modules(patterns: Sequence[str]) -> list[Path]:
    return sorted(path for pattern in patterns for path in Path().glob(pattern))


def known_faults(path: Path, places: Sequence[Place], listed: Sequence[Equivalent]) -> list[tuple[Equivalent, Fault]]:
    """The faults of a module that the list says change nothing."""
    rows = [row for row in listed if row.path == str(path)]
    text = path.read_text(encoding="utf-8").splitlines()
    found: dict[Equivalent, Fault] = {}
    for place in places if rows else ():
        shown = [text[line - 1].strip() for line in place.lines]
        if place.path == path and any(row.before.splitlines()[0] in shown for row in rows):
            fault = plant(place)
            found |= {row: fault for row in rows if fault is not None and row.names(fault)}
    return list(found.items())


def sample(places: Sequence[Place], listed: Sequence[Equivalent], number: int | None) -> list[Fault]:
    """The first faults of a shuffled list, each once, without those that change nothing."""
    found: dict[tuple[Path, str], Fault] = {}
    for place in places:
        if number is not None and len(found) == number:
            break
        fault = plant(place)
        if fault is not None and not any(row.names(fault) for row in listed):
            found[fault.path, fault.text] = fault
    return list(found.values())


def weigh(
    planted: Sequence[tuple[str, Fault]],
    known: Sequence[tuple[Equivalent, Fault]],
    everything: Sequence[Path],
    jobs: int,
) -> tuple[list[tuple[str, Fault]], list[Equivalent]]:
    """What no test notices of what is planted, and what a test notices of what is said to change nothing."""
    warm_up()
    with tempfile.TemporaryDirectory(prefix="weigh-") as work:
        tests = survey(Path(work), everything)
    controls = [Fault(path, range(0), path.read_text(encoding="utf-8"), "", "") for path in everything[::8]]
    faults = [*(fault for _, fault in planted), *(fault for _, fault in known), *controls]
    passed: dict[int, bool] = {}

    def told(number: int, unseen: bool) -> None:
        passed[number] = unseen
        if unseen and number < len(planted):
            tell(*planted[number])
        print(f"{len(passed)}/{len(faults)}", end="\r" if sys.stdout.isatty() else "\n", flush=True)

    unnoticed([(fault.path, fault.text, tests.for_lines(fault.path, fault.lines)) for fault in faults], jobs, told)
    ill = [
        str(fault.path) for number, fault in enumerate(faults) if not fault.before + fault.after and not passed[number]
    ]
    if ill:
        raise RuntimeError(f"tests fail on modules without a fault, so nothing can be told: {', '.join(ill)}")
    survivors = [pair for number, pair in enumerate(planted) if passed[number]]
    return survivors, [row for number, (row, _) in enumerate(known, len(planted)) if not passed[number]]


def report(
    planted: Sequence[tuple[str, Fault]],
    survivors: Sequence[tuple[str, Fault]],
    stale: Sequence[Equivalent],
    floor: float,
) -> int:
    print()
    for group in dict.fromkeys(group for group, _ in planted):
        print(share(group, [name for name, _ in planted].count(group), [name for name, _ in survivors].count(group)))
    print(share("all", len(planted), len(survivors)))
    for row in stale:
        print(
            f"{EQUIVALENT.name}: {row.path}: is no fault of today's, or a test notices it:\n{signed('-', row.before)}"
        )
        print(signed("+", row.after))
    noticed = 100 * (1 - len(survivors) / len(planted))
    if noticed < floor:
        print(f"{noticed:.1f} % were noticed; expected {floor:g} % or more")
    return int(noticed < floor or bool(stale))


def tell(group: str, fault: Fault) -> None:
    print(f"{group}: no test notices {fault.path}:{fault.lines.start}")
    print(f"{signed('-', fault.before)}\n{signed('+', fault.after)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
