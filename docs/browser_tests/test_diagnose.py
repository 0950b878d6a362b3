"""The box of the home page: the same answers as in the terminal, while typing, at once, and with a keyboard alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from browser_tests.conftest import OpenPage
from tbcookbook.recordings.store import observed_root, read_recordings
from tbcookbook.scenarios.loading import load_scenarios

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "tests/diagnosis/cases.json").read_text(encoding="utf-8")
)
ERROR = "ValueError: No step set. Please specify one either through the `step` argument"
MOST_MILLISECONDS = 50  # for a text of 1 MB
NAMES = """async cases => {
    const it = window.tbcookbookDiagnose;
    const data = it.dataOf(await (await fetch("diagnosis.json")).json());
    const same = (one, other) => one.score.slice(0, 3).join() === other.score.slice(0, 3).join();
    return cases.map(function (one) {
        if (one.symptom) return it.symptomAnswers(data, one.text).map(entry => entry.name);
        const found = it.matches(it.look(one.text, data.table), data.table);
        return found.filter(match => same(match, found[0])).map(match => data.table.entries[match.saying.entry].name);
    });
}"""
TIME = """async text => {
    const it = window.tbcookbookDiagnose;
    const data = it.dataOf(await (await fetch("diagnosis.json")).json());
    const times = [];
    for (let again = 0; again < 5; again++) {
        const began = performance.now();
        it.answers(data, text);
        times.push(performance.now() - began);
    }
    return Math.min(...times);
}"""


def recorded() -> list[dict[str, str]]:
    """Every recorded exception of a broken script that can run, whole and as ``Type: message``."""
    cases = {}
    for recording in read_recordings(observed_root()).values():
        for scenario in load_scenarios():
            run = recording.run(scenario.slug, "broken")
            expected = None if run is None else scenario.expectation("broken", run.environment.versions)
            if (
                run is None
                or expected is None
                or expected.outcome == "unavailable"
                or run.observation.exception is None
            ):
                continue
            raised = run.observation.exception
            for text in (run.observation.stderr, f"{raised.type}: {raised.message}"):
                if raised.type.rpartition(".")[2] in text:
                    cases[scenario.slug, text] = {"first": scenario.slug, "text": text}
    return list(cases.values())


def box(page: Page) -> Any:
    return page.get_by_label("Paste your error, or say what you see")


def test_the_page_answers_as_the_terminal_does(open_page: OpenPage) -> None:
    found = open_page("index.html").evaluate(NAMES, CASES)
    for case, names in zip(CASES, found, strict=True):
        assert case["first"] in names[:3] if case["first"] else not names, case["what"]


def test_every_recorded_exception_leads_to_its_scenario(open_page: OpenPage) -> None:
    cases = recorded()
    found = open_page("index.html").evaluate(NAMES, cases)
    missed = [(case, names) for case, names in zip(cases, found, strict=True) if case["first"] not in names]
    assert cases
    assert not missed, (len(missed), missed[0])


def test_the_recipe_opens_while_typing(open_page: OpenPage) -> None:
    page = open_page("index.html")
    box(page).fill(ERROR)
    expect(page.locator("#diagnosis a").first).to_have_attribute("href", "./scenarios/writers/no-step.html")
    expect(page.locator("#diagnosis pre")).to_contain_text("+")
    expect(page.locator("#diagnose [aria-live]")).to_contain_text("First answer")
    box(page).fill("")
    expect(page.locator("#diagnosis")).to_be_empty()


def test_words_and_nothing(open_page: OpenPage) -> None:
    page = open_page("index.html")
    box(page).fill("there is no validation loss in tensorboard")
    expect(page.locator("#diagnosis")).to_contain_text("validation")
    box(page).fill("ModuleNotFoundError: No module named 'torch'")
    expect(page.locator("#diagnosis")).to_contain_text("Nothing here matches")
    expect(page.locator("#diagnosis a", has_text="Report an error")).to_be_visible()


def test_a_slash_leads_there_and_the_button_is_reached(open_page: OpenPage) -> None:
    page = open_page("index.html")
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    page.keyboard.type(ERROR)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#diagnosis")).to_contain_text("step")


def test_a_text_of_a_megabyte_is_answered_at_once(open_page: OpenPage) -> None:
    line = "2026-01-01 00:00:00,000 WARNING worker: ValueError: Expected scalar shape, saw shap\n"
    text = line * (1_000_000 // len(line)) + ERROR
    assert open_page("index.html").evaluate(TIME, text) < MOST_MILLISECONDS


def test_markup_in_an_error_is_text_and_nothing_is_sent(open_page: OpenPage) -> None:
    page = open_page("index.html")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    box(page).fill("<img src=x onerror=alert(1)> FooError: <b>x</b>")
    expect(page.locator("#diagnosis")).to_contain_text("<b>x</b>")
    assert page.locator("#diagnosis img, #diagnosis b").count() == 0
    assert all(url.endswith("diagnosis.json") for url in asked), asked


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_answer_can_be_read_by_everybody(open_page: OpenPage, scheme: str) -> None:
    page = open_page("index.html", scheme=scheme)
    box(page).fill(ERROR)
    expect(page.locator("#diagnosis pre")).to_be_visible()
    found = Axe().run(page, context="#furo-main-content")
    assert found.violations_count == 0, found.generate_report()


def test_without_scripts_the_box_searches_the_list_of_errors(open_page: OpenPage) -> None:
    page = open_page("index.html", scripts=False)
    expect(page.locator("#diagnose")).to_have_attribute("action", "errors.html")
