"""Write two runs with other hyperparameters, and ask TensorBoard for its columns."""

import json
import time
from urllib.request import urlopen

from tensorboard import program
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.hparams import summary_v2 as hp
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter


def write(run, *summaries):
    writer = EventFileWriter(run)
    for summary in summaries:
        writer.add_event(Event(step=0, summary=summary))
    writer.close()


runs = {"plain": {"rate": 0.1, "momentum": 0.5}, "dropped": {"rate": 0.5, "dropout": 0.25}}
for run, values in runs.items():
    columns = [hp.HParam(name) for name in values]
    config = hp.hparams_config_pb(hparams=columns, metrics=[hp.Metric("loss")])
    write("logs/" + run, config)  # <- one of these is read, the other is not
    write("logs/" + run, hp.hparams_pb(values, trial_id=run), scalar_pb("loss", 0.5))

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir=logs", "--port=0", "--load_fast=false"])
url = server.launch() + "data/plugin/hparams/"
time.sleep(2)
columns = json.load(urlopen(url + "experiment?request={}"))["hparamInfos"]
print(len(columns), "columns of hyperparameters")
