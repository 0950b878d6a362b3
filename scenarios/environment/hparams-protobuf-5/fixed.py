"""Log the hyperparameters of a run, and ask TensorBoard for its table."""

import json
import time
from urllib.request import urlopen

from tensorboard import program
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.hparams import summary_v2 as hp
from tensorboard.summary.writer.event_file_writer import EventFileWriter

writer = EventFileWriter("logs/run")
writer.add_event(Event(step=0, summary=hp.hparams_pb({"rate": 0.1}, trial_id="run")))
writer.close()

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir=logs", "--port=0", "--load_fast=false"])
url = server.launch() + "data/"

deadline = time.time() + 5
while not json.load(urlopen(url + "runs")) and time.time() < deadline:
    time.sleep(0.1)
table = urlopen(url + "plugin/hparams/experiment?request={}")
print("columns:", [column["name"] for column in json.load(table)["hparamInfos"]])
