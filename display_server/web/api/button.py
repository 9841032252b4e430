"""Endpoints of call buttons: an HTTP button, and the agent that speaks for MQTT buttons, keypads and serial keypads.

The token stands in the header alone, and nothing is called by a GET: what a browser or a preview fetches calls nobody.
"""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel

from display_server.services.calling.buttons import ButtonKey, ButtonView, button_view, press
from display_server.services.core.request_fields import JsonBody
from display_server.web.api.kiosk import RequestId
from display_server.web.auth.authorization import actor, site
from display_server.web.http.responses import Responses, json_response, problems

button = APIBlueprint("button", __name__, url_prefix="/api/v1/button", abp_tags=[Tag(name="button")])

_SEEN: Responses = {200: ButtonView, **problems(401, 403)}


class ButtonPath(BaseModel):
    key: ButtonKey


class ButtonPress(JsonBody):
    request_id: RequestId | None = None


@button.get("", responses=_SEEN)
def show() -> Response:
    """For a lamp or a small display: who is at the counter, and how many wait."""
    return json_response(button_view(site(), actor()))


@button.post("/<key>", responses=_SEEN | problems(404, 409, 413, 422))
def press_key(path: ButtonPath, body: ButtonPress) -> Response:
    """A press; how the counter is then. Presses that only repeat it (a contact that bounces) get the same answer."""
    return json_response(press(site(), actor(), path.key, body.request_id))
