"""Messages: word for word, grouped by what they say in the end, and the templates that scenarios have for them."""

from __future__ import annotations

import pytest

from tbcookbook.catalogue.cookbook import Cookbook, load_cookbook
from tbcookbook.catalogue.messages import Message, conclusion, error_of, headline, messages_of, plain, templates_of
from tbcookbook.observation.record import Observation
from tbcookbook.recordings.store import observed_root
from tbcookbook.scenarios.loading import scenario_root
from tbcookbook.scenarios.message import matches
from tbcookbook.scenarios.ranges import parse_versions
from tbcookbook.scenarios.scenario import Expectation


@pytest.fixture(scope="module")
def cookbook() -> Cookbook:
    return load_cookbook(scenario_root(), observed_root())


def test_plain() -> None:
    assert plain("\x1b[1mbold\x1b[0m\n\x00tab\there") == "bold\ntab\there"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("text", "text"),
        ("\ntext\nof two lines\n", "text\nof two lines"),
        ("in user code:\n\n    File x, line 1, in f\n    ValueError: no\n", "ValueError: no"),
        ("in user code:\n\n    TypeError: a\n\n    ValueError: b\n      and c\n", "ValueError: b\n  and c"),
    ],
)
def test_conclusion(message: str, said: str) -> None:
    assert conclusion(message) == said


def test_every_recorded_exception_is_a_message_once(cookbook: Cookbook) -> None:
    for scenario in cookbook.scenarios:
        messages = messages_of(cookbook, scenario)
        told = [(message.role, target) for message in messages for target in message.targets]
        raised = {
            (role, name)
            for name, recording in {**cookbook.recordings, **cookbook.own}.items()
            for (slug, role), run in recording.runs.items()
            if slug == scenario.slug
            and (expected := scenario.expectation(role, run.environment.versions)) is not None
            and error_of(run.observation, expected) is not None
        }
        assert len(told) == len(set(told))
        assert set(told) == raised
        unavailable = [message.unavailable for message in messages]
        assert unavailable == sorted(unavailable)
        for message in messages:
            assert message.conclusion in headline(message)
            assert message.bare_type in headline(message)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("ModuleNotFoundError: No module named 'x'", ("ModuleNotFoundError", "No module named 'x'")),
        ("google.protobuf.Error: no", ("google.protobuf.Error", "no")),
        ("sh: 1: tensorboard: not found", ("", "sh: 1: tensorboard: not found")),
    ],
)
def test_the_error_of_a_command_that_fails(cookbook: Cookbook, line: str, error: tuple[str, str]) -> None:
    expected = Expectation(on=parse_versions("*"), outcome="crashes", exit=1, message=line)
    seen = Observation("exits", 1, stderr=f"Traceback:\n  more\n{line}\n")
    assert error_of(seen, expected) == error
    assert error_of(Observation("exits", 1), expected) is None
    message = Message(cookbook.scenarios[0], "broken", error[0], error[1], False, {error[1]: ["broken-environment"]})
    assert headline(message) == line


def test_the_newest_wording_comes_first(cookbook: Cookbook) -> None:
    """That of the current target, where it has one."""
    current = cookbook.current.name
    seen = 0
    for scenario in cookbook.scenarios:
        for message in messages_of(cookbook, scenario):
            if current in message.targets:
                assert current in next(iter(message.wordings.values()))
                seen += 1
    assert seen > 5


def test_templates_match_what_was_recorded_where_they_are_expected(cookbook: Cookbook) -> None:
    templates = templates_of(cookbook)
    assert {template.scenario.slug for template in templates} <= {found.slug for found in cookbook.scenarios}
    tried = 0
    for template in templates:
        for name in template.targets:
            seen = cookbook.seen(name, template.scenario, template.role)
            if seen is not None and seen.exception is not None:
                assert matches(template.text, seen.exception.message), (template.scenario.slug, name)
                tried += 1
    assert tried > 100
