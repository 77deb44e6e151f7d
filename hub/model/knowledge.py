"""A vendor's published knowledge and fixes, and feedback to the vendor."""

from __future__ import annotations

from datetime import datetime

from hub.model.base import Value


class Article(Value, frozen=True):
    """One knowledge article."""

    reference: str
    title: str
    body: str  # HTML as the vendor sends it; cleaned before it is shown
    changed_at: datetime
    number: str = ""
    language: str = ""
    product: str = ""
    version: str = ""
    public: bool = False  # may be shown to customers
    address: str = ""
    labels: tuple[str, ...] = ()
    withdrawn: bool = False


class Patch(Value, frozen=True):
    """One patch, hotfix, release or advisory; its files stay at the vendor, only its address is stored."""

    reference: str
    title: str
    body: str  # HTML as the vendor sends it; cleaned before it is shown
    changed_at: datetime
    number: str = ""
    language: str = ""
    product: str = ""
    version: str = ""
    severity: str = ""  # the vendor's own term
    published_at: datetime | None = None
    public: bool = False  # may be shown to customers
    address: str = ""
    withdrawn: bool = False


class Feedback(Value, frozen=True):
    """Whether an article helped."""

    solved: bool
    comment: str = ""  # already masked
    public: bool = False  # visible to the vendor's customers


class ArticleDraft(Value, frozen=True):
    """An article from a solved ticket, to submit to the vendor; all of it may be disclosed."""

    key: str  # the number of its ticket
    title: str
    problem: str
    solution: str
    product: str = ""
    language: str = "en"
