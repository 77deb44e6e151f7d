"""What the facade knows of each hook: what it returns, whether it may wait, whether it carries a file."""

from __future__ import annotations

from functools import cache
from typing import Any, get_type_hints

import hub.mail
import hub.model
from hub import hookspecs

VENDOR_HOOKS = (
    "hub_check_account",
    "hub_intake",
    "hub_open_case",
    "hub_find_case",
    "hub_read_case",
    "hub_change_case",
    "hub_add_comment",
    "hub_add_attachment",
    "hub_fetch_attachment",
    "hub_changed_cases",
    "hub_changed_articles",
    "hub_search_articles",
    "hub_read_article",
    "hub_rate_article",
    "hub_submit_article",
    "hub_changed_patches",
    "hub_start_session",
    "hub_changed_sessions",
    "hub_read_webhook",
)
"""Hooks that are asked of one vendor with an account at hand; they may wait."""

IDENTITY_HOOKS = ("hub_vendor", "hub_settings", "hub_connect")
"""Hooks that every vendor answers."""

PLAIN_HOOKS = (
    *IDENTITY_HOOKS,
    "hub_capabilities",
    "hub_simulator",
    "hub_choose_escalation",
    "hub_review_outgoing",
    "hub_happened",
    "hub_routes",
    "hub_commands",
)
"""Hooks that answer at once; an `async def` is refused."""

FILE_HOOKS = ("hub_add_attachment", "hub_fetch_attachment")
"""Hooks that may take as long as a big file does."""


@cache
def result_type(hook: str) -> Any:
    """The type that the spec promises for a hook's result; `object` where it leaves it open."""
    names = {**vars(hub.model), "AnyConnection": hub.mail.AnyConnection}
    promised = get_type_hints(getattr(hookspecs, hook), globalns={**vars(hookspecs), **names})["return"]
    return object if promised is Any else promised
