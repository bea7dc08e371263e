"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Iterator, Union
from uuid import uuid4

Name = Union[str, "os.PathLike[str]"]
STDOUT, STDERR = 1, 2


def write(path: Name, content: str | bytes) -> None:
    """Write a file; text as UTF-8. See `whole`."""
    with whole(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def whole(path: Name) -> Iterator[IO[bytes]]:
    """A binary file that has its name only once all of it is on the disk; until then what was there is as it was.

    A link is followed and stays a link; a new file has the mode of the umask, another the mode that it had. What is no
    file of a disk, such as /dev/null, or is where this process prints, is written to in its place.
    Raises OSError, which names `path`.
    """
    try:
        with _in_place(path) if in_place(path) else _replaced(Path(os.path.realpath(path))) as file:
            yield file
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), os.fspath(path)) from error


@contextmanager
def _in_place(path: Name) -> Iterator[IO[bytes]]:
    with suppress(BrokenPipeError), open(path, "wb") as file:  # who reads /dev/stdout may have read enough
        yield file


@contextmanager
def _replaced(path: Path) -> Iterator[IO[bytes]]:
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(13, os.strerror(13))  # replacing it would need the folder's permission alone
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        with open(part, "xb") as file:
            if path.exists():
                os.chmod(part, stat.S_IMODE(path.stat().st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        with suppress(OSError):  # it has its name now, or was never made
            part.unlink()


def append(path: Name, text: str) -> None:
    """Append text to a file as UTF-8; one that takes no more is as it was before. Raises OSError, which names it."""
    try:
        with open(path, "ab", buffering=0) as file:
            size = None if in_place(path) else file.seek(0, os.SEEK_END)
            try:
                _all(file, text.encode())
            except OSError:
                if size is not None:
                    file.truncate(size)
                raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def _all(file: IO[bytes], content: bytes) -> None:
    """Write all of it to an unbuffered file, of which one call may take less."""
    while content:
        content = content[file.write(content) :]


def in_place(path: Name) -> bool:
    """Whether a file is written to and not replaced: what is no file of a disk, and where this process prints."""
    return os.path.exists(path) and (not os.path.isfile(path) or is_open_as(path, STDOUT) or is_open_as(path, STDERR))


def is_open_as(path: Name, descriptor: int) -> bool:
    """Whether a file is the one that a descriptor of this process stands for, as /dev/stdout is that of 1."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except OSError:
        return False  # either is not there


def can_be_written(path: Name) -> bool:
    """Whether `whole` can begin to write a file, by what is there; nothing is written."""
    if in_place(path):
        return not os.path.isdir(path) and os.access(path, os.W_OK)
    real = os.path.realpath(path)
    free = not os.path.exists(real) or os.access(real, os.W_OK)
    return free and os.path.isdir(os.path.dirname(real)) and os.access(os.path.dirname(real), os.W_OK | os.X_OK)


def can_be_made(folder: Path) -> bool:
    """Whether a folder is there and takes files, or can be made; nothing is made."""
    there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
