"""``python -m tools.mutants``: see the package."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tbcookbook.errors import CookbookError
from tbcookbook.execution.sandbox import Probe
from tbcookbook.recordings.store import observed_root
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.suite import cases
from tbcookbook.targets.environments import resolve_target
from tbcookbook.targets.target import Target
from tools.mutants.faults import Fault, Planted, plant
from tools.mutants.report import Equivalent, Noticed, report
from tools.mutants.suites import Suite, first_notice, order, overlay, own_tests, survey_scenarios

CALLBACK = "keras.src.callbacks.tensorboard"
OWN = {CALLBACK: ("Keras's own tests", f"{CALLBACK}_test")}  # the title and the module of a library's own tests
Key = tuple[str, str, str, str]  # target, suite, module, fault
EQUIVALENT = Path(__file__).with_name("equivalent.toml")


def main() -> int:
    arguments = parse()
    found = read(arguments.results)
    planted: list[Planted] = []
    try:
        for name in arguments.target:
            target = resolve_target(name, lambda line: print(line, flush=True))
            files = dict(pair for pattern in arguments.module for pair in files_of(pattern, target))
            here = [plant(module, file) for module, file in files.items()]
            planted = planted or here
            if [(fault.name, fault.before, fault.after) for one in planted for fault in one.faults] != [
                (fault.name, fault.before, fault.after) for one in here for fault in one.faults
            ]:
                raise CookbookError(f"--target {name}: its code is not that of {arguments.target[0]}")
            listed = [
                Equivalent(**row) for row in tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("fault", [])
            ]
            listed = [row for row in listed if row.module in files]
            faults = sample([fault for one in here for fault in one.faults], listed, arguments)
            print(f"{target.title}\n{len(faults)} faults of {sum(len(one.faults) for one in here)}", flush=True)
            with tempfile.TemporaryDirectory(prefix="mutants-") as work:
                weigh(target, here, faults, files, Path(work), found, arguments)
    except CookbookError as problem:
        print(problem, file=sys.stderr)
        return 2
    wanted = {(fault.module, fault.name) for fault in faults}
    noticed = [told for told in found.values() if (told.module, told.fault) in wanted]
    return report(faults, noticed, listed, planted, whole=arguments.sample is None, floor=arguments.floor)


def equivalents() -> list[Equivalent]:
    return [Equivalent(**row) for row in tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("fault", [])]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools.mutants", description="Plant faults, and see whether a script notices."
    )
    parser.add_argument(
        "--target",
        action="append",
        help="what the scripts run on (default: tf-2.21). Repeatable: the next one has what none before noticed",
    )
    parser.add_argument("--module", action="append", help="with faults; * stands for any name. Repeatable")
    parser.add_argument("--function", action="append", help="of which faults are planted. Repeatable")
    parser.add_argument("--sample", type=int, help="how many faults, instead of all")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--checks", type=int, default=0, help="scripts a fault at most, of those that run through it")
    parser.add_argument("--suite", choices=["scenarios", "own"], help="instead of both")
    parser.add_argument("--observed", type=Path, help="the folder of the recordings, instead of the cookbook's own")
    parser.add_argument("--floor", type=float, default=0.0, help="per cent that the scenarios must notice")
    parser.add_argument("--results", type=Path, help="a file of results, which are added to, and not asked for again")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="faults at a time")
    arguments = parser.parse_args()
    arguments.module = arguments.module or [CALLBACK]
    arguments.target = arguments.target or ["tf-2.21"]
    return arguments


def files_of(pattern: str, target: Target) -> list[tuple[str, Path]]:
    """Modules of a target. Raises CookbookError if there is none of that name."""
    found = [
        (".".join(path.relative_to(folder).with_suffix("").parts), path)
        for folder in map(Path, target.packages)
        for path in sorted(folder.glob(f"{pattern.replace('.', '/')}.py"))
    ]
    if not found:
        raise CookbookError(f"--module {pattern}: found none in {', '.join(target.packages)}")
    return found


def sample(faults: Sequence[Fault], listed: Sequence[Equivalent], arguments: argparse.Namespace) -> list[Fault]:
    """The faults that are planted: those that are listed always, so that the list cannot go stale unseen."""
    if arguments.function:
        faults = [fault for fault in faults if fault.function in arguments.function]
    if arguments.sample is None:
        return list(faults)
    known = [fault for fault in faults if any(row.names(fault) for row in listed)]
    others = [fault for fault in faults if fault not in known]
    return known + random.Random(arguments.seed).sample(others, min(arguments.sample, len(others)))


def weigh(
    target: Target,
    planted: Sequence[Planted],
    faults: Sequence[Fault],
    files: Mapping[str, Path],
    work: Path,
    found: dict[Key, Noticed],
    arguments: argparse.Namespace,
) -> None:
    """Add to `found` what each suite notices on a target."""
    target = overlay(target, planted, work)
    with contextlib.ExitStack() as stack:
        suites: list[Suite] = []
        if arguments.suite != "own":
            probe = stack.enter_context(Probe(target))
            found_cases = cases(load_scenarios(), [target])
            scenarios = survey_scenarios(
                found_cases, target, probe.folder, arguments.observed or observed_root(), work, arguments.jobs
            )
            print(f"{len(scenarios.checks)} scripts run through them", *scenarios.ill, sep="\n", flush=True)
            suites.append(scenarios)
        suites += [
            stack.enter_context(own_tests(*OWN[module], target, work))
            for module in files
            if module in OWN and arguments.suite != "scenarios"
        ]
        noticed = {(told.suite, told.module, told.fault) for told in found.values() if told.by}
        tasks = [
            (suite, fault)
            for fault in faults
            for suite in suites
            if (target.name, suite.title, fault.module, fault.name) not in found
            and (suite.title, fault.module, fault.name) not in noticed
        ]
        pool = ThreadPoolExecutor(arguments.jobs)
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)

        def look(suite: Suite, fault: Fault) -> Noticed:
            checks = order(suite.checks, fault, files[fault.module])
            by = first_notice(suite, fault, checks[: arguments.checks or None])
            return Noticed(suite.title, fault.module, fault.name, by, target.name)

        for number, future in enumerate(as_completed([pool.submit(look, *task) for task in tasks])):
            told = future.result()
            found[target.name, told.suite, told.module, told.fault] = told
            if arguments.results is not None:
                with arguments.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(vars(told), ensure_ascii=False) + "\n")
            print(f"{number + 1}/{len(tasks)}", end="\r" if sys.stdout.isatty() else "\n", flush=True)
        for suite in suites:
            here = [told for told in found.values() if told.target == target.name]
            control(suite, [told for told in here if told.suite == suite.title])


def control(suite: Suite, found: Sequence[Noticed]) -> None:
    """Run once more without a fault what has noticed one. Raises RuntimeError if something differs."""
    names = {told.by.partition(":")[0] for told in found}
    ill = [check.name for check in suite.checks if check.name in names and suite.notices(None, [check])]
    if ill:
        raise RuntimeError(f"these differ without a fault, so nothing can be told: {', '.join(ill)}")


def read(results: Path | None) -> dict[Key, Noticed]:
    if results is None or not results.exists():
        return {}
    rows = [Noticed(**json.loads(line)) for line in results.read_text(encoding="utf-8").splitlines()]
    return {(row.target, row.suite, row.module, row.fault): row for row in rows}


if __name__ == "__main__":
    sys.exit(main())
