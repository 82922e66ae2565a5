"""Concrete resources and their classes."""

from __future__ import annotations

import pytest

from tests.proof.changes import NAMES, WORLD
from tests.proof.maps import MAPS
from xacct_ml.config.model import Config
from xacct_ml.operations.policies import world
from xacct_ml.proof.actions import service_actions
from xacct_ml.proof.matrix.resource_catalog import ANY, unrelated_places

OURS = WORLD.places


@pytest.mark.parametrize("config", MAPS.values(), ids=MAPS.keys())
def test_every_hop_is_about_a_known_place(config: Config) -> None:
    """Otherwise the matrix would not ask about it."""
    given = world(config)
    strange = [hop.request.resource for hop in given.hops if not given.places.of(hop.request.resource)]
    assert set(strange) == {ANY}


@pytest.mark.parametrize("config", MAPS.values(), ids=MAPS.keys())
def test_every_place_lies_in_its_own_class_only(config: Config) -> None:
    """A pattern that reached into another class would hide a hole."""
    places = world(config).places
    for place in places:
        assert place.covers(place.arn)
        for other in places:
            if other.service == place.service and other.kind == place.kind and place.covers(other.arn):
                assert place.resource_class in other.classes


def test_unrelated_resources_exist_for_every_type_and_account_and_are_none_of_ours() -> None:
    """One of each in each of the three accounts."""
    unrelated = list(unrelated_places(NAMES))
    assert len(unrelated) == 3 * len(service_actions().templates)
    assert not [place for place in unrelated if any(one.covers(place.arn) for one in OURS if one.kind == place.kind)]


@pytest.mark.parametrize(
    ("key", "resource_class"),
    [
        ("data/manifest.json", "manifest"),
        ("data/ffff/validation/validation.csv", "data"),
        ("models/another-job/output/model.tar.gz", "models"),
        ("evaluations/x.json", "evaluations"),
        ("churn/TemplateSo/zip", "artifacts"),
        ("private/file", None),
    ],
)
def test_an_object_belongs_to_the_class_of_its_prefix(key: str, resource_class: str | None) -> None:
    """The most specific one; nothing where no prefix of ours covers it."""
    place = OURS.of(NAMES.object_arn(key))
    assert (place.resource_class if place else None) == resource_class
