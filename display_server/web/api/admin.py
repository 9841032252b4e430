"""Endpoints of the administration page."""

from typing import Self

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.text.types import Code, Day, Name, Note, Number, RowId
from display_server.services.calling import queue_admin as line_changes
from display_server.services.core.request_fields import JsonBody, QueryValues
from display_server.services.core.schemas import TicketWithHistory
from display_server.services.devices import displays as screen_services
from display_server.services.devices.displays import ScreenList, ScreenSettings
from display_server.services.devices.pairing import PairingCode
from display_server.services.displays import notices as announcement_services
from display_server.services.displays.notices import AnnouncementList, AnnouncementText
from display_server.services.displays.ratings import MOST_DAYS, RatingsReport, ratings_report
from display_server.services.kiosks import status as kiosk_services
from display_server.services.kiosks.print_orders import ReprintView
from display_server.services.kiosks.status import KioskList
from display_server.services.reporting import dashboard as services
from display_server.services.reporting.call_order import WhyAnswer, why_called_before
from display_server.services.reporting.dashboard import NumberHistory, Overview
from display_server.services.reporting.province import Province
from display_server.services.reporting.province import province as province_today
from display_server.web.api.kiosk import RequestId
from display_server.web.auth.authorization import actor, site
from display_server.web.auth.rate_limit import count_request
from display_server.web.http.responses import Responses, json_response, problems, warned

admin = APIBlueprint("admin", __name__, url_prefix="/api/v1/admin", abp_tags=[Tag(name="admin")])

_CHANGED: Responses = {200: TicketWithHistory, **problems(401, 403, 404, 409, 413)}


class HistoryQuery(QueryValues):
    number: Number
    day: Day | None = Field(None, description="the centre's business day; without it today")


class WhyQuery(QueryValues):
    first: Number = Field(description="the number that was called earlier")
    then: Number = Field(description="the one that was called later, or not yet")
    day: Day | None = Field(None, description="the centre's business day; without it today")


class DaysQuery(QueryValues):
    days: int = Field(30, ge=1, le=MOST_DAYS, description="business days, today included")


class ScreenPath(BaseModel):
    screen_id: RowId


class ScreenBody(JsonBody):
    model_config = ConfigDict(extra="forbid")

    name: Name
    settings: ScreenSettings = ScreenSettings()


class PairingBody(ScreenBody):
    code: PairingCode = Field(description="what the new screen shows")


class AnnouncementPath(BaseModel):
    announcement_id: RowId


class TicketPath(BaseModel):
    ticket_id: RowId


class ChangeBody(JsonBody):
    model_config = ConfigDict(extra="forbid")

    request_id: RequestId


class PriorityBody(ChangeBody):
    reason: Code | None = Field(description="of the centre's priority reasons; null: none any more")


class CancelBody(ChangeBody):
    note: Note | None = None


class MoveBody(ChangeBody):
    department: Code | None = None
    counter: Code | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.department is None) == (self.counter is None):
            raise ValueError("give either department or counter")
        return self


class ReprintBody(JsonBody):
    model_config = ConfigDict(extra="forbid")

    request_id: RequestId


@admin.get("/overview", responses={200: Overview, **problems(401, 403)})
def overview() -> Response:
    """The hall at a glance."""
    return json_response(services.overview(site(), actor()))


@admin.get("/history", responses={200: NumberHistory, **problems(401, 403, 404, 422)})
def number_history(query: HistoryQuery) -> Response:
    """Why was this number next: the ticket and its journal."""
    return json_response(services.number_history(site(), actor(), query.number, query.day))


@admin.get("/why", responses={200: WhyAnswer, **problems(401, 403, 404, 422)})
def why(query: WhyQuery) -> Response:
    """Why was one number called before another: an answer in words, from the journal."""
    return json_response(why_called_before(site(), actor(), query.first, query.then, query.day))


@admin.get("/ratings", responses={200: RatingsReport, **problems(401, 403, 422)})
def ratings(query: DaysQuery) -> Response:
    """What visitors said of their visits, by counter."""
    return json_response(ratings_report(site(), actor(), query.days))


@admin.get("/kiosks", responses={200: KioskList, **problems(401, 403)})
def kiosks() -> Response:
    """The kiosks and their printers: which is in trouble, and which slips were printed again."""
    return json_response(kiosk_services.list_kiosks(site(), actor()))


@admin.post("/tickets/<int:ticket_id>/reprint", responses={200: ReprintView, **problems(401, 403, 404, 409, 413)})
def reprint(path: TicketPath, body: ReprintBody) -> Response:
    """The slip once more, by the kiosk that printed it, marked as a copy. The same `request_id` again: no other."""
    return json_response(kiosk_services.request_reprint(site(), actor(), path.ticket_id, body.request_id))


@admin.post("/tickets/<int:ticket_id>/priority", responses=_CHANGED)
def set_priority(path: TicketPath, body: PriorityBody) -> Response:
    """Priority for somebody who waits, or none any more."""
    return json_response(line_changes.set_priority(site(), actor(), path.ticket_id, body.reason, body.request_id))


@admin.post("/tickets/<int:ticket_id>/cancel", responses=_CHANGED)
def take_out(path: TicketPath, body: CancelBody) -> Response:
    """Somebody who waits does not want the visit any more."""
    changed = line_changes.remove_from_queue(site(), actor(), path.ticket_id, body.note, body.request_id)
    return json_response(warned(changed, body.note))


@admin.post("/tickets/<int:ticket_id>/move", responses=_CHANGED)
def move(path: TicketPath, body: MoveBody) -> Response:
    """Somebody who waits goes to another queue or to one counter, with the place by the time they came."""
    where = {"department": body.department, "counter": body.counter}
    return json_response(line_changes.move_ticket(site(), actor(), path.ticket_id, **where, request_id=body.request_id))


@admin.get("/province", responses={200: Province, **problems(401, 403)})
def province() -> Response:
    """Every centre of this server at a glance."""
    return json_response(province_today(site()))


@admin.get("/announcements", responses={200: AnnouncementList, **problems(401, 403)})
def announcements() -> Response:
    """What is announced to the hall now and later."""
    return json_response(announcement_services.list_announcements(site(), actor()))


@admin.post("/announcements", responses={200: AnnouncementList, **problems(401, 403, 413, 422)})
def announce(body: AnnouncementText) -> Response:
    """A further announcement. The answer is the list of all."""
    announcement_services.add_announcement(site(), actor(), body)
    return _announced(body)


@admin.post("/announcements/<int:announcement_id>", responses={200: AnnouncementList, **problems(401, 403, 404, 413)})
def change_announcement(path: AnnouncementPath, body: AnnouncementText) -> Response:
    """Other words or other times."""
    announcement_services.change_announcement(site(), actor(), path.announcement_id, body)
    return _announced(body)


@admin.post(
    "/announcements/<int:announcement_id>/end", responses={200: AnnouncementList, **problems(401, 403, 404, 413)}
)
def end_announcement(path: AnnouncementPath) -> Response:
    """Off the screens within a minute."""
    announcement_services.end_announcement(site(), actor(), path.announcement_id)
    return json_response(announcement_services.list_announcements(site(), actor()))


def _announced(body: AnnouncementText) -> Response:
    return json_response(warned(announcement_services.list_announcements(site(), actor()), *body.text.values()))


@admin.get("/screens", responses={200: ScreenList, **problems(401, 403)})
def screens() -> Response:
    """The screens of the hall: what each shows, and what is wrong with it."""
    return json_response(screen_services.list_screens(site(), actor()))


@admin.post("/screens", responses={200: ScreenList, **problems(401, 403, 404, 409, 413, 429)})
def pair_screen(body: PairingBody) -> Response:
    """Confirm the code that a new screen shows. The answer is the list of all screens."""
    count_request(site().settings.server.pairing_limit)
    screen_services.pair_screen(site(), actor(), body.code, body.name, body.settings)
    return json_response(screen_services.list_screens(site(), actor()))


@admin.post("/screens/<int:screen_id>", responses={200: ScreenList, **problems(401, 403, 404, 409, 413)})
def change_screen(path: ScreenPath, body: ScreenBody) -> Response:
    """Another name, another picture: the screen follows by itself."""
    screen_services.change_screen(site(), actor(), path.screen_id, body.name, body.settings)
    return json_response(screen_services.list_screens(site(), actor()))


@admin.post("/screens/<int:screen_id>/revoke", responses={200: ScreenList, **problems(401, 403, 404, 413)})
def revoke_screen(path: ScreenPath) -> Response:
    """The screen goes dark within two seconds and offers to be paired again."""
    screen_services.revoke_screen(site(), actor(), path.screen_id)
    return json_response(screen_services.list_screens(site(), actor()))
