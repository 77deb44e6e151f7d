"""Knowledge and fixes that a vendor publishes, and what is given back to it."""

from __future__ import annotations

from datetime import datetime

from hub.model.base import Value


class Article(Value, frozen=True):
    """One knowledge article."""

    reference: str
    title: str
    body: str  # HTML as the vendor sends it; cleaned before anyone sees it
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
    """One patch, hotfix, release or advisory; what it holds stays at the vendor, its address is told."""

    reference: str
    title: str
    body: str  # HTML as the vendor sends it; cleaned before anyone sees it
    changed_at: datetime
    number: str = ""
    language: str = ""
    product: str = ""
    version: str = ""
    severity: str = ""  # the vendor's own word
    published_at: datetime | None = None
    public: bool = False  # may be shown to customers
    address: str = ""
    withdrawn: bool = False


class Feedback(Value, frozen=True):
    """What became of an article's advice."""

    solved: bool
    comment: str = ""  # disclosed already
    public: bool = False  # the vendor's customers may read the comment


class ArticleDraft(Value, frozen=True):
    """An article that a solved ticket gave, to be offered to the vendor; all in it may leave."""

    key: str  # of the ticket it comes from
    title: str
    problem: str
    solution: str
    product: str = ""
    language: str = "en"
