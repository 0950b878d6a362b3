"""Arguments: what click finds wrong with them in our form, and the kinds of arguments that click does not have."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tbcookbook.words import listed, nearest, one_of, shorten

NAME = "tbcookbook"

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
observed_option = click.option(
    "--observed",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder of recordings instead of the cookbook's own.",
)
markdown_option = click.option(
    "--markdown", is_flag=True, help="Print Markdown, for a pull request or a CI job summary."
)


class Commands(click.Group):
    """A group that suggests the nearest command for one that it does not have."""

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = arguments[0]
        if self.get_command(context, name) is None and not name.startswith("-"):
            expected = one_of(self.list_commands(context), name)
            raise click.UsageError(f"no command {name!r}; expected {expected}", context)
        return super().resolve_command(context, arguments)


class Quantity(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4, and not before
    """A number of something, within bounds. nan, inf and what no machine has are outside of any."""

    def __init__(self, unit: str, least: float, most: float) -> None:
        self.name = unit
        self.unit, self.least, self.most = unit, least, most

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = math.nan
        if not self.least <= number <= self.most:
            expected = f"a number of {self.unit} from {self.least:g} to {self.most:,.0f}"
            self.fail(f"found {shorten(str(value), 40)}; expected {expected}", parameter, context)
        return number


def explained(error: click.ClickException) -> str:
    """What click found wrong, in one line: where, what was found, what was expected."""
    context = getattr(error, "ctx", None)
    where = f"{context.info_name}: " if context is not None and context.parent is not None else ""
    if isinstance(error, click.NoSuchOption):
        near = nearest(error.option_name, options_of(context))
        found = f"no option {error.option_name}"
        expected = f"{listed(near)}, perhaps" if near else f"one of {', '.join(options_of(context))}"
        return f"{where}{found}; expected {expected}"
    if isinstance(error, click.BadParameter) and error.param is not None:
        name = error.param_hint or error.param.get_error_hint(context or click.Context(click.Command("")))
        hint = name if isinstance(name, str) else " / ".join(name)
        if isinstance(error, click.MissingParameter):
            return f"{where}missing: {hint.strip(chr(39))}; see '{context.command_path} --help'" if context else hint
        return f"{where}{hint.replace(chr(39), '')}: {plain(error.message)}"
    return f"{where}{plain(error.format_message())}; see '{context.command_path if context else NAME} --help'"


def options_of(context: click.Context | None) -> Sequence[str]:
    """The options that may stand where the context is."""
    if context is None:
        return []
    parameters = context.command.get_params(context)
    return [name for parameter in parameters if isinstance(parameter, click.Option) for name in parameter.opts]


def plain(sentence: str) -> str:
    """A sentence of click's as a part of one of ours."""
    text = " ".join(sentence.split()).removesuffix(".")
    return text[0].lower() + text[1:] if re.match(r"[A-Z][a-z]", text) else text
