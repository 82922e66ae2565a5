"""What a map may say about waves: every production target in exactly one, in as many stages as a pipeline may have."""

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.config.problem import Path, Problem, suggestion


def problems(config: Config) -> Iterator[Problem]:
    """Nothing to say about a map without waves: then all targets are one wave."""
    if not config.waves:
        return
    known = [target.name for target in config.accounts.production]
    names: set[str] = set()
    taken: dict[str, str] = {}
    for number, wave in enumerate(config.waves):
        path: Path = ("waves", number)
        if wave.name in names:
            yield Problem((*path, "name"), f"the wave's name {wave.name!r} is taken; give each its own")
        names.add(wave.name)
        if not wave.targets:
            reason = f"wave {wave.name} has no targets; name some of {', '.join(known)}, or leave the wave out"
            yield Problem((*path, "targets"), reason)
        for position, target in enumerate(wave.targets):
            where = (*path, "targets", position)
            if target not in known:
                reason = f"no production target is called {target!r}{suggestion(target, known)}"
                yield Problem(where, f"{reason} allowed: {', '.join(known)}")
            elif target in taken:
                yield Problem(where, f"{target} is in wave {taken[target]} already; a target is in exactly one wave")
            taken.setdefault(target, wave.name)
    missing = [name for name in known if name not in taken]
    if missing and taken.keys() <= set(known):  # else one of them is probably misspelt
        reason = f"no wave has {', '.join(missing)}; every production target is in exactly one wave"
        yield Problem(("waves",), reason, at_key=True)
