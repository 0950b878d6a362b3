"""Log the loss and the gradients of three steps, and ask TensorBoard for the loss."""

import json
import time
from urllib.request import urlopen

import numpy as np
from tensorboard import program
from tensorboardX import SummaryWriter

losses = [0.75, 0.5, 0.25]

writer = SummaryWriter("logs")
for step, loss in enumerate(losses):
    gradients = loss * np.linspace(-1.0, 1.0, 5)
    writer.add_scalar("loss", loss, step)
    writer.add_histogram("loss", gradients, step)  # <- the tag of the scalar
writer.close()

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir=logs", "--port=0", "--load_fast=false"])
url = server.launch() + "data/plugin/scalars/scalars?run=.&tag=loss"
time.sleep(2)
print([value for _, _, value in json.load(urlopen(url))])
