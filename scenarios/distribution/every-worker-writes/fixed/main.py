"""Start two workers, one after the other so that the order is always the same."""

import subprocess
import sys
from pathlib import Path

for worker in ("0", "1"):
    subprocess.run([sys.executable, Path(__file__).with_name("worker.py"), worker], check=True)
