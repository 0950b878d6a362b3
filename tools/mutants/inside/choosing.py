"""In the target: each call of a function goes to the one with the fault that MUTANTS_FAULT names, or to the old one.

With MUTANTS_SEEN, the name of a file, the lines that are run are written there. Standard library only.
"""

import functools
import os
import sys

MutantDict = dict
seen = set()


def wrap_in_trampoline(functions, is_classmethod=False):
    """What mutmut's text calls for each function; `functions` has all its forms by name."""

    def wrap(function):
        @functools.wraps(function)
        def chosen(*arguments, **named):
            wanted = functions.get(os.environ.get("MUTANTS_FAULT"), functions["_mutmut_orig"])
            if is_classmethod:
                wanted, arguments = getattr(arguments[0], wanted.__name__), arguments[1:]
            if "MUTANTS_SEEN" not in os.environ:
                return wanted(*arguments, **named)
            before = sys.gettrace()
            sys.settrace(trace)
            try:
                return wanted(*arguments, **named)
            finally:
                sys.settrace(before)

        return chosen

    return wrap


def trace(frame, event, argument):
    name = frame.f_code.co_filename
    if name not in files():
        return None
    place = os.environ.get("MUTANTS_SEEN"), name, frame.f_lineno
    if place not in seen and place[0]:
        seen.add(place)
        with open(place[0], "a", encoding="utf-8") as told:  # at once: a script may end in any way
            told.write("%s:%d\n" % (name, frame.f_lineno))
    return trace


def files():
    return {module["file"] for module in sys.modules["sitecustomize"].MODULES.values()}
