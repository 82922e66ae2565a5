"""moto serves the operation that a request was recognised as, with the parameters that were decided on.

Touches ``BaseResponse._get_action`` and ``setup_class``: moto takes an operation, and many parameters, from wherever
something looks like them: ``Action`` in the URL of a JSON service, ``&Action=…&`` inside a text of its body, a form in
an object's content. Who may do one thing could do another."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from moto.core.responses import BaseResponse
from werkzeug.datastructures import ImmutableMultiDict

from xacct_ml.emulator.core.moto_dispatch import FORMS, protocol_of, served_call


def install() -> None:
    BaseResponse._get_action = _of_the_call(BaseResponse._get_action)
    BaseResponse.setup_class = _without_forms(BaseResponse.setup_class)


def _of_the_call(guessed: Callable[[Any], str]) -> Callable[[Any], str]:
    def action(self: Any) -> str:
        call = served_call.get(None)
        if call is None or call.service != self.boto3_service_name:
            # one that does not come through the gate is of moto's own in-process mock beside this server
            return guessed(self)
        if "x-amz-target" not in self.headers:
            self._get_action_from_method_and_request_uri(self.normalized_request)  # for the parameters in the path
        return call.operation

    return action


def _without_forms(setup: Callable[..., None]) -> Callable[..., None]:
    def setup_class(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        protocol = protocol_of(self.boto3_service_name, request.content_type or "")
        if served_call.get(None) is None or protocol in FORMS:
            setup(self, request, *args, **kwargs)
            return
        request.get_data(cache=True, parse_form_data=False)
        vars(request).update(form=ImmutableMultiDict(), files=ImmutableMultiDict())
        setup(self, request, *args, **kwargs)
        query = self.parsed_url.query if protocol.startswith("rest") else ""
        self.querystring = self.data = parse_qs(query, keep_blank_values=True)

    return setup_class
