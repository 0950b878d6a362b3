"""The site as its readers use it, in a real browser."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, expect

from browser_tests.conftest import DOCS, OpenPage, build
from tbcookbook.recordings.store import Run, merge, observed_root, read_recordings, read_scenario, save, scenario_files
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.message import matches
from tbcookbook.scenarios.scenario import ROLES
from tbcookbook.targets.registry import plain_step
from tbcookbook.upgrade import upgrade
from tools.browsing import served

SCENARIOS = load_scenarios()
RECORDED = read_recordings(observed_root())
PAGES = {f"scenarios/{scenario.chapter}/{scenario.slug}.html": scenario for scenario in SCENARIOS}

# One page of each kind: these are looked at closely.
KINDS = {
    "home": "index.html",
    "raising": "scenarios/scalars/unreduced-loss.html",
    "silent": "scenarios/axes/step-restarts.html",
    "many-messages": "scenarios/graph-mode/callback-in-tf-function.html",
    "index": "errors.html",
    "matrix": "versions/matrix.html",
    "upgrade": "versions/tf-2.15-to-tf-2.16.html",
    "versions": "versions/index.html",
    "notebook": "notebooks/unreduced-loss.html",
    "reference": "reference/command-line.html",
}
each_kind = pytest.mark.parametrize("name", KINDS.values(), ids=KINDS)
SHOWN = "#errors tbody tr:visible"


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


# What is on the site


def test_every_scenario_has_its_page_and_no_page_is_without_one(site: Path) -> None:
    found = {str(path.relative_to(site)) for path in site.glob("scenarios/*/*.html") if path.name != "index.html"}
    assert found == set(PAGES)


def test_short_addresses_lead_to_the_pages(open_page: OpenPage) -> None:
    for name, scenario in PAGES.items():
        page = open_page(f"e/{scenario.slug}/")
        page.wait_for_url(f"**/{name}")
        expect(page.locator("h1")).to_contain_text(scenario.title)


def test_links_and_anchors_lead_somewhere(site: Path) -> None:
    documents = {path: soup(path) for path in site.rglob("*.html")}
    anchors = {path: {tag["id"] for tag in document.find_all(id=True)} for path, document in documents.items()}
    broken = []
    for path, document in documents.items():
        for tag in document.find_all(["a", "link", "img", "script"]):
            link = urlsplit(str(tag.get("href") or tag.get("src") or ""))
            if link.scheme or link.netloc or not (link.path or link.fragment):
                continue
            target = (path.parent / unquote(link.path)).resolve() if link.path else path
            target = target / "index.html" if target.is_dir() else target
            fragment = unquote(link.fragment)
            if not target.exists() or (fragment and target in anchors and fragment not in anchors[target]):
                broken.append((str(path.relative_to(site)), link.geturl()))
    assert not broken


def test_every_recorded_message_is_on_its_page_and_in_the_index(site: Path) -> None:
    """Word for word, but for the terminal's escapes."""

    def words(text: str) -> str:
        return "".join(re.sub(r"\x1b\[[0-9;]*m", "", text).split())

    lacks = [soup(path).get_text() for path in sorted((site / "unavailable").glob("*.html"))]
    index = words(" ".join([soup(site / "errors.html").get_text(), *lacks]))
    texts = {name: words(soup(site / name).get_text()) for name in PAGES}
    for target, recording in RECORDED.items():
        for name, scenario in PAGES.items():
            for role in ROLES:
                seen = recording.observation(scenario.slug, role)
                if seen is None or seen.exception is None:
                    continue
                assert words(seen.exception.message) in texts[name], (target, name)
                expected = scenario.expectation(role, recording.versions)
                if expected is None or expected.outcome != "unavailable":
                    assert words(seen.exception.message) in index, (target, name)


def test_the_index_has_no_error_of_what_cannot_run(site: Path) -> None:
    index, lack = soup(site / "errors.html"), soup(site / "unavailable" / "no-tensorboard.html")
    errors = [row.get_text() for row in index.select("#errors tbody tr")]
    assert "TBNotInstalledError" in lack.get_text()
    assert "pip install tensorboard" in lack.get_text()
    assert len([text for text in errors if "TBNotInstalledError" in text]) <= 1  # of the scenario about it
    assert len(errors) < 2 * len(SCENARIOS)


def test_exported_templates_match_what_was_recorded(site: Path) -> None:
    templates = json.loads((site / "messages.json").read_text(encoding="utf-8"))["messages"]
    for target, recording in RECORDED.items():
        for (slug, role), run in recording.runs.items():
            raised = run.observation.exception
            if raised is not None:
                assert any(
                    row["scenario"] == slug
                    and row["script"] == role
                    and target in row["targets"]
                    and matches(row["template"], raised.message)
                    for row in templates
                ), (target, slug, role)


def test_every_key_of_the_templates_is_documented(site: Path) -> None:
    document = json.loads((site / "messages.json").read_text(encoding="utf-8"))
    reference = (DOCS / "reference" / "messages.md").read_text(encoding="utf-8")
    for key in [*document, *document["messages"][0]]:
        assert f"`{key}`" in reference


# Finding an error


def test_find_a_scenario_by_its_error_text(open_page: OpenPage) -> None:
    page = open_page("errors.html?q=nonetype+OPTIMIZER+attribute")  # where the home page leads without scripts
    expect(page.locator("#error-count")).to_contain_text(re.compile(r"^[1-9]\d? of \d+ errors$"))
    page.locator(SHOWN).locator("a[href*=no-set-model]").first.click()
    expect(page.locator("h1")).to_contain_text("The callback was never given a model")
    expect(page.locator(".message").first).to_contain_text("'NoneType' object has no attribute 'optimizer'")


def test_filter_the_index(open_page: OpenPage) -> None:
    page = open_page("errors.html")
    total = page.locator("#errors tbody tr").count()
    page.get_by_label("Chapter").select_option("writers")
    page.get_by_label("Exception").select_option("ValueError")
    expect(page.locator(SHOWN)).to_have_count(4)
    page.get_by_label("TensorFlow", exact=True).select_option("2.6")
    expect(page.locator(SHOWN)).to_have_count(1)
    expect(page.locator(SHOWN)).to_contain_text("No step set via 'step' argument")
    assert urlsplit(page.url).query == "chapter=writers&type=ValueError&tensorflow=2.6"
    page.reload()
    expect(page.locator(SHOWN)).to_have_count(1)
    page.get_by_label("Keras", exact=True).select_option("3.0")
    expect(page.locator(SHOWN)).to_have_count(0)
    expect(page.locator("#error-count")).to_have_text("No error has all of this.")
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(SHOWN)).to_have_count(total)
    assert urlsplit(page.url).query == ""


def test_a_state_in_the_address_that_does_not_exist_shows_all(open_page: OpenPage) -> None:
    page = open_page("errors.html?chapter=nonsense&tensorflow=9.9")
    expect(page.locator(SHOWN)).to_have_count(page.locator("#errors tbody tr").count())


def test_with_the_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("errors.html")
    page.keyboard.press("/")
    page.keyboard.type("no step set please")
    expect(page.locator(SHOWN)).to_have_count(1)
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#errors') !== null"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("A summary was written without a step")


def test_slash_in_a_field_is_a_slash(open_page: OpenPage) -> None:
    page = open_page("errors.html")
    page.get_by_label("Words, in any order").fill("job:")
    page.keyboard.type("/")
    expect(page.get_by_label("Words, in any order")).to_have_value("job:/")


def test_without_scripts_everything_can_be_read(open_page: OpenPage) -> None:
    page = open_page("errors.html", scripts=False)
    assert page.locator(SHOWN).count() == page.locator("#errors tbody tr").count() > 0
    expect(page.locator("#error-filter")).to_be_hidden()


# On a page


def test_the_fixed_script_is_one_click_away_and_can_be_copied(open_page: OpenPage, address: str) -> None:
    page = open_page(KINDS["raising"])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address.rstrip("/"))
    page.get_by_text("The whole fixed script").click()
    block = page.locator("details.fixed-script .highlight-python")
    block.hover()
    block.locator("button.copybtn").click()
    expect(block.locator("button.copybtn")).to_have_class(re.compile("success"))
    scenario = PAGES[KINDS["raising"]]
    assert page.evaluate("navigator.clipboard.readText()").strip() == scenario.source("fixed").strip()


def test_the_failing_line_is_marked(open_page: OpenPage) -> None:
    for name, scenario in PAGES.items():
        marked = open_page(name).locator(".script .hll")  # Python, or a command line
        expect(marked).to_have_count(1)
        assert scenario.source("broken").splitlines()[scenario.marked_line - 1].strip() in (marked.text_content() or "")


@pytest.mark.parametrize(("width", "height", "screens"), [(1280, 900, 1), (390, 844, 2)])
def test_the_fix_comes_first(chromium: Browser, address: str, width: int, height: int, screens: int) -> None:
    """On every page the whole diff is within the first screen, on a phone within the second, and can be read there."""
    page = chromium.new_page(viewport={"width": width, "height": height})
    late = []
    for name in PAGES:
        page.goto(address + name, wait_until="domcontentloaded")
        bottom = page.locator(".fix").evaluate("(block) => block.getBoundingClientRect().bottom")
        hidden = page.locator(".fix pre").evaluate("(block) => block.scrollWidth - block.clientWidth")
        if bottom > screens * height or (width < 400 and hidden > 0):
            late.append((name, bottom, hidden))
    page.close()
    assert late == []


def test_what_is_said_of_a_version_has_its_place(open_page: OpenPage) -> None:
    """A field of the matrix leads to the row of its versions."""
    page = open_page(KINDS["matrix"])
    page.locator("table.matrix td a[href*='unreduced-loss']").first.click()
    page.wait_for_url("**/unreduced-loss.html#on-tf-2.21")
    row = page.locator("tr:has(:target)")
    expect(row).to_contain_text("TensorFlow 2.6 to 2.21")
    expect(row).to_contain_text("raises")


# Two versions


@pytest.mark.parametrize(
    ("before", "after"),
    [("tf-2.15", "tf-2.16"), ("tf-2.20", "tf-2.21"), ("tf-2.15", "tf-2.21"), ("keras-3.0", "keras-3.15")],
)
def test_any_two_versions(open_page: OpenPage, before: str, after: str) -> None:
    """The page without a server says what the program says: lines and rows, first of what pip installs."""
    page = open_page(f"versions/index.html?from={before}&to={after}")
    lists = page.locator("#picked ul.lines")
    installed = plain_step(before, after)
    steps = [*([installed] if installed else []), (before, after)]
    expect(lists).to_have_count(len(steps))
    for place, step in enumerate(steps):
        found = upgrade(RECORDED[step[0]], RECORDED[step[1]], SCENARIOS, RECORDED)
        said = lists.nth(place).locator("li").all_text_contents()
        assert said == [line.replace("`", "") for line in found.lines]
    assert page.locator("#picked table.effects").first.locator("tbody tr").count() >= 1


def test_pick_other_versions(open_page: OpenPage) -> None:
    page = open_page("versions/index.html")
    page.get_by_label("From", exact=True).select_option("tf-2.20")
    page.get_by_label("To", exact=True).select_option("tf-2.21")
    expect(page.locator("#picked")).to_contain_text("install tensorboard beside it")
    assert urlsplit(page.url).query == "from=tf-2.20&to=tf-2.21"
    page.get_by_label("To", exact=True).select_option("tf-2.20")
    expect(page.locator("#picked")).to_have_text("Twice the same.")


def test_an_upgrade_page_begins_with_three_lines(open_page: OpenPage) -> None:
    page = open_page("versions/tf-2.20-to-tf-2.21.html")
    lines = page.locator("ul.lines").first
    expect(lines).to_contain_text("Correct code stops")
    expect(lines).to_contain_text("install tensorboard beside it")
    assert lines.evaluate("(list) => list.getBoundingClientRect().bottom") < 900


def test_no_page_is_heavy(site: Path) -> None:
    """Without pictures and notebooks' outputs, and so that six times the scenarios may come."""
    sizes = {
        str(path.relative_to(site)): path.stat().st_size
        for path in site.rglob("*.html")
        if path.parent.name != "notebooks"
    }
    assert {name: size for name, size in sizes.items() if size > 500_000} == {}
    assert (site / "versions" / "upgrades.js").stat().st_size < 500_000


def test_the_scripts_can_be_downloaded(open_page: OpenPage) -> None:
    page = open_page(KINDS["raising"])
    for role in ROLES:
        with page.expect_download() as download:
            page.locator("#the-two-scripts").get_by_role("link", name=f"{role}.py").click()
        assert download.value.path().read_text() == PAGES[KINDS["raising"]].source(role)


# On every screen


@each_kind
@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_is_no_wider_than_the_screen(open_page: OpenPage, name: str, width: int) -> None:
    page = open_page(name, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@each_kind
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_nothing_is_in_the_way_of_anyone(open_page: OpenPage, name: str, width: int, scheme: str) -> None:
    """axe-core finds nothing serious, with all that can be opened open."""
    page = open_page(name, width, scheme)
    open_all(page)
    found = [
        (violation["id"], violation["impact"], [node["html"][:200] for node in violation["nodes"][:3]])
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert not found


def open_all(page: Page) -> None:
    """Open all that can be opened, and wait for the toggle events, after which scrolling blocks can be reached."""
    page.evaluate(
        """Promise.all(Array.from(document.querySelectorAll("article details:not([open])"), (part) => {
            const told = new Promise((resolve) => part.addEventListener("toggle", resolve, { once: true }));
            part.open = true;
            return told;
        }))"""
    )


def test_no_request_leaves_the_site(open_page: OpenPage, address: str, site: Path) -> None:
    page = open_page("index.html")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for path in sorted(site.rglob("*.html")):
        if path.is_relative_to(site / "e"):  # leads to another page
            continue
        page.goto(address + str(path.relative_to(site)))
    assert len(requests) > len(PAGES)
    assert {url for url in requests if not url.startswith((address, "data:"))} == set()


# Hostile input

HOSTILE = (
    "<script>window.hacked = 1</script> ```` {{ 7 * 7 }} <img src=x onerror='window.hacked=1'> [a](b) </pre></details>"
    "\n````\n\n# No heading\n\n````"
)
HOSTILE_TITLE = "<img src=x onerror='window.hacked=1'> `a` *b* [c](d) {e}"


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with a hostile title of one scenario, and a hostile message in every recording of it."""
    folder = tmp_path_factory.mktemp("hostile")
    merge(observed_root(), folder / "observed")
    (recorded,) = (path for path in scenario_files(folder / "observed") if path.stem == "unreduced-loss")
    runs = {key: with_hostile(run) for key, run in read_scenario(folder / "observed", recorded).items()}
    save(folder / "observed", f"{recorded.parent.name}/{recorded.stem}", runs)
    for name in ("CHANGELOG.md", "CONTRIBUTING.md", "pyproject.toml"):
        shutil.copy(DOCS.parent / name, folder)
    shutil.copytree(DOCS, folder / "docs", ignore=shutil.ignore_patterns("_build", "__pycache__"))
    shutil.copytree(SCENARIOS[0].folder.parents[1], folder / "scenarios")
    told = folder / "scenarios" / "scalars" / "unreduced-loss" / "scenario.toml"
    _, rest = told.read_text(encoding="utf-8").split("\n", 1)
    told.write_text(f'title = "{HOSTILE_TITLE}"\n{rest}', encoding="utf-8")
    places = {name: folder / name for name in ("observed", "scenarios")}
    settings = [f"-Dcookbook_{name}={place}" for name, place in places.items()]
    return build(folder / "docs", folder / "site", *settings)


def with_hostile(run: Run) -> Run:
    seen = run.observation
    if seen.exception is None:
        return run
    raised = dataclasses.replace(seen.exception, message=HOSTILE)
    hostile = dataclasses.replace(seen, exception=raised, stderr=HOSTILE, stdout=HOSTILE)
    return dataclasses.replace(run, observation=hostile)


@pytest.mark.parametrize("name", [KINDS["raising"], KINDS["index"]])
def test_a_hostile_message_stays_text(chromium: Browser, hostile_site: Path, name: str) -> None:
    with served(hostile_site) as address:
        page: Page = chromium.new_page()
        page.goto(address + name)
        text = page.locator("article").inner_text()
        assert HOSTILE in text
        assert HOSTILE_TITLE in text.replace("’", "'")
        assert page.evaluate("window.hacked") is None
        page.close()
