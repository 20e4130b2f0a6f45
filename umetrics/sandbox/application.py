"""moto's web application, which here also answers for what it does not serve."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from flask import request as asked
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Request, Response

from umetrics.sandbox.stacks import Stacks
from umetrics.sandbox.strict.unserved import unserved

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from werkzeug.exceptions import HTTPException

NOT_FOUND = 404


def application() -> WSGIApplication:
    """All services that moto has; a call to another is refused in that one's own protocol."""
    return DomainDispatcherApplication(partial(_of_service, Stacks()))


def _of_service(stacks: Stacks, service: Any) -> Any:  # noqa: ANN401  # moto's name of one, or None
    if service == "cloudformation":
        return Request.application(stacks.answer)
    try:
        served = create_backend_app(service) if service else None
    except ModuleNotFoundError:  # moto's extra for this service is not installed
        served = None
    if served is None:
        return Request.application(_refused)
    served.register_error_handler(NOT_FOUND, _refused_path)
    return served


def _refused(request: Request) -> Response:
    status, headers, body = unserved(dict(request.headers), request.get_data(), request.path)
    return Response(body, status, headers)


def _refused_path(error: HTTPException) -> Response | HTTPException:
    """Where moto has the service, but no such path of it; what moto itself does not find stays."""
    return error if asked.url_rule else _refused(asked)
