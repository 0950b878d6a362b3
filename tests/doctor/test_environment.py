"""Environments that TensorBoard does not start in, or shows less in."""

from pathlib import Path
from typing import Any

import pytest

from tbcookbook.doctor import environment
from tbcookbook.doctor.examine import examined
from tbcookbook.doctor.finding import Finding
from tbcookbook.doctor.survey import Survey
from tbcookbook.targets.target import Target

GOOD = {"python": "3.11.7", "tensorboard": "2.20.0", "setuptools": "81.0.0", "numpy": "2.3.5", "protobuf": "6.0.0"}


def look(
    tmp_path: Path, others: tuple[Any, ...] = (), packages: Path | None = None, **versions: str | None
) -> tuple[Finding, ...]:
    merged = {**GOOD, **versions}
    kept = {name: version for name, version in merged.items() if version is not None}
    target = Target("python", Path("/usr/bin/python3"), kept, packages=(str(packages),) if packages else ())
    seen = Survey(tmp_path / "logs", others=others)
    found = examined(seen, [(check.__name__, lambda check=check: check(target, seen)) for check in environment.CHECKS])  # type: ignore[misc]
    assert not found.failures, found.failures
    return found.findings


def test_an_environment_that_is_as_it_should_be(tmp_path: Path) -> None:
    assert look(tmp_path) == ()


def test_no_tensorboard(tmp_path: Path) -> None:
    (finding,) = look(tmp_path, tensorboard=None)
    assert finding.check == "tensorboard-missing"
    assert finding.scenarios[0] == "viewer-not-installed"


@pytest.mark.parametrize(
    ("versions", "slug"),
    [
        ({"setuptools": "82.0.1"}, "pkg-resources"),
        ({"setuptools": None}, "pkg-resources"),
        ({"python": "3.13.0", "tensorboard": "2.19.0"}, "imghdr"),
        ({"tensorboard": "2.17.0", "numpy": "2.0.0", "protobuf": "4.0"}, "numpy-2"),
        ({"tensorboard": "2.8.0", "protobuf": "4.21.0", "numpy": "1.22.4"}, "descriptors"),
    ],
)
def test_versions_that_do_not_go_together(tmp_path: Path, versions: dict[str, str | None], slug: str) -> None:
    (finding,) = look(tmp_path, (), None, **versions)
    assert finding.scenarios == (slug,)


def test_a_newer_tensorboard_needs_no_setuptools(tmp_path: Path) -> None:
    assert look(tmp_path, tensorboard="2.21.0", setuptools="84.2.1") == ()


def test_a_tensorboard_that_is_older_than_tensorflow(tmp_path: Path) -> None:
    (finding,) = look(tmp_path, tensorflow="2.21.0")
    assert finding.check == "tensorboard-old"


def test_tensorboard_twice(tmp_path: Path) -> None:
    for name in ("tensorboard-2.20.0.dist-info", "tb_nightly-2.21.0a1.dist-info"):
        (tmp_path / "packages" / name).mkdir(parents=True)
    (finding,) = look(tmp_path, packages=tmp_path / "packages")
    assert finding.check == "tensorboard-twice"


def test_a_file_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tensorboard.py").write_text("", encoding="utf-8")
    (finding,) = look(tmp_path)
    assert finding.evidence["path"] == str(tmp_path / "tensorboard.py")


def test_profiles_and_no_plugin(log: Any, tmp_path: Path) -> None:
    folder = log.directory / "train/plugins/profile/2026"
    folder.mkdir(parents=True)
    (folder / "host.xplane.pb").write_text("", encoding="utf-8")
    others = log.examine().survey.others
    assert [finding.check for finding in look(tmp_path, others)] == ["profile-plugin"]
    assert look(tmp_path, others, None, **{"tensorboard-plugin-profile": "2.20.0"}) == ()
