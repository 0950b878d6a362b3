"""Weighs the scenarios as a test suite: plants faults in what they watch over, and looks whether a script notices.

``nox -s mutants`` plants every fault of Keras's callback on the current target; ``-- --sample 60 --seed 0`` some of
them, ``-- --module 'tensorboard.plugins.*.summary_v2'`` those of what ``tf.summary`` consists of. Keras's own tests of
the callback run against the same faults. It prints both shares, by function, and each fault that the scenarios do not
notice, as a difference.

Faults that change nothing are named in ``equivalent.toml``, with a reason; the run fails if one of these is noticed
after all, or is no fault of today's code. Nothing of the target's environment is changed: `inside` is put before it.
"""
