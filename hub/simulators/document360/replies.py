"""Replies of the interface: an envelope around data or errors."""

from __future__ import annotations

from typing import Any

from hub.simulators.kit import Reply


def document(data: Any, description: str = "", code: str = "") -> dict[str, Any]:
    """An envelope with data, or with an error if a code is given."""
    details = {"extension_data": None, "stack_trace": None, "custom_data": None}
    errors = [{**details, "description": description, "error_code": code}] if code else []
    envelope = {"extension_data": None, "success": not errors, "errors": errors, "warnings": [], "information": []}
    return envelope if errors else {"data": data, **envelope}


def success(data: Any) -> Reply:
    """200 with data."""
    return Reply.json(document(data))


def refusal(description: str, code: str, status: int = 400) -> Reply:
    """An envelope with an error."""
    return Reply.json(document(None, description, code), status)
