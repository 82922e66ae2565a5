"""ListServiceQuotas for SageMaker, which moto 5.2.5 does not have; nothing here refuses what is above a quota.

Names are those of SageMaker's refusals [C]; the types of instances are its API's [B]. The values are made up: none of
the accelerated types, as in an account that never asked for one."""

import hashlib
from functools import cache
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.core.utils import get_service_model
from moto.servicequotas.responses import ServiceQuotasResponse

from xacct_ml.emulator.core.moto_operations import page

_PAGE = 100
_USUAL = 8.0
_USES = {
    "TrainingInstanceType": "training job usage",
    "TransformInstanceType": "transform job usage",
    "ProductionVariantInstanceType": "endpoint usage",
}
limits: dict[tuple[str, str], float] = {}
"""Account and name of a quota to its value, where it is another than the usual one."""


@cache
def _names() -> tuple[str, ...]:
    model = get_service_model("sagemaker")
    return tuple(f"{type_} for {use}" for shape, use in _USES.items() for type_ in model.shape_for(shape).enum)


def _value(account: str, name: str) -> float:
    usual = 0.0 if name.startswith(("ml.p", "ml.g", "ml.trn", "ml.inf")) else _USUAL
    return limits.get((account, name), usual)


def install() -> None:
    """Beside what moto has."""

    def list_service_quotas(self: Any) -> ActionResult:
        if self._get_param("ServiceCode") != "sagemaker":
            raise JsonRESTError(
                "NoSuchResourceException", "The request failed because the specified service does not exist."
            )
        shown, token = page(list(_names()), self._get_param("NextToken"), self._get_param("MaxResults") or _PAGE)
        quotas = [
            {
                "ServiceCode": "sagemaker",
                "ServiceName": "Amazon SageMaker",
                "QuotaCode": f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}",
                "QuotaName": name,
                "Value": _value(self.current_account, name),
                "Unit": "None",
                "Adjustable": True,
                "GlobalQuota": False,
            }
            for name in shown
        ]
        return ActionResult({"Quotas": quotas, **({"NextToken": token} if token else {})})

    ServiceQuotasResponse.list_service_quotas = list_service_quotas
