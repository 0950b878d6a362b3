"""Jupyter kernels that are forked from a process which has slow modules imported.

`provisioner` is the client's side, which Jupyter finds by its entry point; `server` is the warm process.
"""

__version__ = "0.1.0"
