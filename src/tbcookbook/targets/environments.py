"""Environments: folders with packages, made with uv by a recipe, kept, and found again; interpreters for them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from tbcookbook.errors import TargetError
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.registry import registered_targets
from tbcookbook.targets.target import THIS, Target, describe, installed, is_path, parse_target
from tbcookbook.words import one_of

HOME_VARIABLE = "TBCOOKBOOK_HOME"  # where environments are kept, instead of the user's cache folder
READY = "ready.json"  # written last: an environment without it was not finished
LONGEST = 1200  # characters of the installer's output, in an error
DRAWING = re.compile(r"[×╰╭├│─▶]+")  # around what uv says


class MissingInterpreterError(TargetError):
    """There is no interpreter for a target on this machine; the text says how to get one."""


def environments() -> Path:
    """The folder of all environments."""
    from platformdirs import user_cache_path

    home = os.environ.get(HOME_VARIABLE)
    return (Path(home) if home else user_cache_path("tensorboard-cookbook")) / "targets"


def environment(recipe: Recipe) -> Path:
    """The folder of an environment, which changes with its Python and its requirements."""
    ingredients = json.dumps([recipe.python, recipe.requirements])
    return environments() / f"{recipe.name}-{hashlib.sha256(ingredients.encode()).hexdigest()[:8]}"


def lock_file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def is_ready(recipe: Recipe) -> bool:
    return (environment(recipe) / READY).exists()


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


def provision(recipe: Recipe, log: Callable[[str], None] = lambda line: None) -> Target:
    """The target that a recipe gives, its environment made if it is not there. `log` is told of each step.

    Raises MissingInterpreterError, or TargetError if the installation fails or gives other versions than are pinned.
    """
    from filelock import FileLock  # slow to import

    folder = environment(recipe)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lock_file(folder))
        lock.acquire()
    except (OSError, NotImplementedError) as problem:  # the second where a file system has no locks
        raise TargetError(
            f"{folder.parent}: the environments of targets cannot be made there: {problem.args[-1]}; "
            f"name another folder with {HOME_VARIABLE}"
        ) from None
    with lock:
        if not (folder / READY).exists():
            install(recipe, folder, log)
        found = describe(recipe.name, folder / "bin" / "python", recipe.env, recipe.preload)
        check_pins(recipe, found, folder)
        (folder / READY).write_text(json.dumps(recipe.requirements))
    return dataclasses.replace(found, requirements=recipe.requirements)


def check_pins(recipe: Recipe, found: Target, folder: Path) -> None:
    """Raises TargetError if something is there in another version than is pinned, or not there."""
    from packaging.specifiers import SpecifierSet

    there = {**found.versions, **installed(list(found.packages))}  # "keras" may stand for another one in a target
    wanted = [(name, there, version) for name, version in recipe.pins.items()]
    wanted += [("keras", dict(found.versions), recipe.keras)] if recipe.keras is not None else []
    for name, versions, version in wanted:
        if name not in versions or not SpecifierSet(f"=={version}").contains(versions[name], prereleases=True):
            raise TargetError(
                f"target {recipe.name}: {name} is {versions.get(name, 'not installed')} in {folder}, "
                f"expected {version}, as pinned"
            )


def install(recipe: Recipe, folder: Path, log: Callable[[str], None]) -> None:
    python = find_interpreter(recipe.python)
    if python is None:
        raise MissingInterpreterError(
            f"target {recipe.name}: no Python {recipe.python} on PATH, under pyenv or managed by uv; "
            f"get it with 'uv python install {recipe.python}' or 'pyenv install {recipe.python}'"
        )
    shutil.rmtree(folder, ignore_errors=True)
    log(f"{recipe.name}: installing {recipe.requirements[0]} on Python {recipe.python}")
    try:
        run_uv(recipe, "venv", "--quiet", "--python", str(python), str(folder))
        inside = str(folder / "bin" / "python")
        run_uv(recipe, "pip", "install", "--quiet", "--python", inside, *recipe.requirements)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def run_uv(recipe: Recipe, *arguments: str) -> None:
    import subprocess

    try:
        done = subprocess.run([uv(), *arguments], capture_output=True, text=True)
    except OSError as problem:
        raise TargetError(f"target {recipe.name}: uv cannot be started: {problem.strerror}") from None
    if done.returncode != 0:
        told = in_one_line(done.stderr or done.stdout) or f"exit status {done.returncode}"
        raise TargetError(f"target {recipe.name}: the installation failed (uv {' '.join(arguments[:2])}): {told}")


def in_one_line(said: str) -> str:
    """What uv says, without its drawing: one sentence after the other. Of a long story, the end."""
    lines = (DRAWING.sub("", line).strip() for line in said.splitlines())
    told = " ".join(line for line in lines if line)
    return told if len(told) <= LONGEST else f"… {told[-LONGEST:]}"


uv_lock = threading.Lock()


def uv() -> str:
    """The uv that is installed beside us."""
    from uv import find_uv_bin

    with uv_lock:  # it asks sysconfig, whose first answer is not safe among threads
        return str(find_uv_bin())


def resolve_target(text: str, log: Callable[[str], None] = lambda line: None) -> Target:
    """A target from the command line: ``this``, the name of a registered one, a path or NAME=PATH of an interpreter.

    The environment of a registered one is made if it is not there. Raises TargetError.
    """
    registered = {target.name: target for target in registered_targets()}
    if text in registered:
        return provision(registered[text], log)
    if text == THIS or "=" in text or is_path(text):
        return parse_target(text)
    expected = one_of([THIS, *registered], text)
    raise TargetError(f"--target {text!r}: expected NAME=PATH_TO_PYTHON, a path, or {expected}; see tbcookbook targets")


def remove(recipe: Recipe) -> None:
    """Remove an environment, if there is one."""
    folder = environment(recipe)
    shutil.rmtree(folder, ignore_errors=True)
    lock_file(folder).unlink(missing_ok=True)
