"""The account: one configured login at one vendor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from hub.model.vendor import MergePolicy

if TYPE_CHECKING:
    from hub.http import Client


class AccountSettings(BaseModel):
    """The settings of every account, which a vendor's settings extend. Closed and frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)

    vendor: str = Field(title="Vendor", description="Name of the vendor plugin for this account.")
    products: tuple[str, ...] = Field(
        (),
        title="Products",
        description="Products whose tickets go here when only the vendor is given; empty: all other products.",
    )
    concurrency: int = Field(
        8, ge=1, le=1000, title="Concurrency", description="Concurrent requests, over all workers."
    )
    requests_per_minute: int | None = Field(
        None, ge=1, title="Budget", description="Requests per minute, over all workers; empty: no limit."
    )
    poll_seconds: float = Field(
        60, ge=1, title="Poll interval", description="Seconds between two reads of each stream."
    )
    knowledge_seconds: float = Field(
        1800, ge=1, title="Knowledge interval", description="Seconds between two reads of articles and of patches."
    )
    settle_seconds: float | None = Field(
        None,
        ge=0,
        title="Settling time",
        description="Seconds to wait before an operation in doubt that was not found is sent again; "
        "empty: the vendor's index lag.",
    )
    answers_within: dict[str, str] = Field(
        {},
        title="Answers within",
        description="The vendor's response goals by severity, such as S1 = '1 clock hour'; empty: no vendor clock.",
    )
    answers_calendar: str = Field(
        "eastern", title="Answers calendar", description="The offer's calendar that has the vendor's business hours."
    )
    public_comments: bool = Field(
        False,
        title="Send public comments",
        description="True sends comments marked public to the vendor; False sends only those marked vendor.",
    )
    redact: tuple[str, ...] = Field(
        (), title="Extra redactions", description="Regular expressions; text that matches is never sent."
    )
    merge: dict[str, MergePolicy] = Field(
        {},
        title="Merge policy",
        description="Who wins when both sides changed a field, by field: rjr, vendor, newest or manual.",
    )


S_co = TypeVar("S_co", bound=AccountSettings, covariant=True)


@dataclass(frozen=True)
class Account(Generic[S_co]):
    """An account as hooks receive it: its name, its settings and the only client that may call its vendor."""

    name: str
    settings: S_co
    client: Client

    def __repr__(self) -> str:
        return f"Account({self.name!r}, vendor={self.settings.vendor!r})"


AnyAccount = Account[Any]
