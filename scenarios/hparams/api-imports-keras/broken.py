"""Write the hyperparameters of a run that does not use TensorFlow."""

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.hparams import api as hp  # <- imports the callback for Keras too
from tensorboard.summary.writer.event_file_writer import EventFileWriter

writer = EventFileWriter("logs")
summary = hp.hparams_pb({"rate": 0.1, "layers": 2}, trial_id="first")
writer.add_event(Event(step=0, summary=summary))
writer.close()
