"""Salesforce: errors, texts in parts, queries and settings."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.errors import (
    CaseMissing,
    CaseRefused,
    FieldRefused,
    LoginRefused,
    NotPermitted,
    RateLimited,
    TryLater,
    VendorMisbehaved,
    VendorUnavailable,
)
from hub.http import Reply
from hub.platforms import parts
from hub.platforms.salesforce import Settings, comments, faults, soql
from hub.platforms.stream import Position
from hub.simulators.salesforce.keys import private_key

SECRET = "Customer says: the password is hunter2"


def _reply(status, body, path="/services/data/v62.0/query"):
    return Reply(status, httpx.Headers(), msgspec.json.encode(body), "GET", path, "v", "a")


def _error(status, code, **more):
    return faults.explain(_reply(status, [{"errorCode": code, "message": SECRET, **more}]))


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "UNABLE_TO_LOCK_ROW", TryLater),
        (400, "INVALID_QUERY_LOCATOR", TryLater),
        (400, "QUERY_TIMEOUT", VendorUnavailable),
        (403, "REQUEST_LIMIT_EXCEEDED", RateLimited),
        (403, "API_DISABLED_FOR_ORG", NotPermitted),
        (400, "INVALID_FIELD", NotPermitted),
        (404, "NOT_FOUND", CaseMissing),
        (404, "ENTITY_IS_DELETED", CaseMissing),
        (400, "DUPLICATE_VALUE", CaseRefused),
        (400, "MALFORMED_QUERY", VendorMisbehaved),
    ],
)
def test_a_code_says_who_acts(status, code, kind):
    """Each documented code becomes its error, and the vendor's text is not kept."""
    error = _error(status, code)
    assert type(error) is kind
    assert "hunter2" not in f"{error.message} {error.next_step}"


def test_a_refused_field_is_named():
    """The error has the refused field's name, unless it is not a valid name."""
    error = _error(400, "STRING_TOO_LONG", fields=["Subject"])
    assert isinstance(error, FieldRefused)
    assert error.field == "Subject"
    odd = _error(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", fields=[SECRET])
    assert type(odd) is CaseRefused


def test_what_is_not_documented_is_left_to_the_status():
    """Unknown codes and foreign bodies are left to the status; a bare 404 is never a missing case."""
    assert _error(400, "SOMETHING_NEW") is None
    assert faults.explain(_reply(503, "down")) is None
    assert isinstance(faults.explain(_reply(404, "gone")), VendorMisbehaved)
    assert isinstance(faults.explain(_reply(300, ["/a", "/b"])), CaseRefused)


def test_a_refused_login_needs_no_description():
    """The token endpoint's description may be missing or of another type."""
    for body in ({"error": "invalid_grant"}, {"error": "invalid_grant", "error_description": None}):
        error = faults.explain(_reply(400, body, "/services/oauth2/token"))
        assert isinstance(error, LoginRefused)


@example("(1/2)\nwait for the second mail")
@example("(0/0)\n")
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), min_size=1, max_size=9000))
def test_parts_fit_and_join_to_the_text(body):
    """The parts of any text are within the limit and join to the same text, except white space at its end."""
    key = "RJR-000042-7F3KQ/12-X2QF"
    pieces = parts.split(body, key, comments.LIMIT)
    assert all(len(piece.encode()) <= comments.LIMIT for piece in pieces)
    rows = [{"Id": f"id{at}", "CommentBody": piece} for at, piece in enumerate(pieces)]
    settings = Settings.model_construct(machine_authors=())
    [whole] = parts.joined(comments.read_comment(row, settings) for row in rows)
    assert whole.key == key
    assert whole.body.rstrip() == body.rstrip()


def test_a_text_with_missing_parts_is_left_out():
    """A text of ours with a missing part is left out; a foreign text that looks like a part is complete."""
    settings = Settings.model_construct(machine_authors=())
    pieces = parts.split("wort " * 2000, "RJR-000001-7F3KQ/2-X2QF", comments.LIMIT)
    rows = [{"Id": str(at), "CommentBody": piece} for at, piece in enumerate(pieces)]
    assert parts.joined(comments.read_comment(row, settings) for row in rows[1:]) == ()
    [foreign] = parts.joined([comments.read_comment({"Id": "1", "CommentBody": "(1/2)\nfirst"}, settings)])
    assert foreign.body == "(1/2)\nfirst"


def test_texts_can_not_break_out_of_their_literal():
    """Quotes, backslashes and line ends are escaped; an id is letters and digits only."""
    assert soql.literal("it's \\ a\n") == "'it\\'s \\\\ a\\n'"
    for bad in ("", "500' OR Id != '", "5005e0000000001AAB0", "５005e00000000"):
        with pytest.raises(CaseMissing):
            soql.identifier(bad)


def test_the_condition_after_a_position():
    """A run starts with all rows of its second, and continues after the last id of a second."""
    assert soql.after(Position(0), "SystemModstamp") == "SystemModstamp >= 1970-01-01T00:00:00Z"
    assert soql.after(Position(1, "x"), "D") == (
        "(D > 1970-01-01T00:00:01Z OR (D = 1970-01-01T00:00:01Z AND Id > 'x'))"
    )


def _curve() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"private_key": "no key"},
        {"private_key": _curve},
        {"private_key": None},
        {"username": ""},
        {"token_flow": "client_credentials"},
        {"base_url": "https://a.example/path"},
        {"patch_source": "articles"},
        {"patch_fields": {"colour": "Colour__c"}},
        {"history_from": "2026-01-01T00:00:00"},
        {"external_id_field": "a b"},
    ],
)
def test_settings_that_can_not_work_are_refused(changes):
    """Each wrong setting is refused before start, and no key is quoted."""
    given_key = changes.get("private_key")
    changes = changes | ({"private_key": given_key()} if callable(given_key) else {})
    good = {
        "vendor": "v",
        "base_url": "https://a.my.salesforce.com/",
        "consumer_key": "k",
        "username": "u",
        "private_key": private_key(),
    }
    assert Settings(**good).base_url == "https://a.my.salesforce.com"
    with pytest.raises(ValidationError) as caught:
        Settings(**(good | changes))
    assert "PRIVATE KEY" not in str(caught.value)
