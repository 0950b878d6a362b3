"""Start TensorBoard, and open it under another address of this machine."""

from urllib.request import urlopen

from tensorboard import program
from tensorboard.summary import Writer

writer = Writer("logs/run")
writer.add_scalar("loss", 0.75, step=0)
writer.close()

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir=logs", "--port=0"])
port = server.launch().split(":")[-1]
answer = urlopen("http://127.0.0.2:" + port)  # <- the server listens on 127.0.0.1 alone
print("status:", answer.status)
