"""What the hooks of a plugin mean to an operator."""

from __future__ import annotations

from collections.abc import Iterable

ABILITIES = {
    "open_case": "opens cases",
    "change_case": "updates cases",
    "add_comment": "sends comments",
    "add_attachment": "sends files",
    "changed_cases": "fetches updates of cases",
    "fetch_attachment": "downloads files",
    "find_case": "finds a case by its key",
    "read_case": "compares tickets with cases",
    "intake": "asks questions before it opens a case",
    "changed_articles": "mirrors articles",
    "search_articles": "searches articles live",
    "read_article": "reads articles",
    "rate_article": "rates articles",
    "submit_article": "submits articles",
    "changed_patches": "mirrors patches",
    "start_session": "starts remote sessions",
    "changed_sessions": "fetches reports of remote sessions",
    "read_webhook": "receives webhooks",
    "check_account": "checks accounts",
    "simulator": "can be simulated",
    "choose_escalation": "decides where tickets are escalated",
    "review_outgoing": "reviews everything that is sent",
    "happened": "listens to all events",
    "routes": "serves web pages",
    "commands": "provides commands",
}
"""By hook, without `hub_`, in the order in which they are shown."""

INTERNAL = frozenset({"vendor", "settings", "connect", "capabilities"})
"""Hooks that every vendor needs and that an operator does not notice."""


def abilities(hooks: Iterable[str]) -> list[str]:
    """What these hooks let the hub do, in an operator's words."""
    answered = set(hooks)
    return [text for hook, text in ABILITIES.items() if hook in answered]
