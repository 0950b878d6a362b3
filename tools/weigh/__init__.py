"""Weighs the harness's own tests: plants faults in what judges, keeps and compares, and looks whether a test notices.

``nox -s weigh`` plants a sample; ``-- --seed 2`` another one, ``-- --each 100`` a larger one, ``-- --all`` every fault
there is, and ``-- --only drift`` names groups of modules. It prints the share that was noticed, and a difference for
each fault that was not, and fails under a floor. Faults that change nothing are named in ``equivalent.toml``, with a
reason; it fails too if one of these is noticed after all, or is no fault of today's code.
"""
