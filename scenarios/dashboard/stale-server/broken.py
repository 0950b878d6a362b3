"""Start TensorBoard as a notebook does, kill it, and start it again."""

import os
import signal
from urllib.request import urlopen

from tensorboard import manager
from tensorboard.summary import Writer

writer = Writer("logs/run")
writer.add_scalar("loss", 0.75, step=0)
writer.close()

arguments = ["--logdir", "logs", "--port", "0"]
first = manager.start(arguments)
os.kill(first.info.pid, signal.SIGKILL)  # by hand, or as the machine had no memory left
os.waitpid(first.info.pid, 0)

second = manager.start(arguments)
print(type(second).__name__)
page = urlopen("http://localhost:%d/" % second.info.port)  # <- the dead one is "reused"
print("status:", page.status)
os.kill(second.info.pid, signal.SIGTERM)
os.waitpid(second.info.pid, 0)
