"""Start a second TensorBoard on the port of the first one."""

import sys
from urllib.request import urlopen

from tensorboard import program
from tensorboard.summary import Writer

writer = Writer("logs/run")
writer.add_scalar("loss", 0.75, step=0)
writer.close()

first = program.TensorBoard()
first.configure(["tensorboard", "--logdir=logs", "--port=0"])
port = first.launch().split(":")[-1].strip("/")

second = program.TensorBoard()
second.configure(["tensorboard", "--logdir=logs", "--port=0"])
try:
    url = second.launch()
except program.TensorBoardPortInUseError as problem:
    sys.exit(problem.msg)
print("status:", urlopen(url).status)
