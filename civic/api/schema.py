"""How the API is described: the OpenAPI schema, made from the views and served at /api/schema/."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.utils import OpenApiParameter, extend_schema

from civic.api.refusals import Refusal

Method = Callable[..., Any]
READ_REFUSED = (400, 401, 403, 404, 429)
ACT_REFUSED = (400, 401, 403, 404, 409, 411, 413, 415)


class OperationSchema(AutoSchema):
    """Describes a Resource: whether somebody who has not signed in may call the method."""

    def get_auth(self) -> list[dict[str, Any]]:
        is_for_everybody = self.view.is_for_everybody(self.method)
        return super().get_auth() + ([{}] if is_for_everybody else [])


class SessionExtension(OpenApiAuthenticationExtension):
    """Sign-in is the website's; acts also need a token against forged requests."""

    target_class = "civic.api.resource.Session"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "session",
            "description": (
                "The cookie of a sign-in by e-mailed code (named __Host-session over HTTPS). "
                "Every method but GET and HEAD also needs the header X-CSRFToken with the "
                "csrf_token that GET /api/v1/session/ gives."
            ),
        }


def operation(
    name: str,
    success: Any,
    *,
    request: Any = None,
    status: int = 200,
    parameters: list[OpenApiParameter] | None = None,
    example: str = "",
) -> Callable[[Method], Method]:
    """Describe one method: `name` is resource_act, `success` what it answers when it goes well.

    `success` is a serializer, or maps (status, media type) to a type. `example` is an address below
    /api/v1/ that shows how to ask; what stands in it for names is explained in the guide.
    """

    def describe(method: Method) -> Method:
        refused = READ_REFUSED if method.__name__ == "get" else ACT_REFUSED
        described = extend_schema(
            operation_id=name,
            tags=[name.split("_")[0]],
            request=request,
            parameters=parameters,
            extensions={"x-codeSamples": [_sample(example)]} if example else None,
            responses=(success if isinstance(success, dict) else {status: success})
            | dict.fromkeys(refused, Refusal),
        )
        return described(method)

    return describe


def _sample(address: str) -> dict[str, str]:
    return {"lang": "Shell", "label": "curl", "source": f'curl -sSf "$SITE/api/v1/{address}"'}


@functools.cache
def document() -> bytes:
    """The schema as YAML: the very bytes of docs/openapi.yaml."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return OpenApiYamlRenderer().render(schema, renderer_context={})


@require_safe
def serve(request: HttpRequest) -> HttpResponse:
    """The schema, for programs that read it before they call."""
    return HttpResponse(document(), content_type="application/yaml")
