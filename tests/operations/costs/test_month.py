"""What is there costs, whether it is used or not."""

from __future__ import annotations

from dataclasses import dataclass

from tests.configs import example, ireland
from tests.waved import waved
from xacct_ml.operations.costs.charge import HOURS_OF_A_MONTH
from xacct_ml.operations.costs.month import (
    COSTS,
    endpoints,
    of_things,
    transform_cost,
    use_of_batch,
    use_of_endpoints,
    use_of_things,
)
from xacct_ml.system import thing
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.system import system
from xacct_ml.system.thing import Thing


def things(config: thing.Any) -> tuple[Thing, ...]:
    return system(config, Keys.stand_ins(Names(config)))


def test_every_type_of_thing_says_what_it_costs() -> None:
    """Of what the description can have; a new type is named here."""
    types = {each for each in vars(thing).values() if isinstance(each, type) and issubclass(each, Thing)}
    assert types - {Thing} == set(COSTS)


def test_a_key_and_an_alarm_in_each_region() -> None:
    """Those of one region together."""
    assert [(each.what, each.quantity) for each in of_things(things(ireland()))] == [
        ("1 KMS key in us-east-1", 1),
        ("1 KMS key in eu-west-1", 1),
        ("1 alarm in eu-west-1", 1),
    ]
    assert "3 alarms in us-east-1" in {each.what for each in of_things(things(waved()))}


def test_a_type_that_nobody_thought_of_is_not_free() -> None:
    """It is there, and its price is not known."""

    @dataclass(frozen=True, kw_only=True)
    class New(Thing):
        type = "AWS::New::Thing"

    (found,) = of_things([New.of(Names(example()), "111111111111", "shared/new", "new", "arn")])
    assert (found.what, found.price, found.usd) == ("1 AWS::New::Thing in us-east-1", None, None)


def test_an_endpoint_is_paid_for_all_month() -> None:
    """With each of its instances, in its own region."""
    names = Names(ireland(endpoint={"instance_type": "ml.m5.xlarge", "instance_count": 3}))
    (found,) = endpoints(names)
    assert (found.what, found.unit) == ("endpoint ireland: 3 × ml.m5.xlarge", "instance_hour ml.m5.xlarge")
    assert (found.region, found.quantity) == ("eu-west-1", 3 * HOURS_OF_A_MONTH)
    assert list(use_of_endpoints(names)) == []


def test_instances_that_follow_the_requests_are_at_least_the_fewest() -> None:
    """And have two alarms."""
    scaling = {"min": 2, "max": 5, "target_invocations": 100}
    names = Names(example(endpoint={"instance_type": "ml.m5.large", "autoscaling": scaling}))
    served, alarms = endpoints(names)
    assert (served.what, served.quantity) == ("endpoint production: 2 (up to 5) × ml.m5.large", 2 * HOURS_OF_A_MONTH)
    assert (alarms.unit, alarms.quantity) == ("alarm_month", 2)
    same = Names(example(endpoint={"instance_type": "ml.m5.large", "autoscaling": {**scaling, "max": 2}}))
    assert next(endpoints(same)).what == "endpoint production: 2 × ml.m5.large"


def test_a_serverless_endpoint_is_paid_for_as_it_answers() -> None:
    """By its memory; nothing between requests."""
    names = Names(example(endpoint={"serverless": {"memory_mb": 2048}}))
    assert list(endpoints(names)) == []
    (found,) = use_of_endpoints(names)
    assert (found.unit, found.usd) == ("serverless_second 2048", 0.00004)


def test_instances_that_predict_files_are_paid_for_by_the_hour() -> None:
    """In their target's region; and a batch transform by the time that it ran."""
    config = ireland(batch={"bucket": "churn-files", "instance_count": 2})
    (found,) = use_of_batch(Names(config))
    assert (found.what, found.usd) == ("an hour of ml.m5.large that predicts files", 0.128)
    target = config.accounts.production[0]
    assert transform_cost(config, target, 1800) == 0.128
    assert transform_cost(config, target, None) is None
    assert list(use_of_batch(Names(example()))) == []


def test_what_is_paid_for_as_it_is_used_stands_once_for_each_region() -> None:
    """Of which nobody knows how much it will be."""
    found = [(each.unit, each.region) for each in use_of_things(things(ireland()))]
    assert set(found) == {
        (unit, region) for unit in ("stored_gb_month", "log_gb") for region in ("us-east-1", "eu-west-1")
    }
