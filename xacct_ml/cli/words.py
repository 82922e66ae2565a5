"""The words of a command line, as typer wants them: options before the command, and other ways to ask for help."""

from collections.abc import Sequence

_WITH_VALUE = {"--config", "--output", "-c", "-o"}
_OF_THE_PROGRAM = ("--debug", "--version")

MEANT = {
    "apply": "bootstrap",
    "check": "doctor",
    "delete": "teardown",
    "destroy": "teardown",
    "diff": "plan",
    "list": "runs",
    "new": "init",
    "preview": "plan",
    "run": "start",
    "show": "status",
    "train": "start",
    "undo": "teardown",
    "up": "bootstrap",
    "upload": "upload-data",
    "validate": "verify",
    "watch": "status",
}
"""What other tools call a command, and ours for it."""


def arranged(words: Sequence[str]) -> list[str]:
    """The same command line with ``--config`` and ``--output`` behind the command, ``--debug`` and ``--version`` before
    it, and ``help``, ``help COMMAND``, ``version`` and ``-V`` as the options that they stand for.

    What has no command stays as it is, and so does all that stands behind ``--``."""
    moved, rest = _leading(words)
    if not rest:
        return ["--version"] if "-V" in words else list(words)
    command, *arguments = rest
    if command == "help":
        return [*arguments[:1], "--help"]
    if command == "version" and not arguments:
        return ["--version"]
    own, behind = _separated(arguments)
    ahead = [word for word in moved if word in _OF_THE_PROGRAM or word in {"-h", "--help"}]
    shared = [word for word in moved if word not in ahead]
    return [*ahead, *own, command, *shared, *behind]


def _leading(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The options before the command, with their values, and the rest."""
    place = 0
    while place < len(words) and words[place].startswith("-") and words[place] != "--":
        place += 2 if words[place] in _WITH_VALUE else 1
    return list(words[:place]), list(words[place:])


def _separated(arguments: list[str]) -> tuple[list[str], list[str]]:
    """The program's own options behind the command, and the command's."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    own = [word for word in arguments[:end] if word in _OF_THE_PROGRAM]
    return own, [word for word in arguments[:end] if word not in own] + arguments[end:]
