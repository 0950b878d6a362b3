"""Event files of every kind that torch.utils.tensorboard writes."""

import numpy as np
import torch
from torch.utils.tensorboard import SummaryWriter

rng = np.random.RandomState(0)
with SummaryWriter("logs/torch") as writer:
    for step in range(12):
        writer.add_scalar("loss", 1 / (step + 1), step)
        writer.add_scalar("new", step, step, new_style=True)
        writer.add_scalar("double", step, step, new_style=True, double_precision=True)
    writer.add_scalars("both", {"a": 1.0, "b": 2.0}, 0)
    for step in range(3):
        writer.add_histogram("normal", rng.normal(size=500), step, bins=5)
        writer.add_image("noise", rng.rand(3, 4, 5), step)
        writer.add_audio("tone", 0.5 * np.sin(np.linspace(0, 400, 800)).reshape(1, -1), step, sample_rate=8000)
        writer.add_text("words", f"step {step}, äöü", step)
    writer.add_tensor("tensor", torch.arange(6.0).reshape(2, 3))
    writer.add_pr_curve("curve", rng.randint(2, size=50), rng.rand(50), 0)
    writer.add_hparams({"rate": 0.1, "name": "x"}, {"loss": 0.5})
    writer.add_embedding(rng.rand(4, 3), metadata=["a", "b", "c", "d"], tag="words")
    writer.add_mesh("mesh", torch.rand(1, 4, 3))
