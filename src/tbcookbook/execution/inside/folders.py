"""Removing a folder in which a script did what it liked. For the driver and, on Python 3.7 and later, for the probe."""

from __future__ import annotations

import contextlib
import os
import stat


def remove(root: str) -> None:
    """Remove a folder and all below it, as far as that can be done. Raises nothing.

    Folders that are nested deeper than Python recurses or than a path may be long, and such as are closed to their
    owner, go like all others: each is opened, and what folders are in it are moved up to the root before they are.
    """
    with contextlib.suppress(OSError):
        os.chmod(root, stat.S_IRWXU)
        top = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            pending = [name for name in os.listdir(top) if not _is_removed(name, top)]
            number = 0
            while pending:
                name = pending.pop()
                with contextlib.suppress(OSError):
                    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
                    try:
                        for inner in os.listdir(folder):
                            if not _is_removed(inner, folder):
                                number += 1
                                moved = "tbcookbook-%d-%d" % (os.getpid(), number)
                                os.rename(inner, moved, src_dir_fd=folder, dst_dir_fd=top)
                                pending.append(moved)
                    finally:
                        os.close(folder)
                    os.rmdir(name, dir_fd=top)
        finally:
            os.close(top)
        os.rmdir(root)


def _is_removed(name: str, parent: int) -> bool:
    """Remove a file; open a folder to its owner instead, and give False."""
    try:
        if stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            os.chmod(name, stat.S_IRWXU, dir_fd=parent)
            return False
        os.unlink(name, dir_fd=parent)
    except OSError:
        pass
    return True
