"""A connection to GitHub, GitLab or Bitbucket: made by hand, completed in a browser, and here only looked at.

CodeConnections API reference, GetConnection: a connection is PENDING until a person has let AWS in at the provider [D].
"""

from collections.abc import Callable
from dataclasses import dataclass

from xacct_ml.arn import Arn
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.engine.resource import Kept, Outputs, State
from xacct_ml.errors import NotReady
from xacct_ml.resources.base import Driver
from xacct_ml.resources.rights import Place, Rights
from xacct_ml.system import thing as things
from xacct_ml.system.names import CONNECTION_SERVICES
from xacct_ml.system.statements import Conditions
from xacct_ml.tables.regions import console_host

AVAILABLE, PENDING = "AVAILABLE", "PENDING"


def _passed_to_codepipeline(service: str) -> Callable[[Place], Conditions]:
    return lambda _: {"StringEquals": {f"{service}:PassedToService": "codepipeline.amazonaws.com"}}


def _with_prefix(position: int) -> Callable[[Place], str]:
    """Its ARN with one of the two prefixes: it has both, whichever the map gives."""
    return lambda place: place.names.connection_arns[position]


@dataclass(frozen=True, kw_only=True)
class Connection(Driver[things.Connection]):
    """The ARN may have either of the service's prefixes, and is looked up with that one's API.

    Never made, changed or deleted."""

    kind = "CodeConnections connection"
    has_tags = False
    rights = (
        *(
            Rights("connection/LookAtConnection", f"{service}: GetConnection", on=(_with_prefix(0), _with_prefix(1)))
            for service in CONNECTION_SERVICES
        ),
        # To put it into the pipeline: CreatePipeline and UpdatePipeline need it (Developer Tools console user guide,
        # connections) [D]. Making and deleting one is nobody's of ours.
        *(
            Rights(
                f"connection/PassConnection{number + 1}",
                f"{service}: PassConnection",
                on=(_with_prefix(number),),
                condition=_passed_to_codepipeline(service),
            )
            for number, service in enumerate(CONNECTION_SERVICES)
        ),
    )

    def desired(self, outputs: Outputs) -> State:
        return {"status": AVAILABLE}

    def observe(self, outputs: Outputs) -> State | None:
        connections = self.client(Arn.parse(self.arn).service)
        found = absent_as_none("ResourceNotFoundException", connections.get_connection, ConnectionArn=self.arn)
        return None if found is None else {"status": found["Connection"]["ConnectionStatus"]}

    def check(self, observed: State | None) -> None:
        """Refuses a plan with one that cannot be used: there it is told, and nothing is made."""
        if observed is None:
            raise NotReady(
                f"there is no connection {self.arn}",
                next_step=f"make one at {self._console} and put its ARN into the map's pipeline.connection.arn",
            )
        status = observed["status"]
        if status == AVAILABLE:
            return
        if status == PENDING:
            reason = "nobody has completed it at the provider yet"
            step = f"in account {self.account}, at {self._console}, choose it and then: Update pending connection"
        else:
            reason = "the provider no longer lets it in"
            step = f"look at it at {self._console}, or make another and put its ARN into pipeline.connection.arn"
        raise NotReady(f"connection {self.arn} is {status}: {reason}", next_step=step)

    def how_to_adopt(self, observed: State | None) -> str | None:
        return None

    def make(self, outputs: Outputs) -> None:
        self.check(None)

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        self.check(observed)

    def remove(self, observed: State) -> None:
        raise Kept("a connection is yours, made by hand", next_step=f"delete it at {self._console}")

    @property
    def _console(self) -> str:
        """The page of all connections, where pending ones are completed; its address as public code has it [C]."""
        return f"https://{self.thing.region}.{console_host(self.thing.region)}/codesuite/settings/connections?region={self.thing.region}"
