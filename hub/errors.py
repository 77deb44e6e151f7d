"""All errors of the hub, grouped by who has to act.

HubError
├── VendorError                 vendor, account, operation, request id; never a body, never a secret
│   ├── TryLater                no action needed: the hub tries again later
│   │   ├── RateLimited         carries the wait that the vendor asked for
│   │   └── VendorUnavailable   time-out, lost connection, 5xx (may leave doubt)
│   ├── AskOperator             the account is paused and shown
│   │   ├── LoginRefused
│   │   └── NotPermitted
│   ├── CaseRefused             the operation is parked and its owner notified
│   │   ├── CaseMissing
│   │   ├── IntakeIncomplete    carries the questions
│   │   └── FieldRefused        carries the field
│   └── VendorMisbehaved        the answer is not as documented; a developer has to act
├── Conflict                    the ticket's owner decides
├── NotFound                    the hub does not know what the caller named
├── NotDisclosed                the disclosure policy forbids it
├── NotIncluded                 the ticket's plan does not include it; its owner decides
├── BadInput                    the caller has to correct the input
├── DeliveryRefused             the delivery is not authenticated; the sender has to correct it
├── LeaseLost                   no action needed: another worker has taken over
├── StorageUnavailable          the hub's own database does not answer; the operator has to act
├── SettingsError               the operator has to act before the hub starts
└── PluginError                 a developer has to act before the hub starts
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar


class Actor(StrEnum):
    """Who has to act before the same call can succeed."""

    NOBODY = "nobody"
    OPERATOR = "operator"
    OWNER = "owner"
    DEVELOPER = "developer"
    CALLER = "caller"


EXIT_CODES = {Actor.NOBODY: 75, Actor.OPERATOR: 78, Actor.OWNER: 65, Actor.DEVELOPER: 70, Actor.CALLER: 64}
"""Exit code of the command line, by who has to act; the numbers are those of BSD's sysexits.h."""


class HubError(Exception):
    """An error that the hub can explain."""

    actor: ClassVar[Actor] = Actor.DEVELOPER
    status: ClassVar[int] = 500  # HTTP
    in_doubt: bool = False
    """True when the vendor may have stored something although the call failed."""

    def __init__(self, message: str = "", *, next_step: str = "") -> None:
        self.message = message or (type(self).__doc__ or "").strip().split("\n")[0].rstrip(".")
        self.next_step = next_step
        super().__init__(self.message)

    @property
    def exit_code(self) -> int:
        """The exit code of a command that ends with this error."""
        return EXIT_CODES[self.actor]

    def describe(self) -> dict[str, Any]:
        """The error as plain values for JSON: kind, message, who has to act, next step."""
        values = {"kind": type(self).__name__, "message": self.message, "who_acts": str(self.actor)}
        return values | ({"next_step": self.next_step} if self.next_step else {})


class VendorError(HubError):
    """The vendor's system did not do what the hub asked."""

    status = 502
    passing: bool = False
    """True when the same call may succeed later although nobody acts."""

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
        answered: bool = True,
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.vendor = vendor
        self.account = account
        self.operation = operation
        self.request_id = request_id
        self.in_doubt = in_doubt
        self.answered = answered
        """False when the call got no answer at all: a time-out, a lost connection, a failed login before it."""

    def describe(self) -> dict[str, Any]:
        details = {"account": self.account, "operation": self.operation, "request_id": self.request_id}
        return super().describe() | {name: value for name, value in details.items() if value}


class TryLater(VendorError):
    """The vendor can't do this now."""

    actor = Actor.NOBODY
    status = 503
    passing = True


class RateLimited(TryLater):
    """The vendor asked us to slow down."""

    def __init__(self, message: str = "", *, wait: float | None = None, **context: Any) -> None:
        super().__init__(message, **context)
        self.wait = wait
        """Seconds that the vendor asked for; None if it gave no time."""


class VendorUnavailable(TryLater):
    """The vendor did not answer in a usable way."""


class AskOperator(VendorError):
    """The account can't be used until the operator acts."""

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
    """The case does not exist at the vendor."""

    status = 404


class IntakeIncomplete(CaseRefused):
    """The vendor requires answers before it accepts a case."""

    def __init__(self, message: str = "", *, questions: tuple[Any, ...] = (), **context: Any) -> None:
        super().__init__(message, **context)
        self.questions = questions
        """The `hub.model.Question`s that are still unanswered."""

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"questions": [question.name for question in self.questions]}


class FieldRefused(CaseRefused):
    """The vendor or the word list refused a field's value."""

    def __init__(self, message: str = "", *, field: str = "", **context: Any) -> None:
        super().__init__(message, **context)
        self.field = field

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"field": self.field}


class VendorMisbehaved(VendorError):
    """The vendor's answer is not as documented."""


class Conflict(HubError):
    """Both sides changed, or it is already done."""

    actor = Actor.OWNER
    status = 409


class NotFound(HubError):
    """The hub does not know this name or number."""

    actor = Actor.CALLER
    status = 404


class NotDisclosed(HubError):
    """The disclosure policy does not allow sending this."""

    actor = Actor.OWNER
    status = 403


class NotIncluded(HubError):
    """The ticket's plan does not include this."""

    actor = Actor.OWNER
    status = 403


class BadInput(HubError):
    """The input is not valid."""

    actor = Actor.CALLER
    status = 422


class DeliveryRefused(HubError):
    """The delivery's sender, time or form is not valid."""

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
    """A setting is not valid."""

    actor = Actor.OPERATOR


class PluginError(HubError):
    """A plugin is not valid."""
