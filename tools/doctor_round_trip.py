"""The doctor on the logs of the cookbook's own scripts: what breaks silently is named, what is fixed gets no finding.

``python -m tools.doctor_round_trip TARGET...`` runs the scripts of every scenario that is expected to log there, and
examines what they leave. ``--keep FOLDER`` keeps the logs, and examines those that are there already. Exit status 1 if
a fixed script gets a finding that `TRUE` does not have, or a broken one that is in neither `NOT_IN_THE_LOGS` nor
`RAISES` gets none.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from tbcookbook.doctor.examine import examine
from tbcookbook.errors import CookbookError
from tbcookbook.execution.sandbox import Probe, Sandbox
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario
from tbcookbook.targets.environments import resolve_target
from tbcookbook.targets.target import Target

# What a fixed script really leaves on some versions: the mistake of another scenario, which the library makes.
TRUE = {
    ("api-missing", "no-directory"),  # it writes no logs
    ("batch-begin-without-train-begin", "all-at-one-step"),  # Keras 3.0 to 3.6 logs all batches at step 0
    ("embeddings-in-the-projector", "projector"),  # it names metadata that it does not write
    ("embeddings-metadata-names", "graph-alone"),  # it ends with an exception on TensorFlow 2.0
    ("embeddings-metadata-names", "projector"),  # the same; and on Keras 3 there is no checkpoint for it
    ("images-need-histograms", "several-at-each-step"),  # Keras 3.0: histogram-names-collide
    ("kernel-images-skipped", "all-at-one-step"),  # Keras 3.0: histogram-names-collide
    ("lr-in-batch-logs", "all-at-one-step"),  # Keras 3.0 to 3.6
    ("not-in-a-list", "all-at-one-step"),  # Keras 3.0 to 3.6
    ("patched-where-defined", "nothing-written"),  # it tests that nothing is written
    ("record-cut-off", "truncated"),  # it reads a file that is cut off
    ("record-if-suppresses", "all-at-one-step"),  # Keras 3.0 to 3.6
    ("record-if-suppresses", "epochs-missing"),  # Keras 3.15: update-freq-drops-epochs
    ("summary-in-call-by-batch", "all-at-one-step"),  # Keras 3.0 to 3.6
    ("two-callbacks", "profile-elsewhere"),  # Keras 3.0: profile-in-another-place
}
# docs/how-to/diagnose-a-log-directory.md says why.
NOT_IN_THE_LOGS = frozenset(
    {
        *("callback-in-layer", "graph-without-get-config", "histogram-names-collide", "images-every-step"),
        *("images-need-histograms", "kernel-images-skipped", "last-batch-logged", "logging-in-call"),
        *("lr-in-batch-logs", "mean-of-scaled-losses", "no-validation-data", "not-flushed", "not-in-a-list"),
        *("off-by-default", "per-output-loss", "record-if-suppresses", "scheduler-and-learning-rate"),
        *("summary-in-call-by-batch", "summary-in-replica", "train-graph-missing", "train-step-returns-batch-loss"),
        *("unreduced-loss", "update-freq-batch", "vector-metric", "weighted-loss"),
        "evaluate-at-one-step",  # TensorFlow 2.4 and later writes evaluations
        *("batch-begin-without-train-begin", "never-compiled"),  # where Keras goes on
        *("callback-value-zero", "simple-value-zero"),  # the mistake is in how they are read
        *("graph-of-the-training", "log-dir-of-bytes", "name-with-a-space", "patched-where-defined"),
        *("profile-from-batch-0", "steps-per-second", "writers-left-open"),
    }
)
# They end with an exception on some versions, before or after they have logged: its text is what is diagnosed.
RAISES = frozenset(
    {
        *("acc-or-accuracy", "closed-too-early", "embeddings-in-the-projector", "embeddings-metadata-names"),
        *("gradients", "histogram-of-strings", "image-rank", "not-a-keras-model", "remote-scheme"),
        *("step-not-a-scalar", "string-scalar", "trace-export-without-trace", "train-step-returns-a-tensor"),
    }
)
OUTCOMES = {"fixed": "ok", "broken": "wrong-events"}


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="TARGET...")
@click.option("--scenarios", type=click.Path(path_type=Path), help="A folder of scenarios instead of the cookbook's.")
@click.option("--keep", type=click.Path(path_type=Path), help="Where the logs are kept, and taken from.")
def main(names: tuple[str, ...], scenarios: Path | None, keep: Path | None) -> None:
    """Run scripts on targets, and examine what they log."""
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            bad += round_trip(resolve_target(name), load_scenarios(scenarios), keep or Path(folder))
    sys.exit(bool(bad))


def round_trip(target: Target, scenarios: Sequence[Scenario], keep: Path) -> int:
    """How many scripts were not as they should be, on one target."""
    silent = named = healthy = clean = bad = 0
    with Probe(target) as probe:
        for scenario in scenarios:
            for role in ROLES:
                expected = scenario.expectation(role, target.versions)
                if scenario.environments or expected is None or expected.outcome != OUTCOMES[role]:
                    continue
                logs = logs_of(scenario, role, Sandbox(target, probe.folder), keep / target.name)
                findings = examine(logs).findings
                if role == "broken":
                    silent += 1
                    found = any(scenario.slug in finding.scenarios for finding in findings)
                    named += found
                    wrong = not found and scenario.slug not in NOT_IN_THE_LOGS | RAISES
                else:
                    healthy += 1
                    clean += not findings
                    wrong = any((scenario.slug, finding.check) not in TRUE for finding in findings)
                if wrong:
                    print(f"{scenario.slug}/{role}: {[finding.check for finding in findings]}")
                    bad += 1
    print(f"{target.name}: {named} of {silent} silent scripts named, {clean} of {healthy} fixed ones without a finding")
    return bad


def logs_of(scenario: Scenario, role: Role, sandbox: Sandbox, keep: Path) -> Path:
    """The log directory that a script leaves. Raises CookbookError if it cannot be run."""
    folder = keep / scenario.chapter / scenario.slug / role
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        Sandbox(sandbox.target, sandbox.probe_folder, sandbox.limits, folder).run(scenario.script(role))
    return folder / "logs"


if __name__ == "__main__":
    try:
        main()
    except CookbookError as problem:
        sys.exit(str(problem))
