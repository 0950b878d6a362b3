"""The Sphinx extension of the site: writes the pages that come of the scenarios and the recordings.

The pages are Markdown made from ``templates/``, written below the source folder before Sphinx reads it and only if they
changed, so that a build after one change is short. They are not committed. Beside the pages the site has
``messages.json``, the message templates for programs, and the short addresses ``e/SLUG``.
"""

from __future__ import annotations

import hashlib
import html
import itertools
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import markupsafe
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from tbcookbook import upgrade as upgrade_module
from tbcookbook.catalogue.cookbook import Cookbook, load_cookbook
from tbcookbook.catalogue.event_map import ending, event_map, nothing_written
from tbcookbook.catalogue.grid import SIGNS, column, environment, outcome_on, rows, spans, tables
from tbcookbook.catalogue.library import faults_of_libraries
from tbcookbook.catalogue.messages import Message, headline, messages_of, plain, templates_of
from tbcookbook.catalogue.symptoms import silent_on, symptoms
from tbcookbook.catalogue.unavailable import lacks
from tbcookbook.catalogue.versions import in_brief, in_words, minors, minors_of, other_versions, steps
from tbcookbook.changes import Entry, load_changes
from tbcookbook.diagnosis.building import build_table
from tbcookbook.diagnosis.symptoms import ALSO, build_index
from tbcookbook.diagnosis.table import plain as plain_table
from tbcookbook.drift import not_compared
from tbcookbook.errors import RecordingError
from tbcookbook.render.pages import PINNED, PLAIN
from tbcookbook.scenarios.difference import difference
from tbcookbook.scenarios.files import read_text
from tbcookbook.scenarios.pointers import Pointer, load_pointers
from tbcookbook.scenarios.problems import ScenarioError
from tbcookbook.scenarios.scenario import ROLES, Scenario
from tbcookbook.targets.registry import plain_step
from tbcookbook.upgrade import KINDS, upgrade
from tbcookbook.upgrades import every_upgrade
from tools.notebook import colab, has_notebook, repository

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# Below the source folder, and ignored by git.
GENERATED = (
    "index.md",
    "errors.md",
    "explanation/what-changed-when.md",
    "library.md",
    "pointers.md",
    "notebooks/index.md",
    "scenarios",
    "unavailable",
    "versions",
)

HOME = repository(ROOT / "pyproject.toml")

Page = dict[str, Any]


def more_messages(messages: Sequence[Message]) -> str:
    """What is folded below the first message."""
    others = len(messages) - 1
    if not others:
        return "The whole message" + (", which differs by version" if len(messages[0].wordings) > 1 else "")
    return f"{others} more message{'s' * (others > 1)}, from other versions{' or scripts' if others > 1 else ''}"


# What templates may ask for, as `facts`.
FACTS = SimpleNamespace(
    KINDS=KINDS,
    more_messages=more_messages,
    SIGNS=SIGNS,
    column=column,
    ending=ending,
    headline=headline,
    in_brief=in_brief,
    in_words=in_words,
    minors=minors,
    minors_of=minors_of,
    nothing_written=nothing_written,
    outcome_on=outcome_on,
    silent_on=silent_on,
    spans=spans,
    tables=tables,
)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("cookbook_scenarios", str(ROOT / "scenarios"), "env")
    app.add_config_value("cookbook_observed", str(ROOT / "tests" / "observed"), "env")
    app.connect("builder-inited", write_sources)
    app.connect("html-page-context", fold_navigation, priority=100)  # before the theme's own
    app.connect("html-page-context", give_levels_to_captions, priority=900)  # after it
    app.connect("html-page-context", give_scripts_to_home)
    app.connect("build-finished", write_extras)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_sources(app: Sphinx) -> None:
    """Write every generated page below the source folder, and remove those of scenarios that are gone."""
    try:
        cookbook = load_cookbook(Path(app.config.cookbook_scenarios), Path(app.config.cookbook_observed))
        pointers = load_pointers(Path(app.config.cookbook_scenarios))
        changes = load_changes(Path(app.config.cookbook_scenarios))
    except (ScenarioError, RecordingError) as problem:
        raise ExtensionError(str(problem)) from None
    app.config.cookbook = cookbook
    root = Path(app.srcdir)
    pages = {root / name: text for name, text in sources(cookbook, pointers, changes, root).items()}
    for name in GENERATED:
        for path in (root / name).rglob("*.md"):
            if path not in pages:
                path.unlink()
    for path, text in pages.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def sources(
    cookbook: Cookbook, pointers: Mapping[str, Pointer], changes: Mapping[str, Entry], root: Path
) -> dict[str, str]:
    """The generated pages: name below the source folder -> Markdown."""
    environment = templates()
    environment.globals.update(cookbook=cookbook, facts=FACTS, ROLES=ROLES, page_of=page_of, repository=HOME)

    def render(template: str, **page: object) -> str:
        return environment.get_template(template).render(**page)

    chapters = chapters_of(cookbook)
    steps = all_steps(cookbook)
    messages = {scenario.slug: messages_of(cookbook, scenario) for scenario in cookbook.scenarios}
    everything = list(itertools.chain(*messages.values()))
    real = [message for message in everything if not message.unavailable]
    lacking = lacks(cookbook, everything)
    lack_titles = {name: (title, about_lack(cookbook, name, text)) for name, (title, text) in LACKS.items()}
    pages = {
        "index.md": render("index.md", chapters=chapters, symptoms=symptoms(cookbook)),
        "errors.md": render("errors.md", messages=real, chapters=chapters, lacks=lacking, titles=lack_titles),
        "explanation/what-changed-when.md": render("changes.md", changes=changes),
        "library.md": render("library.md", faults=faults_of_libraries(cookbook)),
        "pointers.md": render("pointers.md", pointers=pointers),
        "scenarios/index.md": render("scenarios.md", chapters=chapters),
        "notebooks/index.md": render(
            "notebooks.md",
            names=sorted(path.stem for path in root.glob("notebooks/*.ipynb")),
            without=[scenario for scenario in cookbook.scenarios if not has_notebook(scenario)],
        ),
        "versions/index.md": render("versions.md", steps=steps),
        "versions/matrix.md": render("matrix.md", chapters=chapters),
    }
    for name, lack in lacking.items():
        title, about = lack_titles[name]
        pages[f"unavailable/{name}.md"] = render("unavailable.md", title=title, about=about, lack=lack)
    for name, (title, about, scenarios) in chapters.items():
        pages[f"scenarios/{name}/index.md"] = render("chapter.md", title=title, about=about, scenarios=scenarios)
    for scenario in cookbook.scenarios:
        page = scenario_page(cookbook, scenario, messages[scenario.slug], root)
        pages[f"{page_of(scenario)}.md"] = render("scenario.md", **page)
    for step in steps:
        pages[f"versions/{step['page']}.md"] = render("step.md", **step)
    return pages


# Where scripts cannot run: a page's title, and what it says first.
LACKS = {
    "no-tensorboard": (
        "TensorBoard is not installed",
        "Install it beside TensorFlow, in the environment that trains:\n\n```console\npip install tensorboard\n```",
    ),
    "other-backends": (
        "Keras computes with JAX or PyTorch",
        "`tf.GradientTape` and `tf.summary` take TensorFlow's tensors. The same scripts run on Keras with TensorFlow.",
    ),
    "other": (
        "The version does not have it",
        "What these scripts use is not there, or not yet, or no more. What is lacking is on each page.",
    ),
}
CURE = "tensorboard-not-installed"  # the scenario about it


def about_lack(cookbook: Cookbook, name: str, text: str) -> str:
    scenario = next((found for found in cookbook.scenarios if found.slug == CURE), None)
    if name != "no-tensorboard" or scenario is None:
        return text
    return f"{text}\n\nWhy, and since when: [{escape_markdown(scenario.title)}](../{page_of(scenario)}.md)."


def templates() -> jinja2.Environment:
    """Markdown templates are text; what they include as HTML is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def as_html(name: str, **values: object) -> str:
        text = environment.get_template(f"{name}.html").render(**values)
        return directive("raw", text, "html", "")

    environment.globals.update(html=as_html)
    environment.filters.update(
        code=code,
        inline=inline_code,
        md=escape_markdown,
        plain=plain,
        quoted=json.dumps,
        script=script_lines,
        words=in_words,
    )
    return environment


def directive(name: str, text: str, argument: str, options: str) -> str:
    """A directive with any text in it: its fence is longer than every row of backticks inside."""
    fence = "`" * max([3, *(len(row) + 1 for row in re.findall("`+", text))])
    return f"{fence}{{{name}}} {argument}\n{options}\n{text.rstrip()}\n{fence}\n"


def code(
    text: str, language: str = "text", caption: str = "", mark: int = 0, numbers: bool = False, classes: str = "script"
) -> str:
    """A block of code. `mark` is a line to emphasise, counted from 1."""
    options = [f":class: {classes}"]
    options += [f":caption: {caption}"] * bool(caption)
    options += [f":emphasize-lines: {mark}"] * bool(mark)
    options += [":linenos:"] * numbers
    return directive("code-block", text, language, "\n".join(options) + "\n")


LANGUAGES = {".py": "python", ".sh": "bash", ".toml": "toml", ".json": "json"}


def script_lines(scenario: Scenario, role: Any) -> str:
    """All files of a script that are text, the one that runs first."""
    blocks = []
    for path in scenario.files(role):
        text, _ = read_text(path)
        if text is not None:
            mark = scenario.marked_line if role == "broken" and path == scenario.marked_file else 0
            caption = path.relative_to(scenario.folder).as_posix()
            blocks.append(code(text, LANGUAGES.get(path.suffix, "text"), caption, mark, numbers=True))
    return "\n".join(blocks)


def escape_markdown(text: str) -> str:
    """Text that is no markup in Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$&])", r"\\\1", text)


def inline_code(text: str) -> markupsafe.Markup:
    """A sentence with `code` in it, as HTML."""
    return markupsafe.Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(markupsafe.escape(text))))


def page_of(scenario: Scenario) -> str:
    """The page of a scenario, below the site's root and without its ending."""
    return f"scenarios/{scenario.chapter}/{scenario.slug}"


def chapters_of(cookbook: Cookbook) -> dict[str, tuple[str, str, list[Scenario]]]:
    """The chapters: folder -> (title, what it is about, scenarios). Raises ExtensionError if one has no README.md."""
    chapters: dict[str, tuple[str, str, list[Scenario]]] = {}
    for scenario in cookbook.scenarios:
        if scenario.chapter not in chapters:
            readme = scenario.folder.parent / "README.md"
            text = readme.read_text(encoding="utf-8") if readme.exists() else ""
            found = re.fullmatch(r"# (.+)\n\n(.+)", text.strip(), re.DOTALL)
            if found is None:
                what = repr(text[:60]) if text else "nothing"
                raise ExtensionError(f"{readme}: found {what}; expected '# TITLE', an empty line, and a sentence")
            chapters[scenario.chapter] = (found[1], found[2], [])
        chapters[scenario.chapter][2].append(scenario)
    return chapters


def scenario_page(cookbook: Cookbook, scenario: Scenario, messages: Sequence[Message], root: Path) -> Page:
    """What the page of a scenario shows."""
    names = {
        role: scenario.environments[role].name if scenario.environments else cookbook.current.name for role in ROLES
    }
    broken, fixed = (cookbook.seen(names[role], scenario, role) for role in ROLES)
    own = {role: environment(cookbook, scenario, role) for role in ROLES} if scenario.environments else {}
    return {
        "scenario": scenario,
        "folder": os.path.relpath(scenario.folder, (root / page_of(scenario)).parent),
        "sections": scenario.sections,
        "messages": [message for message in messages if not message.unavailable],
        "unavailable": [message for message in messages if message.unavailable],
        "silent": silent_on(cookbook, scenario),
        "recorded": broken is not None,
        "missing": not_recorded(cookbook, scenario),
        "lead": lambda heading: scenario.sections[heading].partition("\n")[0],
        "rest": lambda heading: scenario.sections[heading].partition("\n")[2],
        "diff": difference(scenario),
        "names": names,
        "seen": {"broken": broken, "fixed": fixed},
        "event_map": event_map(broken, fixed) if broken and fixed else None,
        "rows": [] if own else rows(cookbook, scenario),
        "own": own,
        "pictures": pictures(root, scenario),
        "notebook": (root / "notebooks" / f"{scenario.slug}.ipynb").exists(),
        "colab": colab(HOME, scenario.slug),
    }


def not_recorded(cookbook: Cookbook, scenario: Scenario) -> list[str]:
    """The targets, or environments of the scenario's own, on which a script of it was not run."""
    return list(
        dict.fromkeys(
            place.name
            for role in ROLES
            for place in cookbook.places(scenario, role)
            if cookbook.seen(place.name, scenario, role) is None
        )
    )


def pictures(root: Path, scenario: Scenario) -> dict[str, Any]:
    """The pictures of TensorBoard by role, as ``tools/pictures.py`` lists them."""
    listing = root / "pictures" / scenario.slug / "picture.json"
    found = json.loads(listing.read_text(encoding="utf-8")) if listing.exists() else {}
    return {role: found[role] for role in ROLES if role in found}


def all_steps(cookbook: Cookbook) -> list[Page]:
    """Every step from one minor version to the next, for which both were run."""
    return [
        {
            "family": name,
            "page": f"{old.name}-to-{new.name}",
            "title": f"{name} {old.version} to {new.version}",
            "parts": parts_of_step(cookbook, old.name, new.name),
            "pages": {scenario.slug: page_of(scenario) for scenario in cookbook.scenarios},
        }
        for name, pairs in steps(cookbook).items()
        for old, new in pairs
        if {old.name, new.name} <= cookbook.recordings.keys()
    ]


def parts_of_step(cookbook: Cookbook, old: str, new: str) -> list[Page]:
    """What changes from one target to another: first with what pip installs, if that is another target."""
    plain = plain_step(old, new)
    if plain is None or not set(plain) <= cookbook.recordings.keys():
        return [step_part(cookbook, "", old, new)]
    return [step_part(cookbook, PLAIN, *plain), step_part(cookbook, PINNED, old, new)]


def step_part(cookbook: Cookbook, title: str, old: str, new: str) -> Page:
    before, after = cookbook.recordings[old], cookbook.recordings[new]
    return {
        "title": title,
        "upgrade": upgrade(before, after, cookbook.scenarios, cookbook.recordings),
        "missing": not_compared(before, after, cookbook.scenarios),
        "packages": other_versions(before, after),
    }


def give_levels_to_captions(app: Sphinx, page: str, template: str, context: Page, doctree: object) -> None:
    """Sphinx gives the captions of the navigation the role of a heading, which must have a level."""
    tree = context.get("furo_navigation_tree")
    if tree is not None:
        context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')


LUNR = ROOT / "docs/node_modules/lunr/lunr.min.js"  # docs/package.json names the version


def fold_navigation(app: Sphinx, page: str, template: str, context: Page, doctree: object) -> None:
    """The navigation has the pages beside a page and the chapters, not every page of the site.

    Whole, it was more than half of the time of a build and most of the weight of a page.
    """
    whole = context.get("toctree")
    if whole is not None:
        context["toctree"] = lambda **how: whole(**{**how, "collapse": True})


def give_scripts_to_home(app: Sphinx, page: str, template: str, context: Page, doctree: object) -> None:
    """What answers a pasted error: on the home page alone."""
    if page == "index":
        app.add_js_file("lunr.min.js")
        app.add_js_file("diagnose.js")


# Beside the pages


def write_extras(app: Sphinx, failure: Exception | None) -> None:
    """Write ``messages.json`` and the short addresses. Only the HTML site has them."""
    if failure is not None or app.builder.format != "html":
        return
    cookbook: Cookbook = app.config.cookbook
    site = Path(app.outdir)
    write_upgrades(app, cookbook)
    write_diagnosis(app, site)
    (site / "messages.json").write_text(json.dumps(message_templates(cookbook), indent=1) + "\n", encoding="utf-8")
    for scenario in cookbook.scenarios:
        folder = site / "e" / scenario.slug
        folder.mkdir(parents=True, exist_ok=True)
        page, title = html.escape(f"../../{page_of(scenario)}.html"), html.escape(scenario.title)
        (folder / "index.html").write_text(REDIRECT.format(page=page, title=title), encoding="utf-8")


def write_upgrades(app: Sphinx, cookbook: Cookbook) -> None:
    """Write the data of the page of any two versions. It takes seconds, so only if what it is made of has changed."""
    folders = (app.config.cookbook_scenarios, app.config.cookbook_observed, Path(upgrade_module.__file__).parent)
    files = sorted(
        path for folder in folders for path in Path(folder).rglob("*") if path.suffix != ".pyc" and path.is_file()
    )
    state = hashlib.sha256(repr([(str(path), path.stat().st_mtime_ns) for path in files]).encode()).hexdigest()
    into = Path(app.outdir) / "versions" / "upgrades.js"
    head = f"// {state}\n"
    if into.exists() and into.read_text(encoding="utf-8").startswith(head):
        return
    pages = {scenario.slug: page_of(scenario) for scenario in cookbook.scenarios}
    data = json.dumps({**every_upgrade(cookbook), "pages": pages}, separators=(",", ":"), ensure_ascii=False)
    into.write_text(f"{head}window.UPGRADES = {data};\n", encoding="utf-8")


def write_diagnosis(app: Sphinx, site: Path) -> None:
    """Write what the box of the home page needs: the table that texts are matched with, the index, and lunr.js."""
    table = build_table(Path(app.config.cookbook_scenarios), Path(app.config.cookbook_observed))
    data = {**plain_table(table), "index": build_index(table), "also": ALSO}
    (site / "diagnosis.json").write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")
    if not LUNR.exists():
        raise ExtensionError(f"{LUNR}: there is no such file; get it with 'npm ci --prefix docs', as nox -s docs does")
    shutil.copyfile(LUNR, site / "_static" / LUNR.name)


REDIRECT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="canonical" href="{page}">
<meta http-equiv="refresh" content="0; url={page}">
</head>
<body><p><a href="{page}">{title}</a></p></body>
</html>
"""


def message_templates(cookbook: Cookbook) -> dict[str, Any]:
    """The message templates of all scenarios, for programs: what `docs/reference/messages.md` describes."""
    rows = [
        {
            "scenario": found.scenario.slug,
            "chapter": found.scenario.chapter,
            "title": found.scenario.title,
            "page": f"{page_of(found.scenario)}.html",
            "script": found.role,
            "outcome": found.expectation.outcome,
            "type": found.expectation.type,
            "template": found.text,
            "note": found.expectation.note,
            "on": found.expectation.on.text,
            "targets": list(found.targets),
        }
        for found in templates_of(cookbook)
    ]
    return {"format": 1, "messages": rows}
