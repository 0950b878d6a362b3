"""Log three losses, and read them back."""

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.summary import Writer
from tensorboard.util.tensor_util import make_ndarray

writer = Writer("logs")
for step, loss in enumerate([0.75, 0.5, 0.25]):
    writer.add_scalar("loss", loss, step)
writer.close()

events = EventAccumulator("logs")
events.Reload()
losses = [make_ndarray(event.tensor_proto).item() for event in events.Tensors("loss")]
print("losses:", losses)
