"""What CI runs, as sessions: ``nox`` for all that a change must pass, ``nox -s NAME`` for one."""

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "types", "tests", "package"]

# The interpreter of the driver, and of the target that the tests call "this".
PYTHON = "3.11"


@nox.session(python=PYTHON)
def lint(session: nox.Session) -> None:
    """Style and format."""
    session.install("ruff>=0.9")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session(python=PYTHON)
def types(session: nox.Session) -> None:
    """Strict type checking."""
    session.install("mypy>=1.13", "types-psutil", "nox", "-e", ".[test]")
    session.run("mypy")


@nox.session(python=PYTHON)
def tests(session: nox.Session) -> None:
    """The test command of the README; what follows ``--`` goes to pytest, ``--target tf-2.15``, say."""
    session.install("-e", ".[tensorflow,test]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session(python=PYTHON)
def package(session: nox.Session) -> None:
    """The wheel holds the scenarios, and works away from the checkout, without TensorFlow."""
    wheels = session.create_tmp()
    session.install("build")
    session.run("python", "-m", "build", "--wheel", "--outdir", wheels, ".")
    session.install("--find-links", wheels, "tensorboard-cookbook")
    session.run("python", "-m", "pip", "--version", silent=True, success_codes=[0, 1])
    session.chdir(wheels)
    session.run("tbcookbook", "list")
    session.run("tbcookbook", "explain", "unreduced-loss", silent=True)


@nox.session(python=PYTHON)
def bench(session: nox.Session) -> None:
    """In-process runpy, the warm probe and fresh processes, side by side on the same scripts."""
    session.install("-e", ".[tensorflow]")
    session.run("python", "benchmarks/isolation.py", *session.posargs)
