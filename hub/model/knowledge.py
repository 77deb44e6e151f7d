"""Knowledge and fixes that a vendor publishes."""

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
    withdrawn: bool = False


class Patch(Value, frozen=True):
    """One patch, hotfix or advisory."""

    reference: str
    title: str
    body: str
    changed_at: datetime
    number: str = ""
    product: str = ""
    version: str = ""
    address: str = ""
    withdrawn: bool = False
