"""The environment that TensorBoard is started from: missing, too old, twice, shadowed, without what it needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from tbcookbook.doctor.finding import Finding
from tbcookbook.doctor.plugins import profiles
from tbcookbook.doctor.survey import Survey
from tbcookbook.targets.target import Target

SHADOWS = ("tensorboard.py", "tensorflow.py", "tensorboard/__init__.py")
BUILDS = ("tensorboard", "tb_nightly", "tensorflow_tensorboard")  # distributions with the module `tensorboard`


@dataclass(frozen=True)
class Too:
    """Versions that do not go together: of TensorBoard below `below`, with `package` from `least` on, or without it.

    `source` says where that is shown.
    """

    below: str
    package: str
    least: str
    what: str
    advice: str
    scenario: str


TOGETHER = (
    Too("2.21", "setuptools", "82", "pkg_resources, gone from setuptools 82", "install setuptools<82", "pkg-resources"),
    Too("2.20", "python", "3.13", "imghdr, which Python 3.13 no longer has", "pip install -U tensorboard", "imghdr"),
    Too("2.18", "numpy", "2", "np.string_, which NumPy 2 no longer has", "pip install -U tensorboard", "numpy-2"),
    Too("2.9", "protobuf", "4", "code that protobuf 4 refuses", "install protobuf<4, or a newer one", "descriptors"),
)  # fmt: skip


def missing(target: Target, survey: Survey) -> Iterator[Finding]:
    """No TensorBoard at all."""
    if version(target, "tensorboard") is None:
        yield Finding(
            "tensorboard-missing",
            "error",
            f"there is no TensorBoard in {target.python}",
            evidence={"python": str(target.python)},
            advice=f"{target.python} -m pip install tensorboard",
            scenarios=("viewer-not-installed", "tensorboard-not-installed"),
        )


def does_not_start(target: Target, survey: Survey) -> Iterator[Finding]:
    """Packages that this TensorBoard does not start with."""
    board = version(target, "tensorboard")
    if board is None:
        return
    for rule in TOGETHER:
        found = version(target, rule.package)
        absent = found is None and rule.package == "setuptools"
        if board < Version(rule.below) and (absent or (found is not None and found >= Version(rule.least))):
            yield Finding(
                "does-not-start",
                "error",
                f"TensorBoard {board} needs {rule.what}"
                + (f" (found {rule.package} {found})" if found else ", and there is none"),
                evidence={"tensorboard": str(board), rule.package: str(found) if found else None},
                advice=rule.advice,
                scenarios=(rule.scenario,),
            )


def too_old(target: Target, survey: Survey) -> Iterator[Finding]:
    """A TensorBoard older than the TensorFlow beside it, by more than a minor version."""
    board, flow = version(target, "tensorboard"), version(target, "tensorflow")
    if board is not None and flow is not None and board.release[:2] < flow.release[:2]:
        yield Finding(
            "tensorboard-old",
            "warning",
            f"TensorBoard {board} is older than TensorFlow {flow}",
            evidence={"tensorboard": str(board), "tensorflow": str(flow)},
            advice=f"pip install 'tensorboard>={flow.major}.{flow.minor}'",
        )


def twice(target: Target, survey: Survey) -> Iterator[Finding]:
    """Several distributions that bring the module, or one in several folders: which one runs is chance."""
    found = sorted(
        {str(path) for folder in target.packages for build in BUILDS for path in distributions(folder, build)}
    )
    if len(found) > 1:
        yield Finding(
            "tensorboard-twice",
            "error",
            f"TensorBoard is installed {len(found)} times: {', '.join(Path(path).name for path in found)}",
            evidence={"found": found},
            advice="uninstall all of them until pip finds none, and install one",
        )


def distributions(folder: str, build: str) -> Iterator[Path]:
    try:
        yield from Path(folder).glob(f"{build}-*.dist-info")
        yield from Path(folder).glob(f"{build}-*.egg-info")
    except OSError:
        return


def shadowed(target: Target, survey: Survey) -> Iterator[Finding]:
    """A file of the user's own with the name of the module, where Python looks first."""
    places = [
        Path.cwd(),
        survey.directory.absolute().parent,
        *map(Path, filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))),
    ]
    for path in dict.fromkeys(place / name for place in places for name in SHADOWS):
        if path.is_file() and not any(Path(folder) in path.parents for folder in target.packages):
            yield Finding(
                "shadowed",
                "warning",
                f"{path} has the name of a package, and is imported in its place from that folder",
                file=str(path),
                evidence={"path": str(path)},
                advice="give it another name, and remove its __pycache__",
            )


def profile_plugin(target: Target, survey: Survey) -> Iterator[Finding]:
    """Profiles, and no plugin that shows them."""
    names = {name.lower().replace("_", "-") for name in target.versions}
    plugins = {"tensorboard-plugin-profile", "tbp-nightly", "xprof", "xprof-nightly"}
    found = profiles(survey)
    if found and not names & plugins:
        run = min(found)
        yield Finding(
            "profile-plugin",
            "warning",
            f"there are profiles, and no plugin in {target.python} that shows them",
            run,
            found[run][0],
            {"runs": sorted(found)[:20]},
            f"{target.python} -m pip install tensorboard-plugin-profile",
        )


def version(target: Target, name: str) -> Version | None:
    """The version of a package; None if it is not there, or has none that can be read."""
    try:
        return Version(target.versions[name])
    except (KeyError, InvalidVersion):
        return None


CHECKS: tuple[Callable[[Target, Survey], Iterator[Finding]], ...] = (
    missing,
    does_not_start,
    too_old,
    twice,
    shadowed,
    profile_plugin,
)
