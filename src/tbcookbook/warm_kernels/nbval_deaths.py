"""A pytest plugin: a cell whose kernel dies fails at once, with any kernel.

nbval by itself waits for the time limit of the cell, 2000 seconds by default, and does not say what happened.
"""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

import pytest
from nbval.kernel import RunningKernel

LOOK_SECONDS = 0.5  # between two looks at the kernel while a message is awaited


wait_for_message = RunningKernel.get_message


def pytest_configure(config: pytest.Config) -> None:
    """Have nbval look at the kernel while it waits for a message."""
    RunningKernel.get_message = get_message
    config.add_cleanup(lambda: setattr(RunningKernel, "get_message", wait_for_message))


def get_message(self: RunningKernel, stream: str, timeout: float | None = None) -> Any:
    """As nbval's own, but raises RuntimeError if the kernel has died. Raises queue.Empty after `timeout` seconds."""
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        left = LOOK_SECONDS if deadline is None else deadline - time.monotonic()
        try:
            return wait_for_message(self, stream, timeout=max(0.0, min(LOOK_SECONDS, left)))
        except Empty:
            if not self.is_alive():
                raise RuntimeError("the kernel has died") from None
            if left <= 0:
                raise
