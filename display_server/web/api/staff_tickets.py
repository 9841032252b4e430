"""Endpoints of numbers that staff give: what became of them, their slips and their codes for a phone.

The number itself comes from `POST /api/v1/tickets`, as at a kiosk.
"""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict

from config.text.types import RowId
from display_server.services.core.request_fields import JsonBody
from display_server.services.kiosks.print_orders import ReprintView, order_slip
from display_server.services.kiosks.staff_tickets import GivenNumber, GivenNumbers, given_number, given_numbers
from display_server.web.api.kiosk import RequestId, with_address
from display_server.web.auth.authorization import actor, site
from display_server.web.http.responses import json_response, problems
from display_server.web.qr import qr_path

numbers = APIBlueprint("numbers", __name__, url_prefix="/api/v1/numbers", abp_tags=[Tag(name="numbers")])


class NumberPath(BaseModel):
    ticket_id: RowId


class PrintBody(JsonBody):
    model_config = ConfigDict(extra="forbid")

    request_id: RequestId
    kiosk_id: RowId


class Code(BaseModel):
    """A QR code of the visitor's page: `size` modules wide, `path` for an SVG of that size; with its margin."""

    size: int
    path: str


class NumberForPhone(GivenNumber):
    """`code`: null where this server knows no address that a phone can open."""

    code: Code | None


@numbers.get("", responses={200: GivenNumbers, **problems(401, 403)})
def show() -> Response:
    """The kiosks with their printers, and the numbers that the asker gave today."""
    found = given_numbers(site(), actor())
    for each in found.given:
        with_address(each.ticket)
    return json_response(found)


@numbers.get("/<int:ticket_id>", responses={200: NumberForPhone, **problems(401, 403, 404)})
def find(path: NumberPath) -> Response:
    """A number as it stands now, its slips, and its code for a phone."""
    found = given_number(site(), actor(), path.ticket_id)
    address = with_address(found.ticket).status_url
    drawn = qr_path(address) if address is not None else None
    code = Code(size=drawn.size, path=drawn.path) if drawn is not None else None
    return json_response(NumberForPhone(ticket=found.ticket, orders=found.orders, code=code))


@numbers.post("/<int:ticket_id>/print", responses={200: ReprintView, **problems(401, 403, 404, 409, 413)})
def print_slip(path: NumberPath, body: PrintBody) -> Response:
    """Today's number on paper, at a kiosk of the hall. The same `request_id` again: no other slip."""
    return json_response(order_slip(site(), actor(), path.ticket_id, body.kiosk_id, body.request_id))
