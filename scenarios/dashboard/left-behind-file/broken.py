"""Two writers log to one directory while TensorBoard reads it."""

import json
import time
from urllib.request import urlopen

from tensorboard import program
from tensorboard.summary import Writer


def steps(tag, number):
    """Ask for the steps until there are as many as wanted, three seconds at most."""
    found, deadline = [], time.time() + 3
    while len(found) < number and time.time() < deadline:
        if tag in json.load(urlopen(url + "scalars/tags")).get("run", {}):
            points = json.load(urlopen(url + "scalars/scalars?run=run&tag=" + tag))
            found = [step for _, step, _ in points]
    return found


first = Writer("logs/run")
first.add_scalar("loss", 0.75, step=0)
first.flush()
second = Writer("logs/run")  # <- a newer event file: the first one is not read any more
second.add_scalar("accuracy", 0.5, step=0)
second.close()

flags = ["--logdir=logs", "--port=0", "--load_fast=false"]
server = program.TensorBoard()
server.configure(["tensorboard", "--reload_interval=1"] + flags)
url = server.launch() + "data/plugin/"
print("accuracy:", steps("accuracy", 1))
first.add_scalar("loss", 0.25, step=1)
first.close()
print("loss:", steps("loss", 2))
