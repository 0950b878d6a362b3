"""Log three losses, and ask TensorBoard for all of them."""

import json
import time
from urllib.request import urlopen

from tensorboard import program
from tensorboard.summary import Writer

writer = Writer("logs/run")
for step, loss in enumerate([0.75, 0.5, 0.25]):
    writer.add_scalar("loss", loss, step)
writer.close()

flags = ["--logdir=logs", "--port=0", "--samples_per_plugin=scalars=0"]  # <- 0 is not "all"
server = program.TensorBoard()
server.configure(["tensorboard"] + flags)
url = server.launch() + "data/"

runs, deadline = [], time.time() + 5
while not runs and time.time() < deadline:
    runs = json.load(urlopen(url + "runs"))
points = json.load(urlopen(url + "plugin/scalars/scalars?run=run&tag=loss"))
print("runs:", runs, "steps:", [step for _, step, _ in points])
