"""The scenarios and pointers that findings name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tbcookbook import doctor
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.pointers import load_pointers

MODULES = sorted(Path(str(doctor.__file__)).parent.glob("*.py"))
# Named before they were written: each goes from here when its folder is there.
COMING = frozenset(
    {
        *("a-run-per-epoch", "a-writer-per-epoch", "acc-or-accuracy", "audio-range", "batch-and-epoch-in-one-tag"),
        *("batch-begin-without-train-begin", "class-not-instance", "closed-too-early", "embeddings-in-the-projector"),
        *("evaluate-at-one-step", "graph-traced-too-late", "histogram-names-collide", "histogram-of-nan"),
        *("image-range", "images-every-step", "list-as-logs", "log-dir-deleted", "metric-name-suffix"),
        *("never-compiled", "none-in-the-list", "not-flushed", "projector-metadata-lines", "projector-paths"),
        *("record-if-suppresses", "remote-scheme", "resumed-overlap", "same-directory-twice"),
        *("second-fit-dead-writer", "second-fit-from-zero", "step-of-wrong-type", "summary-in-call-by-batch"),
        *("trace-export-without-trace", "trace-without-outdir", "train-and-validation-in-one-run"),
        *("trainer-without-callbacks", "update-freq-batch", "update-freq-drops-epochs"),
        *("update-freq-drops-evaluation",),
    }
)


def named(path: Path) -> Iterator[str]:
    """The texts with hyphens in tuples of texts: slugs, and names of pointers."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Tuple):
            texts = [one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len(texts) == len(node.elts) or any(isinstance(one, ast.Starred) for one in node.elts):
                yield from (text for text in texts if "-" in text and " " not in text and not text.startswith("."))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_what_findings_name_is_there(path: Path) -> None:
    known = {scenario.slug for scenario in load_scenarios()} | set(load_pointers())
    assert set(named(path)) <= known | COMING


def test_names_are_found() -> None:
    assert {"frozen-step", "step-restarts"} <= {name for path in MODULES for name in named(path)}
