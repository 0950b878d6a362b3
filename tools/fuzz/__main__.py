"""``python -m tools.fuzz [--inputs N] [SUBJECT]...``: fuzz, and print what was done and measured."""

from __future__ import annotations

import sys

import click

from tools.fuzz import errors, event_files, messages, recordings, scenarios, scripts, texts
from tools.fuzz.subject import Report, Subject, fuzz

SUBJECTS: tuple[Subject, ...] = (
    messages.SUBJECT,
    texts.SUBJECT,
    errors.SUBJECT,
    event_files.SUBJECT,
    scenarios.SUBJECT,
    recordings.SUBJECT,
    scripts.SUBJECT,
)


@click.command()
@click.argument("names", nargs=-1, metavar="[SUBJECT]...")
@click.option("--inputs", type=click.IntRange(1), default=3000, show_default=True, help="Of all subjects together.")
@click.option("--seed", type=int, default=None, help="To have the same inputs again.  [default: another each time]")
def main(names: tuple[str, ...], inputs: int, seed: int | None) -> None:
    """Fuzz all subjects, or those that are named."""
    known = {subject.name: subject for subject in SUBJECTS}
    if unknown := set(names) - known.keys():
        raise click.UsageError(f"no subject {', '.join(unknown)}; expected one of {', '.join(known)}")
    chosen = [known[name] for name in names] or list(SUBJECTS)
    whole = sum(subject.share for subject in chosen)
    click.echo(f"{'subject':12} {'inputs':>8} {'seconds':>8} {'slowest':>8} {'bound':>6} {'grown':>9}  result")
    reports = []
    for subject in chosen:
        reports.append(fuzz(subject, max(1, round(inputs * subject.share / whole)), seed))
        click.echo(line_of(reports[-1]))
    click.echo(f"{sum(report.inputs for report in reports)} inputs")
    sys.exit(1 if any(report.fault for report in reports) else 0)


def line_of(report: Report) -> str:
    subject = report.subject
    numbers = f"{report.inputs:8} {report.seconds:8.1f} {report.slowest:7.3f}s {subject.seconds:5.1f}s"
    return f"{subject.name:12} {numbers} {report.grown / 2**20:5.0f} MiB  {report.fault or 'held'}"


if __name__ == "__main__":
    main()
