"""Endpoints of the kiosk: the centre, tickets, and tickets that it issued by itself."""

from datetime import datetime
from typing import Annotated, TypeVar

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field, RootModel

from config.centre.models import ProcedureCode
from config.text.types import LARGEST_INT, Code, LanguageCode, Moment, Number, RowId
from display_server.services.core.centres import get_catalogue
from display_server.services.core.request_fields import JsonBody, QueryValues
from display_server.services.core.schemas import CentreView, OfflineResults, SlipTicket, TicketView, TicketWithHistory
from display_server.services.core.server_names import phone_address
from display_server.services.errors import NotFound
from display_server.services.kiosks.status import KioskCommands, KioskReport, report_kiosk
from display_server.services.tickets.centre_snapshot import centre_view
from display_server.services.tickets.issuing import issue
from display_server.services.tickets.offline_sync import OfflineTicket, sync_offline_tickets
from display_server.services.tickets.tickets import TicketRequest, get_ticket_by_token
from display_server.services.tickets.tickets import get_ticket as find_ticket
from display_server.services.tickets.trial_ticket import TrialNumber, give_trial_number
from display_server.web.auth.authorization import actor, site
from display_server.web.auth.rate_limit import count_device
from display_server.web.http.responses import json_response, problems

RequestId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$", description="made afresh for every tap or press")]
JOURNAL = r"^[A-Za-z0-9-]{1,64}$"
MOST_AT_ONCE = 500  # offline tickets in one request
EMBLEM_SECONDS = 86400  # another picture has another address
OLDEST_SECONDS = 90.0 * 86400  # a ticket that was handed in later tells nothing any more

Addressed = TypeVar("Addressed", TicketView, TrialNumber)

kiosk = APIBlueprint("kiosk", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="kiosk")])


class TicketBody(JsonBody):
    request_id: RequestId
    department: Code
    procedure: ProcedureCode | None = None
    priority: Code | None = None
    language: LanguageCode = "vi"
    then: list[Code] = Field([], max_length=5, description="departments to go to afterwards, on the same number")

    def to_request(self) -> TicketRequest:
        return TicketRequest(
            self.request_id, self.department, self.procedure, self.priority, self.language, tuple(self.then)
        )


class TrialRequest(JsonBody):
    request_id: RequestId


class OfflineTicketBody(TicketBody):
    number: Number
    issued_at: Moment
    age_seconds: float | None = Field(
        None, ge=0, le=OLDEST_SECONDS, description="by the kiosk's own clock; without it `issued_at` is believed"
    )

    def age(self, now: datetime) -> float:
        """A kiosk without `age_seconds` may have any clock: the age stays between nothing and the oldest allowed."""
        if self.age_seconds is not None:
            return self.age_seconds
        return min(max(0.0, (now - self.issued_at).total_seconds()), OLDEST_SECONDS)


class OfflineTickets(JsonBody, RootModel[Annotated[list[OfflineTicketBody], Field(max_length=MOST_AT_ONCE)]]):
    pass


class TicketPath(BaseModel):
    id: RowId


class SlipPath(BaseModel):
    secret: str = Field(pattern=r"^[!-~]{1,200}$", description="the last part of the address that a slip's code holds")


class CentreQuery(QueryValues):
    known: int | None = Field(
        None, ge=0, le=LARGEST_INT, description="the `catalogue` whose procedures the asker holds already"
    )


class KioskHeader(BaseModel):
    x_motcua_journal: str | None = Field(
        None, pattern=JOURNAL, description="of a kiosk: the name of its disk's journal"
    )
    x_motcua_letter: str | None = Field(
        None, pattern=r"^[A-Z]$", description="the letter that its own numbers had last"
    )


@kiosk.get("/centre", responses={200: CentreView, **problems(401, 403, 422)})
def get_centre(query: CentreQuery, header: KioskHeader) -> Response:
    """The centre: names, departments with their queues, procedures, opening."""
    return json_response(centre_view(site(), actor(), query.known, header.x_motcua_journal, header.x_motcua_letter))


@kiosk.get("/centre/emblem", responses={200: {"content": {"image/png": {}}}, **problems(401, 403, 404)})
def get_emblem() -> Response:
    """The centre's emblem, a PNG."""
    emblem = get_catalogue(site(), actor().centre_id).emblem
    if emblem is None:
        raise NotFound("this centre has no emblem")
    response = Response(emblem, content_type="image/png")
    response.cache_control.max_age = EMBLEM_SECONDS
    response.add_etag()
    response.make_conditional(request)
    return response


@kiosk.post("/tickets", responses={200: TicketView, 201: TicketView, **problems(401, 403, 404, 409, 413, 422, 429)})
def post_ticket(body: TicketBody) -> Response:
    """A visitor takes a number, or staff give one. The same `request_id` again: 200 and the same ticket."""
    count_device(site().settings.server.kiosk_ticket_limit, actor(), 1)
    ticket, is_new = issue(site(), actor(), body.to_request())
    return json_response(with_address(ticket), 201 if is_new else 200)


@kiosk.post("/trial-numbers", responses={200: TrialNumber, **problems(401, 403, 404, 409, 413, 422, 429)})
def post_trial_number(body: TrialRequest) -> Response:
    """A number for a technician, at any hour: nobody waits with it. The same `request_id` again: the same answer."""
    count_device(site().settings.server.kiosk_ticket_limit, actor(), 1)
    return json_response(with_address(give_trial_number(site(), actor(), body.request_id)))


@kiosk.post("/tickets/offline", responses={200: OfflineResults, **problems(401, 403, 413, 422, 429)})
def post_offline(body: OfflineTickets) -> Response:
    """Tickets that the kiosk issued without the server. The paper wins; safe to repeat."""
    if body.root:
        count_device(site().settings.server.kiosk_hand_in_limit, actor(), len(body.root))
    now = site().clock()
    handed = [OfflineTicket(each.to_request(), each.number, each.age(now)) for each in body.root]
    results = sync_offline_tickets(site(), actor(), handed)
    return json_response(OfflineResults(results=[
        each.model_copy(update={"ticket": with_address(each.ticket) if each.ticket else None}) for each in results
    ]))  # fmt: skip


@kiosk.get("/tickets/<int:id>", responses={200: TicketWithHistory, **problems(401, 403, 404)})
def get_ticket(path: TicketPath) -> Response:
    """A ticket and everything that happened to it."""
    return json_response(with_address(find_ticket(site(), actor(), path.id)))


@kiosk.get("/tickets/by-address/<secret>", responses={200: SlipTicket, **problems(401, 403, 404)})
def get_slip(path: SlipPath) -> Response:
    """The ticket of a slip that was scanned, as it stands now."""
    return json_response(get_ticket_by_token(site(), actor(), path.secret))


@kiosk.post("/kiosks/report", responses={200: KioskCommands, **problems(401, 403, 413)})
def report(body: KioskReport) -> Response:
    """How the kiosk and its printer are; the answer names the slips to print again."""
    orders = report_kiosk(site(), actor(), body, no_code=_phone_address() is None)
    for order in orders.reprints:
        if order.ticket is not None:
            with_address(order.ticket)
    return json_response(orders)


def with_address(ticket: Addressed) -> Addressed:
    """The same ticket with a full address for the visitor's phone; with none where a phone could open none of ours."""
    base, path = _phone_address(), ticket.status_url
    ticket.status_url = base + path if base is not None and path is not None else None
    if isinstance(ticket, TicketView):
        ticket.page = path
    return ticket


def _phone_address() -> str | None:
    return phone_address(site().settings.server, request.scheme, request.host)
