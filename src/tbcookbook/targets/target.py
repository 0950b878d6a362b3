"""Targets: the interpreters that scripts run on, and the versions of what is installed in them."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec

from tbcookbook.errors import TargetError
from tbcookbook.words import shorten

THIS = "this"  # the name of the interpreter that the driver itself runs on
SHOWN = ("tensorflow", "keras", "tensorboard", "numpy", "protobuf", "python")

# Names for "this Keras, with that backend", which stand beside the distributions in a target's versions.
BACKENDS = ("keras[tensorflow]", "keras[jax]", "keras[torch]")

# Distributions that put another name's modules in place.
ALIASES = {
    "tensorflow-cpu": "tensorflow",
    "tensorflow-intel": "tensorflow",
    "tensorflow-macos": "tensorflow",
    "tf-nightly": "tensorflow",
    "tf-nightly-cpu": "tensorflow",
    "tb-nightly": "tensorboard",
}

SLOW = ("tensorflow",)  # preloaded where it is installed, if nothing else is said

# Variables of the driver that could change what a target's scripts do.
FOREIGN_VARIABLES = re.compile(r"PYTHON|PYTEST_|COV_|VIRTUAL_ENV$|TF_|KERAS_|XLA_|TBCOOKBOOK_")
OUR_VARIABLES = {
    "CUDA_VISIBLE_DEVICES": "-1",  # the same on every machine
    "PYTHONHASHSEED": "0",  # what TensorFlow makes of a set, in a message say, is in the same order in every run
    "TF_CPP_MIN_LOG_LEVEL": "2",  # errors; below that, TensorFlow's C++ talks about the hardware
}

DESCRIBE = """
import json, platform, sys
print(json.dumps({
    "python": ".".join(map(str, sys.version_info[:3])),
    "path": sys.path[1:],
    "platform": " ".join([platform.system(), platform.machine(), *platform.libc_ver()]).strip(),
}))
"""


ANSWER_SECONDS = 60.0  # until an interpreter has said what it is, on the slowest machine we can think of
LONGEST_ANSWER = 2**20  # bytes of what an interpreter says of itself
LONGEST_COMPLAINT = 200  # characters of what an interpreter says that does not work


class Described(msgspec.Struct):
    """What an interpreter answers to `DESCRIBE`."""

    python: Annotated[str, msgspec.Meta(pattern=r"^\d+\.\d+\.\d+$")]
    path: list[str]
    platform: str


@dataclass(frozen=True)
class Target:
    """An interpreter with what is installed in it.

    `versions` maps distribution names, and "python", to versions. "tensorflow" stands for any build of it, and "keras"
    for the Keras behind ``tf.keras``, which TensorFlow before 2.6 brings itself and ``TF_USE_LEGACY_KERAS`` replaces.
    `packages` and `library` are the folders of what is installed and of Python's own modules. `env` are variables that
    its processes get, `preload` the modules that are imported once for all scripts. `requirements` are those that the
    environment was made of; None for an interpreter that somebody else made, whatever is installed there.
    """

    name: str
    python: Path
    versions: Mapping[str, str]
    packages: tuple[str, ...] = ()
    library: tuple[str, ...] = ()
    platform: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    preload: tuple[str, ...] = ()
    requirements: tuple[str, ...] | None = None

    @property
    def title(self) -> str:
        """One line that names the target and what matters of it."""
        return f"{self.name}: {shown_versions(self.versions)}"

    def variables(self, folder: Path) -> dict[str, str]:
        """All variables of the target's processes. `folder` takes what Keras writes into the home folder."""
        kept = {name: value for name, value in os.environ.items() if not FOREIGN_VARIABLES.match(name)}
        return {**kept, **OUR_VARIABLES, "KERAS_HOME": str(folder), **self.env}


def shown_versions(versions: Mapping[str, str], names: Sequence[str] = SHOWN) -> str:
    """The versions that matter, in one line."""
    return ", ".join(f"{name} {versions[name]}" for name in names if name in versions)


def this_target() -> Target:
    """The interpreter that the driver runs on."""
    return describe(THIS, Path(sys.executable))


def parse_target(text: str) -> Target:
    """A target from the command line: ``this``, NAME=PATH_TO_PYTHON, or the path alone, whose last part is the name.

    Raises TargetError if the text is of no such form or the interpreter does not run.
    """
    if text == THIS:
        return this_target()
    name, equals, path = (Path(text).name, "=", text) if is_path(text) else text.partition("=")
    if not (name and equals and path):
        raise TargetError(f"--target {text!r}: expected NAME=PATH_TO_PYTHON or {THIS!r}")
    if not re.fullmatch(r"[\w.+-]+", name):
        raise TargetError(f"--target {text!r}: the name may have letters, digits and . _ + - in it, and nothing else")
    return describe(name, Path(path))


def is_path(text: str) -> bool:
    """Whether a text from the command line is the path of an interpreter, without a name for it."""
    return "=" not in text and text != "" and (os.sep in text or Path(text).exists())


def describe(
    name: str, python: Path, env: Mapping[str, str] | None = None, preload: tuple[str, ...] | None = None
) -> Target:
    """Ask an interpreter for its version and packages. Raises TargetError if it does not answer.

    What is preloaded is, for None, TensorFlow if it is installed.
    """
    env = dict(env or {})
    python = Path.cwd() / python  # not resolved: the interpreter of a virtual environment is a symbolic link
    bare = Target(name, python, {}, env=env)
    if python.is_dir():
        inside = python / "bin" / "python"
        hint = f"; did you mean {inside}?" if inside.exists() else ""
        raise TargetError(f"target {name}: {python} is a folder, expected a Python interpreter{hint}")
    try:
        status, answer, complaint = asked(python, bare.variables(Path(os.devnull)))
    except TimeoutError:
        raise TargetError(f"target {name}: {python} did not answer within {ANSWER_SECONDS:g} s") from None
    except OSError as problem:
        raise TargetError(f"target {name}: {python} cannot be started: {problem.strerror}") from None
    try:
        said = msgspec.json.decode(answer, type=Described)
    except msgspec.DecodeError:
        lines = complaint.decode("utf-8", "backslashreplace").strip().splitlines()
        last = shorten(lines[-1], LONGEST_COMPLAINT) if lines else f"exit status {status}"
        raise TargetError(f"target {name}: {python} is not a Python that works: {last}") from None
    if tuple(map(int, said.python.split(".")[:2])) < (3, 7):
        raise TargetError(f"target {name}: {python} is Python {said.python}, expected 3.7 or later")
    versions = {"python": said.python, **installed(said.path)}
    keras = keras_version(versions, said.path, env)
    versions.update(keras_versions(keras, env))
    packages = tuple(path for path in said.path if path.endswith(("site-packages", "dist-packages")))
    library = tuple(path for path in said.path if path not in packages and Path(path).is_dir())
    if preload is None:
        preload = tuple(module for module in SLOW if module in versions)
    return Target(name, python, versions, packages, library, said.platform, env, preload)


def asked(python: Path, variables: Mapping[str, str]) -> tuple[int, bytes, bytes]:
    """What an interpreter says when it is asked what it is: status, stdout, and the end of stderr.

    A program that says more than any interpreter would is ended. Raises OSError, TimeoutError.
    """
    import subprocess  # slow to import, and needed here only
    import tempfile

    with (
        tempfile.TemporaryFile() as said,
        # Not as an argument, which a program that is no Python would repeat in its complaint.
        subprocess.Popen(
            [python, "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env=variables,
            start_new_session=True,  # to be ended with all that it has started
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def end() -> None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()

        def give_up() -> None:
            late.set()
            end()

        timer = threading.Timer(ANSWER_SECONDS, give_up)
        timer.start()
        try:
            with contextlib.suppress(BrokenPipeError), process.stdin as question:
                question.write(DESCRIBE.encode())
            answer = process.stdout.read(LONGEST_ANSWER)
            if len(answer) == LONGEST_ANSWER:
                end()
            status = process.wait()
        finally:
            timer.cancel()
        if late.is_set():
            raise TimeoutError
        said.seek(max(0, said.seek(0, os.SEEK_END) - LONGEST_ANSWER))
        return status, answer, said.read(LONGEST_ANSWER)


def installed(path: list[str]) -> dict[str, str]:
    """Versions of the distributions on a search path, by normalised name."""
    from importlib import metadata  # slow to import

    versions: dict[str, str] = {}
    for distribution in metadata.distributions(path=path):
        name = re.sub(r"[-_.]+", "-", distribution.name or "").lower()
        versions.setdefault(name, distribution.version)
    return with_aliases(versions)


def with_aliases(versions: Mapping[str, str]) -> dict[str, str]:
    """The versions, with those of `ALIASES` under the names that they stand for too."""
    aliases = {name: versions[alias] for alias, name in ALIASES.items() if alias in versions}
    return {**aliases, **versions}


def keras_versions(keras: str | None, env: Mapping[str, str]) -> dict[str, str]:
    """The version of Keras under its own name and under that with its backend; Keras 2 has but one."""
    if keras is None:
        return {}
    backend = env.get("KERAS_BACKEND", "tensorflow") if not keras.startswith("2.") else "tensorflow"
    return {"keras": keras, f"keras[{backend}]": keras}


def keras_version(versions: Mapping[str, str], path: list[str], env: Mapping[str, str]) -> str | None:
    """The version of the Keras that ``tf.keras`` is, or of the one installed where there is no TensorFlow."""
    from packaging.version import Version

    if "tensorflow" in versions:
        if Version(versions["tensorflow"]) < Version("2.6.dev0"):
            return bundled_keras(path, old=Version(versions["tensorflow"]) < Version("2.1.dev0"))
        if env.get("TF_USE_LEGACY_KERAS") == "1" and Version(versions["tensorflow"]) >= Version("2.16.dev0"):
            return versions.get("tf-keras")
    return versions.get("keras", versions.get("keras-nightly"))


def bundled_keras(path: list[str], old: bool) -> str | None:
    """The version of the Keras inside TensorFlow before 2.6, as its source has it, without the ending ``-tf``.

    2.0 to 2.2 have two in their source, one for each behaviour; 2.0 (`old`) is imported with the second.
    """
    for folder in map(Path, path):
        for package in ("tensorflow", "tensorflow_core"):
            source = folder / package / "python" / "keras" / "__init__.py"
            if source.exists():
                found = re.findall(r"^ *__version__ = '([\d.]+)", source.read_text(encoding="utf-8"), re.MULTILINE)
                if found:
                    return str(found[-1] if old else found[0])
    return None
