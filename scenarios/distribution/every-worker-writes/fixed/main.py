"""Start two workers, one after the other so that the order is always the same."""

import subprocess
import sys

for worker in ("0", "1"):
    subprocess.run([sys.executable, "worker.py", worker], check=True)
