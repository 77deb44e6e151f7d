"""Reads Document360's error answers; their texts are not kept.

Source: Document360's API documentation and its published client.
"""

from __future__ import annotations

import msgspec

from hub.errors import HubError
from hub.http import Reply
from hub.platforms.texts import clip


def explain(reply: Reply) -> HubError | None:
    """The error for a refusal, with its code; None leaves it to the status."""
    if reply.status != 400:
        return None
    try:
        code = str(msgspec.json.decode(reply.content)["errors"][0]["error_code"])
    except (msgspec.DecodeError, KeyError, IndexError, TypeError):
        return None
    return reply.misbehaved(
        f"the vendor refused the request ({clip(code)})", next_step="check workspaces and languages"
    )
