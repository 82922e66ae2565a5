"""Whether the XGBoost image of the map is in the registry of each region that trains or serves.

BatchGetImage is what pulling an image calls (ECR User Guide, security_iam_service-with-iam) [D]; AWS's registries of
its own images let every account pull (SageMaker Developer Guide, ecr-us-east-1 and the like) [D]."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from xacct_ml.arn import Arn
from xacct_ml.aws.clients import Clients
from xacct_ml.operations.doctor.check import EVERY_ACCOUNT, Check, Finding, Subject, failed, ok
from xacct_ml.resources.rights import Place, Rights


def _repositories(place: Place) -> str:
    """Of whichever region the account has to do with."""
    here = Arn.parse(place.names.image_repository_arn(place.region or place.names.region))
    return str(here)


RIGHTS = {EVERY_ACCOUNT: (Rights("doctor/Image", "ecr: BatchGetImage", on=(_repositories,)),)}


def checks(subject: Subject) -> Iterator[Check]:
    names = subject.names
    places = [(names.training, names.region), *((one.id, names.region_of(one)) for one in names.production)]
    for account, region in dict.fromkeys(places):
        look = partial(_look, account, region, names.image_uri_in(region))
        yield Check("XGBoost image", account, region, "ecr:BatchGetImage", look, quick=True)


def _look(account: str, region: str, uri: str, accounts: Clients) -> Finding:
    registry, _, rest = uri.partition("/")
    repository, _, tag = rest.partition(":")
    answer = accounts.client(account, "ecr", region).batch_get_image(
        registryId=registry.split(".")[0], repositoryName=repository, imageIds=[{"imageTag": tag}]
    )
    return judge(answer, uri)


def judge(answer: Mapping[str, Any], uri: str) -> Finding:
    """``answer`` is BatchGetImage's."""
    if answer.get("images"):
        return ok(uri)
    why = ", ".join(str(failure.get("failureCode")) for failure in answer.get("failures", ()))
    return failed(f"{uri} is not there: {why or 'no image'}", "set another training.xgboost_version in the map")
