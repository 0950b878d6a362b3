"""What a script leaves beside its streams: graphs, files, damage, processes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tbcookbook.observation.record import Observation
from tbcookbook.scenarios import message
from tbcookbook.scenarios.scenario import Expectation
from tbcookbook.verdict.mismatch import Mismatch, listed


def compare_traces(expectation: Expectation, seen: Observation) -> Iterable[Mismatch]:
    """What no script may do unless it is expected to: damage its files, write elsewhere, leave processes behind."""
    damaged = [file for file in seen.logs.event_files if file.damage is not None]
    for file in damaged:
        if not has_template(file.path, expectation.damaged):
            yield Mismatch(f"event file {file.path}", "whole", f"{file.records} good records, then: {file.damage}")
    for template in without(expectation.damaged, [file.path for file in damaged]):
        yield Mismatch(f"event file {template}", "damaged", "whole, or not there")
    for name, reason in seen.logs.unread.items():
        yield Mismatch(f"logs/{name}" if name != "." else "logs/", "readable", reason)
    yield from compare_names("files outside logs/", expectation.outside, seen.outside)
    if seen.left_behind:
        yield Mismatch("processes left behind", "none", listed(seen.left_behind))


def compare_graphs(expectation: Expectation, seen: Observation) -> Iterable[Mismatch]:
    """Graphs, projector configurations and files below ``logs/``, of which all is said or nothing."""
    if expectation.graphs is not None:
        graphs = {f"{graph.run}/{graph.tag}": graph for graph in seen.logs.graphs}
        yield from compare_keys("graph", list(expectation.graphs), list(graphs))
        for key in expectation.graphs.keys() & graphs.keys():
            wanted, graph = expectation.graphs[key], graphs[key]
            if wanted.plugin not in (None, graph.plugin):
                yield Mismatch(f"plugin of {key}", str(wanted.plugin), graph.plugin)
            if wanted.nodes not in (None, graph.nodes):
                yield Mismatch(f"nodes of {key}", str(wanted.nodes), str(graph.nodes))
    if expectation.projector is not None:
        actual = seen.logs.projector
        yield from compare_keys("projector configuration", list(expectation.projector), list(actual))
        for key in expectation.projector.keys() & actual.keys():
            if expectation.projector[key] != list(actual[key]):
                yield Mismatch(f"embeddings of {key}", listed(expectation.projector[key]), listed(actual[key]))
    if expectation.files is not None:
        yield from compare_names("files below logs/", expectation.files, seen.logs.files)


def compare_keys(what: str, expected: Sequence[str], actual: Sequence[str]) -> Iterable[Mismatch]:
    for key in sorted({*expected, *actual}):
        if key not in actual:
            yield Mismatch(f"{what} {key}", "written", "nothing written")
        elif key not in expected:
            yield Mismatch(f"{what} {key}", "nothing written", "written")


def compare_names(what: str, templates: Sequence[str], names: Sequence[str]) -> Iterable[Mismatch]:
    """That every template has a name, and every name a template."""
    if without(templates, names) or any(not has_template(name, templates) for name in names):
        yield Mismatch(what, listed(templates), listed(names))


def without(templates: Sequence[str], names: Sequence[str]) -> list[str]:
    """The templates that no name is of."""
    return [template for template in templates if not any(message.matches(template, name) for name in names)]


def has_template(name: str, templates: Sequence[str]) -> bool:
    return any(message.matches(template, name) for template in templates)
