"""Where scripts cannot run, by what is lacking there: the errors are no mistake of the scenario's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tbcookbook.catalogue.cookbook import Cookbook
from tbcookbook.catalogue.messages import Message, headline

LACKS = ("no-tensorboard", "other-backends", "other")
OTHER_BACKENDS = ("keras[jax]", "keras[torch]")


@dataclass(frozen=True)
class Lack:
    """What is lacking: `name` is a page, `errors` are by their last words: the messages, of one script each."""

    name: str
    targets: list[str] = field(default_factory=list)
    errors: dict[str, list[Message]] = field(default_factory=dict)


def lacks(cookbook: Cookbook, messages: Iterable[Message]) -> Mapping[str, Lack]:
    """The errors of scripts that cannot run somewhere, by what is lacking: a key of `LACKS`."""
    found = {name: Lack(name) for name in LACKS}
    for message in messages:
        if message.unavailable:
            lack = found[lacking_on(cookbook, message.targets)]
            lack.errors.setdefault(headline(message), []).append(message)
            lack.targets.extend(name for name in message.targets if name not in lack.targets)
    return {name: lack for name, lack in found.items() if lack.errors}


def lacking_on(cookbook: Cookbook, names: Iterable[str]) -> str:
    """The page on which an error of these targets is."""
    versions = [cookbook.recordings[name].versions if name in cookbook.recordings else {} for name in names]
    if all("tensorboard" not in found for found in versions):
        return "no-tensorboard"
    if all(any(backend in found for backend in OTHER_BACKENDS) for found in versions):
        return "other-backends"
    return "other"
