"""The hall's voice at work: what is said of a call, and which page says it."""

import logging

from gevent.threadpool import ThreadPool

from display_server.services.call_audio.announcer import Announcement, Announcer, CallText, Form
from display_server.services.call_audio.audio import SoundError
from display_server.services.call_audio.clip_library import VoiceError
from display_server.services.call_audio.speakers import Speakers
from display_server.services.catalogue.catalogue import Catalogue
from display_server.services.core.centres import get_catalogue, list_centre_ids
from display_server.services.core.context import ServerContext
from display_server.services.displays.hall import call_at
from display_server.services.displays.notices import spoken_text

log = logging.getLogger(__name__)


class CallAnnouncementService:
    """Announcements are joined one after the other in a thread of its own: taps and screens never wait for sound."""

    def __init__(self, site: ServerContext) -> None:
        self._site = site
        apart = ThreadPool(1)
        self.announcer = Announcer(site.settings.voice, lambda function, *given: apart.apply(function, given))
        self.speakers = Speakers(site)

    def announcement(self, centre_id: int, seq: int, form: Form = Form.FULL) -> Announcement:
        """The sound of a call. Raises `NotFound`; `VoiceError`, `SoundError` for a clip that cannot be had."""
        call = call_at(self._site, centre_id, seq)
        catalogue = get_catalogue(self._site, centre_id)
        return self.announcer.announcement(spoken(catalogue, call.number, call.counter, call.language), form)

    def notice(self, centre_id: int, announcement_id: int) -> Announcement:
        """What staff announce, as a sound. Raises `NotFound`; `VoiceError`, `SoundError` where it cannot be made."""
        return self.announcer.text(spoken_text(self._site, centre_id, announcement_id))

    def chime(self) -> Announcement:
        return self.announcer.chime()

    def prepare(self) -> None:
        """Make every clip that is missing, so that no call waits for it. What cannot be made is told once."""
        try:
            places = [name for each in list_centre_ids(self._site) for name in named_counters(self._catalogue(each))]
            for place in places or [{}]:
                for language, word in self.announcer.all_words(place):
                    self.announcer.ready(language, word)
        except (VoiceError, SoundError) as error:
            log.warning("the hall cannot speak: %s", error)

    def _catalogue(self, centre_id: int) -> Catalogue:
        return get_catalogue(self._site, centre_id)


def spoken(catalogue: Catalogue, number: str, counter: str, language: str) -> CallText:
    """What is said of a call to the counter with this code."""
    place = {} if counter.isdecimal() else dict(catalogue.counter(counter).name)
    return CallText(number, counter if counter.isdecimal() else "", place, language)


def named_counters(catalogue: Catalogue) -> list[dict[str, str]]:
    """The names, by language, of the counters that are not called by a number."""
    return [dict(each.name) for each in catalogue.counters.values() if not each.code.isdecimal()]
