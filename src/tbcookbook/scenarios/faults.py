"""Whose mistake a scenario shows. Beside `scenario`, which is slow to import."""

from __future__ import annotations

from typing import Literal, get_args

Fault = Literal["code", "environment", "library"]
FAULTS: tuple[Fault, ...] = get_args(Fault)
