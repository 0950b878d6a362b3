"""What a script's process tells of itself: its warnings, how it ended, its exception and its globals.

The telling outlives whatever the script does to its surroundings. It goes into memory that is shared with the
supervisor and mapped before the script starts, so that it needs no file, no descriptor and no room on a disk; the
functions that it needs are bound before, so that it needs no name that a script may have patched. Only the process
that was forked to run the script tells anything: what a child of it does is not the script's end.

The entries are dictionaries. A script that returns or raises ends with ``{"entry": "end", "how": "returned"}`` or
``"raised"``, one that leaves with ``sys.exit`` with ``"left"``. A process without such an entry ended unseen.

Python 3.7 and later, standard library only: this runs in the target.
"""

import builtins

# A copy. The functions below go on to work for a script that leaves `builtins` patched.
__builtins__ = dict(vars(builtins))

import binascii
import marshal
import mmap
import os
import struct
import sys
import warnings

BYTES = 2**24  # of all entries; pages that are not used cost nothing
ROOM_AT_THE_END = 2**23  # of these, what warnings leave to the end
MOST_VALUES = 2**22  # bytes of all globals that are asked for
LONGEST_MESSAGE = 2**15  # characters
LONGEST_CHAIN = 20  # exceptions
LONGEST_INTEGER = 1024  # bits
DEEPEST_LIST = 20

HEAD = struct.Struct("<II")  # length and checksum of the entry that follows: one that is half written does not count

# Bound here, and for BaseException past whatever a class of the script's has under the same name.
pack, checksum, dumps, process_id = HEAD.pack, binascii.crc32, marshal.dumps, os.getpid
cause_of = BaseException.__dict__["__cause__"].__get__
context_of = BaseException.__dict__["__context__"].__get__
is_suppressed = BaseException.__dict__["__suppress_context__"].__get__
traceback_of = BaseException.__dict__["__traceback__"].__get__
name_of = type.__dict__["__name__"].__get__


class Journal:
    """Shared memory that one process writes to and its parent reads. `begin` says who writes."""

    def __init__(self):
        memory = mmap.mmap(-1, BYTES)
        self.memory, self.add, self.used = memory, memory.write, memory.tell
        self.writer = None
        self.ended = False

    def begin(self):
        self.writer = process_id()

    def write(self, entry, room=0):
        """Add an entry if this process may, and if `room` bytes are left after it."""
        if process_id() == self.writer:
            data = framed(entry)
            if self.used() + len(data) + room <= BYTES:
                self.add(data)

    def write_warning(self, entry):
        self.write(entry, ROOM_AT_THE_END)

    def entries(self):
        """All whole entries."""
        found, start = [], 0
        while start + HEAD.size <= BYTES:
            length, expected = HEAD.unpack_from(self.memory, start)
            start += HEAD.size
            data = self.memory[start : start + length]
            start += length
            if not length or checksum(data) != expected:
                break
            entry = marshal.loads(data)
            if isinstance(entry, dict):
                found.append(entry)
        return found


def framed(entry):
    data = dumps(entry)
    return pack(len(data), checksum(data)) + data


RETURNED, RAISED, LEFT = (framed({"entry": "end", "how": how}) for how in ("returned", "raised", "left"))


def tell_end(journal, end, error, script, paths):
    """Tell how the script ended: `end` is one of the three entries above. Raises nothing."""
    if process_id() != journal.writer or journal.ended:
        return
    journal.ended = True
    try:
        journal.add(end)
        if error is not None:
            journal.write(describe_exception(error, script))
        journal.write({"entry": "globals", "values": values_of(sys.modules["__main__"].__dict__, paths)})
    except:  # noqa: E722  (a script may have left anything in our way; what was told before stands)
        pass


# Warnings


def hook_warnings(record):
    """Call `record` with an entry for every warning that is shown; give the function that undoes it.

    Nothing is raised into the script.
    """
    show = warnings._showwarnmsg_impl

    def show_and_record(message):
        try:
            record(
                {
                    "entry": "warning",
                    "type": qualified_name(message.category),
                    "message": text_of(message.message),
                    "file": text_of(message.filename),
                    "line": message.lineno if type(message.lineno) is int else 0,
                }
            )
        except:  # noqa: E722  (whatever it is, the script has nothing to do with it)
            pass
        show(message)

    warnings._showwarnmsg_impl = show_and_record

    def undo():
        warnings._showwarnmsg_impl = show

    return undo


# Exceptions


def describe_exception(error, script):
    """Type, message, lines and the chain below, as the traceback shows them (`error` itself is shown last)."""
    seen, chain = {id(error)}, []
    below, relation = next_in_chain(error)
    while below is not None and id(below) not in seen and len(chain) < LONGEST_CHAIN:
        seen.add(id(below))
        chain.append(dict(describe_one(below, script), relation=relation))
        below, relation = next_in_chain(below)
    return dict(describe_one(error, script), entry="exception", chain=chain)


def next_in_chain(error):
    if cause_of(error) is not None:
        return cause_of(error), "cause"
    if context_of(error) is not None and not is_suppressed(error):
        return context_of(error), "context"
    return None, None


def describe_one(error, script):
    """`line` is the last line of the script in the traceback, `statement` the first of its own top level."""
    line = statement = None
    frame = traceback_of(error)
    while frame is not None:
        code = frame.tb_frame.f_code
        if code.co_filename == script:
            line = frame.tb_lineno
            if code.co_name == "<module>" and statement is None:
                statement = line
        frame = frame.tb_next
    if isinstance(error, SyntaxError):
        file, at = vars_of_syntax_error(error)
        if file == script:
            line = at
    return {"type": qualified_name(type(error)), "message": text_of(error), "line": line, "statement": statement}


def vars_of_syntax_error(error):
    try:
        file, line = error.filename, error.lineno
    except:  # noqa: E722
        return None, None
    return (file, line) if type(file) is str and type(line) is int else (None, None)


def text_of(thing):
    """str() of anything: what it raises is said in the traceback module's own words, and the middle may be left out."""
    try:
        text = str(thing)
        length, part = str.__len__(text), str.__getitem__  # past what a subclass makes of them
        if length <= LONGEST_MESSAGE:
            return part(text, slice(0, length))
        half = LONGEST_MESSAGE // 2
        first, last = part(text, slice(0, half)), part(text, slice(length - half, length))
        return "%s\n… %d characters …\n%s" % (first, length - 2 * half, last)
    except:  # noqa: E722
        return "<exception str() failed>"


def qualified_name(kind):
    """A class's name with its module; without, for builtins and the script's own."""
    try:
        module, name = kind.__module__, kind.__qualname__
        if type(name) is not str:
            name = name_of(kind)
        if type(module) is str and module not in ("builtins", "__main__"):
            name = module + "." + name
        return text_of(name)
    except:  # noqa: E722
        return text_of(name_of(kind))


# Globals


def values_of(program, paths):
    """The globals at these dotted paths; ``{"missing": WHY}`` for what cannot be had."""
    values, room = {}, MOST_VALUES
    for path in paths:
        try:
            value = plain(look_up(program, path), DEEPEST_LIST)
            room -= len(dumps(value))
            if room < 0:
                raise ValueError("larger than the %d bytes that all values may have" % MOST_VALUES)
            values[path] = value
        except:  # noqa: E722
            kind, problem = sys.exc_info()[:2]
            values[path] = {"missing": "%s: %s" % (name_of(kind), text_of(problem))}
    return values


def look_up(program, path):
    """The value at a dotted path: a global, then keys or attributes."""
    first, *rest = path.split(".")
    value = program[first]
    for name in rest:
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    return value


def plain(value, depth):
    """Numbers and lists of numbers, out of whatever a script computes with."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, int):
        if int.bit_length(value) > LONGEST_INTEGER:
            raise ValueError("an integer of %d bits" % int.bit_length(value))
        return int.__pos__(value)
    if isinstance(value, float):
        return float.__pos__(value)
    if isinstance(value, str):
        return text_of(value)
    if depth == 0:
        raise ValueError("lists of lists, deeper than %d" % DEEPEST_LIST)
    if isinstance(value, (list, tuple)):
        return [plain(item, depth - 1) for item in value]
    if hasattr(value, "numpy"):
        value = value.numpy()
    if hasattr(value, "tolist"):
        return plain(value.tolist(), depth - 1)
    raise TypeError("neither a number nor a list of numbers: " + qualified_name(type(value)))
