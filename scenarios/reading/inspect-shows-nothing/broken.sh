python -c '
from tensorboard.summary import Writer
writer = Writer("logs/run")
for step, loss in enumerate([0.75, 0.5, 0.25]):
    writer.add_scalar("loss", loss, step)
writer.close()
'
tensorboard --inspect --logdir=logs > report.txt
grep -A 1 "^scalars" report.txt  # <- the scalars of TensorFlow 2 are tensors
