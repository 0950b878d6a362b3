"""What the target's own TensorBoard shows of a log directory. Run in a sandbox: ``show.py LOGDIR``.

TensorBoard is started in this process, on a free loopback port, once with each of its loaders; what it serves is asked
for as its page does. The answer is written to ``shown.json``::

    {"dashboards": ["scalars"], "runs": ["train"], "failure": "",
     "steps": {"fast": {"train/loss": [0, 1]}, "slow": {"train/loss": [0, 1]}}}

``fast`` is ``--load_fast=true``, the data server; where a TensorBoard has none, what it serves stands for both.
Python 3.7 and later, standard library and TensorBoard only.
"""

import json
import os
import sys
import time
import urllib.parse
import urllib.request
from typing import Any

LOAD_SECONDS = 40.0  # for all to be loaded
REST_SECONDS = 0.4  # in which the list of active dashboards must not change: some plugins look in a thread
LOADED = "Finished load cycle"  # what the data server says


def show(logdir):
    try:
        from tensorboard import program

        plugins = all_plugins()
        answers = {}
        if has_data_server():
            flags = ["--load_fast=true", "--reload_interval=0", "--extra_data_server_flags=--verbose"]
            answers["fast"] = ask(start(program, plugins, logdir, flags), said=LOADED)
            flags = ["--load_fast=false", "--reload_interval=0", "--reload_task=blocking"]
        else:
            flags = ["--reload_interval=0", "--reload_task=blocking"]
        answers["slow"] = ask(start(program, plugins, logdir, flags))
        first = answers.setdefault("fast", answers["slow"])
        steps = {loader: answer["steps"] for loader, answer in answers.items()}
        return {"dashboards": first["dashboards"], "runs": first["runs"], "steps": steps, "failure": ""}
    except (Exception, SystemExit) as problem:
        return {"dashboards": [], "runs": [], "steps": {}, "failure": "%s: %s" % (type(problem).__name__, problem)}


def all_plugins():
    from tensorboard import default

    static = default.get_plugins()  # before 2.3 without those of other distributions
    return static if hasattr(default, "get_static_plugins") else static + default.get_dynamic_plugins()


def has_data_server():
    try:
        from tensorboard.data import server_ingester

        server_ingester.get_server_binary()
    except Exception:  # there is no such module, or it finds no server
        return False
    return True


def start(program, plugins, logdir, flags):
    """The address of a TensorBoard."""
    board = program.TensorBoard(plugins=plugins)
    board.configure(argv=["tensorboard", "--logdir", logdir, "--port", "0", "--host", "127.0.0.1"] + flags)
    return board.launch()


def ask(address, said=None):
    """Dashboards, runs and the steps of all scalars, when all is loaded: when `said` stands in our stderr."""
    deadline = time.monotonic() + LOAD_SECONDS
    while said is not None and said not in stderr():
        if time.monotonic() > deadline:
            raise TimeoutError("TensorBoard had not loaded all after %d s" % LOAD_SECONDS)
        time.sleep(0.01)
    steps = {}
    for run, tags in get(address, "plugin/scalars/tags").items():
        for tag in tags:
            points = get(address, "plugin/scalars/scalars", run=run, tag=tag)
            steps["%s/%s" % (run, tag)] = [step for _, step, _ in points]
    return {"dashboards": dashboards(address, deadline), "runs": sorted(get(address, "runs")), "steps": steps}


def dashboards(address, deadline):
    before, since = None, time.monotonic()
    while True:
        now = sorted(name for name, plugin in get(address, "plugins_listing").items() if plugin["enabled"])
        if now != before:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > REST_SECONDS or time.monotonic() > deadline:
            return now
        time.sleep(0.05)


def get(address: str, what: str, **query: str) -> Any:
    """What a TensorBoard answers, as its page asks: ``get(address, "plugin/scalars/tags")``."""
    url = "%s/data/%s?%s" % (address.rstrip("/"), what, urllib.parse.urlencode(query))
    with urllib.request.urlopen(url, timeout=LOAD_SECONDS) as answer:
        return json.loads(answer.read().decode("utf-8"))


def stderr():
    with open("/proc/self/fd/2" if os.path.exists("/proc/self/fd/2") else "../stderr", errors="replace") as said:
        return said.read()


if __name__ == "__main__":
    with open("shown.json", "w") as answer:
        json.dump(show(sys.argv[1]), answer)
