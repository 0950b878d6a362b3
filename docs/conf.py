"""Sphinx configuration of the site. ``nox -s docs`` builds it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `tools`
sys.path.insert(0, str(Path(__file__).with_name("_extension")))

from tbcookbook import __version__
from tools.notebook import repository

HOME = repository(Path(__file__).parents[1] / "pyproject.toml")

project = "TensorBoard cookbook"
author = "The TensorBoard cookbook contributors"
project_copyright = f"2026, {author}. Apache-2.0"
release = __version__
language = "en"

extensions = ["myst_nb", "sphinx_copybutton", "cookbook"]
exclude_patterns = ["_build", "_extension", "node_modules", "**/.ipynb_checkpoints"]
nitpicky = True

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # the notebooks are stored with their outputs, which nbval checks

# A traceback in a notebook may have what no lexer knows: it is shown without colours.
suppress_warnings = ["misc.highlighting_failure"]

smartquotes = False  # an option is written with two hyphens, a text in quotes as in the script

html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["cookbook.css", "diagnose.css"]
html_js_files = ["cookbook.js"]  # the home page has those of its box as well: see the extension
html_search_scorer = str(Path(__file__).with_name("_static") / "scorer.js")
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "footer_icons": [
        {"name": "Repository", "url": f"https://github.com/{HOME}", "html": "Repository", "class": "repository"}
    ],
    "light_css_variables": {
        "color-brand-primary": "#9a3412",
        "color-brand-content": "#9a3412",
        "color-brand-visited": "#7c2d12",
        "sign-good": "#166534",
        "sign-bad": "#991b1b",
        "sign-wrong": "#92400e",
        "sign-none": "#4b5563",
        "fill-good": "#dcfce7",
        "fill-bad": "#fee2e2",
        "fill-wrong": "#fef3c7",
        "fill-none": "#f3f4f6",
    },
    "dark_css_variables": {
        "color-brand-primary": "#fdba74",
        "color-brand-content": "#fdba74",
        "color-brand-visited": "#fed7aa",
        "sign-good": "#86efac",
        "sign-bad": "#fca5a5",
        "sign-wrong": "#fcd34d",
        "sign-none": "#d1d5db",
        "fill-good": "#14321f",
        "fill-bad": "#431818",
        "fill-wrong": "#3d2c0a",
        "fill-none": "#2a2d33",
    },
}
copybutton_exclude = ".linenos, .gp, .go"
