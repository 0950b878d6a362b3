python -c '
from tensorboard.summary import Writer
writer = Writer("logs/run")
writer.add_scalar("loss", 0.75, step=0)
writer.close()
'
tensorboard --inspect --logdir = logs  # <- the directory is "=", and "logs" is left over
