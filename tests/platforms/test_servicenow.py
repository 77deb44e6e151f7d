"""ServiceNow: errors, queries, pages, records, file names and settings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from servicenow_kit import ID, KEY, NoForm, reply, settings

from hub.errors import (
    CaseMissing,
    CaseRefused,
    FieldRefused,
    LoginRefused,
    NotPermitted,
    VendorMisbehaved,
    VendorUnavailable,
)
from hub.model import CaseChanges, CaseDraft, CaseStatus, Severity
from hub.platforms import parts
from hub.platforms.servicenow import WORDS, api, cases, comments, faults
from hub.platforms.servicenow.journal import read_journal, shield
from hub.platforms.servicenow.login import TokenLogin
from hub.platforms.stream import Position

SECRET = "Customer says: the password is hunter2"
ROW = {
    "sys_id": ID,
    "number": "CS0001001",
    "short_description": "T",
    "state": "10",
    "priority": "2",
    "sys_updated_on": "2026-02-03 11:40:02",
    "correlation_id": KEY,
    "assigned_to": "",
}


def error(status, message, detail=None, path="/api/now/table/x"):
    value = {"error": {"message": message, "detail": detail}, "status": "failure"}
    return faults.explain(reply(status, value, path))


@pytest.mark.parametrize(
    ("status", "message", "detail", "kind"),
    [
        (404, "No Record found", SECRET, CaseMissing),
        (404, SECRET, "Record doesn't exist or ACL restricts", CaseMissing),
        (404, SECRET, None, VendorMisbehaved),
        (400, "Invalid table u_x", SECRET, NotPermitted),
        (403, SECRET, "aborted by Business Rule 'x'", CaseRefused),
        (403, "Operation Failed", "aborted by Data Policy", CaseRefused),
        (403, "User Not Authorized", "Failed API level ACL Validation", type(None)),
        (400, SECRET, None, type(None)),
        (500, "Script error", SECRET, type(None)),
    ],
)
def test_an_answer_says_who_acts(status, message, detail, kind):
    """Documented answers become their errors, others are left to the status; their texts are not kept."""
    raised = error(status, message, detail)
    assert type(raised) is kind
    assert "hunter2" not in str(raised and f"{raised.message} {raised.next_step}")


def test_a_login_is_refused_in_one_way():
    """A refusal at the login path is a refused login whatever its text; a server error is not."""
    value = {"error_description": "access_denied", "error": "server_error"}
    assert isinstance(faults.explain(reply(401, value, "/oauth_token.do")), LoginRefused)
    assert faults.explain(reply(503, value, "/oauth_token.do")) is None


@pytest.mark.parametrize("body", [b"<html>", b"\xff", b'{"x": ' + b"[" * 100_000, b'{"error": 3}', b"null"])
def test_a_foreign_body_is_left_to_the_status(body):
    """HTML pages, invalid bytes and endless nesting are left to the status."""
    assert faults.explain(reply(500, body)) is None


def test_an_error_inside_a_success_is_an_error():
    """200 with an error object, also next to a result, means unavailable; no result at all is misbehaviour."""
    for body in ({"error": {}, "result": []}, {"error": SECRET}):
        with pytest.raises(VendorUnavailable) as caught:
            api.result(reply(200, body))
        assert "hunter2" not in str(caught.value)
    with pytest.raises(VendorMisbehaved):
        api.result(reply(200, {}))
    with pytest.raises(VendorMisbehaved):
        api.record(reply(200, {"result": []}))


@pytest.mark.parametrize("bad", ["a^b", "javascript:gs.now()", "a\nb", "a\0b"])
def test_a_text_can_not_break_out_of_a_query(bad):
    """Text that would break out of a query, or be executed, is refused."""
    with pytest.raises(FieldRefused):
        api.query_value(bad)


@pytest.mark.parametrize("bad", ["", "x" * 32, ID.upper(), ID + "0", f"{ID}\n", "../" * 8])
def test_only_a_valid_id_is_accepted(bad):
    """Only 32 lower-case hexadecimal digits are allowed in a path."""
    with pytest.raises(CaseMissing):
        api.sys_id(bad)


def test_the_condition_after_a_position():
    """A run starts with all rows of its second, and continues after the last id of a second."""
    assert api.after(Position(0)) == "sys_updated_on>=1970-01-01 00:00:00"
    assert api.after(Position(1, ID)) == (
        f"sys_updated_on>=1970-01-01 00:00:01^sys_updated_on>1970-01-01 00:00:01^ORsys_id>{ID}"
    )


@pytest.mark.parametrize(
    ("headers", "got", "goes"),
    [
        ({"x-total-count": "5"}, 0, True),
        ({"x-total-count": "4"}, 2, False),
        ({"x-total-count": "many", "link": '<x>;rel="next"'}, 0, True),
        ({"link": '<x>;rel="prev"'}, 2, False),
        ({}, 2, True),
        ({}, 1, False),
    ],
)
def test_whether_a_list_has_a_next_page(headers, got, goes):
    """The total decides, or the link, or whether the page is full; a short page alone does not end a list."""
    assert api.has_next_page(reply(200, {}, **headers), 4, got, 2) is goes


def test_values_in_their_forms():
    """A reference is a bare id, a link or a record; a time is UTC; anything else is an error."""
    for value in (ID, {"link": "x", "value": ID}, {"sys_id": ID, "name": "RjR"}):
        assert api.reference({"account": value}, "account") == ID
    assert api.reference({"account": 3}, "account") == ""
    assert api.moment({"a": "2026-02-03 11:40:02"}, "a") == datetime(2026, 2, 3, 11, 40, 2, tzinfo=UTC)
    assert api.moment({"a": ""}, "a") is None
    for bad in (3, "2026-02-03T11:40:02Z", "yesterday"):
        with pytest.raises(VendorMisbehaved):
            api.moment({"a": bad}, "a")
    assert reply(200, {}, date="nonsense").date is None
    assert reply(200, {}, date="Thu, 01 Jan 1970 00:00:09 GMT").date == 9


def test_a_case_is_read_with_its_key():
    """The key comes from its field or the start of the title; unknown words and missing fields are errors."""
    case = cases.case_from(ROW, settings(), WORDS)
    assert (case.key, case.status, case.severity) == (KEY, CaseStatus.IN_PROGRESS, Severity.S2)
    value = ROW | {"correlation_id": "", "short_description": f"[{KEY}] T", "priority": ""}
    case = cases.case_from(value, settings(), WORDS)
    assert (case.key, case.title, case.severity) == (KEY, "T", None)
    for odd in ({"state": "99"}, {"priority": "9"}, {"number": ""}, {"sys_updated_on": ""}, {"state": ["1"]}):
        with pytest.raises(VendorMisbehaved):
            cases.case_from(ROW | odd, settings(), WORDS)


def test_a_contact_opens_a_case_with_a_comment_and_a_technical_user_with_fields():
    """Fields that a contact may not set are not sent: the text is a comment, and the key is in the title."""
    draft = CaseDraft(key=KEY, title="T", description="D", severity=Severity.S1, ticket_number="RJR-000042")
    given = settings(account_sys_id=ID, contact_sys_id=ID)
    sent = cases.new_values(draft, given, NoForm(), WORDS)
    assert set(sent) == {"short_description", "priority", "contact_type", "account", "contact", "comments"}
    assert sent["short_description"] == f"[{KEY}] T"
    assert sent["comments"].endswith(f"[{KEY}/open]")
    sent = cases.new_values(draft, settings(access_profile="integration"), NoForm(), WORDS)
    assert (sent["correlation_id"], sent["short_description"], sent["priority"]) == (KEY, "T", "1")
    assert sent["description"].startswith("D\n\n")


def test_a_text_that_is_too_long_names_its_field():
    """A description beyond the limit is refused before anything is sent, with the field and the next step."""
    draft = CaseDraft(key=KEY, title="T", description="D" * 4001, severity=Severity.S1, ticket_number="RJR-000042")
    for profile in ("external", "integration"):
        with pytest.raises(FieldRefused, match="description is longer than 4000") as caught:
            cases.new_values(draft, settings(access_profile=profile), NoForm(), WORDS)
        assert (caught.value.field, "file" in caught.value.next_step) == ("description", True)
    case = cases.case_from(ROW, settings(), WORDS)
    changes = CaseChanges(resolution="R" * 4001)
    with pytest.raises(FieldRefused, match="resolution"):
        cases.changed_values(case, changes, settings(access_profile="integration"), WORDS)


def test_what_a_change_writes():
    """Only differences are written; a contact's title and severity, and any change of a closed case, are refused."""
    case = cases.case_from(ROW, settings(), WORDS)
    whole = settings(access_profile="integration", resolution_code="Solved")
    every = CaseChanges(severity=Severity.S1, title="U", status=CaseStatus.RESOLVED, resolution="R")
    assert cases.changed_values(case, every, whole, WORDS) == {
        "priority": "1",
        "short_description": "U",
        "state": "6",
        "close_notes": "R",
        "resolution_code": "Solved",
    }
    same = CaseChanges(severity=Severity.S2, title="T", status=CaseStatus.OPEN)
    assert cases.changed_values(case, same, settings(), WORDS) == {}
    for changes in (CaseChanges(severity=Severity.S1), CaseChanges(title="U")):
        with pytest.raises(FieldRefused, match="contact"):
            cases.changed_values(case, changes, settings(), WORDS)
    closed = cases.case_from(ROW | {"state": "3"}, settings(), WORDS)
    with pytest.raises(CaseRefused, match="closed"):
        cases.changed_values(closed, CaseChanges(status=CaseStatus.OPEN), settings(), WORDS)
    assert cases.changed_values(closed, CaseChanges(status=CaseStatus.CANCELLED), settings(), WORDS) == {}


@example("0.[")
@example(".profile")
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_a_files_name_carries_its_key(name):
    """The key is before the extension and removed again; the remaining name is valid on disk."""
    shown = comments.with_key(name, f"{KEY}/3-X2QF")
    left, key = comments.without_key(shown)
    assert key == f"{KEY}/3-X2QF"
    assert "/" not in left
    assert comments.with_key(left, f"{KEY}/3-X2QF") == shown


def test_names_of_files():
    """With and without key and extension; an entry without a file is an error."""
    assert comments.with_key("a.log", f"{KEY}/3-X2QF") == f"a [{KEY}~3-X2QF].log"
    assert comments.with_key("log", f"{KEY}/3-X2QF") == f"log [{KEY}~3-X2QF]"
    assert comments.with_key("a.log", "") == "a.log"
    assert comments.without_key("a [b].log") == ("a [b].log", "")
    with pytest.raises(VendorMisbehaved):
        comments.attachment_from({"element": "attachment"})


def test_a_comment_knows_its_part():
    """Parts are joined in their order, whatever the order of the vendor's list; work notes are private."""
    pieces = parts.split("wort " * 2000, f"{KEY}/2-X2QF", 4000)
    rows = [{"element": "work_notes", "value": piece, "sys_id": ID, "name": "System"} for piece in pieces]
    [whole] = parts.joined(parts.read_part(comments.comment_from(row, settings())) for row in reversed(rows))
    assert (whole.key, whole.public, whole.automatic) == (f"{KEY}/2-X2QF", False, True)
    assert whole.body.rstrip() == ("wort " * 2000).rstrip()


@pytest.mark.parametrize("life", [None, 0, -1, True, "10"])
def test_a_token_and_its_lifetime(life):
    """An invalid lifetime is unknown; a token that can't be sent is an error."""
    login = TokenLogin(settings())
    body = {"access_token": "t", "expires_in": life}
    assert login.read_token(reply(200, body)) == ("t", None)
    assert login.read_token(reply(200, body | {"expires_in": 9})) == ("t", 9.0)
    for bad in ("", "a\nb", "ä", None):
        with pytest.raises(VendorMisbehaved):
            login.read_token(reply(200, body | {"access_token": bad}))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain [code] text", "plain [code] text"),
        ("no begin [/code] here", "no begin [/code] here"),
        ("See [code]<a href='/kb/7'>this</a>[/code] first", "See this <https://a.example/kb/7> first"),
        ("Do:[code]<ol><li>stop<li>start</ol>[/code]then ask", "Do:\n1. stop\n2. start\nthen ask"),
        ("[CODE]<p>one</p><p>two</p>[/Code]", "one\n\ntwo\n"),
        ("a [code]<b>b</b>[/code] c [code]d[/code]", "a b c d"),
    ],
)
def test_html_in_a_journal_is_read_as_text(value, expected):
    """Between its tags the instance shows HTML; elsewhere the text is plain."""
    assert read_journal(value, "https://a.example/") == expected


PIECES = st.sampled_from(["[", "]", "/", "b", "<b>", "[code]", "[/code]", "[Code]", "\u200b"])


@given(st.lists(PIECES, max_size=20).map("".join))
def test_a_text_of_ours_is_never_shown_as_html(text):
    """What we send has no such tags, and comes back as it was."""
    sent = shield(text)
    assert "[code]" not in sent.lower()
    assert "[/code]" not in sent.lower()
    assert read_journal(sent, "").replace("\u200b", "") == text.replace("\u200b", "")


def test_many_tags_take_no_long_time():
    """Tags without an end, or without a beginning, are looked at once."""
    for tag in ("[code]", "[/code]", "[code]["):
        assert len(read_journal(tag * 20_000, "")) == len(tag) * 20_000


def test_only_the_opening_text_is_left_out():
    """An answer that ends like it is an answer."""
    row = {"element": "comments", "value": "In the console, click\n[main-menu/open]", "sys_id": "1", "name": "Ann"}
    assert comments.comment_from(row, settings()).body == row["value"]
    assert comments.comment_from(row, settings()).key == ""
