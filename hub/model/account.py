"""The account: one configured login at one vendor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from hub.model.vendor import MergePolicy

if TYPE_CHECKING:
    from hub.http import Client


class AccountSettings(BaseModel):
    """What every account has; a vendor's settings add to it. Closed and frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)

    vendor: str = Field(title="Vendor", description="The plugin that speaks for this account.")
    products: tuple[str, ...] = Field(
        (),
        title="Products",
        description="Products whose tickets go here when only the vendor is named; empty takes all others.",
    )
    concurrency: int = Field(
        8, ge=1, le=1000, title="Concurrency", description="Requests in flight at once, over all workers."
    )
    requests_per_minute: int | None = Field(
        None, ge=1, title="Budget", description="Requests a minute, over all workers; empty means no limit."
    )
    poll_seconds: float = Field(
        60, ge=1, title="Poll interval", description="Seconds between two looks at each stream."
    )
    knowledge_seconds: float = Field(
        1800, ge=1, title="Knowledge interval", description="Seconds between two looks at articles and at patches."
    )
    settle_seconds: float | None = Field(
        None,
        ge=0,
        title="Settling time",
        description="Seconds to wait before an operation in doubt that was not found is sent again; "
        "empty takes the vendor's index lag.",
    )
    answers_within: dict[str, str] = Field(
        {},
        title="Answers within",
        description="What the vendor promises us, by severity, such as S1 = '1 clock hour'; empty: no vendor's clock.",
    )
    answers_calendar: str = Field(
        "eastern",
        title="Calendar of answers",
        description="The calendar of the offer in which the vendor's business hours count.",
    )
    public_comments: bool = Field(
        False,
        title="Public comments leave",
        description="True sends comments marked public to the vendor; False sends only those marked vendor.",
    )
    redact: tuple[str, ...] = Field(
        (), title="Extra redactions", description="Regular expressions; what they match never leaves."
    )
    merge: dict[str, MergePolicy] = Field(
        {},
        title="Merge policy",
        description="Who wins when both sides changed a field: rjr, vendor, newest or manual, by field.",
    )


S_co = TypeVar("S_co", bound=AccountSettings, covariant=True)


@dataclass(frozen=True)
class Account(Generic[S_co]):
    """An account as hooks receive it: its name, its settings and the one client that may call its vendor."""

    name: str
    settings: S_co
    client: Client

    def __repr__(self) -> str:
        return f"Account({self.name!r}, vendor={self.settings.vendor!r})"


AnyAccount = Account[Any]
