"""The program ``tbcookbook``: its commands, and what becomes of everything that goes wrong in one."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from pathlib import Path

import click

from tbcookbook import __version__
from tbcookbook.cli.diff import diff
from tbcookbook.cli.explain import explain
from tbcookbook.cli.gather import gather
from tbcookbook.cli.list import list_command
from tbcookbook.cli.matrix import matrix
from tbcookbook.cli.new import new
from tbcookbook.cli.output import complain, give_up_printing, never_refuse
from tbcookbook.cli.run import run
from tbcookbook.cli.statuses import AS_EXPECTED, BAD_INPUT, INTERNAL_ERROR, INTERRUPTED, NOBODY_READS
from tbcookbook.cli.targets import targets_command
from tbcookbook.cli.usage import NAME, Commands, explained
from tbcookbook.errors import CookbookError

TRACEBACK_VARIABLE = "TBCOOKBOOK_TRACEBACK"
COMPLETION_VARIABLE = "_TBCOOKBOOK_COMPLETE"  # click's own name for it
PLEASE_REPORT = f"please report it, with {TRACEBACK_VARIABLE}=1 for the traceback"

# What a machine refuses; any other OSError is a fault of ours.
REFUSALS = frozenset(
    getattr(errno, name)
    for name in (
        *("ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EIO", "EFBIG"),
        *("ENAMETOOLONG", "ELOOP", "ENOTDIR", "EBADF"),
    )
    if hasattr(errno, name)
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name=NAME)
@click.option(
    "--scenarios",
    type=click.Path(path_type=Path),
    help="A folder of scenarios, CHAPTER/SLUG, instead of the cookbook's own.",
)
@click.pass_context
def cookbook(context: click.Context, scenarios: Path | None) -> None:
    """The TensorBoard cookbook: mistakes in TensorBoard logging, their cures, and what each TensorFlow does."""
    context.obj = scenarios


for command in (list_command, explain, run, new, targets_command, matrix, diff, gather):
    cookbook.add_command(command)


def main() -> None:
    """The entry point of the ``tbcookbook`` command. No traceback of ours reaches a user who did not ask for it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    never_refuse()
    try:
        status = ended()
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        give_up_printing()
        status = NOBODY_READS
    except OSError as problem:
        status = refused(problem)
    sys.exit(status)


def ended() -> int:
    """Run the command that the arguments name, and give the exit status. Raises OSError."""
    try:
        invoke(sys.argv[1:])
    except click.exceptions.Exit as end:
        return end.exit_code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else AS_EXPECTED
    except CookbookError as problem:
        complain(*problem.messages)
        return BAD_INPUT
    except (click.exceptions.Abort, KeyboardInterrupt):
        complain("interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # of click 8.2 and later: no fault at all
            error.show()
        else:
            complain(explained(error))
        return BAD_INPUT
    except OSError:
        raise
    except Exception as problem:
        return fault(problem)
    return AS_EXPECTED


def invoke(arguments: list[str]) -> None:
    if COMPLETION_VARIABLE in os.environ:
        cookbook.main(arguments, prog_name=NAME)
    # Not `main`, for which a pipe that nobody reads is exit status 1: of "something differs".
    with cookbook.make_context(NAME, arguments) as context:
        cookbook.invoke(context)


def refused(problem: OSError) -> int:
    """What the machine did not let us do, stdout that is full included."""
    if problem.errno not in REFUSALS:
        return fault(problem)
    where = "stdout" if problem.filename is None else os.fsdecode(problem.filename)
    with contextlib.suppress(OSError):
        complain(f"{where}: {problem.strerror}")
    if problem.filename is None:
        give_up_printing()
    return BAD_INPUT


def fault(problem: Exception) -> int:
    """What nobody expected."""
    if os.environ.get(TRACEBACK_VARIABLE):
        raise problem
    text = " ".join(str(problem).split())
    told = f"{type(problem).__name__}: {text}" if text else type(problem).__name__
    with contextlib.suppress(OSError):
        complain(f"internal error: {told}; {PLEASE_REPORT}")
    return INTERNAL_ERROR
