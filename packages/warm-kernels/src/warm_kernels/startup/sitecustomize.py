"""Turns an interpreter into the warm process of `server.py`: this folder is first on the PYTHONPATH of that process."""

import importlib.util
import os
import sys

here = os.path.dirname(__file__)
if __name__ == "sitecustomize" and here in sys.path:
    sys.path.remove(here)
    ours = sys.modules.pop("sitecustomize")
    try:
        import sitecustomize  # noqa: F401  # the one that this file stands in front of
    except ImportError:
        sys.modules["sitecustomize"] = ours  # the import system wants to find one
    name = os.path.join(os.path.dirname(here), "server.py")
    spec = importlib.util.spec_from_file_location("warm_kernels_server", name)
    server = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(server)
    server.serve()
    del here, ours, name, spec, server
