"""What all AWS resources have in common: their clients, their tags, and that somebody else's are left alone.

A resource is ours by its tags (:mod:`~xacct_ml.resources.ownership`); what can have none belongs to whom its *parent*
belongs. One that was there before becomes so if the map *adopts* it: its first change is to get
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
from xacct_ml.engine.resource import UNKNOWN, Kept, NotOurs, Outputs, Resource, State
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.resources.idempotency import create_or_continue, read_whole, remove_rest
from xacct_ml.resources.ownership import (
    Adoptable,
    Evidence,
    NoEvidence,
    has_owner,
    in_doubt,
    predates_pipeline_tag,
    refusal,
)
from xacct_ml.resources.rights import Rights
from xacct_ml.resources.tags import Tagging, extra_tags, missing_tags
from xacct_ml.system.names import ADOPTED_TAG, PIPELINE_TAG, PROJECT_TAG
from xacct_ml.system.thing import Thing

KEY_ARN = "key_arn"
"""Output: the ARN of the shared KMS key; that of another region's key is ``key_arn/<region>``, that of what is captured
of a target ``key_arn/capture/<target>``."""
COMMIT = "commit"
"""Output: the source's newest revision: a commit on the pipeline's branch, or a version of the source object."""
ADOPTED = "yes"
"""The usual value of the adopted tag, and the one that states show whatever it is."""


@dataclass(frozen=True, kw_only=True)
class AwsResource(ABC):
    """One AWS resource, seen by the engine through the protocol's methods, which turn botocore's errors into ours.

    A type implements ``observe``, ``make``, ``change`` and ``remove``, ``write_tags`` where it has tags, and
    ``take_out`` where an adopted one has more of ours in it than tags. ``tags`` are the project's, ours among them.
    ``adopt`` says that the map adopts it.
    ``region`` is set where it is another than the map's; then :meth:`key_arn` is that region's key. ``captures`` is the
    production target of which it holds captured requests; then it is that target's."""

    id: str
    account: str
    name: str
    tags: Mapping[str, str]
    clients: Clients
    clock: Clock
    depends_on: tuple[str, ...] = ()
    adopt: bool = False
    region: str | None = None
    captures: str | None = None
    evidence: Evidence = NoEvidence()  # noqa: RUF009
    parent: "AwsResource | None" = None
    rights: ClassVar[tuple[Rights, ...]] = ()
    """What an operator must be allowed for the calls below."""
    has_tags: ClassVar[bool] = True
    """Where it has none, whatever :meth:`observe` finds is its parent's, and ours without one."""
    regional: ClassVar[bool] = True
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

    def holds(self, other: Resource) -> bool:
        return False

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
        ours = {key: text for key, text in observed["tags"].items() if key in (PROJECT_TAG, PIPELINE_TAG)}
        return {**observed, "tags": {**ours, ADOPTED_TAG: ADOPTED} if _is_adopted(observed) else ours}

    # -- for the types -------------------------------------------------------------------------------------------
    def client(self, service: str) -> Any:
        return self.clients.client(self.account, service, self.region)

    def eventually(self, service: str, call: Callable[..., Any], **arguments: Any) -> Any:
        """The call's answer, asked for again while what it needs has not propagated in AWS yet."""
        return eventually(partial(call, **arguments), propagating(service), self.clock)

    def owns(self, observed: State) -> bool:
        """Whether it carries our tags; or is to be adopted, and carries nobody's."""
        if not self.has_tags:
            return self.parent_is_ours()
        return self.carries_our_tags(observed["tags"]) or (self.adopt and not has_owner(observed["tags"]))

    def carries_our_tags(self, tags: Mapping[str, str]) -> bool:
        """An earlier release's tag is enough where documents tell that it is this pipeline's."""
        return refusal(tags, self.tags) is None and self._doubt(tags) is None

    def parent_is_ours(self) -> bool:
        """Also where there is no parent: nobody else claims it."""
        return self._parents_refusal() is None

    def _parents_refusal(self) -> NotOurs | None:
        try:
            if self.parent is not None:
                self.parent.read({})
        except NotOurs as refused:
            return refused
        return None

    def _doubt(self, tags: Mapping[str, str]) -> str | None:
        """Why what predates the pipeline's tag may be another pipeline's."""
        if not predates_pipeline_tag(tags, self.tags):
            return None
        return self.evidence.doubt(self.account, at_home=self.regional and self.region is None)

    @property
    def wanted_tags(self) -> dict[str, str]:
        """For :meth:`desired`."""
        if not self.adopt:
            return dict(self.tags)
        return {tag: self.tags[tag] for tag in (PROJECT_TAG, PIPELINE_TAG)} | {ADOPTED_TAG: ADOPTED}

    def not_ours(self, observed: State) -> NotOurs:
        where = "" if self.region is None else f", region {self.region},"
        what = f"{self.kind} {self.name} in account {self.account}{where}"
        tags = observed.get("tags", {})
        if not has_owner(tags) and (parents := self._parents_refusal()):
            return NotOurs(f"{what} is not this project's, for {parents.message}", next_step=parents.next_step)
        if doubt := self._doubt(tags):
            return in_doubt(what, doubt, self.tags)
        refused = refusal(tags, self.tags)
        assert refused is not None
        how = self.how_to_adopt(observed) if refused.adoptable else None
        if how is None:
            return NotOurs(f"{what} {refused}", next_step=refused.next_step)
        return Adoptable(f"{what} {refused}", line=how, id_=self.id if how.startswith("adopt:") else None)

    def key_arn(self, outputs: Outputs) -> str:
        return outputs.get(self.key_output, UNKNOWN)

    @property
    def key_output(self) -> str:
        """What its key publishes its ARN as."""
        return key_output(self.region) if self.captures is None else captured_key_output(self.captures)


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


def captured_key_output(target: str) -> str:
    """The output that the key of a target's captured requests publishes its ARN as."""
    return f"{KEY_ARN}/capture/{target}"


def _is_adopted(observed: State) -> bool:
    return ADOPTED_TAG in observed.get("tags", ())


def differs(observed: State, desired: State, *members: str) -> bool:
    """Whether any of these members has to be written."""
    return any(observed.get(member) != desired.get(member) for member in members)
