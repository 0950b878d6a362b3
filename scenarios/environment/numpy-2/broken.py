"""Log an accuracy a step with TensorBoard's own functions, without TensorFlow."""

from tensorboard.summary import Writer

accuracies = [0.25, 0.5, 0.75]
writer = Writer("logs")
for step, accuracy in enumerate(accuracies):
    writer.add_scalar("accuracy", accuracy, step)  # <- uses names that NumPy 2 has not
writer.close()
