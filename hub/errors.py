"""Every error of the hub, ordered by who acts next.

HubError
├── VendorError                 vendor, account, operation, request id; never a body, never a secret
│   ├── TryLater                nobody acts: the dispatcher waits and tries again
│   │   ├── RateLimited         carries the wait that the vendor asked for
│   │   └── VendorUnavailable   time-out, cut connection, 5xx (may leave doubt)
│   ├── AskOperator             the account is paused and shown
│   │   ├── LoginRefused
│   │   └── NotPermitted
│   ├── CaseRefused             this operation is parked, its owner is told
│   │   ├── CaseMissing
│   │   ├── IntakeIncomplete    carries the questions
│   │   └── FieldRefused        carries the field
│   └── VendorMisbehaved        the answer is not as documented; a developer acts
├── Conflict                    the ticket's owner decides
├── NotFound                    the caller named something that the hub does not know
├── NotDisclosed                the disclosure policy refused
├── NotIncluded                 the ticket's plan does not include it; its owner decides
├── BadInput                    the caller mends the input
├── DeliveryRefused             the sender of a delivery is not proved; the caller mends it
├── LeaseLost                   nobody acts: another worker has taken over
├── StorageUnavailable          the hub's own database does not answer; the operator acts
├── SettingsError               the operator acts, before start
└── PluginError                 a developer acts, at start
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar


class Actor(StrEnum):
    """Who has to act before the same thing can succeed."""

    NOBODY = "nobody"
    OPERATOR = "operator"
    OWNER = "owner"
    DEVELOPER = "developer"
    CALLER = "caller"


EXIT_CODES = {Actor.NOBODY: 75, Actor.OPERATOR: 78, Actor.OWNER: 65, Actor.DEVELOPER: 70, Actor.CALLER: 64}
"""Exit code of the command line, by who acts next; the numbers are those of BSD's sysexits.h."""


class HubError(Exception):
    """Something the hub knows how to speak about."""

    actor: ClassVar[Actor] = Actor.DEVELOPER
    status: ClassVar[int] = 500  # HTTP
    in_doubt: bool = False
    """True when something may have been stored at a vendor although the call failed."""

    def __init__(self, message: str = "", *, next_step: str = "") -> None:
        self.message = message or (type(self).__doc__ or "").strip().split("\n")[0].rstrip(".")
        self.next_step = next_step
        super().__init__(self.message)

    @property
    def exit_code(self) -> int:
        """What a command exits with after this error."""
        return EXIT_CODES[self.actor]

    def describe(self) -> dict[str, Any]:
        """The error as plain values for JSON: kind, message, who acts, what to do next."""
        told = {"kind": type(self).__name__, "message": self.message, "who_acts": str(self.actor)}
        return told | ({"next_step": self.next_step} if self.next_step else {})


class VendorError(HubError):
    """The vendor's system did not do what was asked."""

    status = 502

    def __init__(
        self,
        message: str = "",
        *,
        next_step: str = "",
        vendor: str = "",
        account: str = "",
        operation: str = "",
        request_id: str = "",
        in_doubt: bool = False,
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.vendor = vendor
        self.account = account
        self.operation = operation
        self.request_id = request_id
        self.in_doubt = in_doubt

    def describe(self) -> dict[str, Any]:
        known = {"account": self.account, "operation": self.operation, "request_id": self.request_id}
        return super().describe() | {name: value for name, value in known.items() if value}


class TryLater(VendorError):
    """The vendor can't do this now."""

    actor = Actor.NOBODY
    status = 503


class RateLimited(TryLater):
    """The vendor asked us to slow down."""

    def __init__(self, message: str = "", *, wait: float | None = None, **known: Any) -> None:
        super().__init__(message, **known)
        self.wait = wait
        """Seconds that the vendor asked for; None when it named none."""


class VendorUnavailable(TryLater):
    """The vendor did not answer in a usable way."""


class AskOperator(VendorError):
    """The account can't go on without the operator."""

    actor = Actor.OPERATOR


class LoginRefused(AskOperator):
    """The vendor refused the account's credentials."""


class NotPermitted(AskOperator):
    """The account may not do this at the vendor."""


class CaseRefused(VendorError):
    """The vendor refused this operation."""

    actor = Actor.OWNER
    status = 422


class CaseMissing(CaseRefused):
    """The case isn't there."""

    status = 404


class IntakeIncomplete(CaseRefused):
    """The vendor wants answers before it takes a case."""

    def __init__(self, message: str = "", *, questions: tuple[Any, ...] = (), **known: Any) -> None:
        super().__init__(message, **known)
        self.questions = questions
        """The `hub.model.Question`s that are still open."""

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"questions": [question.name for question in self.questions]}


class FieldRefused(CaseRefused):
    """The vendor, or the word list, refused a field's value."""

    def __init__(self, message: str = "", *, field: str = "", **known: Any) -> None:
        super().__init__(message, **known)
        self.field = field

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"field": self.field}


class VendorMisbehaved(VendorError):
    """The vendor's answer is not as documented."""


class Conflict(HubError):
    """Both sides changed, or it was done already."""

    actor = Actor.OWNER
    status = 409


class NotFound(HubError):
    """There is no such thing in the hub."""

    actor = Actor.CALLER
    status = 404


class NotDisclosed(HubError):
    """The disclosure policy keeps this inside."""

    actor = Actor.OWNER
    status = 403


class NotIncluded(HubError):
    """The ticket's plan does not include this."""

    actor = Actor.OWNER
    status = 403


class BadInput(HubError):
    """The input can't be understood."""

    actor = Actor.CALLER
    status = 422


class DeliveryRefused(HubError):
    """A delivery whose sender, time or form is not as agreed."""

    actor = Actor.CALLER
    status = 401


class LeaseLost(HubError):
    """Another worker has taken over; nothing was written."""

    actor = Actor.NOBODY
    status = 409


class StorageUnavailable(HubError):
    """The hub's database does not answer."""

    actor = Actor.OPERATOR
    status = 503


class SettingsError(HubError):
    """A setting is wrong."""

    actor = Actor.OPERATOR


class PluginError(HubError):
    """A plugin is wrong."""
