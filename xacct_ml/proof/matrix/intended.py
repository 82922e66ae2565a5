"""What the hops mean as rights: an action on a class of resources, in a class of contexts, for one principal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xacct_ml.access.model import ContextValue, Principal, PrincipalKind, Request
from xacct_ml.arn import Arn
from xacct_ml.proof.matrix.resource_catalog import ANY, Place, ResourceCatalog
from xacct_ml.proof.requests.hop import Hop
from xacct_ml.system.bucket_layout import HOLDOUT_PREFIX, JUDGED_PREFIX, MODELS_PREFIX, SCHEDULE_PREFIX, SCORES_PREFIX
from xacct_ml.system.names import Names

SOURCE_KEYS = ("aws:sourceaccount", "aws:sourcearn")
_NOT_A_CLASS = frozenset({"aws:requestedregion", "kms:calleraccount"})
_WHOLE_FAMILIES = ("states", "sagemaker", "cloudformation")
"""Services whose source ARN the trust policies take with any name (states, SageMaker), or with any id behind it
(CloudFormation): Step Functions Developer Guide, procedure-create-iam-role; SageMaker Developer Guide,
security-confused-deputy-prevention [D]."""


@dataclass(frozen=True, slots=True)
class Wider:
    """A right that AWS documents for more resources than its hop touches."""

    jobs: tuple[str, ...]
    action: str
    why: str
    context: tuple[str, str] = ("", "")
    """A condition key, in lower case, and the value that the request must have; any request where there is none."""


WIDER = (
    Wider(
        ("state-machine",),
        "sagemaker:ListTags",
        "Step Functions Developer Guide, sagemaker-iam, grants ListTags on * and says no narrower form [D]",
    ),
    Wider(
        ("training", "scoring", "endpoint", "batch"),
        "cloudwatch:PutMetricData",
        "SageMaker Developer Guide, sagemaker-roles, grants PutMetricData on *; metrics have no ARN [D]",
    ),
    Wider(
        ("judge",),
        "s3:PutObject",
        "the parts of an upload have no header to be asked for; completing them has (S3 User Guide, "
        "conditional-writes-enforce) [D]",
        ("s3:objectcreationoperation", "false"),
    ),
    *(
        Wider(
            ("deploy-function",),
            f"application-autoscaling:{operation}",
            "the ARN of a scalable target has an id that is AWS's own, known only after it was registered: the "
            "condition keys, namespace and dimension, are all that can be bound (Service Authorization Reference, AWS "
            "Application Auto Scaling) [D]",
        )
        for operation in ("DeregisterScalableTarget", "PutScalingPolicy", "RegisterScalableTarget")
    ),
    Wider(
        ("deploy-function", "endpoint"),
        "cloudwatch:DescribeAlarms",
        "AWS decides DescribeAlarms on alarm:*, whichever alarm is asked for (aws-terminator #63) [C]",
    ),
)


class Intended:
    """Answers which hop covers a request. ``hops`` are numbered; ``used`` gathers the numbers of those that covered
    one."""

    def __init__(self, names: Names, hops: Iterable[tuple[int, Hop]], places: ResourceCatalog) -> None:
        self.names = names
        self.used: set[int] = set()
        self._hops: dict[tuple[str, str], list[tuple[int, str, Mapping[str, ContextValue]]]] = {}
        for number, hop in hops:
            request = hop.request
            place = places.of(request.resource)
            resource_class = place.resource_class if place else request.resource
            key = (acting_role(request.principal), request.action.lower())
            self._hops.setdefault(key, []).append((number, resource_class, _lowered(request.context)))

    def covering(self, request: Request, place: Place | None) -> int | None:
        """The number of a hop that means this request; every hop that does counts as used. ``place`` is ``None`` for
        a request that names no resource."""
        asked = _lowered(request.context)
        classes = place.classes if place else (ANY,)
        hops = self._hops.get((acting_role(request.principal), request.action.lower()), [])
        same = [(number, context) for number, resource_class, context in hops if resource_class in classes]
        if not all(
            any(self._same(key, context.get(key), asked.get(key)) for _, context in same) for key in SOURCE_KEYS
        ):
            return None
        covering = [number for number, context in same if self._in_context(context, asked)]
        self.used.update(covering)
        return covering[0] if covering else None

    def wider(self, request: Request) -> Wider | None:
        """The documented exception that explains the request."""
        return wider(self.names, request)

    def _in_context(self, hop: Mapping[str, ContextValue], asked: Mapping[str, ContextValue]) -> bool:
        """What the hop says of a key, the request says too; keys that the hop does not have may be anything."""
        return all(
            self._same(key, value, asked.get(key))
            for key, value in hop.items()
            if key not in _NOT_A_CLASS and key not in SOURCE_KEYS
        )

    def _same(self, key: str, meant: ContextValue | None, asked: ContextValue | None) -> bool:
        """Whether two values of a condition key are of one class."""
        if meant == asked:
            return True
        if not isinstance(meant, str) or not isinstance(asked, str):
            return False
        if key == "s3:prefix":
            folders = (self.names.data_prefix, MODELS_PREFIX, HOLDOUT_PREFIX, SCORES_PREFIX, SCHEDULE_PREFIX)
            prefixes = (*(f"{each}/" for each in folders), self.names.artifact_prefix)
            beside = f"{JUDGED_PREFIX}/"
            if meant.startswith(beside) and asked.startswith(beside):
                return meant.rpartition("/")[2] == asked.rpartition("/")[2]
            return any(meant.startswith(prefix) and asked.startswith(prefix) for prefix in prefixes)
        if key == "kms:encryptioncontext:aws:s3:arn":
            return any(
                all(arn == bucket or arn.startswith(f"{bucket}/") for arn in (meant, asked))
                for bucket in (
                    *map(self.names.bucket_arn_in, self.names.regions),
                    *map(self.names.capture_bucket_arn, self.names.capturing),
                )
            )
        if key == "aws:sourcearn":
            return Arn.parse(meant).service in _WHOLE_FAMILIES and _family(meant) == _family(asked)
        return False


def wider(names: Names, request: Request) -> Wider | None:
    """The documented exception that explains the request of a role of this project; only in that role's account."""
    if request.resource_account != request.principal.account:
        return None
    job = names.job_of(acting_role(request.principal).rsplit("/", 1)[-1])
    asked = {"": "", **_lowered(request.context)}
    alike = (one for one in WIDER if request.action == one.action and job in one.jobs)
    return next((one for one in alike if asked.get(one.context[0]) == one.context[1]), None)


def acting_role(principal: Principal) -> str:
    """Whose rights count: the role of a session, otherwise the principal itself."""
    if principal.kind is PrincipalKind.SESSION:
        return principal.role_arn or principal.arn
    return principal.arn


def _family(arn: str) -> str:
    """An ARN without its last name."""
    return arn[: max(arn.rfind("/"), arn.rfind(":"))]


def _lowered(context: Mapping[str, ContextValue]) -> dict[str, ContextValue]:
    """Keys in lower case; of several values, where there is one only, that."""
    return {
        key.lower(): value[0] if isinstance(value, tuple) and len(value) == 1 else value
        for key, value in context.items()
    }
