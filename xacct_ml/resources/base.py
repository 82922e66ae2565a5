"""What all AWS resources have in common: their clients, their tags, and that somebody else's are left alone.

A resource is ours by its tag. One that was there before becomes so if the map *adopts* it: its first change is to get
our tags, :data:`~xacct_ml.system.names.ADOPTED_TAG` among them, and from then on AWS itself knows that it is never to
be deleted. Of an adopted resource no other tags are seen or written: those of the map are for what is made."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args, get_origin

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import translated
from xacct_ml.aws.retry import eventually, propagating
from xacct_ml.engine.clock import Clock
from xacct_ml.engine.resource import UNKNOWN, Kept, NotOurs, Outputs, State
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.resources.idempotency import create_or_continue, read_whole, remove_rest
from xacct_ml.resources.rights import Rights
from xacct_ml.resources.tags import Tagging
from xacct_ml.system.names import ADOPTED_TAG, PROJECT_TAG
from xacct_ml.system.thing import Thing

KEY_ARN = "key_arn"
"""Output: the ARN of the shared KMS key; that of another region's key is ``key_arn/<region>``."""
COMMIT = "commit"
"""Output: the source's newest revision: a commit on the pipeline's branch, or a version of the source object."""
ADOPTED = "yes"
"""The usual value of the adopted tag, and the one that states show whatever it is."""


class Adoptable(NotOurs):
    """What was found could be adopted: by ``line`` in the map, or together with others by their ids in ``adopt``."""

    def __init__(self, message: str, *, line: str, id_: str | None) -> None:
        super().__init__(message, next_step=adopting(line))
        self.line = line
        self.id = id_


@dataclass(frozen=True, kw_only=True)
class AwsResource(ABC):
    """One AWS resource, seen by the engine through the protocol's methods, which turn botocore's errors into ours.

    A type implements ``observe``, ``make``, ``change`` and ``remove``, ``write_tags`` where it has tags, and
    ``take_out`` where an adopted one has more of ours in it than tags. ``tags`` are the project's, ours among them.
    ``adopt`` says that the map adopts it.
    ``region`` is set where it is another than the map's; then :meth:`key_arn` is that region's key."""

    id: str
    account: str
    name: str
    tags: Mapping[str, str]
    clients: Clients
    clock: Clock
    depends_on: tuple[str, ...] = ()
    adopt: bool = False
    region: str | None = None
    rights: ClassVar[tuple[Rights, ...]] = ()
    """What an operator must be allowed for the calls below."""
    has_tags: ClassVar[bool] = True
    """Where it has none, whatever :meth:`observe` finds is ours."""
    released: ClassVar[str] = "adopted, so it stays; only our tags were taken off"
    """What teardown says of an adopted one."""

    @property
    @abstractmethod
    def kind(self) -> str:
        """For people: ``IAM role``."""

    @abstractmethod
    def desired(self, outputs: Outputs) -> State:
        """What should be, normalised as :meth:`observe` normalises what is."""

    @abstractmethod
    def observe(self, outputs: Outputs) -> State | None:
        """What is; None where it does not exist."""

    @abstractmethod
    def make(self, outputs: Outputs) -> None: ...

    @abstractmethod
    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        """Write what differs, beside the tags."""

    @abstractmethod
    def remove(self, observed: State) -> None: ...

    def write_tags(self, observed: State, put: Mapping[str, str], drop: Sequence[str]) -> None:
        """Add or correct ``put``, take off ``drop``; either may be empty, then it costs no call."""
        raise NotImplementedError(f"{self.kind}s have no tags")

    def take_out(self, observed: State) -> None:  # noqa: B027 - most types have nothing but their tags
        """Take what is ours, beside the tags, out of an adopted resource; the rest stays as it is."""

    def how_to_adopt(self, observed: State | None) -> str | None:
        """What the map has to say; None where such a resource cannot be adopted."""
        return f"adopt: [{self.id}]"

    def as_found(self, observed: State) -> str:
        """The value of the adopted tag when it is first put: what :meth:`take_out` wants to know later."""
        return ADOPTED

    # -- the engine's protocol -----------------------------------------------------------------------------------
    def read(self, outputs: Outputs) -> State | None:
        with translated():
            observed = read_whole(lambda: self.observe(outputs), self.clock)
        if observed is None:
            return None
        if not self.owns(observed):
            raise self.not_ours(observed)
        return self._ours_of(observed) if self.adopt or _is_adopted(observed) else observed

    def check(self, observed: State | None) -> None:
        """Also says where the map adopts what does not exist, or does not adopt any more what it adopted."""
        if observed is None:
            if self.adopt:
                raise NotReady(
                    f"{self.kind} {self.name} does not exist in account {self.account}, and the map adopts it",
                    next_step=f"make it, or take `{self.how_to_adopt(observed)}` out of the map to have it made",
                )
        elif _is_adopted(observed) and not self.adopt:
            raise XacctError(
                f"{self.kind} {self.name} in account {self.account} is adopted, but the map does not say so any more",
                next_step=f"put `{self.how_to_adopt(observed)}` back into the map; "
                f"or, if teardown may delete it from now on, take its tag {ADOPTED_TAG} off",
            )

    def replaces(self, observed: State) -> bool:
        return False

    def create(self, desired: State, outputs: Outputs) -> None:
        with translated():
            create_or_continue(
                lambda: self.make(outputs),
                lambda: self.read(outputs),
                lambda observed: self._put_right(observed, desired, outputs),
                self.clock,
            )

    def update(self, desired: State, observed: State, outputs: Outputs) -> None:
        with translated():
            self._put_right(observed, desired, outputs)

    def delete(self, observed: State, outputs: Outputs) -> None:
        """An adopted resource stays: raises Kept, after what is ours was taken out of it."""
        with translated():
            if not (self.adopt or _is_adopted(observed)):
                remove_rest(self.remove, lambda: self.observe(outputs), observed)
                return
            if PROJECT_TAG not in observed["tags"]:
                raise Kept("was there before, and nothing of it was changed")
            remove_rest(self._release, lambda: self.observe(outputs), observed)
        raise Kept(self.released)

    def publish(self, observed: State) -> Outputs:
        return {}

    # -- tags and adoption ---------------------------------------------------------------------------------------
    def _put_right(self, observed: State, desired: State, outputs: Outputs) -> None:
        """The tags of what is adopted come first: whatever ends this run, AWS knows from then on how it was found."""
        adopting = self.adopt and not _is_adopted(observed)
        if adopting:
            tags = missing_tags(observed, desired)
            self.write_tags(observed, {**tags, ADOPTED_TAG: self.as_found(observed)}, ())
        self.change(observed, desired, outputs)
        if "tags" in desired and not adopting and observed["tags"] != desired["tags"]:
            self.write_tags(observed, missing_tags(observed, desired), extra_tags(observed, desired))

    def _release(self, observed: State) -> None:
        """The tags last: until then the next teardown finds the rest."""
        self.take_out(observed)
        self.write_tags(observed, {}, list(self._ours_of(observed)["tags"]))

    def _ours_of(self, observed: State) -> State:
        """The state with the tags that tell whose it is; all others are its owner's."""
        ours = {key: text for key, text in observed["tags"].items() if key == PROJECT_TAG}
        return {**observed, "tags": {**ours, ADOPTED_TAG: ADOPTED} if _is_adopted(observed) else ours}

    # -- for the types -------------------------------------------------------------------------------------------
    def client(self, service: str) -> Any:
        return self.clients.client(self.account, service, self.region)

    def eventually(self, service: str, call: Callable[..., Any], **arguments: Any) -> Any:
        """The call's answer, asked for again while what it needs has not propagated in AWS yet."""
        return eventually(partial(call, **arguments), propagating(service), self.clock)

    def owns(self, observed: State) -> bool:
        """Whether it carries this project's tag; or is to be adopted, and carries no other project's."""
        if not self.has_tags:
            return True
        return self.carries_our_tag(observed["tags"]) or (self.adopt and PROJECT_TAG not in observed["tags"])

    def carries_our_tag(self, tags: Mapping[str, str]) -> bool:
        return tags.get(PROJECT_TAG) == self.tags[PROJECT_TAG]

    @property
    def wanted_tags(self) -> dict[str, str]:
        """For :meth:`desired`."""
        return {PROJECT_TAG: self.tags[PROJECT_TAG], ADOPTED_TAG: ADOPTED} if self.adopt else dict(self.tags)

    def not_ours(self, observed: State) -> NotOurs:
        where = "" if self.region is None else f", region {self.region},"
        what = f"{self.kind} {self.name} in account {self.account}{where}"
        project = observed.get("tags", {}).get(PROJECT_TAG)
        if project is not None:
            return NotOurs(
                f"{what} belongs to project {project}: so says its tag {PROJECT_TAG}",
                next_step="choose another name in the map: a resource serves one project",
            )
        message = f"{what} exists and is not this project's: it has no tag {PROJECT_TAG}={self.tags[PROJECT_TAG]}"
        how = self.how_to_adopt(observed)
        if how is None:
            return NotOurs(message, next_step="choose another name in the map, or delete it")
        return Adoptable(message, line=how, id_=self.id if how.startswith("adopt:") else None)

    def key_arn(self, outputs: Outputs) -> str:
        return outputs.get(key_output(self.region), UNKNOWN)


T = TypeVar("T", bound=Thing)


@dataclass(frozen=True, kw_only=True)
class Driver(AwsResource, Generic[T]):
    """Makes what ``thing`` describes, which was rendered before any key was known.

    ``rendered`` gives the same for what the keys it depends on publish; what has no key in it is the same in both."""

    drives: ClassVar[type[Thing]]
    of_adopted: ClassVar[bool] = False
    """Whether it drives those only that the map adopts."""
    tagging: ClassVar[Tagging | None] = None

    thing: T
    rendered: Callable[[Outputs], Thing]

    def __init_subclass__(cls) -> None:
        for base in getattr(cls, "__orig_bases__", ()):
            if get_origin(base) is Driver:
                cls.drives = get_args(base)[0]

    @property
    def arn(self) -> str:
        return self.thing.arn

    def write_tags(self, observed: State, put: Mapping[str, str], drop: Sequence[str]) -> None:
        if self.tagging is None:
            super().write_tags(observed, put, drop)
        else:
            self.tagging.write(self.client(self.tagging.service), self.tagged(observed), put, drop)

    def tagged(self, observed: State) -> str:
        """What the calls of ``tagging`` know the resource by."""
        return self.arn

    def now(self, outputs: Outputs) -> T:
        return cast(T, self.rendered(outputs))


def key_output(region: str | None = None) -> str:
    """The output that a region's key publishes its ARN as; of the map's region where None."""
    return KEY_ARN if region is None else f"{KEY_ARN}/{region}"


def adopting(*lines: str) -> str:
    """The next step where something could be adopted."""
    shown = " and ".join(f"`{line}`" for line in lines)
    return (
        f"to use what is there, put this into the map: {shown}; it is then changed as plan shows and never deleted. "
        "Or choose another name in the map"
    )


def _is_adopted(observed: State) -> bool:
    return ADOPTED_TAG in observed.get("tags", ())


def differs(observed: State, desired: State, *members: str) -> bool:
    """Whether any of these members has to be written."""
    return any(observed.get(member) != desired.get(member) for member in members)


def missing_tags(observed: State, desired: State) -> dict[str, str]:
    """Tags to add or to correct."""
    return {key: value for key, value in desired["tags"].items() if observed["tags"].get(key) != value}


def extra_tags(observed: State, desired: State) -> list[str]:
    """Keys of tags that should not be there. Tags that AWS itself gives (``aws:…``) are never seen here."""
    return [key for key in observed["tags"] if key not in desired["tags"]]
