"""Which files of a directory are the source: those that git tracks; outside a git work tree, those that are not hidden.

A file with a password lies beside the code more often than in it. What is left out is told, and may be named."""

import os
import stat
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xacct_ml.operations.upload.source_files import MAXIMUM_BYTES, SourceFault


@dataclass(slots=True)
class Tree:
    """The ``files``, path to content, and the paths that are there and were ``left_out``, a folder with a ``/``."""

    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def read(directory: Path, include: Sequence[str] = ()) -> Tree:
    """The source in ``directory``, and what ``include`` names beside it: paths of files, relative to the directory.

    Of a file that git tracks, what the work tree has now. Raises :class:`SourceFault` for a link that leads to anything
    but a file of the source, for what is no file, for more than CloudFormation's action takes, and where git fails;
    OSError for what cannot be read."""
    top = directory.resolve()
    found, left_out = _tracked(top) if _in_work_tree(top) else _not_hidden(top)
    for name in include:
        if not (top / name).is_file():
            raise SourceFault(f"has no file {name!r}, which --include names")
    sent = {*found, *(Path(os.path.normpath(name)).as_posix() for name in include)}
    tree = Tree(left_out=[name for name in left_out if name not in sent])
    size = 0
    for name in sorted(sent):
        path = _behind_links(top, name, sent)
        if name in found and not os.path.lexists(path):  # git still tracks it, and it was deleted
            tree.left_out.append(name)
            continue
        size += _size(path, name)
        if size > MAXIMUM_BYTES:
            raise SourceFault(f"has more than {MAXIMUM_BYTES >> 20} MB, which CloudFormation's action does not take")
        tree.files[name] = path.read_bytes()
    return tree


def _behind_links(top: Path, name: str, sent: Iterable[str]) -> Path:
    """The file's real path. Raises :class:`SourceFault` unless that is where it seems to be, or is sent as well."""
    path = Path(os.path.realpath(top / name))
    if not path.is_relative_to(top):
        raise SourceFault(f"{name!r} leads out of the directory, to {str(path)!r}")
    if path != top / name and path.relative_to(top).as_posix() not in sent:
        raise SourceFault(f"{name!r} is a link to {path.relative_to(top).as_posix()!r}, which is not sent itself")
    return path


def _size(path: Path, name: str) -> int:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise SourceFault(f"{name!r} is a git submodule: its files are another repository's; send a zip that has them")
    if not stat.S_ISREG(status.st_mode):
        raise SourceFault(f"{name!r} is not a regular file")
    return status.st_size


def _in_work_tree(top: Path) -> bool:
    """Looked up here: where git cannot be asked, its answer must not be taken for "no"."""
    return any(os.path.lexists(place / ".git") for place in (top, *top.parents))


def _tracked(top: Path) -> tuple[set[str], list[str]]:
    """What git tracks, and what it neither tracks nor ignores."""
    tracked = _listed(top, "--cached")
    if not tracked:
        raise SourceFault("is in a git work tree, and git tracks none of its files: git add those to send")
    return set(tracked), _listed(top, "--others", "--exclude-standard", "--directory", "--no-empty-directory")


def _listed(top: Path, *options: str) -> list[str]:
    """The answer of ``git ls-files``, relative to ``top``; no configuration of the repository runs anything in it, and
    no ``GIT_*`` leads to another one (git-config: ``core.fsmonitor`` may name a program, and so may what fetches a
    folder of a sparse index that a partial clone lacks: ``core.sshCommand``, ``remote.*.uploadpack``) [D]."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}  # the second since git 2.45
    words = ("git", "-c", "core.fsmonitor=false", "-C", str(top), "ls-files", "-z", *options)
    try:
        answer = subprocess.run(words, capture_output=True, check=True, env=environment).stdout
    except FileNotFoundError:
        raise SourceFault("is in a git work tree, and git is not installed: install it, or send a zip") from None
    except subprocess.CalledProcessError as error:
        said = " ".join(error.stderr.decode(errors="replace").split())
        raise SourceFault(f"is in a git work tree, and git cannot list its files: {said}") from None
    return [os.fsdecode(name) for name in answer.split(b"\0") if name]


def _not_hidden(top: Path) -> tuple[set[str], list[str]]:
    """Every file without a hidden part in its path; links to folders, too, which are refused later."""
    found: set[str] = set()
    left_out: list[str] = []
    for name, is_folder in _walked(top):
        if name.rsplit("/", 1)[-1].startswith("."):
            left_out.append(f"{name}/" if is_folder else name)
        elif not is_folder:
            found.add(name)
    return found, left_out


def _walked(top: Path) -> Iterator[tuple[str, bool]]:
    """Paths and whether each is a folder; into no hidden one, and through no link."""

    def refuse(error: OSError) -> None:
        raise error

    for place, folders, files in os.walk(top, onerror=refuse):
        inside = Path(place).relative_to(top)
        for name in files:
            yield (inside / name).as_posix(), False
        for name in folders:
            yield (inside / name).as_posix(), not (top / inside / name).is_symlink()
        folders[:] = sorted(name for name in folders if not name.startswith("."))
