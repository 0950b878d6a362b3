"""Provisioning and recording with the real uv, on a registry of our own: its TensorFlow is a wheel of a few bytes."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import Kitchen, heed_interrupts
from tbcookbook.recordings.store import load_recording, recorded_targets

REGISTRY = """
[families]
tensorflow = {{ words = "TensorFlow {{}}" }}

[[target]]
name = "good"
family = "tensorflow"
version = "2.21"
status = "current"
python = "{python}"
requirements = ["tensorflow==2.21.0", "keras==3.15.1"]

[[target]]
name = "other"
family = "tensorflow"
version = "2.20"
status = "old"
python = "{python}"
requirements = ["tensorflow==2.20.0", "keras==3.15.1"]

[[target]]
name = "absent"
family = "tensorflow"
version = "2.19"
status = "old"
python = "{python}"
requirements = ["tensorflow==2.19.0", "keras==3.15.1"]

[[target]]
name = "homeless"
family = "tensorflow"
version = "2.21"
status = "old"
python = "3.99"
requirements = ["tensorflow==2.21.0", "keras==3.15.1"]

[[target]]
name = "nightly"
family = "tensorflow"
version = "nightly"
status = "preview"
python = "{python}"
requirements = ["tf-nightly"]
"""

Matrix = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(kitchen: Kitchen, tmp_path: Path) -> Path:
    """Where the registry, the wheels, the environments and the recordings of a test are."""
    home = tmp_path / "home"
    home.mkdir()
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    (home / "targets.toml").write_text(REGISTRY.format(python=python))
    module = f"def note(word):\n    open({str(kitchen.count)!r}, 'a').write(word + '\\n')\nnote('imported')\n"
    make_wheel(home, "tensorflow", "2.21.0", module)
    make_wheel(home, "tensorflow", "2.20.0", module)
    make_wheel(home, "keras", "3.15.1", "")
    (home / "uv.toml").write_text(f"no-index = true\nfind-links = [{str(home)!r}]\n")
    return home


def make_wheel(folder: Path, name: str, version: str, module: str) -> None:
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", module)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def arguments(kitchen: Kitchen, home: Path) -> list[str]:
    """The command line up to the arguments of ``tbcookbook``."""
    run = (
        "import pathlib, sys; from tbcookbook.targets import registry; "
        f"registry.REGISTRY = pathlib.Path({str(home)!r}) / 'targets.toml'; "
        "from tbcookbook.cli import main; main()"
    )
    return [sys.executable, "-c", run, "--scenarios", str(kitchen.root)]


@pytest.fixture
def environ(home: Path, tmp_path: Path) -> dict[str, str]:
    for name in ("cache", "tmp"):
        (tmp_path / name).mkdir()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    own = {
        "TBCOOKBOOK_HOME": str(home),
        "UV_CONFIG_FILE": str(home / "uv.toml"),
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "TMPDIR": str(tmp_path / "tmp"),
    }
    return {**inherited, **own, "COLUMNS": "150"}


@pytest.fixture
def matrix(arguments: list[str], environ: dict[str, str], home: Path) -> Iterator[Matrix]:
    def run(*words: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
        def preparation() -> None:
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        command = [*arguments, "matrix", "--observed", str(home / "observed"), *words]
        return subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=120, preexec_fn=preparation, check=False
        )

    yield run
    assert list(Path(environ["TMPDIR"]).glob("tbcookbook-*")) == []


def files(home: Path, folder: str = "observed") -> dict[str, bytes]:
    """The recordings, by name."""
    root = home / folder
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_record_and_check(matrix: Matrix, home: Path, kitchen: Kitchen) -> None:
    done = matrix("good")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "good: recorded, 4 scripts" in done.stderr
    seen = load_recording(home / "observed", "good")
    assert seen.versions["tensorflow"] == "2.21.0"
    assert set(seen.runs) == {(slug, role) for slug in ("first", "second") for role in ("broken", "fixed")}
    assert list((home / "targets").glob("good-*")) == []  # removed again
    assert "good: fresh" in matrix("good").stderr
    assert "good: as recorded" in matrix("good", "--check").stderr
    assert kitchen.imports() == 2


def test_keep_and_again(matrix: Matrix, home: Path) -> None:
    assert matrix("good", "--keep").returncode == 0
    (kept,) = (path for path in (home / "targets").iterdir() if path.is_dir())
    again = matrix("good", "--again")
    assert "installing" not in again.stderr
    assert "good: recorded" in again.stderr
    assert kept.is_dir()  # what was there before stays


def test_nothing_of_ours_is_installed(matrix: Matrix, home: Path) -> None:
    matrix("good", "--keep")
    (site,) = (home / "targets").glob("good-*/lib/*/site-packages")
    names = {path.name for path in site.iterdir() if not path.name.startswith(("_", "distutils"))}
    assert {name.partition("-")[0] for name in names} == {"tensorflow", "keras"}


def test_failures_are_told_and_the_rest_goes_on(matrix: Matrix, home: Path) -> None:
    done = matrix("good", "other", "absent", "homeless", "nightly", "--json")
    assert done.returncode == 1, done.stderr
    rows = {row["target"]: row for row in json.loads(done.stdout)}
    states = {name: row["state"] for name, row in rows.items()}
    assert states == {
        "good": "recorded",
        "other": "recorded",
        "absent": "failed",
        "homeless": "skipped",
        "nightly": "skipped",
    }
    assert "there is no version of tensorflow==2.19.0" in rows["absent"]["text"]
    assert "no Python 3.99 on PATH, under pyenv or managed by uv" in rows["homeless"]["text"]
    assert "uv python install 3.99" in rows["homeless"]["text"]
    assert "tf-nightly" in rows["nightly"]["text"]
    assert "Traceback" not in done.stderr
    assert [path.name for path in (home / "targets").iterdir()] == []


def test_resume(matrix: Matrix, home: Path, kitchen: Kitchen) -> None:
    matrix("other")
    said = matrix("good", "other").stderr
    assert "other: fresh" in said
    assert "good: recorded, 4 scripts" in said


def test_what_is_stale_is_run_and_nothing_else(matrix: Matrix, home: Path, kitchen: Kitchen) -> None:
    matrix("good", "other")
    before, words = files(home), kitchen.count.read_text()
    kitchen.change("fixed.py", "fixed", "changed")
    done = matrix("good", "other")
    assert "good: recorded, 1 scripts" in done.stderr
    told = kitchen.count.read_text().removeprefix(words).split()
    assert sorted(told) == ["changed"] * 2 + ["imported"] * 2  # in any order: two targets run at a time
    after = files(home)
    assert {name for name in after if after[name] != before.get(name)} == {"chapter/first.json"}
    assert before.keys() == after.keys()


def test_what_is_fresh_costs_nothing(matrix: Matrix, home: Path, kitchen: Kitchen) -> None:
    """Neither an environment nor an import."""
    matrix("good")
    before, words = files(home), kitchen.count.read_text()
    done = matrix("good")
    assert "good: fresh" in done.stderr
    assert "installing" not in done.stderr
    assert kitchen.count.read_text() == words
    assert files(home) == before


def test_the_whole_registry_leaves_nothing_that_is_gone(matrix: Matrix, arguments: list[str], home: Path) -> None:
    matrix("good", "other")
    registry = home / "targets.toml"
    registry.write_text(registry.read_text().replace('name = "other"', 'name = "another"'))
    matrix("good", "another")
    assert set(recorded_targets(home / "observed")) == {"good", "another", "other"}
    matrix("--all")
    assert set(recorded_targets(home / "observed")) == {"good", "another"}
    assert len(list((home / "observed" / "environments").iterdir())) == 2


def test_scenarios_are_run_in_the_environments_that_they_bring(matrix: Matrix, home: Path, kitchen: Kitchen) -> None:
    """There, and on no target; and they are stale and fresh as all others."""
    told = kitchen.root / "chapter" / "second" / "scenario.toml"
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for role, version in [("broken", "2.20.0"), ("fixed", "2.21.0")]:
        requirements = [f"tensorflow=={version}", "keras==3.15.1"]
        with told.open("a") as file:
            file.write(f"\n[environments.{role}]\npython = '{python}'\nrequirements = {requirements}\n")
    done = matrix("--all")
    assert "good: recorded, 2 scripts" in done.stderr
    assert "broken-environment: recorded, 1 scripts" in done.stderr, done.stderr
    broken = load_recording(home / "observed", "broken-environment")
    assert broken.runs.keys() == {("second", "broken")}
    assert broken.versions["tensorflow"] == "2.20.0"
    done = matrix("--all")
    assert "fixed-environment: fresh" in done.stderr
    assert set(recorded_targets(home / "observed")) == {"good", "other", "broken-environment", "fixed-environment"}


def test_check_finds_what_differs(matrix: Matrix, home: Path, environ: dict[str, str]) -> None:
    environ["UV_NO_CACHE"] = "1"
    matrix("good")
    before = files(home)
    wheel = home / "tensorflow-2.21.0-py3-none-any.whl"
    wheel.unlink()
    make_wheel(home, "tensorflow", "2.21.0", "import warnings\nwarnings.warn('new')\ndef note(word): pass\n")
    done = matrix("good", "--check", "--into", str(home / "seen"))
    assert done.returncode == 1
    assert "good: different" in done.stderr
    assert "warnings (recorded)" in done.stdout
    assert files(home) == before
    assert recorded_targets(home / "seen") == ["good"]


def test_check_of_a_stale_recording(matrix: Matrix, kitchen: Kitchen) -> None:
    matrix("good")
    kitchen.change("fixed.py", "fixed", "changed")
    done = matrix("good", "--check")
    assert done.returncode == 1
    assert "good: different" in done.stderr
    assert "is stale: fixed has changed since it was recorded" in done.stdout
    done = matrix("other", "--check")
    assert done.returncode == 1
    assert "other: not recorded" in done.stderr


def test_gather(matrix: Matrix, arguments: list[str], environ: dict[str, str], home: Path, kitchen: Kitchen) -> None:
    """What machines saw, each of a target, is one folder again, and is held against the recordings."""

    def gather(*words: str) -> subprocess.CompletedProcess[str]:
        command = [*arguments, "gather", "--observed", str(home / "observed"), *words]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    matrix("good", "other")
    for name in ("good", "other"):
        matrix(name, "--check", "--into", str(home / name))
    folders = [str(home / name) for name in ("good", "other")]
    done = gather(*folders, "--into", str(home / "all"))
    assert (done.returncode, done.stdout) == (0, "2 targets, and none differs from its recording\n"), done.stderr
    assert files(home, "all") == files(home)
    kitchen.change("broken.py", "Expected scalar", "Found no scalar")
    matrix("good", "--check", "--into", str(home / "good"))
    done = gather(*folders, "--markdown")
    assert done.returncode == 1
    assert "### good" in done.stdout
    assert "message reworded" in done.stdout
    assert "### other" not in done.stdout
    rows = json.loads(gather(*folders, "--json").stdout)
    assert {row["after"]["target"]: len(row["changes"]) for row in rows} == {"good": 1, "other": 0}
    assert gather(str(home)).returncode == 2


def test_full_disk_loses_nothing(matrix: Matrix, home: Path, kitchen: Kitchen) -> None:
    """The recording cannot be written: the old one stays, nothing half-written does, and it is said."""
    matrix("good", "--keep")
    kitchen.change("broken.py", "not a number", "no number at all")
    before = files(home)
    done = matrix("good", limit=500)
    assert done.returncode == 1
    assert "good: failed" in done.stderr
    assert "File too large" in done.stderr
    assert files(home) == before


def test_interrupt_loses_nothing(
    matrix: Matrix, arguments: list[str], environ: dict[str, str], home: Path, kitchen: Kitchen
) -> None:
    matrix("good")
    before = files(home)
    kitchen.change("broken.py", "raise", "import time; time.sleep(60)\nraise")
    kitchen.count.unlink()
    command = [*arguments, "matrix", "good", "--observed", str(home / "observed")]
    process = subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    )
    deadline = time.monotonic() + 60
    while not (kitchen.count.exists() and "broken" in kitchen.count.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.endswith("tbcookbook: interrupted\n")
    assert files(home) == before
    assert [path for path in (home / "targets").iterdir() if path.is_dir()] == []


def test_an_installation_that_was_cut_off_is_made_again(matrix: Matrix, home: Path) -> None:
    matrix("good", "--keep")
    (folder,) = (path for path in (home / "targets").iterdir() if path.is_dir())
    (folder / "ready.json").unlink()
    assert "installing" in matrix("good", "--again", "--keep").stderr


def test_other_versions_than_registered(matrix: Matrix, home: Path) -> None:
    matrix("good", "--keep")
    (site,) = (home / "targets").glob("good-*/lib/*/site-packages")
    metadata = site / "keras-3.15.1.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text().replace("3.15.1", "3.14.0"))
    done = matrix("good", "--again")
    assert done.returncode == 1
    assert "keras is 3.14.0" in done.stderr
    assert "expected 3.15.1, as pinned" in done.stderr


def test_run_on_a_registered_target(arguments: list[str], environ: dict[str, str], kitchen: Kitchen) -> None:
    """``run --target`` makes the environment, and keeps it for the next time."""
    for said in (True, False):
        done = subprocess.run(
            [*arguments, "run", "--target", "good"], env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert ("good: installing" in done.stderr) is said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name the targets to run, or give --all"),
        (["good", "--all"], "either name targets or give --all"),
        (["god"], "no target 'god'; expected good, perhaps"),
        (["good", "--into", "x"], "--into goes with --check"),
    ],
)
def test_bad_usage(words: list[str], said: str, matrix: Matrix) -> None:
    done = matrix(*words)
    assert done.returncode == 2
    assert said in done.stderr


def test_targets(arguments: list[str], environ: dict[str, str]) -> None:
    done = subprocess.run([*arguments, "targets", "--json"], env=environ, capture_output=True, text=True, check=True)
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["good"]["state"] == "can be installed"
    assert rows["homeless"]["state"] == "no interpreter"
    assert rows["homeless"]["interpreter"] is None
    assert rows["good"]["versions"]["keras"] == "3.15.1"
    table = subprocess.run([*arguments, "targets"], env=environ, capture_output=True, text=True, check=True).stdout
    assert "needs Python 3.99" in table


@pytest.fixture
def session(
    pytester: pytest.Pytester,
    kitchen: Kitchen,
    home: Path,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> pytest.Pytester:
    """The cookbook's own suite, on a target of our registry."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    pytester.makeconftest(
        "import pathlib\nfrom tbcookbook.targets import registry\n"
        f"registry.REGISTRY = pathlib.Path({str(home / 'targets.toml')!r})\n"
    )
    suite = Path(__file__).with_name("test_scenarios.py").read_text(encoding="utf-8")
    pytester.makepyfile(test_scenarios=suite)
    options = f"-p tbcookbook.pytest_plugin --scenarios={kitchen.root} --observed={home / 'observed'} --target good"
    pytester.makeini(f"[pytest]\naddopts = {options}\n")
    return pytester


@pytest.mark.parametrize("workers", ["0", "2"])
def test_pytest_records_and_compares(workers: str, session: pytest.Pytester, home: Path, kitchen: Kitchen) -> None:
    result = session.runpytest_subprocess("-n", workers, "--record")
    result.assert_outcomes(passed=4)
    seen = load_recording(home / "observed", "good")
    assert len(seen.runs) == 4
    session.runpytest_subprocess("-n", workers).assert_outcomes(passed=4)

    kitchen.change("scenario.toml", 'outcome = "ok"', 'outcome = "ok"\nevents."./x" = { steps = [0], equals = "y" }')
    result = session.runpytest_subprocess("-n", workers, "-k", "first and fixed")
    result.stdout.fnmatch_lines(["values (recorded)*nothing*KeyError*"])

    kitchen.change("fixed.py", "fixed", "changed")
    result = session.runpytest_subprocess("-n", workers)
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["recording*of the script as it is*is stale: fixed has changed since it was*"])


def test_pytest_records_a_part(session: pytest.Pytester, home: Path, kitchen: Kitchen) -> None:
    """What is not run in a session with ``--record`` stays as it was recorded."""
    session.runpytest_subprocess("--record").assert_outcomes(passed=4)
    before = load_recording(home / "observed", "good").runs
    kitchen.change("fixed.py", "fixed", "changed")
    session.runpytest_subprocess("--record", "-k", "first and fixed").assert_outcomes(passed=1, deselected=3)
    after = load_recording(home / "observed", "good").runs
    assert {key for key in before if before[key] != after[key]} == {("first", "fixed")}
