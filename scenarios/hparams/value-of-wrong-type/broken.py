"""Write the hyperparameters of a run."""

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.hparams import summary_v2 as hp
from tensorboard.summary.writer.event_file_writer import EventFileWriter

settings = {"rate": 0.1, "layers": [32, 16], "dropout": None}

writer = EventFileWriter("logs")
values = settings
summary = hp.hparams_pb(values, trial_id="first")  # <- a list and None
writer.add_event(Event(step=0, summary=summary))
writer.close()
print("written:", *values)
