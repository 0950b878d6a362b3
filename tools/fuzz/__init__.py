"""Inputs that nobody would write, thousands of them, for everything that reads what comes from outside.

``nox -s fuzz`` is the short form, ``nox -s fuzz -- --inputs 100000`` the long one. A subject fails if anything but the
errors that it declares is raised, if one input takes longer than its bound, or if memory grows.
"""
