"""How AR System's error answers are read, and what of them is kept."""

from __future__ import annotations

import json

import httpx
import pytest

from hub import errors
from hub.http import Reply
from plugins.bmc_remedy.faults import explainer, guest_notice
from plugins.bmc_remedy.mapping import REFUSED_FIELDS

explain = explainer(REFUSED_FIELDS)


def reply(status: int, *told: dict, content: bytes | None = None) -> Reply:
    """An error answer with these messages."""
    return Reply(status, httpx.Headers(), json.dumps(told).encode() if content is None else content, "GET", "/x")


def message(number: int, text: str = "Fixed text", appended: str | None = None, kind: str = "ERROR") -> dict:
    """One message as the wire has it."""
    return {"messageType": kind, "messageText": text, "messageAppendedText": appended, "messageNumber": number}


@pytest.mark.parametrize(
    ("status", "number", "kind", "in_doubt"),
    [
        (500, 90, errors.VendorUnavailable, False),
        (500, 91, errors.VendorUnavailable, False),
        (500, 92, errors.VendorUnavailable, True),
        (400, 92, errors.VendorUnavailable, True),
        (500, 93, errors.VendorUnavailable, False),
        (500, 94, errors.VendorUnavailable, False),
        (404, 302, errors.CaseMissing, False),
        (500, 302, errors.CaseMissing, False),
        (404, 303, errors.NotPermitted, False),
        (412, 309, errors.TryLater, False),
        (500, 9965, errors.TryLater, False),
        (401, 623, errors.LoginRefused, False),
        (500, 9093, errors.TryLater, False),
        (500, 307, errors.FieldRefused, False),
        (400, 8962, errors.FieldRefused, False),
        (500, 48291, errors.CaseRefused, False),
        (400, 1, errors.CaseRefused, False),
        (401, 1, errors.LoginRefused, False),
        (403, 1, errors.NotPermitted, False),
        (404, 1, errors.VendorMisbehaved, False),
    ],
)
def test_each_number_says_who_acts(status: int, number: int, kind: type[errors.VendorError], in_doubt: bool) -> None:
    """The number decides, whatever status it came with."""
    error = explain(reply(status, message(number)))
    assert type(error) is kind
    assert error.in_doubt is in_doubt
    assert f"AR {number}" in error.message


@pytest.mark.parametrize(
    "answer",
    [
        reply(500, message(1, kind="FATAL")),
        reply(500, message(1, kind="BAD STATUS")),
        reply(503, message(1)),
        reply(429, message(1)),
        reply(502, content=b"<html>bad gateway</html>"),
        reply(500, content=b"\xff"),
        reply(500, content=b'{"messageNumber": 302}'),
    ],
)
def test_what_is_not_the_applications_word_is_left_to_the_status(answer: Reply) -> None:
    """A failed server, a gateway, a page: the status alone decides, so that a write stays in doubt."""
    assert explain(answer) is None


def test_a_proxys_404_is_no_deleted_case() -> None:
    """Only AR System's own 302 makes a case missing."""
    error = explain(reply(404, content=b"<html>nothing here</html>"))
    assert isinstance(error, errors.VendorMisbehaved)
    assert "base_url" in error.next_step


def test_the_message_that_matters_is_chosen() -> None:
    """Warnings beside it don't count, and a known number goes before an unknown one."""
    error = explain(reply(500, message(66, kind="WARNING"), message(45000), message(302)))
    assert isinstance(error, errors.CaseMissing)
    only = explain(reply(500, message(66, kind="WARNING")))
    assert isinstance(only, errors.CaseRefused)


def test_a_contact_that_fits_nobody_names_the_contact() -> None:
    """The words stand in the appended text; the person's name does not come along."""
    told = message(
        45154, "", "0 records have been found for the Incident contact information you have provided: Jane Doe"
    )
    error = explain(reply(500, told))
    assert isinstance(error, errors.FieldRefused)
    assert error.field == "contact"
    assert "Jane" not in json.dumps(error.describe())


@pytest.mark.parametrize(
    ("appended", "field"),
    [
        ("HPD:Help Desk : Resolution", "resolution"),
        ("Status_Reason is required", "status"),
        ("Detailed_Decription", "description"),
        ("Subdescription", ""),
        (None, ""),
    ],
)
def test_a_named_field_is_told_in_our_words(appended: str | None, field: str) -> None:
    """Whole names only, the longest first."""
    error = explain(reply(500, message(307, appended=appended)))
    assert isinstance(error, errors.FieldRefused)
    assert error.field == field


def test_values_stay_out_of_errors() -> None:
    """Appended text, quoted text and addresses never reach the error; long text is shortened."""
    text = "Value 'secret one' for \"secret two\" <secret three> of secret@four.example is bad " + "x" * 300
    error = explain(reply(500, message(48291, text, "secret five")))
    assert error is not None
    shown = json.dumps(error.describe())
    assert "secret" not in shown
    assert "is bad" in shown
    assert len(error.message) < 140


@pytest.mark.parametrize(
    ("raw", "guest"),
    [
        ("", False),
        ('[{"messageNumber": 59}]', True),
        ('[{"messageType":"WARNING","messageText":"Login FAILED for user","messageNumber":0}]', True),
        ('[{"messageNumber": 66, "messageText": "too many"}]', False),
        ("not json but login failed", True),
        ("not json", False),
    ],
)
def test_a_guests_login_is_seen(raw: str, guest: bool) -> None:
    """By its number or by its words."""
    assert guest_notice(raw) is guest
