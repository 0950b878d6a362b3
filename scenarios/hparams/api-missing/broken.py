"""Write the hyperparameters of a run."""

from tensorboard.plugins.hparams import summary_v2 as hp  # <- came with TensorBoard 1.14

summary = hp.hparams_pb({"rate": 0.1, "layers": 2}, trial_id="first")
print("tag:", summary.value[0].tag)
