"""What the site costs: seconds of a full build and of one after a README changed, bytes of a page, the index's filter.

Builds in a temporary folder, from copies of the scenarios and of ``docs``. The bytes of a page are all that a browser
with an empty cache fetches for it, uncompressed, pictures left out. The filter is timed in the browser, from the key
to the end of the layout. Needs Chromium: CHROMIUM, or /usr/bin/chromium.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Response
from rich.console import Console

from tbcookbook.recordings.store import observed_root
from tools.browsing import browser, served

ROOT = Path(__file__).parents[2]
FULL_SECONDS, INCREMENTAL_SECONDS, PAGE_BYTES, FILTER_MILLISECONDS = 60.0, 5.0, 500_000, 50.0
KEYS = """async (words) => {
  const field = document.getElementById("error-search"), times = [];
  for (let length = 1; length <= words.length; length++) {
    field.value = words.slice(0, length);
    const began = performance.now();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.getBoundingClientRect();
    times.push(performance.now() - began);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""


def main() -> None:
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "scenarios", root / "scenarios")
        shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns("_build", "__pycache__"))
        for name in ("CHANGELOG.md", "CONTRIBUTING.md", "pyproject.toml"):
            shutil.copy(ROOT / name, root)
        console.print(f"full build: {build(root):.1f} s (aim: under {FULL_SECONDS:.0f})")
        with (root / "scenarios/scalars/unreduced-loss/README.md").open("a", encoding="utf-8") as readme:
            readme.write("\nOne more sentence.\n")
        console.print(f"after one README changed: {build(root):.1f} s (aim: under {INCREMENTAL_SECONDS:.0f})")
        with served(root / "site") as address, browser() as chromium:
            names = [str(page.relative_to(root / "site")) for page in (root / "site").rglob("*.html")]
            weights = {name: weight(chromium, address + name) for name in names if not name.startswith("e/")}
            page = chromium.new_page()
            page.goto(f"{address}errors.html")
            times = page.evaluate(KEYS, "no step set please specify")
    heaviest = sorted(weights, key=lambda name: weights[name])[-3:]
    told = ", ".join(f"{name} {weights[name] / 1000:.0f} kB" for name in reversed(heaviest))
    console.print(f"pages: {len(weights)}, the heaviest {told} (aim: under {PAGE_BYTES / 1000:.0f} kB)")
    told = f"median {statistics.median(times):.1f} ms, longest {max(times):.1f} ms"
    console.print(f"filter, a key: {told} (aim: under {FILTER_MILLISECONDS:.0f} ms)")


def build(root: Path) -> float:
    """Seconds of a build, without TensorFlow. Python keeps its bytecode, as it does unless told otherwise."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    settings = ["-D", f"cookbook_scenarios={root / 'scenarios'}", "-D", f"cookbook_observed={observed_root()}"]
    folders = [str(root / "docs"), str(root / "site")]
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", *settings, *folders]
    began = time.perf_counter()
    subprocess.run(command, check=True, env=environment)
    return time.perf_counter() - began


def weight(browser: Browser, address: str) -> int:
    """Bytes of all that a page fetches but pictures."""
    context = browser.new_context()
    page = context.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto(address, wait_until="networkidle")
    kinds = [(response, response.request.resource_type) for response in responses]
    total = sum(len(response.body()) for response, kind in kinds if kind != "image" and response.ok)
    context.close()
    return total


if __name__ == "__main__":
    main()
