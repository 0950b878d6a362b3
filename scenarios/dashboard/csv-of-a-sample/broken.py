"""Log 1200 losses, and download them from TensorBoard as CSV."""

import time
from urllib.error import HTTPError
from urllib.request import urlopen

from tensorboard import program
from tensorboard.summary import Writer

writer = Writer("runs")
for step in range(1200):
    writer.add_scalar("loss", 1 / (step + 1), step)
writer.close()

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir=runs", "--port=0"])  # <- keeps 1000 points of a tag
url = server.launch() + "data/plugin/scalars/scalars?run=.&tag=loss&format=csv"

rows, deadline = [], time.time() + 2
while len(rows) < 1200 and time.time() < deadline:
    try:
        rows = urlopen(url).read().decode().splitlines()[1:]
    except HTTPError:  # the run is not there yet
        time.sleep(0.1)
print(len(rows), "rows")
