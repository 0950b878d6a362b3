"""A symptom in words: scenarios and pointers ranked with lunr, whose index the page reads with lunr.js."""

from __future__ import annotations

import re
from typing import Any

from tbcookbook.diagnosis.table import Entry, Table

FIELDS = {"symptoms": 5, "title": 4, "see": 2, "why": 1}  # with their weights
LENGTH = 0.3  # how much a long text is worth less, from 0 to 1: what has many symptoms is what many have
SEE = ("What you see", "What threads say")  # headings
WORD = re.compile(r"[a-z0-9]+")
MOST_WORDS = 60  # of a question
# What is left of "doesn't" and the like, which says nothing and which few texts have.
REMNANTS = frozenset(
    (
        "aren",
        "couldn",
        "d",
        "didn",
        "doesn",
        "don",
        "hasn",
        "haven",
        "isn",
        "ll",
        "m",
        "re",
        "s",
        "shouldn",
        "t",
        "ve",
        "wasn",
        "weren",
        "won",
        "wouldn",
    )
)
DRIVE = re.compile(r"(?<![a-z0-9])[a-z]:[\\/]")  # a path of Windows
DRIVE_SAID = " windows drive "
LEAST_FUZZY = 8  # letters of a word that no text has and that may be misspelt
# What people call what the texts here call otherwise: said as well where one of them is said.
ALSO = {
    "acc": "accuracy",
    "blank": "empty",
    "board": "tensorboard",
    "tb": "tensorboard",
    "tfboard": "tensorboard",
    "lr": "learning rate",
    "hyperparameter": "hparams",
    "hyperparameters": "hparams",
    "hyperparam": "hparams",
    "hyparams": "hparams",
    "val": "validation",
    "chart": "curve",
    "plot": "curve",
    "plots": "curve",
    "charts": "curve",
    "dir": "directory",
    "folder": "directory",
    "logdir": "directory",
    "docker": "container",
    "figure": "image",
    "jupyter": "notebook",
    "k8s": "container",
    "kubernetes": "container",
    "mac": "macos",
    "oom": "memory",
    "osx": "macos",
    "picture": "image",
    "pictures": "image",
    "ram": "memory",
    "tfevents": "event file",
    "vm": "machine",
    "webpage": "page",
    "white": "empty",
    "iteration": "batch",
    "iterations": "batch",
    "axis": "step",
    "profiler": "profile",
    "profiling": "profile",
    "weights": "kernel",
}


def build_index(table: Table) -> Any:
    """The index of a table, as JSON data."""
    from lunr import get_default_builder  # slow to import

    builder = get_default_builder()
    builder.ref("entry")
    builder.b(LENGTH)
    for name, boost in FIELDS.items():
        builder.field(name, boost=boost)
    for number, entry in enumerate(table.entries):
        builder.add({"entry": str(number), **document(entry)})
    return builder.build().serialize()


def document(entry: Entry) -> dict[str, str]:
    """What is searched of an entry, by field."""
    see = " ".join(text for heading, text in entry.parts.items() if heading in SEE)
    why = " ".join(text for heading, text in entry.parts.items() if heading not in SEE)
    texts = {"symptoms": " ".join(entry.symptoms), "title": entry.title, "see": see, "why": why}
    return {name: words_apart(f"{text} {entry.name}" if name == "title" else text) for name, text in texts.items()}


def words_apart(text: str) -> str:
    """A text of plain words: ``tf.summary.histogram(x)`` has three."""
    return " ".join(WORD.findall(text.lower()))


def read_index(data: Any) -> Any:
    """An index that `search` takes. Raises ValueError or KeyError if it is none."""
    from lunr.index import Index

    return Index.load(data)


def search(index: Any, question: str) -> list[tuple[int, float]]:
    """The numbers of the entries that have something to do with a question, best first, and how well they fit.

    An entry that has more of the words comes before one that has a rare one alone.
    """
    from lunr.query import QueryPresence

    words = words_of(question)
    if not words:
        return []
    query = index.create_query()
    for word in words:
        stems = index.pipeline.run_string(word)
        distance = int(len(word) >= LEAST_FUZZY and not any(stem in index.inverted_index for stem in stems))
        query.term(word, presence=QueryPresence.OPTIONAL, edit_distance=distance)
    found = [
        (int(one["ref"]), float(one["score"]) * len(one["match_data"].metadata) ** 0.5) for one in index.query(query)
    ]
    return sorted(found, key=lambda one: one[1], reverse=True)


def words_of(question: str) -> list[str]:
    """What is looked for: the words of a question, each once, and what they are called otherwise."""
    words = WORD.findall(DRIVE.sub(DRIVE_SAID, question.lower()))[:MOST_WORDS]
    words = [word for word in words if word not in REMNANTS]
    words += [also for word in words for also in ALSO.get(word, "").split()]
    return list(dict.fromkeys(words))
