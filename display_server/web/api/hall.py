"""Endpoints of the screens: the hall's state, live."""

from typing import Annotated, Any, Literal

from flask import Response, current_app, request, send_from_directory, session
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from config.text.types import LARGEST_INT, Code, RowId, TextRule
from display_server.domain.shown_calls import ShownCalls
from display_server.services.call_audio.announcer import Announcement, Form
from display_server.services.call_audio.call_announcements import CallAnnouncementService
from display_server.services.call_audio.speakers import Asked
from display_server.services.calling.announced_calls import announce
from display_server.services.core.request_fields import JsonBody, QueryValues
from display_server.services.core.schemas import HallCalls, HallDirectory, HallView, SpeakerView
from display_server.services.devices.displays import SHOWN, ScreenReport, ScreenSettings, report_screen
from display_server.services.displays.hall import calls_after as find_calls_after
from display_server.services.displays.hall import hall_names, hall_snapshot
from display_server.services.displays.media import MediaView, find_media, media_view
from display_server.services.displays.ratings import Rateable, Rating, rate, rateable
from display_server.web.auth.authorization import ANYONE, DEVICES, actor, site
from display_server.web.auth.rate_limit import count_request
from display_server.web.http.event_stream import EVENT_STREAM, connection, event_stream
from display_server.web.http.responses import json_response, problems

hall = APIBlueprint("hall", __name__, url_prefix="/api/v1/hall", abp_tags=[Tag(name="hall")])


class CentreQuery(QueryValues):
    centre: Code | None = Field(None, description="where one server holds several; a token knows its own")


ScreenId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
MP3: dict[str, Any] = {"content": {"audio/mpeg": {}}}


class CallPath(BaseModel):
    seq: RowId


class SpeakerRequest(JsonBody):
    screen: ScreenId = Field(description="made by the page, the same after a reload")
    wish: Literal["auto", "on"] = Field("auto", description="on: an enrolled display that always speaks")
    able: bool = Field(True, description="false: its browser withholds the sound")
    spoken: int = Field(
        0, ge=0, le=LARGEST_INT, description="the last call that an enrolled display has spoken to the end"
    )
    group: str = Field(
        "", pattern=SHOWN, description='what it shows, "counters;departments": one of those alike speaks'
    )


class AnnouncedRequest(JsonBody):
    seqs: list[RowId] = Field(min_length=1, max_length=100, description="sequence numbers of calls")
    spoken: bool = Field(description="false: only shown, which counts where no other display speaks them")


class VoiceQuery(CentreQuery):
    form: Form = Field(Form.FULL, description="brief: the first language, once; short: its short sentence, no chime")


class AfterQuery(CentreQuery):
    after: int = Field(ge=0, le=LARGEST_INT, description="sequence number of the last call that was seen")


@hall.get("", responses={200: HallView, **problems(401, 403, 404, 422)})
def state(query: CentreQuery) -> Response:  # noqa: ARG001 - read by `authorize_request`
    """The hall's whole state."""
    return json_response(hall_snapshot(site(), actor().centre_id))


@hall.get("/stream", responses={200: EVENT_STREAM, **problems(401, 403, 404, 422)})
def stream(query: CentreQuery) -> Response:  # noqa: ARG001 - read by `authorize_request`
    """The state now and after every change, as server-sent events, without names, waits and defaults."""
    device_id = actor().id if actor().kind in DEVICES else session.get("device")
    return event_stream(site().hub.subscribe(actor().centre_id, **connection(), device_id=device_id))


@hall.get("/calls", responses={200: HallCalls, **problems(401, 403, 404, 422)})
def calls_after(query: AfterQuery) -> Response:
    """The calls after a sequence number: fills a hole."""
    return json_response(find_calls_after(site(), actor().centre_id, query.after))


@hall.get("/names", responses={200: HallDirectory, **problems(401, 403, 404, 422)})
def directory(query: CentreQuery) -> Response:  # noqa: ARG001 - read by `authorize_request`
    """Names of the centre, its departments and counters."""
    return json_response(hall_names(site(), actor().centre_id))


class MediaPath(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=255), TextRule("file")]


@hall.get("/media", responses={200: MediaView, **problems(401, 403, 404, 422)})
def media(query: CentreQuery) -> Response:  # noqa: ARG001 - read by `authorize_request`
    """Pictures, videos and announcements of the layout "media"."""
    return json_response(media_view(site(), actor().centre_id))


@hall.get("/media/<name>", responses={200: {"content": {"image/*": {}, "video/*": {}}}, **problems(401, 403, 404, 422)})
def media_file(path: MediaPath, query: CentreQuery) -> Response:  # noqa: ARG001 - read by `authorize_request`
    """One of them; ranges too, as videos are read in pieces."""
    folder, name = find_media(site(), actor().centre_id, path.name)
    kind = "image/jpeg" if name.lower().endswith(".jfif") else None  # a name that few systems know
    return send_from_directory(folder, name, mimetype=kind, max_age=3600)


@hall.post("/report", responses={200: ScreenSettings, **problems(401, 403, 413)})
def report(body: ScreenReport) -> Response:
    """How an enrolled screen is, every few seconds. The answer is what it should show."""
    return json_response(report_screen(site(), actor(), body))


@hall.get("/rating", responses={200: Rateable, **problems(401, 403)})
def ask_rating() -> Response:
    """Which visit the screen over a counter may ask about now."""
    return json_response(rateable(site(), actor()))


@hall.post("/rating", responses={200: Rateable, **problems(401, 403, 409, 413)})
def give_rating(body: Rating) -> Response:
    """What a visitor thinks of a visit: once, without any person's data. The answer: what to ask about next."""
    rate(site(), actor(), body)
    return json_response(rateable(site(), actor()))


@hall.post("/announced", responses={204: None, **problems(401, 403, 413, 422)})
def announced(body: AnnouncedRequest) -> Response:
    """An enrolled display has announced these calls: from then on the visitors' time to come counts."""
    announce(site(), actor(), body.seqs, spoken=body.spoken)
    return Response(status=204)


@hall.get("/voice/<int:seq>.mp3", responses={200: MP3, **problems(401, 403, 404, 422, 429)})
def voice(path: CallPath, query: VoiceQuery) -> Response:
    """A call as it is said: the chime, then the sentence in each language. 503 where a clip cannot be had."""
    _count_guest()
    return _sound(hall_voice().announcement(actor().centre_id, path.seq, query.form))


class NoticePath(BaseModel):
    announcement_id: RowId


@hall.get("/voice/notices/<int:announcement_id>.mp3", responses={200: MP3, **problems(401, 403, 404, 422, 429)})
def voice_notice(path: NoticePath, query: CentreQuery) -> Response:  # noqa: ARG001 - read by `authorize_request`
    """What staff announce, as it is said: the chime, then the text in each language."""
    _count_guest()
    return _sound(hall_voice().notice(actor().centre_id, path.announcement_id))


@hall.get("/voice/chime.mp3", responses={200: MP3, **problems(401, 403, 404, 422, 429)})
def voice_chime(query: CentreQuery) -> Response:  # noqa: ARG001 - read by `authorize_request`
    """The chime alone: a screen plays it when it is touched to turn the sound on."""
    _count_guest()
    return _sound(hall_voice().chime())


@hall.post("/speaker", responses={200: SpeakerView, **problems(401, 403, 404, 413, 422, 429)})
def speaker(query: CentreQuery, body: SpeakerRequest) -> Response:  # noqa: ARG001 - read by `authorize_request`
    """A screen asks, every two seconds, whether it speaks. Enrolled displays come before every other page."""
    _count_guest()
    always = body.wish == "on"
    asked = Asked(body.screen, ShownCalls.parse(body.group), always=always, able=body.able, spoken=body.spoken)
    return json_response(hall_voice().speakers.ask(actor(), asked))


def _count_guest() -> None:
    """Whoever is no device and not signed in may ask so often and no more: joining a sound takes time."""
    if actor().kind == ANYONE:
        count_request(site().settings.server.hall_limit)


def hall_voice() -> CallAnnouncementService:
    """The voice of the halls that this server serves."""
    found: CallAnnouncementService = current_app.extensions["motcua_voice"]
    return found


def _sound(announcement: Announcement) -> Response:
    """Asked for again it is only compared: after a restored backup the same number is another call. Some browsers
    want parts of a sound.
    """
    response = Response(announcement.mp3, content_type="audio/mpeg")
    response.set_etag(announcement.tag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request, accept_ranges=True, complete_length=len(announcement.mp3))
    return response
