"""What a service refuses. `web` turns each into one problem document, in one place."""

from typing import Any

from sqlalchemy.exc import DataError, SQLAlchemyError

from config.errors import MotcuaError
from display_server.db.engine import DatabaseError

# Whatever goes wrong in the database, under a name for packages that know no tables.
DatabaseFailure = SQLAlchemyError
# A value that is too long, too large or not text for its column.
UnfitForDatabase = DataError
DatabaseGone = DatabaseError  # its file was moved, deleted or replaced: nothing that is written to it lasts


class ServiceError(MotcuaError):
    """`problem` is the stable name of the error, `status` its HTTP status, `fields` go into the problem document."""

    problem = "failed"
    status = 500
    title = "The request could not be carried out"

    def __init__(self, detail: str, **fields: Any) -> None:
        super().__init__(detail)
        self.fields = fields


class NotFound(ServiceError):
    problem = "not-found"
    status = 404
    title = "There is no such thing here"


class WhichCentre(ServiceError):
    problem = "which-centre"
    status = 422
    title = "There are several centres"
    exit_code = 2


class CentreClosed(ServiceError):
    problem = "closed"
    status = 409
    title = "The centre is closed"


class InvalidTransition(ServiceError):
    problem = "wrong-state"
    status = 409
    title = "The present state forbids this step"


class StaleCall(ServiceError):
    problem = "moved-on"
    status = 409
    title = "Another visitor is at the counter now"


class LastCounter(ServiceError):
    problem = "last-counter"
    status = 409
    title = "People wait for whom no other counter is open"


class RequestIdReused(ServiceError):
    problem = "request-id-reused"
    status = 409
    title = "This request_id was used for a different request"


class NumberTaken(ServiceError):
    problem = "number-taken"
    status = 409
    title = "Another ticket of the day holds this number"


class DayEnded(ServiceError):
    problem = "day-ended"
    status = 410
    title = "This number was of another day"


class Unavailable(ServiceError):
    problem = "database"
    status = 503
    title = "The database cannot be used now"


class ClockSkew(ServiceError):
    problem = "clock"
    status = 503
    title = "The server's clock is wrong"


class Invalid(ServiceError):
    problem = "invalid"
    status = 422
    title = "The request is malformed"


class Unauthenticated(ServiceError):
    problem = "unauthenticated"
    status = 401
    title = "A valid token or sign-in is needed"


class Forbidden(ServiceError):
    problem = "forbidden"
    status = 403
    title = "This token or role may not do that"


class LostInRestore(ServiceError):
    problem = "restored"
    status = 410
    title = "This slip was given before the system was restored"
