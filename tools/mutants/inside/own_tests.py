"""In the target: runs the tests of MUTANTS_MODULE that MUTANTS_TESTS names, or all, told in MUTANTS_SURVEY."""

import json
import os
import sys
import time

import pytest

OPTIONS = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "--rootdir=.", "-c", os.devnull, "-W", "ignore"]


class Survey:
    """Has each test write the lines that it runs to a file of its own, and tells how long it takes."""

    def __init__(self, folder):
        self.folder = folder
        self.tests = []

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        seen = os.path.join(self.folder, "test-%d.txt" % len(self.tests))
        os.environ["MUTANTS_SEEN"] = seen
        began = time.monotonic()
        yield
        self.tests.append({"name": item.nodeid.rpartition("::")[2], "seen": seen, "seconds": time.monotonic() - began})


class Chosen:
    """Runs these tests alone, in this order."""

    def __init__(self, names):
        self.order = {name: number for number, name in enumerate(names)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        items[:] = [item for item in items if item.nodeid.rpartition("::")[2] in self.order]
        items.sort(key=lambda item: self.order[item.nodeid.rpartition("::")[2]])


def main():
    words = [*OPTIONS, "--pyargs", os.environ["MUTANTS_MODULE"]]
    names = json.loads(os.environ.get("MUTANTS_TESTS", "null"))
    if names is not None:
        return pytest.main(words, [Chosen(names)])
    survey = Survey(os.environ["MUTANTS_SURVEY"])
    status = pytest.main(words, [survey])
    with open(os.path.join(survey.folder, "tests.json"), "w", encoding="utf-8") as told:
        json.dump(survey.tests, told)
    return status


sys.exit(main())
