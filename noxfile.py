"""What CI runs, as sessions: ``nox`` for all that a change must pass, ``nox -s NAME`` for one."""

import json
import os
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "types", "workflows", "tests", "package"]

# The interpreter of the driver, and of the target that the tests call "this".
PYTHON = "3.11"
# Distributions of their own in this repository, which pip must be told of beside the project.
LOCAL = ("-e", "packages/pytest-tensorboard")
KERNELS = ("-e", "packages/warm-kernels")  # for tests and notebooks
SITE = "docs/_build/html"


@nox.session(python=PYTHON)
def lint(session: nox.Session) -> None:
    """Style and format."""
    session.install("ruff>=0.9")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session(python=PYTHON)
def types(session: nox.Session) -> None:
    """Strict type checking."""
    session.install(
        "mypy>=1.13",
        "types-psutil",
        "types-beautifulsoup4",
        "types-jsonschema",
        "nox",
        "pillow",
        "playwright",
        *LOCAL,
        *KERNELS,
        "-e",
        ".[docs,notebooks,test]",
    )
    session.run("mypy")


@nox.session(python=PYTHON)
def workflows(session: nox.Session) -> None:
    """CI workflows: pinned actions, least privileges. The issue form and the citation: as GitHub reads them."""
    session.install("check-jsonschema>=0.39", "zizmor>=1.5")
    session.run("zizmor", "--offline", "--persona", "pedantic", ".github/workflows")
    for schema, file in [
        ("github-issue-forms", ".github/ISSUE_TEMPLATE/my-error-is-not-in-the-cookbook.yml"),
        ("github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
        ("citation-file-format", "CITATION.cff"),
    ]:
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", file)


@nox.session(python=PYTHON)
def tests(session: nox.Session) -> None:
    """The test command of the README; what follows ``--`` goes to pytest, ``--target tf-2.15``, say."""
    session.install(*LOCAL, *KERNELS, "-e", ".[tensorflow,test]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session(python=PYTHON)
def package(session: nox.Session) -> None:
    """The wheels hold scenarios, recordings and reader, and work away from the checkout, without TensorFlow."""
    folder = Path(session.create_tmp())
    for old in folder.glob("*.whl"):
        old.unlink()
    session.install("uv")
    for source in (*LOCAL[1::2], "."):
        session.run("uv", "build", "--quiet", "--wheel", "--out-dir", str(folder), source)
    session.install(*map(str, folder.glob("*.whl")))
    session.chdir(folder)
    session.run("tbcookbook", "list")
    session.run("tbcookbook", "explain", "unreduced-loss", silent=True)
    session.run("tbcookbook", "diff", "tf-2.15", "tf-2.16", "--json", silent=True, success_codes=[1])


@nox.session(python=PYTHON)
def docs(session: nox.Session) -> None:
    """The site, from scenarios and recordings, into ``docs/_build/html``; ``-- serve`` serves it while you write."""
    session.install(*LOCAL, "-e", ".[docs]")
    if session.posargs == ["serve"]:
        session.install("sphinx-autobuild")
        watched = ("--watch", "scenarios", "--watch", "tests/observed", "--watch", "CHANGELOG.md")
        session.run("sphinx-autobuild", *watched, "docs", SITE)
    else:
        session.run("sphinx-build", "--fail-on-warning", "--keep-going", "--quiet", "--fresh-env", "docs", SITE)


@nox.session(python=PYTHON)
def site(session: nox.Session) -> None:
    """The site in a real browser: CHROMIUM, or /usr/bin/chromium. What follows ``--`` goes to pytest."""
    session.install(*LOCAL, "-e", ".[docs]", "pytest", "playwright", "axe-playwright-python", "beautifulsoup4")
    session.run("pytest", "docs/browser_tests", *session.posargs)


@nox.session(python=PYTHON)
def schema(session: nox.Session) -> None:
    """Write the JSON Schema of scenario.toml, for editors."""
    session.install(*LOCAL, "-e", ".")
    session.run("python", "-m", "tbcookbook.scenarios.schema")


@nox.session(python=PYTHON)
def pictures(session: nox.Session) -> None:
    """Pictures of TensorBoard with what each changed script logs; ``-- SLUG...`` for what has not changed."""
    session.install(*LOCAL, "-e", ".", "pillow", "playwright", "tensorboard")
    session.run("python", "-m", "tools.pictures", *session.posargs)


@nox.session(python=PYTHON)
def notebooks(session: nox.Session) -> None:
    """Make the notebooks anew, with the outputs of the current target; what follows ``--`` names scenarios."""
    session.install(*LOCAL, *KERNELS, "-e", ".[notebooks]")
    session.run("python", "-m", "tools.notebook_run", "store", *session.posargs)


@nox.session(python=PYTHON)
def notebooks_check(session: nox.Session) -> None:
    """Every notebook under nbval on the current target, or on that of ``-- --target tf-2.9``; repeatable."""
    session.install(*LOCAL, *KERNELS, "-e", ".[notebooks,test]")
    session.run("python", "-m", "tools.notebook_run", "check", *session.posargs, "-n", "2", "--dist", "loadfile")


@nox.session(python=PYTHON)
def bench(session: nox.Session) -> None:
    """Scripts in-process, warm and in fresh processes; notebooks with ordinary and with warm kernels; the site."""
    session.install(*LOCAL, *KERNELS, "-e", ".[tensorflow,notebooks,docs]", "playwright")
    session.run("python", "-m", "tools.benchmarks.isolation")
    session.run("python", "-m", "tools.benchmarks.notebooks")
    session.run("python", "-m", "tools.benchmarks.site")


@nox.session(python=PYTHON)
def cells(session: nox.Session) -> None:
    """Print the targets of the CI matrix as one JSON line; ``-- preview`` for those of the weekly run."""
    session.install(*LOCAL, "-e", ".", silent=True)
    told = session.run("tbcookbook", "targets", "--json", silent=True)
    assert isinstance(told, str)
    preview = "preview" in session.posargs
    names = [row["name"] for row in json.loads(told) if (row["status"] == "preview") == preview]
    line = f"cells={json.dumps(names)}\n"
    print(line)
    if "GITHUB_OUTPUT" in os.environ:
        with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as output:
            output.write(line)


@nox.session(python=PYTHON)
def cell(session: nox.Session) -> None:
    """One cell of the CI matrix: ``-- TARGET``. Hold it to its recording; what was seen goes to ``observed/``."""
    session.install(*LOCAL, "-e", ".")
    (target,) = session.posargs
    session.run("tbcookbook", "matrix", target, "--check", "--into", "observed")


@nox.session(python=PYTHON)
def preview(session: nox.Session) -> None:
    """A cell that is not released: ``-- TARGET``. Run it, record it in ``observed/``, and say what drifts."""
    session.install(*LOCAL, "-e", ".")
    (target,) = session.posargs
    session.run("tbcookbook", "matrix", target, "--observed", "observed", success_codes=[0, 1])
    rows = json.loads(str(session.run("tbcookbook", "targets", "--json", silent=True)))
    current = next(row["name"] for row in rows if row["status"] == "current")  # the newest TensorFlow, of them all
    told = session.run(
        *("tbcookbook", "diff", current, f"observed/{target}", "--markdown"), silent=True, success_codes=[0, 1]
    )
    assert isinstance(told, str)
    summarise(told)


@nox.session(python=PYTHON)
def interpreter(session: nox.Session) -> None:
    """Have uv install the interpreter of a target, ``-- TARGET``, where there is none."""
    session.install(*LOCAL, "-e", ".", silent=True)
    told = session.run("tbcookbook", "targets", "--json", silent=True)
    assert isinstance(told, str)
    (row,) = (row for row in json.loads(told) if row["name"] in session.posargs)
    if row["interpreter"] is None:
        session.run("uv", "python", "install", row["python"])


@nox.session(python=PYTHON)
def gather(session: nox.Session) -> None:
    """The drift of all gathered observations from the recordings, as Markdown; fails if there is any."""
    session.install(*LOCAL, "-e", ".", silent=True)
    summary = Path(session.create_tmp()) / "drift.md"
    try:
        with summary.open("w", encoding="utf-8") as file:
            session.run(
                "tbcookbook", "gather", *map(str, sorted(Path("observed").iterdir())), "--markdown", stdout=file
            )
    finally:
        summarise(summary.read_text(encoding="utf-8"))


def summarise(markdown: str) -> None:
    """Print Markdown, and add it to the summary of the CI job if there is one."""
    print(markdown)
    if "GITHUB_STEP_SUMMARY" in os.environ:
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as output:
            output.write(markdown)
