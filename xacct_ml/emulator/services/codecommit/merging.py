"""Merges of a repository's commits, file by file: what CodeCommit does without a person's help."""

from xacct_ml.emulator.services.codecommit.git import File, Files, ObjectStore


def ancestors(objects: ObjectStore, commit_id: str) -> set[str]:
    """The commit and all that it comes from."""
    found: set[str] = set()
    waiting = [commit_id]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(objects.commits[each].parents)
    return found


def merge_base(objects: ObjectStore, source: str, destination: str) -> str | None:
    """The newest commit that both come from."""
    common = ancestors(objects, source) & ancestors(objects, destination)
    older = {parent for each in common for parent in objects.commits[each].parents}
    newest = sorted(common - older, key=lambda each: objects.commits[each].committer.time)
    return newest[-1] if newest else None


def merged(objects: ObjectStore, source: str, destination: str) -> Files | None:
    """The files of both; ``None`` where both changed one file, each in its own way."""
    base_id = merge_base(objects, source, destination)
    base: Files = {} if base_id is None else objects.files(base_id)
    theirs, ours = objects.files(source), objects.files(destination)
    result: dict[str, File] = {}
    for path in {*theirs, *ours}:
        before, new, old = base.get(path), theirs.get(path), ours.get(path)
        if new not in (old, before) and old != before:
            return None
        chosen = new if new != before else old
        if chosen is not None:
            result[path] = chosen
    return result
