"""A pytest plugin for nbval: a cell whose kernel dies fails at once, and a warm kernel is not waited for.

A kernel that should be warm and is not becomes a warning of pytest.

nbval by itself waits for a dead kernel until the time limit of the cell, 2000 seconds by default, and does not say what
happened. And it waits for 0.2 seconds after each kernel's start, in case more is to be read: a warm kernel listens when
its start is reported, and nbval then reads up to the answer to a question of its own (`RunningKernel`).
"""

from __future__ import annotations

import time
import warnings
from queue import Empty
from typing import Any

import nbval.kernel
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbval.kernel import NbvalKernelspecManager, RunningKernel

from warm_kernels.provisioner import WarmProvisioner

LOOK_SECONDS = 0.5  # between two looks at the kernel while a message is awaited

wait_for_message = RunningKernel.get_message
start_and_wait = nbval.kernel.start_new_kernel


def pytest_configure(config: pytest.Config) -> None:
    """Put our functions in the place of nbval's own."""
    RunningKernel.get_message = get_message
    nbval.kernel.start_new_kernel = start_new_kernel
    config.add_cleanup(lambda: setattr(RunningKernel, "get_message", wait_for_message))
    config.add_cleanup(lambda: setattr(nbval.kernel, "start_new_kernel", start_and_wait))


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


def start_new_kernel(
    startup_timeout: float = 60, kernel_name: str = "python", **options: Any
) -> tuple[KernelManager, BlockingKernelClient]:
    """As nbval's own. `startup_timeout`, in seconds, is for kernels that are not warm."""
    manager = KernelManager(kernel_name=kernel_name, kernel_spec_manager=NbvalKernelspecManager())
    manager.start_kernel(**options)
    client = manager.client()
    client.start_channels()
    provisioner = manager.provisioner
    if isinstance(provisioner, WarmProvisioner) and not provisioner.why_ordinary:
        return manager, client
    try:
        if isinstance(provisioner, WarmProvisioner):
            warnings.warn(provisioner.why_ordinary, stacklevel=1)
        client.wait_for_ready(timeout=startup_timeout)
    except (RuntimeError, Warning):
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        raise
    return manager, client
