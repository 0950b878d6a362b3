"""Event files: damaged, unreadable, empty, enormous, from another time."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator

from tbcookbook.doctor.finding import Finding
from tbcookbook.doctor.plugins import profiles
from tbcookbook.doctor.steps import named
from tbcookbook.doctor.survey import PROFILE_EMPTY, File, Survey
from tbcookbook.words import shorten

JUST_NOW = 180.0  # seconds since the last change of a file: TensorFlow flushes after 120
LARGE = 100 * 10**6  # bytes of one tag, from which on it is told what fills a file
SHARE_OF_A_FILL = 0.5
PROCESS = re.compile(r"tfevents\.\d+\.(.+\.\d+)\.\d+(?:\.v2)?$")
SKEW = 600.0  # seconds by which clocks may differ
LEAST_TIME = 946_684_800.0  # the year 2000: a wall time before it is none
SKEW_OF_NAME = 86_400.0  # seconds by which the first point may be older than its file


def damaged(survey: Survey) -> Iterator[Finding]:
    """Files that end within a record, or have one whose checksum is wrong."""
    for file in survey.files:
        if file.damage is None:
            continue
        lost = file.size - file.damage.position
        evidence = {
            "kind": file.damage.kind,
            "position": file.damage.position,
            "record": file.damage.record,
            "bytes_behind": lost,
            "size": file.size,
        }
        where = f"at byte {file.damage.position} of {file.size}, in record {file.damage.record}"
        if file.damage.kind.startswith("truncated"):
            text = f"the file ends within a record {where}: {file.damage.kind}"
            advice = "its writer was killed, or the copy is not whole; what comes before is shown"
            new = is_new(file, survey)
            if new:
                text += ": it was changed less than three minutes ago, and the rest may be on its way"
            yield Finding("truncated", "note" if new else "warning", text, file.run, file.name, evidence, advice)
        else:
            text = f"damaged {where}: {file.damage.kind}; nothing behind it is shown ({lost} bytes)"
            advice = "copy the file again; two processes that write into one file do this too"
            yield Finding("corrupt", "error", text, file.run, file.name, evidence, advice)


def is_new(file: File, survey: Survey) -> bool:
    return file.changed is not None and 0 <= survey.now - file.changed < JUST_NOW


def unreadable(survey: Survey) -> Iterator[Finding]:
    """Files and folders that may not be read."""
    for file in survey.files:
        if file.unreadable is not None and "link to another place" not in file.unreadable:
            path = survey.directory / file.name
            yield Finding("unreadable", "error", file.unreadable, file.run, file.name, rights(path), whose(path))
    for name, reason in survey.passed_over.items():
        if "Permission denied" in reason:
            path = survey.directory / name
            text = f"the folder {reason}"
            yield Finding("unreadable", "error", text, name, None, rights(path), whose(path))


def rights(path: os.PathLike[str]) -> dict[str, object]:
    try:
        told = os.lstat(path)
    except (OSError, ValueError):
        return {}
    return {
        "mode": stat.filemode(told.st_mode),
        "owner": told.st_uid,
        "you": os.getuid() if hasattr(os, "getuid") else -1,
    }


def whose(path: os.PathLike[str]) -> str:
    found = rights(path)
    if found and found["owner"] != found["you"]:
        return f"it belongs to user {found['owner']}: a container that runs as root leaves such files; change the owner"
    return "TensorBoard has the rights of who starts it: change the mode, or the owner"


def nothing_in_it(survey: Survey) -> Iterator[Finding]:
    """Runs whose files hold nothing but the record of the version, or nothing at all.

    Beside a profile that is enough: the file makes the folder a run, where the Profile dashboard looks.
    """
    profiled = profiles(survey)
    for run in survey.runs:
        if run in profiled:
            continue
        files = [file for file in survey.files_of(run) if not file.base.endswith(PROFILE_EMPTY)]
        if not files or any(file.points or file.unreadable or file.damage for file in files):
            continue
        new = any(is_new(file, survey) for file in files)
        file = files[-1]
        what = "nothing in it" if not file.records else "nothing in it but the record of the version"
        number = f"{len(files)} event files" if len(files) > 1 else "an event file"
        yield Finding(
            "nothing-written",
            "note" if new else "error",
            f"{number} with {what}"
            + (": it was changed less than three minutes ago, and may not be flushed yet" if new else ""),
            run,
            file.name,
            {"files": len(files), "size": file.size, "records": file.records, "changed": file.changed},
            "write summaries within `with writer.as_default():`, and flush or close the writer before the process ends",
            ("no-default-writer", "no-summary-call", "not-flushed", "closed-too-early", "step-of-wrong-type"),
        )


def file_for_each_step(survey: Survey) -> Iterator[Finding]:
    """Files of one process in one run, each with one step of the same tag: a writer that is opened again and again."""
    for run in survey.runs:
        found = survey.series_of(run)
        if any(series.plugin.startswith("graph") for series in found):
            continue
        for series in found:
            parts = series.parts
            if series.plugin != "scalars" or len(parts) < 2 or any(part.points > 1 for part in parts) or series.returns:
                continue
            processes = {process_of(part.file) for part in parts}
            if len(processes) > 1 or None in processes or series.repeats:
                continue
            yield Finding(
                "file-for-each-step",
                "warning",
                f"{len(parts)} event files of one process, each with a single point of {series.tag}",
                run,
                parts[0].file,
                {"tag": series.tag, "files": [part.file for part in parts[:20]], "number": len(parts)},
                "make the writer once, before the loop",
                ("a-writer-per-epoch",),
            )
            break


def process_of(name: str) -> str | None:
    """The host and process that an event file's name tells, ``events.out.tfevents.TIME.HOST.PROCESS.NUMBER.v2``."""
    match = PROCESS.search(name)
    return match[1] if match else None


def what_fills(survey: Survey) -> Iterator[Finding]:
    """Enormous files, and the tag that fills them."""
    for run in survey.runs:
        found = sorted(survey.series_of(run), key=lambda series: series.size, reverse=True)
        total = sum(file.size for file in survey.files_of(run))
        if total < LARGE or not found or found[0].size < SHARE_OF_A_FILL * total or found[0].plugin == "scalars":
            continue
        first = found[0]
        text = (
            f"{total / 1e6:.0f} MB, of which {shorten(first.tag, 80)} "
            f"({first.plugin or 'no plugin'}, {first.points} points) takes about {first.size / 1e6:.0f}"
        )
        evidence = {
            "bytes": total,
            "tag": first.tag,
            "plugin": first.plugin,
            "points": first.points,
            "tag_bytes": first.size,
        }
        advice = "write it every so many steps; TensorBoard keeps ten images and fifty histograms of a tag"
        yield Finding("enormous", "warning", text, run, None, evidence, advice, ("images-every-step",))


def clocks(survey: Survey) -> Iterator[Finding]:
    """Wall times in the future, from before TensorBoard, or far from the file's own time."""
    for file in survey.files:
        if file.first_time is None or file.last_time is None:
            continue
        evidence = {"first_time": file.first_time, "last_time": file.last_time, "made": file.made, "now": survey.now}
        advice = "the clock of the machine that wrote it is wrong: with Relative or Wall as the axis the curve is too"
        if file.last_time > survey.now + SKEW:
            hours = (file.last_time - survey.now) / 3600
            text = f"its last wall time is {hours:.1f} hours in the future"
        elif 0 < file.first_time < LEAST_TIME:  # 0 is none: not set
            text = f"its first wall time is {file.first_time:.0f} seconds since 1970, long before TensorBoard"
        elif file.made is not None and file.made > survey.now + SKEW:
            text = f"by its name it was made {(file.made - survey.now) / 3600:.1f} hours in the future"
        elif file.made is not None and file.made > LEAST_TIME and 0 < file.first_time < file.made - SKEW_OF_NAME:
            text = f"its first wall time is {(file.made - file.first_time) / 3600:.1f} hours before the file was made"
        else:
            continue
        yield Finding("clock", "warning", text, file.run, file.name, evidence, advice)


def strange(survey: Survey) -> Iterator[Finding]:
    """Bounds of what is looked at, which a log directory does not reach."""
    reasons = {name: why for name, why in survey.passed_over.items() if "more than" in why}
    if reasons:
        first = next(iter(reasons))
        text = f"not all was looked at: {first}: {reasons[first].removeprefix('cannot be read: ')}"
        evidence = {"folders": dict(list(reasons.items())[:10])}
        advice = (
            f"give the folder of the runs ({named([run for run in survey.runs if run != '.'])})" if survey.runs else ""
        )
        yield Finding("too-much", "note", text, first, None, evidence, advice)


CHECKS = (damaged, unreadable, nothing_in_it, file_for_each_step, what_fills, clocks, strange)
