"""The values and errors that every part of the hub speaks in."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from hub import errors
from hub.http import Reply
from hub.http.status import error_by_status
from hub.model import Account, Question, utc_now


def test_the_present_time_is_aware_and_in_utc() -> None:
    """Times of the hub never depend on the machine's zone."""
    assert utc_now().utcoffset() == timedelta(0)


def test_an_account_shows_its_name_and_vendor_and_no_secret() -> None:
    """What lands in a log by accident names the account, nothing more."""
    settings: Any = SimpleNamespace(vendor="acme", password=SecretStr("hunter2"))
    client: Any = None
    assert repr(Account("main", settings, client)) == "Account('main', vendor='acme')"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (errors.FieldRefused("no such priority", field="severity"), {"field": "severity", "who_acts": "owner"}),
        (errors.IntakeIncomplete(questions=(Question(name="os", title="System"),)), {"questions": ["os"]}),
        (errors.LoginRefused("no", account="main", request_id="r1"), {"account": "main", "request_id": "r1"}),
        (errors.SettingsError("no", next_step="set it"), {"next_step": "set it", "who_acts": "operator"}),
    ],
)
def test_errors_tell_what_a_reader_needs(error: errors.HubError, told: dict[str, object]) -> None:
    """Kind, message, who acts, and what the kind knows besides."""
    described = error.describe()
    assert described["kind"] == type(error).__name__
    assert described["message"] == error.message
    assert told.items() <= described.items()


def test_exit_codes_tell_who_acts() -> None:
    """Two errors have the same exit code exactly when the same person acts."""
    codes = {error.actor: error("x").exit_code for error in (errors.Conflict, errors.SettingsError, errors.BadInput)}
    assert codes == {actor: errors.EXIT_CODES[actor] for actor in codes}
    assert len(set(errors.EXIT_CODES.values())) == len(errors.EXIT_CODES)


def test_a_redirect_is_not_followed_but_told() -> None:
    """An answer that points elsewhere is the vendor's fault or a wrong address, and the next step says so."""
    error = error_by_status(Reply(302, httpx.Headers(), b"", "GET", "/a"))
    assert type(error) is errors.VendorMisbehaved
    assert "address" in error.next_step
