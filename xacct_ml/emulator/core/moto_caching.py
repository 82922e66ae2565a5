"""Keeps what moto would work out anew for each request or each service."""

from functools import cache

from moto.core import responses, utils


def install() -> None:
    """The operations of a response class; and the loader of service models, which lists every service when made.

    Clients have a loader of their own: botocore changes S3's paths in the model that a client is made from."""
    responses.method_names_from_class = cache(utils.method_names_from_class)
    utils.create_loader = cache(utils.create_loader)
