"""Log three losses, start TensorBoard, and ask it for its page."""

from urllib.request import urlopen

from tensorboard import program
from tensorboard.summary import Writer

writer = Writer("logs")
for step, loss in enumerate([0.75, 0.5, 0.25]):
    writer.add_scalar("loss", loss, step)
writer.close()

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir=logs", "--port=0"])
url = server.launch()  # <- each plugin is installed twice
print("status:", urlopen(url).status)
