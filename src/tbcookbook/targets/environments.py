"""Make the environments of registered targets with uv, and find the interpreters for them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from tbcookbook.errors import TargetError
from tbcookbook.targets.registry import RegisteredTarget, registered_targets
from tbcookbook.targets.target import THIS, Target, describe, parse_target
from tbcookbook.words import one_of

HOME_VARIABLE = "TBCOOKBOOK_HOME"  # where environments are kept, instead of the user's cache folder
READY = "ready.json"  # written last: an environment without it was not finished
LAST_LINES = 12  # of an installer's output, in an error


class MissingInterpreterError(TargetError):
    """There is no interpreter for a target on this machine; the text says how to get one."""


def environments() -> Path:
    """The folder of all environments."""
    from platformdirs import user_cache_path

    home = os.environ.get(HOME_VARIABLE)
    return (Path(home) if home else user_cache_path("tensorboard-cookbook")) / "targets"


def environment(target: RegisteredTarget) -> Path:
    """The folder of a target's environment, which changes with its requirements."""
    recipe = json.dumps([target.python, target.requirements])
    return environments() / f"{target.name}-{hashlib.sha256(recipe.encode()).hexdigest()[:8]}"


def lock_file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def is_ready(target: RegisteredTarget) -> bool:
    return (environment(target) / READY).exists()


def find_interpreter(version: str) -> Path | None:
    """An interpreter of a minor version such as "3.9": under pyenv, on PATH or managed by uv; None if there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for found in sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True):
        return found
    on_path = shutil.which(f"python{version}")
    if on_path is not None and "shims" not in Path(on_path).parts:  # pyenv's stand-ins may have nothing behind them
        return Path(on_path)
    import subprocess

    managed = subprocess.run([uv(), "python", "find", "--managed-python", version], capture_output=True, text=True)
    return Path(managed.stdout.strip()) if managed.returncode == 0 else None


def provision(target: RegisteredTarget, log: Callable[[str], None] = lambda line: None) -> Target:
    """The target, its environment made if it is not there. `log` is told of each step.

    Raises MissingInterpreterError, or TargetError if the installation fails or gives other versions than registered.
    """
    from filelock import FileLock  # slow to import, and needed here only

    folder = environment(target)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock_file(folder)):
        if not (folder / READY).exists():
            install(target, folder, log)
        found = describe(target.name, folder / "bin" / "python", target.env)
        for name in ("tensorflow", "keras"):
            if name in target.versions and found.versions.get(name) != target.versions[name]:
                raise TargetError(
                    f"target {target.name}: {name} is {found.versions.get(name)} in {folder}, "
                    f"expected {target.versions[name]} as registered"
                )
        (folder / READY).write_text(json.dumps(target.requirements))
    return found


def install(target: RegisteredTarget, folder: Path, log: Callable[[str], None]) -> None:
    python = find_interpreter(target.python)
    if python is None:
        raise MissingInterpreterError(
            f"target {target.name}: no Python {target.python} on PATH, under pyenv or managed by uv; "
            f"get it with 'uv python install {target.python}' or 'pyenv install {target.python}'"
        )
    shutil.rmtree(folder, ignore_errors=True)
    log(f"{target.name}: installing {target.requirements[0]} on Python {target.python}")
    try:
        run_uv(target, "venv", "--quiet", "--python", str(python), str(folder))
        inside = str(folder / "bin" / "python")
        run_uv(target, "pip", "install", "--quiet", "--python", inside, *target.requirements)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def run_uv(target: RegisteredTarget, *arguments: str) -> None:
    import subprocess

    try:
        done = subprocess.run([uv(), *arguments], capture_output=True, text=True)
    except OSError as problem:
        raise TargetError(f"target {target.name}: uv cannot be started: {problem.strerror}") from None
    if done.returncode != 0:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-LAST_LINES:])
        raise TargetError(f"target {target.name}: the installation failed (uv {' '.join(arguments[:2])})\n{last}")


uv_lock = threading.Lock()


def uv() -> str:
    """The uv that is installed beside us."""
    from uv import find_uv_bin

    with uv_lock:  # it asks sysconfig, whose first answer is not safe among threads
        return str(find_uv_bin())


def resolve_target(text: str, log: Callable[[str], None] = lambda line: None) -> Target:
    """A target from the command line: ``this``, NAME=PATH_TO_PYTHON, or the name of a registered one.

    The environment of a registered one is made if it is not there. Raises TargetError.
    """
    registered = {target.name: target for target in registered_targets()}
    if text in registered:
        return provision(registered[text], log)
    if text == THIS or "=" in text:
        return parse_target(text)
    raise TargetError(f"--target {text!r}: expected NAME=PATH_TO_PYTHON, or {one_of([THIS, *registered], text)}")


def remove(target: RegisteredTarget) -> None:
    """Remove a target's environment, if there is one."""
    folder = environment(target)
    shutil.rmtree(folder, ignore_errors=True)
    lock_file(folder).unlink(missing_ok=True)
