"""What the real TensorBoard shows of each script: screenshots of its page as one finds it, in headless Chromium.

``nox -s pictures`` runs it. Each script runs in the sandbox, on the current target; what it did is held against the
recording. The TensorBoard of that target then serves its working directory as a reader would have it do, with
``tensorboard --logdir logs``, and the page that it opens on is taken: Time Series if there are scalars, Graphs if there
is only a graph, or the page that says that no dashboard is active. Different from what a reader finds is only this:

* no smoothing, no outliers cut off, no selected step, the settings pane closed (`SETTINGS`, kept by the browser);
* every group of tags unfolded, but for the learning rate, which Keras 3 logs unasked and no script changes;
* what has nothing to show or is never the same again is left out: the empty list of pinned cards, the time of the page.

Pictures are made for those scripts that have none of their present form, and for the scenarios that are named.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import io
import json
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Error, Page

from tbcookbook.errors import RecordingError, TargetError
from tbcookbook.execution.inside.show import get
from tbcookbook.execution.sandbox import Probe, Sandbox
from tbcookbook.observation.logs import Logs
from tbcookbook.observation.record import canonical_json
from tbcookbook.recordings.differences import against_recording
from tbcookbook.recordings.freshness import script_digest
from tbcookbook.recordings.store import observed_root
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.suite import cases, run_case
from tbcookbook.targets.environments import is_ready, provision, remove
from tbcookbook.targets.registry import current_target
from tbcookbook.targets.target import Target
from tbcookbook.verdict.case import Case
from tbcookbook.words import one_of
from tools.browsing import BrowserError, browser

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
LISTING = "picture.json"  # beside the pictures of a scenario

WIDTH, HEIGHT = 800, 2000  # of the page, in CSS pixels; pictures are cut below what they show
SCALE = 1.5  # pixels of the picture to a CSS pixel
COLOURS = 128
START_SECONDS = 120.0  # for TensorBoard, which imports TensorFlow
MOST_TRIES = 50  # at two pictures in a row that are the same

# What TensorBoard keeps in the browser of the settings that one makes on its page.
SETTINGS = {
    "scalarSmoothing": 0,
    "ignoreOutliers": False,
    "stepSelectorEnabled": False,
    "timeSeriesSettingsPaneOpened": False,
    "themeOverride": "light",
}
FOLDED = "epoch_learning_rate"
STYLE = "metrics-pinned-view { display: none }"

NO_DASHBOARDS = "No dashboards are active for the current data set."
NO_GRAPH = "Graph visualization failed."
GRAPH_NODE = "tf-graph-scene g.node"

Dashboard = Literal["time series", "graphs", "audio", "text"]


@dataclass(frozen=True)
class Chart:
    """A tag of a run, as TensorBoard serves it: the values of its points, and how many were written."""

    run: str
    tag: str
    values: tuple[float, ...]
    written: int


@dataclass(frozen=True)
class Picture:
    """An entry of a ``picture.json``, which has one for each script.

    `script` is the SHA-256 of the script, `width` and `height` are in pixels. `dashboard` is None where TensorBoard
    says that none is active; `tags` are those with a chart in the picture, as "run/tag"; `empty` is for none.
    """

    script: str
    width: int
    height: int
    dashboard: Dashboard | None
    tags: tuple[str, ...]
    empty: bool
    alt: str


def main() -> int:
    slugs = [scenario.slug for scenario in load_scenarios()]
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("slug", nargs="*", help="scenarios whose pictures are made again whatever they are")
    given = arguments.parse_args()
    for slug in given.slug:
        if slug not in slugs:
            arguments.error(f"slug: found {slug!r}; expected {one_of(slugs, slug)}")
    registered = current_target()
    kept = is_ready(registered)
    try:
        make_pictures(provision(registered, print), given.slug)
    except (TargetError, RecordingError, PictureError, BrowserError, Error) as problem:
        print(problem, file=sys.stderr)
        return 2
    finally:
        if not kept:
            remove(registered)
    return 0


class PictureError(Exception):
    """A picture that cannot be made, or that would not show what is recorded."""


def make_pictures(target: Target, again: list[str]) -> None:
    """Make what is missing or stale, and what is to be made `again`. Raises PictureError, TargetError."""
    shown_on = {
        "target": target.name,
        "versions": {name: target.versions[name] for name in ("tensorflow", "keras", "tensorboard")},
    }
    with Probe(target) as probe, browser() as chromium:
        for case in cases(load_scenarios(), [target]):
            slug = case.scenario.slug
            listing = PICTURES / slug / LISTING
            old = json.loads(listing.read_text(encoding="utf-8")) if listing.exists() else {}
            known = old if {key: old.get(key) for key in shown_on} == shown_on else {}
            entry = known.get(case.role)
            if entry is None or slug in again or entry["script"] != script_digest(case.scenario, case.role):
                picture = make_picture(case, probe, chromium, PICTURES / slug / f"{case.role}.png")
                print(f"{slug}/{case.role}: {picture.alt}", flush=True)
                entry = dataclasses.asdict(picture)
            listing.write_text(canonical_json({**known, **shown_on, case.role: entry}), encoding="utf-8")


def make_picture(case: Case, probe: Probe, chromium: Browser, path: Path) -> Picture:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        verdict = run_case(case, Sandbox(case.interpreter, probe.folder, keep=work))
        verdict = against_recording(verdict, observed_root())
        if verdict.mismatches:
            raise PictureError(f"{case.scenario.slug}/{case.role} did not do what is recorded: {verdict.mismatches[0]}")
        with tensorboard(case.interpreter, work) as address:
            charts = served(address, verdict.observation.logs)
            page = chromium.new_page(
                viewport={"width": WIDTH, "height": HEIGHT},
                device_scale_factor=SCALE,
                color_scheme="light",
                reduced_motion="reduce",
            )
            stored = json.dumps(json.dumps(SETTINGS))
            page.add_init_script(f"localStorage.setItem('_tb_global_settings', {stored})")
            try:
                page.goto(address)
                dashboard, bottom = arrange(page, charts, verdict.observation.logs)
                taken = settled(page, bottom)
                graph_failed = page.get_by_text(NO_GRAPH).is_visible()
            except Error as problem:
                raise PictureError(f"{case.scenario.slug}/{case.role}: {problem.message}") from None
            finally:
                page.close()
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    tags = tuple(f"{chart.run}/{chart.tag}" for chart in charts if chart.tag != FOLDED)
    sha = script_digest(case.scenario, case.role)
    alt = alternative(dashboard, charts, graph_failed, verdict.observation.logs)
    return Picture(sha, picture.width, picture.height, dashboard, tags, not tags, alt)


@contextlib.contextmanager
def tensorboard(target: Target, work: Path) -> Iterator[str]:
    """Serve ``logs`` of a working directory, and give the address when all of it is loaded."""
    command = [str(target.python.with_name("tensorboard")), "--logdir", "logs", "--port", "0"]
    # What it does by default, but told when it has loaded, and an error where it cannot be done.
    command += ["--load_fast=true", "--extra_data_server_flags=--verbose"]
    process = subprocess.Popen(
        command, cwd=work, env=target.variables(work / "keras"), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert process.stderr is not None
    too_late = threading.Timer(START_SECONDS, process.kill)
    too_late.start()
    try:
        said, address = "", None
        while address is None or "Finished load cycle" not in said:
            line = process.stderr.readline().decode()
            if not line:
                raise PictureError(f"TensorBoard did not start:\n{said}")
            said += line
            found = re.search(r"TensorBoard \S+ at (http://\S+)", line)
            address = found[1] if found else address
        too_late.cancel()
        yield address
    finally:
        too_late.cancel()
        process.terminate()
        process.communicate()


def served(address: str, logs: Logs) -> list[Chart]:
    """The scalars that TensorBoard serves, in the order of its page. Raises PictureError if it lacks one."""
    written = {key: len(stream.steps) for key, stream in logs.streams.items() if stream.plugin == "scalars"}
    charts = []
    for run, tags in get(address, "plugin/scalars/tags").items():
        for tag in tags:
            points = get(address, "plugin/scalars/scalars", run=run, tag=tag)
            charts.append(Chart(run, tag, tuple(value for _, _, value in points), written.pop(f"{run}/{tag}")))
    if written:
        raise PictureError(f"TensorBoard does not serve {', '.join(written)}")
    return sorted(charts, key=lambda chart: (chart.tag, chart.run))


def arrange(page: Page, charts: list[Chart], logs: Logs) -> tuple[Dashboard | None, float]:
    """Wait for the page that is expected, and set it right. Gives its dashboard, and where to cut it, in CSS pixels."""
    page.add_style_tag(content=STYLE)
    if charts:
        return "time series", arrange_time_series(page, charts)
    if logs.graphs:
        page.get_by_text(NO_GRAPH).or_(page.locator(GRAPH_NODE)).first.wait_for()
        return "graphs", top_of(page, "text=Node options")
    dashboard = other_dashboard(logs)
    if dashboard is None:
        page.get_by_text(NO_DASHBOARDS).wait_for()
        return None, top_of(page, "text=Last reload:")
    card = "card-view" if dashboard == "time series" else f"tf-{dashboard}-loader"
    page.locator(card).first.wait_for()
    return dashboard, min(bottom_of(page, card), float(HEIGHT))


def other_dashboard(logs: Logs) -> Dashboard | None:
    """What TensorBoard opens on where there are neither scalars nor graphs."""
    plugins = {stream.plugin for stream in logs.streams.values()}
    if plugins & {"histograms", "images"}:
        return "time series"
    return "audio" if "audio" in plugins else "text" if "text" in plugins else None


def arrange_time_series(page: Page, charts: list[Chart]) -> float:
    tags = {chart.tag for chart in charts}
    for group in sorted({tag.partition("/")[0] for tag in tags}):
        button = page.locator("metrics-card-group-toolbar button").filter(has=page.get_by_title(group, exact=True))
        unfolded = button.locator("[data-mat-icon-name=expand_less_24px]")
        folded = button.locator("[data-mat-icon-name=expand_more_24px]")
        unfolded.or_(folded).wait_for()
        if unfolded.is_visible() == (group == FOLDED):
            button.click()
            (folded if group == FOLDED else unfolded).wait_for()
    page.mouse.move(0, 0)
    page.wait_for_function(DRAWN, arg=len(tags - {FOLDED}))
    return bottom_of(page, "card-view")


# Whether there are so many charts, each with a line in it.
DRAWN = """expected => {
    const drawn = canvas => {
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
        copy.drawImage(canvas, 0, 0);
        return copy.getImageData(0, 0, canvas.width, canvas.height).data.some(byte => byte > 0);
    };
    const charts = [...document.querySelectorAll("card-view canvas")];
    return charts.length === expected && charts.every(chart => chart.width > 0 && drawn(chart));
}"""


def bottom_of(page: Page, selector: str) -> float:
    box = page.locator(selector).last.bounding_box()
    assert box is not None
    return box["y"] + box["height"] + 16


def top_of(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"]


def settled(page: Page, bottom: float) -> bytes:
    """The page from its top to `bottom`, in CSS pixels, as PNG, when two pictures in a row are the same."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    before = b""
    for _ in range(MOST_TRIES):
        taken = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": bottom}, animations="disabled")
        if taken == before:
            return taken
        before = taken
    raise PictureError(f"{page.url} does not come to rest")


def alternative(dashboard: Dashboard | None, charts: list[Chart], graph_failed: bool, logs: Logs) -> str:
    """The text for who does not see the picture."""
    if dashboard is None:
        return f"TensorBoard without a dashboard: {NO_DASHBOARDS}"
    if dashboard == "graphs":
        said = NO_GRAPH if graph_failed else "a graph is drawn."
        return f"TensorBoard with no dashboard but Graphs, and no scalars: {said}"
    shown = [*map(told, charts)] or [f"{stream.plugin} {key}" for key, stream in logs.streams.items()]
    return "; ".join([f"TensorBoard's {dashboard.title()} dashboard", *shown])


def told(chart: Chart) -> str:
    count = len(chart.values)
    points = f"{count} points" if count == chart.written else f"{count} of the {chart.written} points written"
    if chart.tag == FOLDED:
        return f"{chart.tag}, folded"
    return f"{chart.tag} of run {chart.run}, {points}, from {number(chart.values[0])} to {number(chart.values[-1])}"


def number(value: float | str) -> str:
    """A number as it is told; TensorBoard sends what JSON has no number for as text, such as "NaN"."""
    return value if isinstance(value, str) else f"{value:.4g}"


if __name__ == "__main__":
    sys.exit(main())
