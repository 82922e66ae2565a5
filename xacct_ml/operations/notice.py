"""A word of the operator's own to those whom the map's notifications tell."""

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.foreign import LONGEST_TEXT, line
from xacct_ml.operations.drift import Drift, finding
from xacct_ml.resources.rights import Place, Rights, pipelines_key
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Conditions
from xacct_ml.tables.regions import service_host


def _at_home(place: Place) -> bool:
    """Of the topics, the pipeline's region's is the one that is told."""
    return place.region == place.names.region


def _encrypted_by_us(place: Place) -> bool:
    return _at_home(place) and not place.thing.adopted


def _through_sns(place: Place) -> Conditions:
    return {"StringEquals": {"kms:ViaService": service_host("sns", place.names.region)}}


RIGHTS = {
    "AWS::SNS::Topic": (
        Rights("notifications/Tell", "sns: Publish", needed=_at_home),
        Rights(
            "notifications/UseKeyThroughSns",
            "kms: Decrypt GenerateDataKey",
            on=(pipelines_key,),
            condition=_through_sns,
            needed=_encrypted_by_us,
        ),
    )
}


def require_somebody(config: Config) -> None:
    """Raises InputError where nobody is told of anything."""
    if config.notifications is None:
        raise InputError("--notify: the map has no notifications", next_step="give notifications in the map")


def tell_drift(config: Config, accounts: Clients, found: Drift) -> None:
    """What lies otherwise, and the command that shows it."""
    target = found.serving.target.name
    said = f"Pipeline {Names(config).pipeline}: {target}: {finding(found)}. Next: xacct-ml drift --target {target}"
    names = Names(config)
    accounts.client(names.shared, "sns").publish(TopicArn=names.topic_arn(), Message=line(said, LONGEST_TEXT))
