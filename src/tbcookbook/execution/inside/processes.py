"""Processes of the system, as the probe and its supervisors see and end them.

Python 3.7 and later, standard library only: this runs in the target. Where there is no /proc, a process is seen to have
no children and to use no memory.
"""

import _thread
import ctypes
import os
import resource
import signal
import socket
import struct
import sys
import time

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
PF_EXITING = 4  # linux/sched.h
FAREWELL_SECONDS = 0.5  # after the end of a script; what is there then was left behind
MOST_WAITED_FOR = 20  # processes
KILL_SECONDS = 20.0  # for all that a script left; what cannot be killed in that time is the probe's
MOST_COMMANDS, LONGEST_COMMAND = 100, 4096  # of what is left behind; a fork bomb is thousands
CROWD = 50  # processes
PROCESS_BYTES = 2**20  # what a process takes at least, in the kernel and out of it: thousands of idle ones are a load


def kill(pid, number):
    try:
        os.kill(pid, number)
    except OSError:
        pass  # it has ended, or is another user's


def outlast(me):
    """Give what the script started a moment to end by itself: a server's helper ends when it sees the server gone."""
    deadline = time.monotonic() + FAREWELL_SECONDS
    while 1 < len(family_of(me)) <= MOST_WAITED_FOR and time.monotonic() < deadline:
        reap_all()
        time.sleep(0.01)


def kill_the_rest(me):
    """Kill and reap all descendants; give the command lines of those that were still running.

    Some may fork while they are looked for: it is over when none is left. A process group is killed in one step, which
    no fork escapes.
    """
    commands, looked_at, deadline = [], set(), time.monotonic() + KILL_SECONDS
    while True:
        left = family_of(me) - {me}
        for pid in left - looked_at:
            if len(commands) < MOST_COMMANDS:
                # The system may keep who asks for the whole line waiting, as long as the process forks.
                commands.append(command_line(pid) if len(left) <= CROWD else name_of(pid))
        for group in set(map(group_of, left)) - {None, os.getpgrp()}:
            kill(-group, signal.SIGKILL)
        for pid in left:
            kill(pid, signal.SIGKILL)
        looked_at |= left
        reaped = reap_all()
        if reaped is None or not (left or reaped) or time.monotonic() > deadline:
            return sorted(filter(None, commands))
        time.sleep(0.001)


def group_of(pid):
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def rush():
    """Have this process go first, if it may: it would else wait for each of the thousands that a fork bomb is.

    Not before there is a crowd: beside a single script it was measured to slow that one down.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except (AttributeError, OSError):
        pass


def reap_all():
    """Reap what has ended, and give the number of these; None if there is no child at all."""
    reaped = 0
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return reaped
        except ChildProcessError:
            return None
        reaped += 1


def family_of(pid):
    """`pid` and all its living descendants."""
    family, new = {pid}, {pid}
    while new:
        new = set().union(*map(children_of, new)) - family
        family |= new
    return family


def children_of(pid):
    children = set()
    try:
        for thread in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, thread)) as listing:
                children.update(map(int, listing.read().split()))
    except OSError:
        pass  # it has ended
    return children


class Memory:
    """What a process and its descendants use. Pages that they share with each other count once.

    The exact number takes the system a while to find, and is asked for only where a number that is at least as great is
    too much; in a thread, since the system may keep who asks waiting for as long as the process in question forks.
    """

    def __init__(self):
        self.exact = 0  # bytes, when last asked for
        self.measuring = False
        self.next_exact = 0.0

    def exceeds(self, pid, most):
        """Whether it is more than `most` bytes, as far as is known by now."""
        family = family_of(pid)
        if len(family) > CROWD:
            rush()
        if len(family) * PROCESS_BYTES > most:
            return True
        if sum(map(resident_bytes, family)) <= most:
            return False
        exceeds, self.exact = self.exact > most, 0
        if not exceeds and not self.measuring and time.monotonic() >= self.next_exact:
            self.measuring = True
            _thread.start_new_thread(self.measure, (family,))
        return exceeds

    def measure(self, family):
        began = time.monotonic()
        try:
            self.exact = sum(map(proportional_bytes, family))
        finally:
            now = time.monotonic()
            self.next_exact = now + 3 * (now - began)
            self.measuring = False


def resident_bytes(pid):
    try:
        with open("/proc/%d/statm" % pid) as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def proportional_bytes(pid):
    """Resident memory, of which pages of several processes count for each in part (proc(5), Linux 4.14)."""
    try:
        with open("/proc/%d/smaps_rollup" % pid) as smaps:
            for line in smaps:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resident_bytes(pid)


def command_line(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as line:
            text = line.read(LONGEST_COMMAND)
    except OSError:
        return ""
    return text.replace(b"\0", b" ").decode("utf-8", "backslashreplace").strip()


def name_of(pid):
    try:
        with open("/proc/%d/comm" % pid, errors="backslashreplace") as name:
            return name.read().strip()
    except OSError:
        return ""


def is_lost(probe):
    """Whether the probe is gone or about to be: one that was killed remains the parent until its memory is freed."""
    if os.getppid() != probe:
        return True
    try:
        with open("/proc/%d/stat" % probe) as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return False
    flags, pending = int(fields[6]), int(fields[28])  # the fields 9 and 31 of proc(5)
    return bool(flags & PF_EXITING or pending & 1 << (signal.SIGKILL - 1))


def is_of(connection, users):
    """Whether the other side is a process of one of these users. A name in no folder is open to all of them."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", credentials)[1] in users


def signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return "SIGRTMIN+%d" % (number - signal.SIGRTMIN)


def prctl(option, value):
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)
