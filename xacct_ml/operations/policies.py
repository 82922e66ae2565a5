"""The policies of a map, those of whoever runs this tool among them, as the world that a proof is about."""

from xacct_ml.access.organization import NO_ORGANIZATION, Organization
from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.operations import operator_policies, preconditions
from xacct_ml.operations.deployed_policies import Live, read_live
from xacct_ml.proof.isolation import other_keys
from xacct_ml.proof.world import World
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names


def world(config: Config, keys: Keys | None = None, organization: Organization = NO_ORGANIZATION) -> World:
    """What the map would deploy; stand-ins for keys that are not given."""
    return World.of_map(config, operator_policies.policies(config, keys), keys, organization)


def world_beside(config: Config) -> World:
    """Of another project in the same accounts, whose keys are not those of :func:`world`."""
    return world(config, other_keys(Names(config)))


def live(config: Config, accounts: Clients, organization: Organization = NO_ORGANIZATION) -> Live:
    """What is in the accounts.

    Raises :class:`xacct_ml.errors.NotReady` where there is no key yet; ClientError where a call fails otherwise."""
    return read_live(world(config, preconditions.keys(config, accounts), organization), accounts)
