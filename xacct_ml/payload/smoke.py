"""The smoke test: before an endpoint is changed, a temporary one of the candidate is asked the golden rows and must
answer as the model did when it was judged.

The temporary endpoint has one instance of the endpoint's type, or is serverless as the endpoint is, and the same model,
image and role. Its name is the same for every candidate, its configuration's follows from the candidate: so whatever an
interrupted deployment left is found by the next one, and cleared away.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.foreign import ForeignTextError, line

from .approved import Approved
from .endpoint import CHANGING, Endpoint, State, digest
from .golden import LARGEST_BYTES, Golden
from .golden_scoring import golden_key
from .job import JobFailed, log

OTHERS_SECONDS = 30 * 60
"""So long another deployment's temporary endpoint is left alone; what is older was left over."""
NO_ROWS = "no smoke test: the model has no golden rows"
_TRIES = 3
_SHOWN = 300
_FINAL = ("ModelError", "ValidationError", "AccessDeniedException")
"""What InvokeEndpoint says that another try does not change [B]."""


@dataclass(frozen=True)
class GoldenStore:
    """``s3`` is a client of the shared account, in the pipeline's region, as the role that may read the rows."""

    s3: Any
    bucket: str
    owner: str
    prefix: str

    def golden(self, sha256: str) -> Golden | None:
        """Of a judged model; None where its judge kept none. Raises :class:`JobFailed`."""
        where = {"Bucket": self.bucket, "ExpectedBucketOwner": self.owner}
        key = golden_key(self.prefix, sha256, "json")
        listed = self.s3.list_objects_v2(**where, Prefix=key)
        if not any(each["Key"] == key for each in listed.get("Contents", ())):
            return None
        try:
            return Golden.parse(self.s3.get_object(**where, Key=key)["Body"].read(LARGEST_BYTES + 1), sha256)
        except ForeignTextError as error:
            raise JobFailed(f"s3://{self.bucket}/{key} {error}: look who wrote it") from error


@dataclass(frozen=True)
class Progress:
    """How far a smoke test is: ``created`` says that this job made the temporary endpoint, ``tries`` how often it did
    not answer, ``told`` what came of it, which is to be said when the deployment is done.
    """

    created: bool = False
    tries: int = 0
    told: str = ""

    @classmethod
    def of(cls, found: Any) -> "Progress":
        """From a continuation token."""
        given = found if isinstance(found, Mapping) else {}
        return cls(bool(given.get("created")), int(given.get("tries") or 0), str(given.get("told") or ""))

    def document(self) -> dict[str, Any]:
        return {"created": self.created, "tries": self.tries, "told": self.told}


@dataclass(frozen=True)
class Step:
    """What one step came to; ``waits`` says what for, and is None when the endpoint itself may be changed."""

    progress: Progress
    waits: str | None = None


class SmokeTest:
    """``live`` is the endpoint that the candidate is for, ``runtime`` asks endpoints of its account."""

    def __init__(
        self,
        environment: Mapping[str, str],
        live: Endpoint,
        runtime: Any,
        store: Callable[[], GoldenStore],
        clock: Callable[[], float],
    ) -> None:
        settings = json.loads(environment.get("SMOKE_TEST") or "null")
        self.wanted = settings is not None
        """Not where the map has it off, and not while an update has brought the code and not yet its environment."""
        self.runtime = runtime
        self.store = store
        self.clock = clock
        self.live = live
        if self.wanted:
            self.temporary = live.beside(settings["endpoint"])
            self.configs: str = settings["configs"]

    def step(self, approved: Approved, before: Progress, serves: str | None) -> Step:
        """One step. ``serves`` is the configuration of the endpoint that is to be changed. Raises :class:`JobFailed`
        where the candidate does not pass.
        """
        if not self.wanted:
            return Step(before)
        state = self.temporary.describe()
        if before.told:
            return self._cleared(approved, state, before)
        golden = self.store().golden(approved.model)
        if golden is None:
            return Step(Progress(told=NO_ROWS))
        name, status = self.temporary.name, None if state is None else state["EndpointStatus"]
        if state is None:
            self._create(approved)
            return Step(Progress(created=True), f"the temporary endpoint {name} is being created")
        if status == "Deleting":
            return Step(Progress(), f"a former {name} is being deleted")
        if state["EndpointConfigName"] != self.config_name(approved):
            return self._others(state)
        if status in CHANGING:
            return Step(before, f"the temporary endpoint {name} is {status}")
        if status != "InService":
            self._delete(approved, state)
            if not before.created:
                return Step(Progress(), f"a former {name}, which is {status}, is being deleted")
            reason = line(str(state.get("FailureReason") or "no reason given"), _SHOWN)
            raise self._failed(f"the temporary endpoint {name} is {status}: {reason}", serves)
        return self._asked(approved, state, golden, before, serves)

    def _asked(self, approved: Approved, state: State, golden: Golden, before: Progress, serves: str | None) -> Step:
        try:
            answer = self.runtime.invoke_endpoint(
                EndpointName=self.temporary.name, ContentType="text/csv", Accept="text/csv", Body=golden.body
            )
            wrong = golden.difference(answer["Body"].read(LARGEST_BYTES + 1))
        except (ClientError, BotoCoreError) as error:
            said = line(str(error), _SHOWN)
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
            if code not in _FINAL and before.tries + 1 < _TRIES:
                log.info("the temporary endpoint does not answer: %s", said)
                again = Progress(before.created, before.tries + 1)
                return Step(again, f"the temporary endpoint {self.temporary.name} does not answer yet: {said}")
            wrong = f"the temporary endpoint does not answer: {said}"
        self._delete(approved, state)
        if wrong is not None:
            raise self._failed(wrong, serves)
        told = f"smoke test passed on {len(golden.rows)} golden rows"
        return Step(Progress(before.created, 0, told), f"{told}; its endpoint is being deleted")

    def _cleared(self, approved: Approved, state: State | None, before: Progress) -> Step:
        """The endpoint's instances come after the temporary one has gone, so that no more of them are needed."""
        if state is None or state["EndpointConfigName"] != self.config_name(approved):
            if before.created:
                self.temporary.forget_config(self.config_name(approved))
            return Step(before)
        if state["EndpointStatus"] not in (*CHANGING, "Deleting"):
            self._delete(approved, state)
        return Step(before, f"{before.told}; its endpoint is being deleted")

    def _others(self, state: State) -> Step:
        """Another candidate's, of the other pipeline or of a deployment that nobody came back for."""
        name, age = self.temporary.name, self.clock() - state["CreationTime"].timestamp()
        if age < OTHERS_SECONDS or state["EndpointStatus"] in CHANGING:
            return Step(Progress(), f"waits for another deployment's temporary endpoint {name} to go")
        log.info("clearing away %s, which was left over", name)
        self.temporary.delete()
        self.temporary.forget_config(state["EndpointConfigName"])
        return Step(Progress(), f"{name}, which another deployment left, is being deleted")

    def config_name(self, approved: Approved) -> str:
        variant = json.dumps(self._variant(), sort_keys=True)
        return f"{self.configs}{digest(self.live.model_name(approved), variant)[:-4]}"

    def _variant(self) -> dict[str, Any]:
        if self.live.serverless:
            return {"ServerlessConfig": {**self.live.variant["ServerlessConfig"], "MaxConcurrency": 1}}
        return {**self.live.variant, "InitialInstanceCount": 1}

    def _create(self, approved: Approved) -> None:
        config = self.config_name(approved)
        self.live.make_config(config, self.live.model_name(approved), self._variant())
        self.temporary.create(config)

    def _delete(self, approved: Approved, state: State) -> None:
        log.info("deleting %s, which is %s", self.temporary.name, state["EndpointStatus"])
        self.temporary.delete()
        self.temporary.forget_config(self.config_name(approved))

    def _failed(self, why: str, serves: str | None) -> JobFailed:
        unchanged = f"was not changed and serves {serves}" if serves else "was not made"
        log_group = f"its log is in /aws/sagemaker/Endpoints/{self.temporary.name}"
        return JobFailed(f"the smoke test failed: {why}. {self.live.name} {unchanged}; {log_group}")
