"""What CI runs, as sessions: ``nox`` for all that a change must pass, ``nox -s NAME`` for one.

Sessions install the versions that constraints.txt has; with NEWEST in the environment, the newest there are.
"""

import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "types", "workflows", "tests", "package"]

# The interpreter of the driver, and of the target that the tests call "this".
PYTHON = "3.11"
# All that the driver runs on. Coverage is measured on one of them, beside the gate's long test run.
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
MEASURED = "3.13"
# Distributions of their own in this repository, which pip must be told of beside the project.
PACKAGES = sorted(str(path.parent) for path in Path("packages").glob("*/pyproject.toml"))
LOCAL = [word for package in PACKAGES for word in ("-e", package)]
SITE = "docs/_build/html"

PROJECT = nox.project.load_toml("pyproject.toml")
CONSTRAINTS = "constraints.txt"
LONG_FORM = 100_000  # inputs of a fuzz run, from which on files are read by TensorBoard's loader in thousands too
NEWEST = bool(os.environ.get("NEWEST"))


def install(session: nox.Session, *what: str, groups: Sequence[str] = ()) -> None:
    """Install this project with extras (``.[docs]``), other distributions, and dependency groups, in locked versions.

    What is tested is the project, never the tools of the day: these are renewed by ``nox -s lock``.
    """
    words = [] if NEWEST else ["-c", CONSTRAINTS]
    if session.venv_backend == "uv" and not NEWEST:
        words += ["--build-constraints", CONSTRAINTS]
    for name in what:
        words += [*LOCAL, "-e", name] if name.startswith(".") else [name]
    session.install(*words, *nox.project.dependency_groups(PROJECT, *groups))


@nox.session(python=PYTHON)
def lint(session: nox.Session) -> None:
    """Style and format, and which module may know which."""
    install(session, groups=["lint"])
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    sources = os.pathsep.join(["src", *(f"{package}/src" for package in PACKAGES)])
    session.run("lint-imports", "--no-logo", env={"PYTHONPATH": sources})


@nox.session(python=PYTHON)
def types(session: nox.Session) -> None:
    """Strict type checking."""
    install(session, ".[docs,notebooks,test]", groups=["types"])
    session.run("mypy")


@nox.session(python=PYTHON)
def workflows(session: nox.Session) -> None:
    """CI workflows: pinned actions, least privileges. The issue form and the citation: as GitHub reads them."""
    install(session, groups=["workflows"])
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
    install(session, ".[tensorflow,test]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session(python=PYTHONS)
def harness(session: nox.Session) -> None:
    """The harness's own tests, without TensorFlow; on one Python with coverage. What follows ``--`` goes to pytest."""
    install(session, ".[test]", groups=["coverage"])
    if session.python != MEASURED or session.posargs:
        session.run("pytest", "-n", "auto", *session.posargs)
        return
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-n", "auto", "--durations", "20", env={"CHECKOUT": str(Path.cwd())})
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session(python=PYTHON)
def soak(session: nox.Session) -> None:
    """The test command of the README again and again, which must never fail: ``-- --times 20 --busy 10``.

    In the last of the runs, as many as ``--busy`` says, something else keeps every core of the machine busy.
    """
    times, busy = (number(session.posargs, name, default) for name, default in (("--times", 10), ("--busy", 5)))
    install(session, ".[tensorflow,test]")
    failed: list[str] = []
    for run in range(1, times + busy + 1):
        load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(cores() * (run > times))]
        began = time.monotonic()
        try:
            told = session.run("pytest", "-n", "auto", silent=True, success_codes=range(256))
        finally:
            for process in load:
                process.kill()
                process.wait()
        lines = str(told).splitlines()
        name = f"run {run} of {times + busy}{' (busy)' if run > times else ''}"
        print(f"{name}, {time.monotonic() - began:.0f} s: {lines[-1].strip('= ')}", flush=True)
        culprits = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
        if culprits or not re.search(r"\d+ passed", lines[-1]):
            failed.append(name)
            print("\n".join(culprits or lines[-20:]), flush=True)
    print(f"{times + busy} runs, {busy} of them on a busy machine: {len(failed)} failed")
    if failed:
        session.error(", ".join(failed))


def number(words: Sequence[str], name: str, default: int) -> int:
    """The value of an option that is a number."""
    return int(words[words.index(name) + 1]) if name in words else default


def cores() -> int:
    return len(os.sched_getaffinity(0))


@nox.session(python=PYTHON)
def lock(session: nox.Session) -> None:
    """Renew constraints.txt: the newest versions of all that sessions install. Options for uv may follow ``--``."""
    session.install("uv")
    resolve(session, CONSTRAINTS, "--upgrade", *session.posargs)


@nox.session(python=PYTHON)
def lock_check(session: nox.Session) -> None:
    """constraints.txt has a version for all that is asked for, and nothing else; newer releases do not matter."""
    install(session, "uv")
    seen = Path(session.create_tmp()) / CONSTRAINTS
    seen.write_text(Path(CONSTRAINTS).read_text(encoding="utf-8"), encoding="utf-8")
    resolve(session, str(seen))
    summary = changes(CONSTRAINTS, seen)
    if summary:
        session.error(f"{CONSTRAINTS} is out of date: run nox -s lock and commit it\n{summary}")


@nox.session(python=PYTHON)
def newest(session: nox.Session) -> None:
    """What ``NEWEST=1 .ci/run`` installs otherwise than the gate does, for the summary of the CI job."""
    session.install("uv")
    seen = Path(session.create_tmp()) / CONSTRAINTS
    seen.unlink(missing_ok=True)
    resolve(session, str(seen), "--upgrade")
    summarise(f"```diff\n{changes(CONSTRAINTS, seen) or 'The newest versions are the locked ones.'}\n```\n")


def resolve(session: nox.Session, into: str, *options: str) -> None:
    """One version of each distribution for all Pythons and platforms, if there is such a one; no index is named."""
    session.run(
        *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", PYTHON),
        *("--all-extras", *(word for name in PROJECT["dependency-groups"] for word in ("--group", name))),
        *(word for package in PACKAGES for word in ("--no-emit-package", Path(package).name)),
        *("--no-emit-index-url", "--no-annotate", "--custom-compile-command", "nox -s lock"),
        *("--output-file", into, *options, "pyproject.toml"),
        *(f"{package}/pyproject.toml" for package in PACKAGES),
    )


def changes(before: str, after: Path) -> str:
    """The lines that differ between two files; empty if none does."""
    texts = [Path(path).read_text(encoding="utf-8").splitlines() for path in (before, after)]
    return "\n".join(line for line in difflib.ndiff(texts[0], texts[1]) if line.startswith(("+", "-")))


@nox.session(python=PYTHON)
def changelog(session: nox.Session) -> None:
    """A branch brings a file for changelog.d; ``-- BRANCH`` says since where, instead of origin/main."""
    install(session, groups=["changelog"])
    base = session.posargs[0] if session.posargs else "origin/main"
    session.run("towncrier", "check", "--compare-with", base)


@nox.session(python=PYTHON)
def notes(session: nox.Session) -> None:
    """Put the files of changelog.d into CHANGELOG.md, as ``-- VERSION``."""
    install(session, groups=["changelog"])
    (version,) = session.posargs
    session.run("towncrier", "build", "--yes", "--name", "", "--version", version)


@nox.session(python=PYTHON)
def release(session: nox.Session) -> None:
    """What a release consists of, into dist/: wheels, sources, site, notes. ``-- TAG`` must be the version's own."""
    (tag,) = session.posargs
    folder = Path("dist")
    shutil.rmtree(folder, ignore_errors=True)
    install(session, "uv", ".[docs]", groups=["build"])
    version = str(session.run("python", "-c", "import tbcookbook; print(tbcookbook.__version__)", silent=True)).strip()
    if tag != f"v{version}":
        session.error(f"the tag is {tag}; expected v{version}, the version in src/tbcookbook/__init__.py")
    text = Path("CHANGELOG.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(version)} .*?\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if section is None:
        session.error(f"CHANGELOG.md: found no section {version}; expected one that towncrier build makes")
    for source in (*PACKAGES, "."):
        session.run("uv", "build", "--quiet", "--out-dir", str(folder / "packages"), source)
    packages_of_npm(session)
    session.run("sphinx-build", "--fail-on-warning", "--quiet", "--fresh-env", "docs", str(folder / "site"))
    (folder / "notes.md").write_text(section[1].strip() + "\n", encoding="utf-8")


@nox.session(python=PYTHON)
def package(session: nox.Session) -> None:
    """The wheels hold scenarios, recordings and reader, and work away from the checkout, without TensorFlow."""
    folder = Path(session.create_tmp())
    for old in folder.glob("*.whl"):
        old.unlink()
    install(session, "uv", groups=["build"])
    for source in (*PACKAGES, "."):
        session.run("uv", "build", "--quiet", "--wheel", "--out-dir", str(folder), source)
    install(session, *map(str, folder.glob("*.whl")))
    session.chdir(folder)
    session.run("tbcookbook", "list")
    session.run("tbcookbook", "explain", "unreduced-loss", silent=True)
    session.run("tbcookbook", "diagnose", "ValueError: Expected scalar shape, saw shape: (64,).", silent=True)
    session.run("tbcookbook", "diff", "tf-2.15", "tf-2.16", "--json", silent=True, success_codes=[1])


@nox.session(python=PYTHON)
def docs(session: nox.Session) -> None:
    """The site, from scenarios and recordings, into ``docs/_build/html``; ``-- serve`` serves it while you write."""
    install(session, ".[docs]")
    packages_of_npm(session)
    if session.posargs == ["serve"]:
        install(session, groups=["serve"])
        watched = ("--watch", "scenarios", "--watch", "tests/observed", "--watch", "CHANGELOG.md")
        session.run("sphinx-autobuild", *watched, "docs", SITE)
    else:
        session.run("sphinx-build", "--fail-on-warning", "--keep-going", "--quiet", "--fresh-env", "docs", SITE)


def packages_of_npm(session: nox.Session) -> None:
    """What the site's own scripts use, in the versions of docs/package-lock.json."""
    session.run("npm", "ci", "--prefix", "docs", "--silent", "--no-fund", "--no-audit", external=True)


@nox.session(python=PYTHON)
def site(session: nox.Session) -> None:
    """The site in a real browser: CHROMIUM, or /usr/bin/chromium. What follows ``--`` goes to pytest."""
    install(session, ".[docs]", groups=["site"])
    packages_of_npm(session)
    session.run("pytest", "docs/browser_tests", *session.posargs)


@nox.session(python=PYTHON)
def fuzz(session: nox.Session) -> None:
    """Thousands of hostile inputs for all that reads any; ``-- --inputs 100000`` is the long form."""
    install(session, ".[test]")
    session.run("python", "-m", "tools.fuzz", *session.posargs)
    long = number(session.posargs, "--inputs", 0) >= LONG_FORM
    environment = {"TFEVENTS_MUTATED_FILES": "10000" if long else "400"}  # read by TensorBoard's loader too
    session.run("pytest", "packages/pytest-tensorboard", "-k", "mutated", env=environment)


@nox.session(python=PYTHON)
def weigh(session: nox.Session) -> None:
    """Plant faults in what judges, keeps and compares: nine of ten must be noticed. ``-- --seed 2``, ``-- --all``."""
    install(session, ".[test]", groups=["weigh"])
    session.run("pytest", "tests/tools/test_weigh.py")
    session.run("python", "-m", "tools.weigh", *session.posargs)


@nox.session(python=PYTHON)
def mutants(session: nox.Session) -> None:
    """Plant faults in Keras's callback, for the scenarios and for Keras's own tests; ``-- --sample 60 --seed 0``."""
    install(session, ".[test]", groups=["weigh"])
    session.run("python", "-m", "tools.mutants", *session.posargs)


@nox.session(python=["3.10", "3.13"])
@nox.parametrize("protobuf", ["3.20.3", "4.25.8", "5.29.5", "6.33.0", "7.36.2"])
def reader(session: nox.Session, protobuf: str) -> None:
    """The reader of event files, alone, on the oldest and a newer Python and beside each protobuf that it is for."""
    session.install("-e", "packages/pytest-tensorboard", f"protobuf=={protobuf}", "pytest", "tensorboard")
    session.run("pytest", "packages/pytest-tensorboard", *session.posargs)


@nox.session(python=PYTHON)
def schema(session: nox.Session) -> None:
    """Write the JSON Schema of scenario.toml, for editors."""
    install(session, ".")
    session.run("python", "-m", "tbcookbook.scenarios.schema")


@nox.session(python=PYTHON)
def pictures(session: nox.Session) -> None:
    """Pictures of TensorBoard with what each changed script logs; ``-- SLUG...`` for what has not changed."""
    install(session, ".", groups=["pictures"])
    session.run("python", "-m", "tools.pictures", *session.posargs)


@nox.session(python=PYTHON)
def notebooks(session: nox.Session) -> None:
    """Make the notebooks anew, with the outputs of the current target; what follows ``--`` names scenarios."""
    install(session, ".[notebooks]")
    session.run("python", "-m", "tools.notebook_run", "store", *session.posargs)


@nox.session(python=PYTHON)
def notebooks_check(session: nox.Session) -> None:
    """Every notebook under nbval on the current target, or on that of ``-- --target tf-2.9``; repeatable."""
    install(session, ".[notebooks,test]")
    session.run("python", "-m", "tools.notebook_run", "check", *session.posargs, "-n", "2", "--dist", "loadfile")


@nox.session(python=PYTHON)
def bench(session: nox.Session) -> None:
    """Event files; scripts in-process, warm and in fresh processes; notebooks with both kinds of kernels; the site."""
    install(session, ".[tensorflow,notebooks,docs]", groups=["site"])
    packages_of_npm(session)
    session.run("python", "-m", "tools.benchmarks.reader")
    session.run("python", "-m", "tools.benchmarks.isolation")
    session.run("python", "-m", "tools.benchmarks.notebooks")
    session.run("python", "-m", "tools.benchmarks.diagnose")
    session.run("python", "-m", "tools.benchmarks.site")


@nox.session(python=PYTHON)
def reports(session: nox.Session) -> None:
    """How many real reports are answered rightly: ``-- FILE...``, a JSON object a line."""
    install(session, ".")
    session.run("python", "-m", "tools.reports", *session.posargs)


@nox.session(python=PYTHON)
def stress(session: nox.Session) -> None:
    """The sandbox under stress: scripts by the thousand, killed probes and drivers, a full disk; ``-- --short``."""
    install(session, ".")
    session.run("python", "-m", "tools.stress", *session.posargs)


@nox.session(python=PYTHON)
def cells(session: nox.Session) -> None:
    """Print the targets and Pythons of the CI matrix, a JSON line each; ``-- preview`` for those of the weekly run."""
    install(session, ".")
    told = session.run("tbcookbook", "targets", "--json", silent=True)
    assert isinstance(told, str)
    preview = "preview" in session.posargs
    names = [row["name"] for row in json.loads(told) if (row["status"] == "preview") == preview]
    line = f"cells={json.dumps(names)}\npythons={json.dumps(PYTHONS)}\n"
    print(line)
    if "GITHUB_OUTPUT" in os.environ:
        with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as output:
            output.write(line)


@nox.session(python=PYTHON)
def cell(session: nox.Session) -> None:
    """One cell of the CI matrix: ``-- TARGET``. Hold it to its recording; what was seen goes to ``observed/``."""
    install(session, ".")
    (target,) = session.posargs
    session.run("tbcookbook", "matrix", target, "--check", "--into", "observed")


@nox.session(python=PYTHON)
def preview(session: nox.Session) -> None:
    """A cell that is not released: ``-- TARGET``. Run it, record it in ``observed/``, and say what drifts."""
    install(session, ".")
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
    """Have uv install the interpreter of a target, ``-- TARGET``, where there is none; without one, of the newest."""
    install(session, ".")
    newest_target = "from tbcookbook.targets.registry import current_target; print(current_target().name)"
    wanted = session.posargs or [str(session.run("python", "-c", newest_target, silent=True)).strip()]
    told = session.run("tbcookbook", "targets", "--json", silent=True)
    assert isinstance(told, str)
    (row,) = (row for row in json.loads(told) if row["name"] in wanted)
    if row["interpreter"] is None:
        session.run("uv", "python", "install", row["python"])


@nox.session(python=PYTHON)
def gather(session: nox.Session) -> None:
    """The drift of all gathered observations from the recordings, as Markdown; fails if there is any.

    All of them together go to ``gathered/``, to be put into ``tests/observed``: CI offers it as one artifact.
    """
    install(session, ".")
    folders = sorted(str(found.parent) for found in Path("observed").rglob("environments"))
    if not folders:
        session.error("found no recordings below observed/; expected what the cells of CI saw")
    summary = Path(session.create_tmp()) / "drift.md"
    with summary.open("w", encoding="utf-8") as told:
        try:
            session.run("tbcookbook", "gather", *folders, "--markdown", "--into", "gathered", stdout=told)
        finally:
            told.flush()
            summarise(summary.read_text(encoding="utf-8"))


def summarise(markdown: str) -> None:
    """Print Markdown, and add it to the summary of the CI job if there is one."""
    print(markdown)
    if "GITHUB_STEP_SUMMARY" in os.environ:
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as output:
            output.write(markdown)
