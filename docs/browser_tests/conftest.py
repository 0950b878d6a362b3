"""Fixtures of the site's tests: the site as it is built, a server, and a real browser."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tools.browsing import browser, served

DOCS = Path(__file__).parents[1]
PATIENCE = 60_000  # milliseconds until what does not happen is given up: other things may keep the machine busy

expect.set_options(timeout=PATIENCE)


def build(source: Path, into: Path, *settings: str) -> Path:
    """Build a site; the test fails with what Sphinx says."""
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet", *settings]
    done = subprocess.run([*command, str(source), str(into)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return into


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    return build(DOCS, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served, with a slash at the end."""
    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with browser() as chromium:
        yield chromium


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, address: str) -> Iterator[OpenPage]:
    """Open a page of the site: its name, and what the browser's context is to be."""
    contexts: list[BrowserContext] = []

    def open_(name: str, width: int = 1280, scheme: str = "light", scripts: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address + name)
        return page

    yield open_
    for context in contexts:
        context.close()
