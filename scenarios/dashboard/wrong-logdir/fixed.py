"""Log a loss, start TensorBoard, and ask it for its runs and dashboards."""

import json
import time
from urllib.request import urlopen

from tensorboard import program
from tensorboard.summary import Writer

writer = Writer("logs/run")
for step, loss in enumerate([0.75, 0.5, 0.25]):
    writer.add_scalar("loss", loss, step)
writer.close()

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir=logs", "--port=0"])
url = server.launch()

runs, deadline = [], time.time() + 2
while not runs and time.time() < deadline:
    runs = json.load(urlopen(url + "data/runs"))
dashboards = json.load(urlopen(url + "data/plugins_listing"))
print("runs:", runs)
print("dashboards:", [name for name in dashboards if dashboards[name]["enabled"]])
