"""Log two runs, start TensorBoard for both, and ask it which runs it has."""

import json
import time
from urllib.request import urlopen

from tensorboard import program
from tensorboard.summary import Writer

for run, loss in [("one", 0.75), ("two", 0.5)]:
    writer = Writer("logs/" + run)
    writer.add_scalar("loss", loss, step=0)
    writer.close()

runs = "logs"
server = program.TensorBoard()
server.configure(["tensorboard", "--logdir", runs, "--port=0"])
url = server.launch()

shown, deadline = [], time.time() + 2
while len(shown) < 2 and time.time() < deadline:
    shown = json.load(urlopen(url + "data/runs"))
print("runs:", shown)
