"""The command line: a module a command.

Results go to stdout, everything else to stderr. `statuses` has the exit statuses.
"""

from tbcookbook.cli.program import cookbook, main

__all__ = ["cookbook", "main"]
