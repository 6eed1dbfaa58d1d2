"""Every error the product raises on purpose, in one tree.

IntelliCVError
├── InvalidInput                422  what a person or program gave can't be used
│   └── PayloadTooLarge         413
├── SignInRequired              401
├── PermissionDenied            403
├── NotFound                    404
├── Gone                        410  it was deleted, and can be brought back
├── StateConflict               409  the state of things forbids it now
│   ├── FutureVersion           409  a base version that nobody has written yet
│   └── IdempotencyMismatch     422  the key was used for something else
├── ResyncRequired              410  the reader's place in the log no longer exists
└── DatabaseUnavailable         503
    ├── DatabaseBusy            503  locked by somebody for longer than we wait
    ├── DatabaseFull            507
    ├── DatabaseReadOnly        503
    ├── DatabaseGone            503  the file was removed or replaced under us
    └── SchemaMismatch          503  the database was written by another release
"""

from __future__ import annotations


class IntelliCVError(Exception):
    """Something went wrong on our side. Nothing was lost; please try again."""

    status = 500
    code = "internal"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class InvalidInput(IntelliCVError):
    """That input can't be used."""

    status = 422
    code = "invalid_input"


class PayloadTooLarge(InvalidInput):
    """That is larger than one save may be."""

    status = 413
    code = "payload_too_large"


class SignInRequired(IntelliCVError):
    """Please sign in first."""

    status = 401
    code = "sign_in_required"


class PermissionDenied(IntelliCVError):
    """Your account may not do that."""

    status = 403
    code = "denied"


class NotFound(IntelliCVError):
    """There is nothing by that name."""

    status = 404
    code = "not_found"


class Gone(IntelliCVError):
    """It was deleted. Restore it before you edit it."""

    status = 410
    code = "deleted"


class StateConflict(IntelliCVError):
    """That can't be done in the present state."""

    status = 409
    code = "state_conflict"


class FutureVersion(StateConflict):
    """The edit starts from a version that does not exist. Reload and try again."""

    code = "future_version"


class IdempotencyMismatch(StateConflict):
    """This idempotency key was used before, for a different write. Use a new key."""

    status = 422
    code = "idempotency_mismatch"


class ResyncRequired(IntelliCVError):
    """Your place in the event log no longer exists. Read a fresh snapshot and go on from its cursor."""

    status = 410
    code = "resync_required"

    def __init__(self, message: str | None = None, *, reason: str = "trimmed") -> None:
        super().__init__(message)
        self.reason = reason


class DatabaseUnavailable(IntelliCVError):
    """The database can't be reached. Nothing was saved; please try again in a moment."""

    status = 503
    code = "database_unavailable"


class DatabaseBusy(DatabaseUnavailable):
    """The database is busy. Nothing was saved; please try again in a moment."""

    code = "database_busy"


class DatabaseFull(DatabaseUnavailable):
    """The disk of the database is full. Nothing was saved; free some space and try again."""

    status = 507
    code = "database_full"


class DatabaseReadOnly(DatabaseUnavailable):
    """The database can't be written to. Nothing was saved; check the permissions of its file and folder."""

    code = "database_read_only"


class DatabaseGone(DatabaseUnavailable):
    """The database file was removed or replaced. Nothing was saved; please try again in a moment."""

    code = "database_gone"


class SchemaMismatch(DatabaseUnavailable):
    """The database was written by another release of IntelliCV."""

    code = "schema_mismatch"
