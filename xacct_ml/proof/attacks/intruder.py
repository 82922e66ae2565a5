"""Who attacks: administrators, whose own accounts let them do everything, so that only our documents stand in their
way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.model import Request
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.namesakes import EVERYTHING, open_to_all, with_namesakes
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.system.names import Names

INTRUDER_JOB = "0"
"""Of no role of the project. The intruder's role is called as if it were: a condition that takes a role of any name, or
one that begins as ours do, takes it."""


@dataclass(frozen=True)
class Attack:
    """``what`` says for a person what must not be possible."""

    group: str
    what: str
    request: Request


def intruders(names: Names) -> Mapping[str, str]:
    """An administrator's role by the words for its account: a foreign one, and every account of the map."""
    accounts = {
        "a foreign account": FOREIGN_ACCOUNT,
        "the shared account": names.shared,
        **({} if names.source_account is None else {"the source account": names.source_account}),
        "the training account": names.training,
        **{f"production account {target.name}": target.id for target in names.production},
    }
    return {words: intruder_of(names, account) for words, account in accounts.items()}


def administrators(names: Names, but: str = "") -> Iterator[tuple[str, str]]:
    """The words that group their attacks, and the role: of every account other than ``but``."""
    for words, intruder in intruders(names).items():
        if Arn.parse(intruder).account != but:
            yield f"An administrator of {words}", intruder


def intruder_of(names: Names, account: str) -> str:
    return names.role_arn(account, INTRUDER_JOB)


def with_intruders(names: Names, store: DocumentStore) -> DocumentStore:
    """``store`` where the intruders may do everything, as far as their own policies go, and the foreign one has made
    buckets of the project's names that let every account of the map in: S3 gives the name of a bucket that was deleted
    to anybody (S3 User Guide, DeletingBuckets) [D]. What is called nearly as ours is there too."""
    store = with_namesakes(names, store)
    for arn in intruders(names).values():
        store = store.with_principal(arn, (EVERYTHING,))
    files = [] if names.batch_target is None else [names.batch_bucket_arn]
    buckets = (*map(names.bucket_arn_in, names.regions), *map(names.capture_bucket_arn, names.capturing), *files)
    return replace(store, elsewhere={(bucket, FOREIGN_ACCOUNT): open_to_all(names) for bucket in buckets})
