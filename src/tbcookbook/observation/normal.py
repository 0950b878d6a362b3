"""What varies between runs and machines, and is taken out of every text of an observation.

The texts are a script's: of any length, with anything in them. All that is done here takes time in proportion to their
length.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tbcookbook.observation.record import Logged

LONGEST_TEXT = 8000  # characters of stdout, stderr and messages that are kept: the first half and the last half
LONGEST_FOLDER = 4096  # characters of a path, in Linux
MOST_SHORT_PATHS = 1000  # that are made whole in one text
LONGEST_NUMBER = 9  # digits of a line's number

T = TypeVar("T")


@dataclass(frozen=True)
class Places:
    """The folders of one run, which are replaced by names in every text of its observation."""

    script: Path
    work: Path
    tmp: Path
    packages: tuple[str, ...] = ()
    library: tuple[str, ...] = ()
    programs: str = ""


def normalise(text: str, places: Places) -> str:
    """Replace paths, addresses, times and process numbers, which differ from run to run and from machine to machine."""
    text = with_whole_paths(text)
    text = with_whole_files(text, [str(places.script.parent), *places.packages, *places.library])
    for path, name in [
        (f"{places.work}/", ""),
        (str(places.work), "."),
        (str(places.tmp), "<tmp>"),
        (f"{places.script.parent}/", ""),
        *((f"{path}/", "<packages>/") for path in places.packages),
        *((f"{path}/", "<python>/") for path in places.library),
        *([(f"{places.programs}/", "<programs>/")] if places.programs else []),
    ]:
        text = text.replace(path, name)
    for pattern, name in VOLATILE:
        text = pattern.sub(name, text)
    return text


def with_whole_paths(text: str) -> str:
    """Undo what TensorFlow 2.0 does to the paths of a traceback in a message: it drops what all have in common."""
    before, told, rest = text.partition("\n    relative to ")
    folder, colon, lines = rest.partition(":\n")
    if not (told and colon) or len(folder) > LONGEST_FOLDER:
        return text
    return f"{before}\n{SHORT_PATH.sub(lambda _: f'    {folder}/', lines, count=MOST_SHORT_PATHS)}"


SHORT_PATH = re.compile(r"^    (?=[^\s/]\S*\.py:\d+ )", re.MULTILINE)


def with_whole_files(text: str, folders: Sequence[str]) -> str:
    """Undo what XLA does to the paths in its messages: it drops what all have in common, and does not tell it.

    So a file is one of a folder if its path begins with the last parts of the folder's.
    """
    ends = [
        (f"{folder[start + 1 :]}/", f"{folder}/")
        for folder in folders
        for start in (index for index, letter in enumerate(folder) if letter == "/")
    ]

    def whole(line: re.Match[str]) -> str:
        return next(
            (f'File "{folder}{line[1][len(end) :]}"' for end, folder in ends if line[1].startswith(end)), line[0]
        )

    before, told, rest = text.partition("\nThe op is created at:")
    return before + told + SHORT_FILE.sub(whole, rest, count=MOST_SHORT_PATHS) if told else text


SHORT_FILE = re.compile(rf'^File "([^/"\n][^"\n]{{0,{LONGEST_FOLDER}}})"', re.MULTILINE)

# None is tried again in the middle of what it went through before, a long run of digits, say: that would take time in
# proportion to the square of its length.
VOLATILE = [
    (re.compile(r"\b0x(?:[0-9a-f]{6,}|[0-9A-F]{8,})\b"), "0x…"),
    (re.compile(r'(?<=\bconfig_proto=)(?:\d+|"[^"\n]*")(?=,executor_type=)'), "…"),
    (re.compile(r"(?<=,executor_type=)\d+"), "…"),
    (re.compile(r"(\(from gc\.get_referrers, limited to two hops\)(?: = \[|:))(?:\n\t\t[^\n]*)+"), r"\1…"),
    (re.compile(r"(?<!\w)((?>\w*?__autograph_generated_file))\w++(\.py)"), r"\1\2"),
    (re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: (?=[IWEF] )", re.MULTILINE), ""),
    (re.compile(r"^([IWEF])\d{4} \d\d:\d\d:[\d.:]+ +\d+ ", re.MULTILINE), r"\1 "),
    (re.compile(r"(?<!\d)\d+m?s \d+[mu]?s/(step|epoch)"), r"<time>/\1"),
    (re.compile(r"(Keras model file|tfevents)\.\d{10}\.\w+\.\d+\.\d+"), r"\1.<run>"),
]


def lines_told(message: str, script: Path) -> list[int]:
    """The lines of a script that a message tells of.

    TensorFlow writes the lines inside a ``tf.function`` into the message: as a traceback does, and before 2.5 as
    "script.py:21 train_step".
    """
    name, number = re.escape(str(script)), rf"(\d{{1,{LONGEST_NUMBER}}})(?!\d)"
    message = with_whole_files(with_whole_paths(message), [str(script.parent)])
    told = re.findall(rf'File "{name}", line {number}|^ *{name}:{number} ', message, re.MULTILINE)
    return [int(new or old) for new, old in told]


def shortened(text: str) -> str:
    """The first and the last part of a text that is too long to keep."""
    if len(text) <= LONGEST_TEXT:
        return text
    half = LONGEST_TEXT // 2
    return f"{text[:half]}\n… {len(text) - LONGEST_TEXT} characters …\n{text[-half:]}"


PYTHON_LOG = re.compile(r"^(DEBUG|INFO|WARNING|ERROR|CRITICAL|FATAL):([\w.]+):(.*)$", re.MULTILINE)
CPP_LOG = re.compile(r"^([IWEF]) (\S+?):\d+\] (.*)$", re.MULTILINE)
LEVELS = {"I": "INFO", "W": "WARNING", "E": "ERROR", "F": "FATAL"}
MOST_LOG_LINES = 1000

CPP_LINE = re.compile(
    r"^[IWEF] (\S*)\] .*\n"
    r"|^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR\n",
    re.MULTILINE | re.IGNORECASE,
)
OF_HARDWARE = re.compile(
    r"cuda|rocm|gpu|tensorrt|dso_loader|cpu_feature_guard|port\.cc|cpu_utils|computation_placer", re.IGNORECASE
)


def without_hardware(stderr: str) -> str:
    """A normalised stderr without what TensorFlow says of the hardware: it tells of the machine, not of the script."""

    def kept(line: re.Match[str]) -> str:
        return line[0] if line[1] is not None and not OF_HARDWARE.search(line[1]) else ""

    return CPP_LINE.sub(kept, stderr)


def log_lines(stderr: str) -> tuple[Logged, ...]:
    """The first log lines of Python loggers and of TensorFlow's C++ in a normalised stderr, in their order."""
    python = [(match.start(), Logged(match[1], match[2], match[3])) for match in PYTHON_LOG.finditer(stderr)]
    cpp = [(match.start(), Logged(LEVELS[match[1]], match[2], match[3])) for match in CPP_LOG.finditer(stderr)]
    return tuple(logged for _, logged in sorted(python + cpp, key=lambda pair: pair[0])[:MOST_LOG_LINES])


SURROGATE = re.compile("[\ud800-\udfff]")


def storable(value: T) -> T:
    """The same value with every text in the one form in which it can be stored, printed and sent.

    What stands in a string for a byte that is no UTF-8, and any other surrogate, becomes its backslash escape. `value`
    is a text, a dataclass, or a dictionary or list of such.
    """
    made: Any = _storable(value)
    return made  # type: ignore[no-any-return]


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return SURROGATE.sub(_escaped, value) if not value.isascii() else value
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_storable, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **{name: _storable(item) for name, item in fields.items()})
    return value


def _escaped(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else f"\\u{number:04x}"
