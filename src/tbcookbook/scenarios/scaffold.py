"""The folder that a new scenario begins as. It loads, and runs; what it says has to be replaced."""

from __future__ import annotations

import re
from pathlib import Path

from tbcookbook.scenarios.scenario import README, TOML

SCRIPT = '''"""Say in one line what the script does."""

import tensorflow as tf

tf.random.set_seed(0)

writer = tf.summary.create_file_writer("logs")
with writer.as_default():
    for step in range(3):
        {line}
'''

BROKEN = "tf.summary.scalar(step, 0.5)  # <- say what is wrong with this line"
FIXED = 'tf.summary.scalar("loss", 0.5, step=step)'

EXPECTATIONS = """\
title = "Say the mistake in one line"
sources = ["https://example.org/the-report-it-comes-from"]

# What each script does, on which versions: run `tbcookbook run {slug}` and write down what it says.
[[broken]]
on = "*"
outcome = "raises"
type = "ValueError"
message = "The whole message, with {{holes}} for what varies"

[[fixed]]
on = "*"
outcome = "ok"
events."./loss" = {{ steps = [0, 1, 2] }}
"""

PAGE = """\
## What you see

Say the symptom in the words that people use when they ask for help: the error in the terminal, or what TensorBoard does
not show although nothing failed. Name the dashboard, the chart and the message on the screen. One short paragraph will
do, and whoever has this mistake should know after it that this is the right page.

## Why

Say the cause in a few sentences: which function does what, with which argument, and from which version on. Say only
what an expectation or a recording of this scenario shows.

## The fix

Say what to change, and why it works. The difference between the two scripts is shown beside it.
"""


def create_scenario(root: Path, name: str) -> Path:
    """Write a folder CHAPTER/SLUG and give its path. Raises ValueError, saying why, if it cannot be."""
    if not re.fullmatch(r"[a-z0-9-]+/[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"{name!r}: expected CHAPTER/SLUG, each of lower-case words joined by hyphens")
    folder = root / name
    taken = next((path for path in root.glob(f"*/{folder.name}") if path.is_dir()), None)
    if taken is not None:
        raise ValueError(f"{name!r}: the slug {folder.name} is taken by {taken}")
    try:
        folder.mkdir(parents=True)
    except OSError as problem:
        raise ValueError(f"{folder} cannot be made: {problem.strerror}") from None
    (folder / TOML).write_text(EXPECTATIONS.format(slug=folder.name), encoding="utf-8")
    (folder / README).write_text(PAGE, encoding="utf-8")
    (folder / "broken.py").write_text(SCRIPT.format(line=BROKEN), encoding="utf-8")
    (folder / "fixed.py").write_text(SCRIPT.format(line=FIXED), encoding="utf-8")
    return folder
