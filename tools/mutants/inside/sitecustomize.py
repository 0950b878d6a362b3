"""In the target: modules with faults are imported in place of those of the same name.

The interpreter imports this by itself, since its folder stands in PYTHONPATH. Standard library only.
"""

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys

with open(os.path.join(os.environ["MUTANTS_FOLDER"], "modules.json"), encoding="utf-8") as told:
    MODULES = json.load(told)  # by name: the file, its text with all faults, and where its functions begin


class Loader(importlib.machinery.SourceFileLoader):
    """A module with all faults; its lines have the numbers that they have in its file."""

    def get_code(self, fullname):
        tree = ast.parse(MODULES[fullname]["text"])
        starts = MODULES[fullname]["starts"]
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and "__mutmut_" in node.name:
                ast.increment_lineno(node, starts[node.name.rpartition("__mutmut_")[0]] - node.lineno)
        return compile(tree, self.path, "exec", dont_inherit=True)


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        if fullname not in MODULES:
            return None
        file = MODULES[fullname]["file"]
        return importlib.util.spec_from_file_location(fullname, file, loader=Loader(fullname, file))


sys.meta_path.insert(0, Finder())
