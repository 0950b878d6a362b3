"""Makes the cookbook's fixtures, options and report header known to pytest."""

pytest_plugins = ["tbcookbook.pytest_plugin", "pytester"]
