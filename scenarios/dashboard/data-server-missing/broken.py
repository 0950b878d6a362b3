"""Start TensorBoard with its fast data server, and no other reader."""

from urllib.request import urlopen

from tensorboard import program
from tensorboard.summary import Writer

writer = Writer("logs/run")
writer.add_scalar("loss", 0.75, step=0)
writer.close()

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir=logs", "--port=0", "--load_fast=true"])
url = server.launch()  # <- TENSORBOARD_DATA_SERVER_BINARY is set, and names a folder
print("status:", urlopen(url).status)
