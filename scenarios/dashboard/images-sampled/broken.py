"""Log thirty images, and ask TensorBoard for all of them."""

import json
import time
from urllib.error import HTTPError
from urllib.request import urlopen

import numpy as np
from tensorboard import program
from tensorboardX import SummaryWriter

writer = SummaryWriter("logs/run")
for step in range(30):
    writer.add_image("square", np.full((1, 4, 4), 8 * step, np.uint8), step)
writer.close()

flags = ["--logdir=logs", "--port=0"]  # <- ten images of a tag are kept, if nothing else is said
server = program.TensorBoard()
server.configure(["tensorboard"] + flags)
url = server.launch() + "data/plugin/images/images?run=run&tag=square&sample=0"

images, deadline = [], time.time() + 2
while len(images) < 30 and time.time() < deadline:
    try:
        images = json.load(urlopen(url))
    except HTTPError:  # the run is not there yet
        time.sleep(0.1)
print(len(images), "images, the last one of step", images[-1]["step"])
