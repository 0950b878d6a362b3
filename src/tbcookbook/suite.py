"""Run scenarios on targets, several scripts at a time, and judge what they did."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from tbcookbook.errors import TargetError
from tbcookbook.execution.sandbox import Isolation, Limits, Probe, Sandbox
from tbcookbook.scenarios.scenario import ROLES, Scenario
from tbcookbook.targets.environments import provision
from tbcookbook.targets.registry import lacking
from tbcookbook.targets.target import Target
from tbcookbook.verdict.case import Case
from tbcookbook.verdict.judge import Verdict, judge_case


def cases(scenarios: Sequence[Scenario], targets: Sequence[Target]) -> list[Case]:
    """Both scripts of every scenario on every target, target by target. Not those with environments of their own."""
    shared = [scenario for scenario in scenarios if not scenario.environments]
    return [Case(scenario, role, target) for target in targets for scenario in shared for role in ROLES]


def environment_cases(scenarios: Sequence[Scenario]) -> list[Case]:
    """Both scripts of every scenario that brings environments, each on its own."""
    return [
        Case(scenario, role, recipe) for scenario in scenarios for role, recipe in sorted(scenario.environments.items())
    ]


def made(case: Case, log: Callable[[str], None] = lambda line: None) -> Case:
    """The case with an interpreter: that of its recipe is made if it is not there. Raises TargetError."""
    if isinstance(case.target, Target):
        return case
    return Case(case.scenario, case.role, provision(case.target, log))


def run_case(case: Case, sandbox: Sandbox, show: bool = False) -> Verdict:
    """Run one script and judge it. TensorBoard is asked what it shows where that is expected, or with `show`."""
    scenario, role = case.scenario, case.role
    observation = sandbox.run(scenario.script(role), scenario.values(role), show=show or scenario.needs_shown(role))
    return judge_case(case, observation)


def run_all(
    found: Sequence[Case],
    isolation: Isolation = "fork",
    limits: Limits | None = None,
    jobs: int | None = None,
    report: Callable[[Verdict], None] = lambda verdict: None,
    log: Callable[[str], None] = lambda line: None,
    show: bool = False,
) -> list[Verdict]:
    """Run cases, `jobs` of them at a time, and give their verdicts in the order of the cases.

    `report` is called with each verdict as it comes, `log` is told when an environment is made. With `show`,
    TensorBoard is asked after every script what it shows. On an interrupt the scripts that run are killed.
    """
    limits = Limits() if limits is None else limits
    targets = {case.target.name: case.target for case in found if isinstance(case.target, Target)}

    def run(case: Case) -> Verdict:
        # An environment of a scenario's own runs one script, so there is nothing to import once for several.
        probe = probes.get(case.target.name) if isinstance(case.target, Target) else None
        case = made(case, log)
        verdict = run_case(case, Sandbox(case.interpreter, None if probe is None else probe.folder, limits), show)
        if probe is not None:
            probe.check_open()
        report(verdict)
        return verdict

    with contextlib.ExitStack() as stack:
        probes: dict[str, Probe] = {}
        if isolation == "fork":
            for target in targets.values():
                probes[target.name] = stack.enter_context(Probe(target))
        pool = ThreadPoolExecutor(jobs or available_cores())
        # On the way out: first nothing new is begun, then the probes end what runs, then the threads come to an end.
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        return list(pool.map(run, found))


def available_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def need_packages(target: Target) -> None:
    """Raises TargetError if a target has not what every registered one has."""
    needed = lacking(target.versions)
    if needed is not None:
        raise TargetError(
            f"target {target.name}: there is no {needed.words} in {target.python}; install it there "
            f"({needed.install}) or name another interpreter with --target NAME=PATH_TO_PYTHON"
        )


def unique_targets(targets: Sequence[Target]) -> Iterator[Target]:
    """The targets, once each. Raises TargetError if one name stands for two interpreters."""
    seen: dict[str, Target] = {}
    for target in targets:
        if seen.setdefault(target.name, target).python != target.python:
            raise TargetError(
                f"--target {target.name}: given twice, for {seen[target.name].python} and {target.python}"
            )
    yield from seen.values()
