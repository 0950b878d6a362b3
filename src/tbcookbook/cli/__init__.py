"""The command line. Results go to stdout, everything else to stderr.

Exit status: 0 as expected, 1 something differs, 2 bad usage or bad input, 70 a fault of the cookbook itself,
130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tbcookbook import __version__

if TYPE_CHECKING:
    from tbcookbook.recordings.store import Recording
    from tbcookbook.scenarios.scenario import Scenario
    from tbcookbook.targets.target import Target
    from tbcookbook.verdict.judge import Verdict

# Imports stand in the commands: `--help` and `list` answer at once.

AS_EXPECTED, DIFFERS, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h: never taken for "something differs"

TRACEBACK_VARIABLE = "TBCOOKBOOK_TRACEBACK"
PLEASE_REPORT = f"please report it, with {TRACEBACK_VARIABLE}=1 for the traceback"

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="tbcookbook")
@click.option(
    "--scenarios",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder of scenarios, CHAPTER/SLUG, instead of the cookbook's own.",
)
@click.pass_context
def cookbook(context: click.Context, scenarios: Path | None) -> None:
    """The TensorBoard cookbook: mistakes in TensorBoard logging, their cures, and what each TensorFlow does."""
    context.obj = scenarios


@cookbook.command("list")
@click.argument("slugs", nargs=-1, metavar="[SLUG|CHAPTER]...")
@json_option
def list_command(slugs: Sequence[str], as_json: bool) -> None:
    """List the scenarios."""
    from tbcookbook.render.pages import scenario_json, scenario_list

    found = select(slugs)
    if as_json:
        print_json([scenario_json(scenario) for scenario in found])
    else:
        click.echo(scenario_list(found))


@cookbook.command()
@click.argument("slug")
@json_option
def explain(slug: str, as_json: bool) -> None:
    """Explain one scenario: what you see, why, and the two lines to change."""
    from tbcookbook.render.pages import difference, recipe, scenario_json

    (scenario,) = select([slug], chapters=False)
    if as_json:
        print_json({**scenario_json(scenario), "readme": scenario.readme, "difference": difference(scenario)})
    else:
        click.echo(recipe(scenario))


@cookbook.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG|CHAPTER]...")
@click.option(
    "targets",
    "--target",
    multiple=True,
    metavar="TARGET",
    help="NAME=PYTHON or a registered target, instead of the interpreter of the cookbook itself ('this'). Repeatable.",
)
@click.option(
    "--isolation",
    type=click.Choice(["fork", "spawn"]),
    default="fork",
    show_default=True,
    help="fork: TensorFlow is imported once a target; spawn: every script has a fresh process.",
)
@click.option("--jobs", type=click.IntRange(1), help="Scripts to run at a time.  [default: one a core]")
@click.option(
    "--seconds",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="Time limit of a script.",
)
@click.option(
    "--memory",
    type=click.FloatRange(0, min_open=True),
    default=4.0,
    show_default=True,
    help="Memory limit of a script, in GiB.",
)
@json_option
def run(
    slugs: Sequence[str],
    targets: Sequence[str],
    isolation: Any,
    jobs: int | None,
    seconds: float,
    memory: float,
    as_json: bool,
) -> None:
    """Run scenarios on real TensorFlow and compare what they do with what is expected."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from tbcookbook.execution.sandbox import Limits
    from tbcookbook.render.report import failure, verdict_table
    from tbcookbook.suite import cases, run_all

    found = cases(select(slugs), open_targets(targets))
    limits = Limits(seconds=seconds, memory=int(memory * 2**30))
    console = Console(stderr=True)
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("importing TensorFlow", total=len(found))

        def report(verdict: Verdict) -> None:
            progress.update(task, advance=1, description=verdict.case)

        verdicts = run_all(found, isolation, limits, jobs, report)
    different = [verdict for verdict in verdicts if verdict.mismatches]
    if as_json:
        print_json(run_json(verdicts))
    else:
        print_rich(verdict_table(verdicts))
        for verdict in different:
            print_rich(failure(verdict), before="\n")
    scripts = f"{len(verdicts)} script runs on {len({verdict.target.name for verdict in verdicts})} target(s)"
    click.echo(f"{scripts}, {len(different)} not as expected", err=True)
    sys.exit(DIFFERS if different else AS_EXPECTED)


@cookbook.command("targets")
@json_option
def targets_command(as_json: bool) -> None:
    """Show the registered targets, and which of them are ready on this machine."""
    from tbcookbook.recordings.store import observed_root
    from tbcookbook.render.pages import target_list
    from tbcookbook.targets.environments import find_interpreter, is_ready
    from tbcookbook.targets.registry import registered_targets

    rows = registered_targets()
    interpreters = {version: find_interpreter(version) for version in dict.fromkeys(row.python for row in rows)}
    states = {
        row.name: "ready"
        if is_ready(row)
        else "can be installed"
        if interpreters[row.python]
        else f"needs Python {row.python}"
        for row in rows
    }
    recorded = {path.stem for path in observed_root().glob("*.json")}
    if as_json:
        print_json([{**row.as_json(), "state": states[row.name], "recorded": row.name in recorded} for row in rows])
    else:
        click.echo(target_list(rows, states, recorded))


@cookbook.command()
@click.argument("names", nargs=-1, metavar="[TARGET]...")
@click.option("--all", "all_targets", is_flag=True, help="Every registered target.")
@click.option("--keep", is_flag=True, help="Keep the environments; otherwise each is removed when it is done.")
@click.option("--check", is_flag=True, help="Compare with the recordings instead of writing them.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --check: write what was seen to this folder, in the form of recordings.",
)
@click.option("--again", is_flag=True, help="Run targets whose recording is fresh too.")
@click.option("--observed", type=click.Path(path_type=Path, file_okay=False), help="The folder of the recordings.")
@click.option("--jobs", type=click.IntRange(1), help="Targets, or scripts of one, at a time.  [default: one a core]")
@json_option
def matrix(
    names: Sequence[str],
    all_targets: bool,
    keep: bool,
    check: bool,
    into: Path | None,
    again: bool,
    observed: Path | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Make the environment of each target, run every scenario in it, and record what happens."""
    from tbcookbook.matrix import Plan, Row, run_matrix
    from tbcookbook.recordings.store import observed_root, today
    from tbcookbook.render.report import failure, matrix_table
    from tbcookbook.targets.registry import registered_targets
    from tbcookbook.words import one_of

    registered = {target.name: target for target in registered_targets()}
    for name in names:
        if name not in registered:
            fail(f"no target {name!r}; expected {one_of(registered, name)}")
    if bool(names) == all_targets:
        fail("name the targets to run, or give --all" if not names else "either name targets or give --all")
    chosen = list(registered.values()) if all_targets else [registered[name] for name in dict.fromkeys(names)]
    if into is not None and not check:
        fail("--into goes with --check")
    plan = Plan(observed or observed_root(), today(), keep, check, into, again, jobs)
    scenarios = select([])
    clock = Clock(len(chosen))

    def report(row: Row) -> None:
        say(f"{row.target.name}: {row.state}, {row.text}{clock.tick()}")

    rows = run_matrix(chosen, scenarios, plan, say, report)
    if as_json:
        print_json([row.as_json() for row in rows])
    else:
        for row in rows:
            for verdict in row.verdicts:
                if verdict.mismatches:
                    print_rich(failure(verdict), before="\n")
        print_rich(matrix_table(rows))
    sys.exit(DIFFERS if any(row.bad for row in rows) else AS_EXPECTED)


@cookbook.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--markdown", is_flag=True, help="Print Markdown, for a pull request or a CI job summary.")
@click.option("--observed", type=click.Path(path_type=Path, file_okay=False), help="The folder of the recordings.")
@json_option
def diff(before: str, after: str, markdown: bool, observed: Path | None, as_json: bool) -> None:
    """Say what changes for your logs from A to B.

    A and B are recorded targets or the files of recordings, or interpreters that are run on the spot: a path,
    NAME=PATH, or 'this'.
    """
    from tbcookbook.drift import compare_recordings, not_compared
    from tbcookbook.recordings.store import observed_root
    from tbcookbook.render.pages import drift_json, drift_markdown, drift_text

    if markdown and as_json:
        fail("either --json or --markdown")
    scenarios = select([])
    old, new = (recorded_or_run(text, scenarios, observed or observed_root()) for text in (before, after))
    changes = compare_recordings(old, new, scenarios)
    missing = not_compared(old, new, scenarios)
    if as_json:
        print_json(drift_json(old, new, changes, missing))
    elif markdown:
        click.echo(drift_markdown(old, new, changes, missing))
    else:
        click.echo(drift_text(old, new, changes))
        if missing:
            say(f"not run on one of the two: {', '.join(missing)}")
    sys.exit(DIFFERS if changes else AS_EXPECTED)


def recorded_or_run(text: str, scenarios: Sequence[Scenario], observed: Path) -> Recording:
    """The recording of a target or in a file, or a fresh one of an interpreter. Ends the program if there is none."""
    from tbcookbook.errors import RecordingError
    from tbcookbook.recordings.store import load_recording, new_recording, staleness, today
    from tbcookbook.suite import cases, run_all
    from tbcookbook.targets.registry import registered_targets
    from tbcookbook.targets.target import THIS

    registered = {target.name: target for target in registered_targets()}
    if text.endswith(".json"):
        observed, text = Path(text).parent, Path(text).stem
    if text != THIS and "=" not in text and not Path(text).exists():
        try:
            recording = load_recording(observed, text)
        except RecordingError as problem:
            fail(str(problem), *([f"run it first: tbcookbook matrix {text}"] if text in registered else []))
        if text in registered and (reasons := staleness(recording, registered[text], scenarios)):
            say(f"the recording of {text} is stale: {'; '.join(reasons)}")
        return recording
    (target,) = open_targets([text if text == THIS or "=" in text else f"{Path(text).name}={text}"])
    say(f"running {2 * len(scenarios)} scripts on {target.title}")
    verdicts = run_all(cases(scenarios, [target]))
    seen = [(found.scenario, found.role, found.observation) for found in verdicts]
    return new_recording(target, (), today(), seen)


class Clock:
    """Tells how many of a number of steps are done, and how long the rest will take at the same pace."""

    def __init__(self, steps: int) -> None:
        self.steps, self.done, self.began = steps, 0, time.monotonic()

    def tick(self) -> str:
        self.done += 1
        passed = time.monotonic() - self.began
        left = passed / self.done * (self.steps - self.done)
        return f" ({self.done} of {self.steps}, {passed / 60:.0f} min passed, about {left / 60:.0f} min left)"


@cookbook.command()
@click.argument("name", metavar="CHAPTER/SLUG")
def new(name: str) -> None:
    """Make the folder of a new scenario, with everything in it that has to be filled in."""
    from tbcookbook.scenarios.scaffold import create_scenario
    from tbcookbook.scenarios.scenario import scenario_root

    try:
        folder = create_scenario(click.get_current_context().obj or scenario_root(), name)
    except ValueError as problem:
        fail(str(problem))
    click.echo(folder)


def select(names: Sequence[str], chapters: bool = True) -> list[Scenario]:
    """The scenarios with these slugs, or of these chapters; all if there is no name. Ends the program on bad ones."""
    from tbcookbook.scenarios.scenario import ScenarioError, load_scenarios
    from tbcookbook.words import one_of

    try:
        scenarios = load_scenarios(click.get_current_context().obj)
    except ScenarioError as error:
        fail(*map(str, error.problems))
    chosen: dict[Path, Scenario] = {}
    for name in names:
        matching = [
            scenario for scenario in scenarios if name in (scenario.slug, f"{scenario.chapter}/{scenario.slug}")
        ]
        if chapters:
            matching += [scenario for scenario in scenarios if scenario.chapter == name]
        if not matching:
            known = [scenario.slug for scenario in scenarios]
            known += sorted({scenario.chapter for scenario in scenarios}) if chapters else []
            fail(f"no scenario {name!r}; expected {one_of(known, name)}")
        chosen.update((scenario.folder, scenario) for scenario in matching)
    return list(chosen.values()) if names else list(scenarios)


def open_targets(texts: Sequence[str]) -> list[Target]:
    """The targets to run on. Ends the program if one cannot be used."""
    from tbcookbook.errors import TargetError
    from tbcookbook.suite import need_tensorflow, unique_targets
    from tbcookbook.targets.environments import resolve_target
    from tbcookbook.targets.target import THIS

    try:
        targets = list(unique_targets([resolve_target(text, say) for text in texts or [THIS]]))
        for target in targets:
            need_tensorflow(target)
    except TargetError as problem:
        fail(str(problem))
    return targets


def run_json(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The document that ``run --json`` prints."""
    targets = {verdict.target.name: verdict.target for verdict in verdicts}
    return {
        "targets": {
            name: {"python": str(target.python), "platform": target.platform, "versions": dict(target.versions)}
            for name, target in targets.items()
        },
        "runs": [verdict.as_json() for verdict in verdicts],
        "not_as_expected": sum(bool(verdict.mismatches) for verdict in verdicts),
    }


def print_json(document: Any) -> None:
    click.echo(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False))


def print_rich(renderable: Any, before: str = "") -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(before, renderable, sep="", end="\n") if before else console.print(renderable)


def say(line: str) -> None:
    click.echo(line, err=True)


def fail(*messages: str) -> NoReturn:
    for message in messages:
        click.echo(f"tbcookbook: {message}", err=True)
    sys.exit(BAD_INPUT)


def main() -> None:
    """The entry point of the ``tbcookbook`` command. No traceback of ours reaches a user who did not ask for it."""
    import signal

    from tbcookbook.errors import CookbookError

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        cookbook.main(standalone_mode=False)
    except CookbookError as problem:
        fail(*problem.messages)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("tbcookbook: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as problem:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        click.echo(f"tbcookbook: internal error: {in_a_line(problem)}; {PLEASE_REPORT}", err=True)
        sys.exit(INTERNAL_ERROR)


def in_a_line(problem: Exception) -> str:
    """Type and text of an exception that nobody expected."""
    text = " ".join(str(problem).split())
    return f"{type(problem).__name__}: {text}" if text else type(problem).__name__
