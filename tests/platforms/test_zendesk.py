"""Judgement about Zendesk: what is written for a case, what may be changed by whom, errors, settings and deliveries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from pydantic import SecretStr, ValidationError
from zendesk_kit import KEY, NoForm, account, settings, ticket

from hub.errors import CaseMissing, CaseRefused, DeliveryRefused, FieldRefused, NotPermitted, TryLater, VendorMisbehaved
from hub.http import Reply
from hub.model import CaseChanges, CaseDraft, CaseStatus, Question, Severity, WebhookRequest
from hub.platforms import releases
from hub.platforms.form import FormLine
from hub.platforms.zendesk import WORDS, Desk, Settings, articles, cases, check, faults, login, updates, webhook

DRAFT = CaseDraft(
    key=KEY,
    title="Login fails",
    description="Since 09:12.",
    severity=Severity.S2,
    ticket_number="RJR-000042",
    answers={"os": "Android 15", "kind": "question"},
)
FORM = NoForm(
    FormLine(Question(name="os", title="Device"), "mobile_os"), FormLine(Question(name="kind", title="Type"), "type")
)


def _case(given=None, **row):
    return cases.case_from(ticket(**row), given or settings(), WORDS)


# --- what is written for a new case ---


def test_an_agents_ticket_carries_the_key_in_external_id():
    """The key has its own field, answers go where the settings say, and unset values are not sent."""
    given = settings(field_ids={"mobile_os": 36}, custom_fields={12: "rjr"}, ticket_form_id=5)
    values = cases.new_values(DRAFT, given, WORDS, FORM)
    assert values == {
        "subject": "Login fails",
        "priority": "high",
        "external_id": KEY,
        "type": "question",
        "tags": ["rjr"],
        "ticket_form_id": 5,
        "custom_fields": [{"id": 12, "value": "rjr"}, {"id": 36, "value": "Android 15"}],
        "comment": {"body": "Since 09:12.\n\nRjR ticket: RJR-000042", "public": True},
    }


def test_a_requester_is_named_where_the_settings_do():
    """Our contact is sent with name and address."""
    given = settings(requester_email="ops@rjr.example", requester_name="RjR", group_id=3)
    values = cases.new_values(DRAFT, given, WORDS, FORM)
    assert values["requester"] == {"name": "RjR", "email": "ops@rjr.example"}
    assert values["group_id"] == 3


def test_an_end_users_request_carries_the_key_in_its_subject():
    """Only values for a request are sent; the text has the severity, too, as the priority may be hidden."""
    values = cases.new_values(DRAFT, settings(profile="enduser"), WORDS, FORM)
    assert set(values) == {"subject", "priority", "comment"}
    assert values["subject"] == f"[{KEY}] Login fails"
    assert values["comment"]["body"].endswith("Device: Android 15\nType: question\nSeverity: 2")


def test_a_long_title_is_complete_in_the_text():
    """A title beyond the limit is cut in the subject and complete at the start of the description."""
    title = "Sync " * 60
    values = cases.new_values(DRAFT.evolve(title=title.strip()), settings(), WORDS, FORM)
    assert len(values["subject"]) <= 150
    assert values["comment"]["body"].startswith(title.strip())


async def test_a_ticket_is_opened_under_its_key():
    """The call has the key as Idempotency-Key, and the case is returned as stored."""
    async with account(lambda _: httpx.Response(201, json={"ticket": ticket(status="new"), "audit": {}})) as (
        acme,
        asked,
    ):
        case = await cases.open_case(acme, DRAFT, FORM, WORDS)
    assert asked.calls[0].headers["idempotency-key"] == KEY
    assert (case.reference.number, case.key, case.status) == ("7", KEY, CaseStatus.OPEN)


async def test_a_request_has_no_idempotency_key():
    """The vendor documents that header for tickets only."""
    row = ticket(subject=f"[{KEY}] Login fails", external_id=None)
    async with account(lambda _: {"request": row}, profile="enduser") as (acme, asked):
        case = await cases.open_case(acme, DRAFT, FORM, WORDS)
    assert "idempotency-key" not in asked.calls[0].headers
    assert asked.lines == ["POST /requests"]
    assert (case.key, case.title) == (KEY, "Login fails")


# --- what is read ---


def test_a_record_is_read_as_a_case():
    """Status, severity and assignee are read; a hidden priority gives no severity."""
    case = _case(assignee_id=9, status="hold")
    assert (case.status, case.severity, case.assignee) == (CaseStatus.WAITING_ON_VENDOR, Severity.S2, "agent 9")
    assert _case(priority=None).severity is None


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"status": "frozen"}, VendorMisbehaved),
        ({"priority": "dire"}, VendorMisbehaved),
        ({"updated_at": None}, VendorMisbehaved),
        ({"id": "7"}, VendorMisbehaved),
        ({"status": "deleted"}, CaseMissing),
    ],
)
def test_nothing_is_guessed(row, error):
    """Unknown words, missing times and deleted tickets are errors of their own kind."""
    with pytest.raises(error):
        _case(**row)


async def test_a_ticket_is_found_by_its_field():
    """Only the exact key counts, a deleted ticket does not, and two tickets with one key are an error."""
    rows = [ticket(7), ticket(8, external_id=KEY.lower()), ticket(9, status="deleted")]
    async with account(lambda _: {"tickets": rows}) as (acme, asked):
        result = await cases.find_case(acme, KEY, WORDS)
        assert result is not None
        assert result.reference.number == "7"
        assert asked.lines == [f"GET /tickets?external_id={KEY}"]
        rows.append(ticket(10))
        with pytest.raises(CaseRefused, match="several"):
            await cases.find_case(acme, KEY, WORDS)


async def test_a_request_is_found_among_the_newest_then_by_the_search():
    """The list is current; the search, whose index lags behind, is used if the list is too long."""
    mine = ticket(7, subject=f"[{KEY}] Login fails")
    other = ticket(8, subject="Something else")
    listed = [other, mine]

    def answer(request):
        if request.url.path.endswith("/search"):
            return {"requests": [mine, other]}
        more = {"has_more": True, "after_cursor": f"c{request.url.params.get('page[after]', '')}"}
        return {"requests": listed, "meta": more}

    async with account(answer, profile="enduser", find_pages=2) as (acme, asked):
        assert (await cases.find_case(acme, KEY, WORDS)).reference.number == "7"
        assert len(asked.calls) == 1
        listed.remove(mine)
        assert (await cases.find_case(acme, KEY, WORDS)).reference.number == "7"
        assert [line.partition("?")[0] for line in asked.lines[1:]] == ["GET /requests"] * 2 + ["GET /requests/search"]
        assert await cases.find_case(acme, 'RJR"', WORDS) is None
        assert len(asked.calls) == 6


@pytest.mark.parametrize("number", ["7a", "", "٧", "7/../8"])
def test_an_invalid_number_is_missing(number):
    """An invalid number never becomes part of an address."""
    from hub.model import CaseReference

    with pytest.raises(CaseMissing):
        cases.ident(CaseReference(number=number))


# --- what is changed ---


def _ticket_values(changes, given=None, **row):
    given = given or settings()
    return updates.ticket_values(_case(given, **row), changes, given, WORDS)


def test_only_what_differs_is_written():
    """Equal values are not sent; others are sent in the vendor's words."""
    same = CaseChanges(severity=Severity.S2, title="Login fails", status=CaseStatus.IN_PROGRESS)
    assert _ticket_values(same) == {}
    other = CaseChanges(severity=Severity.S1, title="Login is slow", status=CaseStatus.CLOSED)
    assert _ticket_values(other) == {"priority": "urgent", "subject": "Login is slow", "status": "solved"}
    assert _ticket_values(CaseChanges(status=CaseStatus.OPEN)) == {}
    assert _ticket_values(CaseChanges(status=CaseStatus.CLOSED), status="solved") == {}
    assert _ticket_values(CaseChanges(status=CaseStatus.OPEN), status="solved") == {"status": "open"}


def test_closed_is_final():
    """A closed ticket is not reopened or changed; closing it again does nothing."""
    assert _ticket_values(CaseChanges(status=CaseStatus.RESOLVED), status="closed") == {}
    for changes in (CaseChanges(status=CaseStatus.OPEN), CaseChanges(severity=Severity.S1)):
        with pytest.raises(CaseRefused, match="closed"):
            _ticket_values(changes, status="closed")


def test_closing_at_once_is_the_accounts_choice():
    """An account may write closed, which is final at the vendor."""
    given = settings(status_words={"closed": "closed"})
    assert _ticket_values(CaseChanges(status=CaseStatus.CLOSED), given) == {"status": "closed"}


def _request_values(changes, **row):
    given = settings(profile="enduser")
    request = ticket(subject=f"[{KEY}] Login fails", **row)
    return updates.request_values(cases.case_from(request, given, WORDS), request, changes, given)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (CaseChanges(severity=Severity.S1), "severity"),
        (CaseChanges(title="Another"), "title"),
        (CaseChanges(status=CaseStatus.WAITING_ON_US), "status"),
    ],
)
def test_an_end_user_changes_no_fields(changes, field):
    """A field that a customer can't change is refused by name, not ignored."""
    with pytest.raises(FieldRefused) as caught:
        _request_values(changes)
    assert caught.value.field == field


def test_an_end_user_solves_what_the_vendor_allows():
    """Solved is written if the request allows it, and refused otherwise; an equal status is not written."""
    close = CaseChanges(status=CaseStatus.CLOSED)
    assert _request_values(close, can_be_solved_by_me=True) == {"solved": True}
    for answer in (False, None, "true"):
        with pytest.raises(CaseRefused, match="solve"):
            _request_values(close, can_be_solved_by_me=answer)
    assert _request_values(close, status="solved") == {}
    same = CaseChanges(severity=Severity.S2, title="Login fails", status=CaseStatus.OPEN)
    assert _request_values(same) == {}
    assert _request_values(CaseChanges()) == {}


def test_an_end_user_reopens_a_solved_request_by_a_comment():
    """A comment reopens it; a closed request stays closed."""
    values = _request_values(CaseChanges(status=CaseStatus.OPEN, key=f"{KEY}/3-X2Q2"), status="solved")
    assert values["comment"]["body"].endswith(f"[{KEY}/3-X2Q2]")
    with pytest.raises(CaseRefused, match="closed"):
        _request_values(CaseChanges(status=CaseStatus.OPEN), status="closed")


# --- errors ---


def _reply(status, body):
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Reply(status, httpx.Headers(), raw, "GET", "/api/v2/tickets", "v", "a")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": "IdempotentRequestError", "description": "hunter2"}, VendorMisbehaved),
        (403, {"error": "Forbidden", "description": "Missing the following required scopes: read"}, NotPermitted),
        (404, {"error": "InvalidEndpoint", "description": "hunter2"}, VendorMisbehaved),
        (404, b"<html>hunter2</html>", VendorMisbehaved),
        (409, {"error": "Conflict"}, TryLater),
        (422, {"error": "RecordInvalid", "details": {"base": [{"description": "hunter2"}]}}, CaseRefused),
        (422, {"error": "RecordInvalid", "details": "hunter2"}, CaseRefused),
        (422, {"error": "RecordInvalid", "details": {"hunter2 hunter2": []}}, CaseRefused),
        (422, {"error": "RecordInvalid", "details": {"status": [{"error": "InvalidStatus"}]}}, FieldRefused),
        (422, {"error": "RecordInvalid", "details": {"ticket_form_id": []}}, FieldRefused),
    ],
)
def test_answers_say_who_acts(status, body, kind):
    """Each documented answer becomes its error, and its text is not kept."""
    error = faults.explain(_reply(status, body))
    assert type(error) is kind
    assert "hunter2" not in f"{error.message} {error.next_step}"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": "Couldn't authenticate you"}),
        (403, {"error": {"title": "Forbidden", "message": "Access to this resource is restricted."}}),
        (404, {"error": "RecordNotFound", "description": "Not found"}),
        (429, {"error": "APIRateLimitExceeded"}),
        (503, b"down"),
        (500, b"\xff"),
        (422, b"[]"),
    ],
)
def test_all_else_is_left_to_the_status(status, body):
    """The status is enough; an error may be a word, an object, or not JSON at all."""
    assert faults.explain(_reply(status, body)) is None


def test_a_key_that_was_used_leaves_doubt():
    """The vendor has stored something with the key, so the hub looks for it and does not create it again."""
    assert faults.explain(_reply(400, {"error": "IdempotentRequestError"})).in_doubt


# --- settings and logins ---


@pytest.mark.parametrize(
    "values",
    [
        {"api_token": None},
        {"login": "bearer"},
        {"login": "client", "client_id": "x"},
        {"base_url": "acme.zendesk.com"},
        {"history_from": "2026-01-01T00:00:00"},
        {"version_pattern": "("},
        {"kb_locale": "../en"},
    ],
)
def test_settings_that_cannot_work_are_refused(values):
    """A login without credentials, an invalid address, and a time without an offset."""
    with pytest.raises(ValidationError):
        settings(**values)


def test_valid_settings_are_accepted():
    """A time with an offset, an address with a slash at its end."""
    given = settings(base_url="https://acme.zendesk.com/api/v2/", history_from="2026-01-01T00:00:00Z")
    assert given.base_url == "https://acme.zendesk.com/api/v2"
    assert given.history_from == datetime(2026, 1, 1, tzinfo=UTC)


def _sent(given):
    headers = {}
    login.auth(given).apply(headers, "t0ken")
    return headers["Authorization"]


def test_each_login_sends_its_credentials():
    """The API token's user is the address with /token; OAuth tokens are bearer tokens."""
    assert _sent(settings()) == "Basic bDFAcmpyLmV4YW1wbGUvdG9rZW46azN5"
    assert _sent(settings(login="bearer", access_token="abc")) == "Bearer abc"
    client = settings(login="client", client_id="rjr", client_secret="s3cret")
    assert _sent(client) == "Bearer t0ken"
    call = login.auth(client).login_request()
    assert (call.method, call.path) == ("POST", "http://acme.example/oauth/tokens")
    assert call.json["grant_type"] == "client_credentials"


@pytest.mark.parametrize(("values", "life"), [({"expires_in": 7200}, 7200.0), ({"expires_in": None}, None), ({}, None)])
def test_a_token_has_its_own_lifetime(values, life):
    """A token without a lifetime has no end; an answer without a token is an error."""
    auth = login.auth(settings(login="client", client_id="rjr", client_secret="s3cret"))
    assert auth.read_token(_reply(200, {"access_token": "abc"} | values)) == ("abc", life)
    with pytest.raises(VendorMisbehaved):
        auth.read_token(_reply(200, {"access_token": ""}))


def test_capabilities_follow_the_settings():
    """Without knowledge, labels or a secret the hooks for them are not offered."""
    desk = Desk(form=NoForm(), settings=Settings)
    bare = desk.hub_capabilities(settings(knowledge="none"))
    assert not bare & {"changed_articles", "changed_patches", "search_articles", "read_article", "read_webhook"}
    assert "changed_patches" not in desk.hub_capabilities(settings(patch_labels=()))
    full = desk.hub_capabilities(settings(webhook_secret="x"))
    assert {"read_webhook", "changed_patches", "open_case", "add_attachment"} <= full
    assert desk.hub_settings("") is type(settings())


# --- the account check ---


@pytest.mark.parametrize(
    ("user", "profile", "ok"),
    [
        ({"id": 1, "role": "admin"}, "agent", True),
        ({"id": 1, "role": "agent"}, "agent", False),
        ({"id": 1, "role": "end-user"}, "agent", False),
        ({"id": 1, "role": "end-user"}, "enduser", True),
        ({"id": 1, "role": "admin"}, "enduser", True),
        ({"id": None, "role": "end-user"}, "enduser", False),
    ],
)
async def test_the_check_says_whether_the_user_fits(user, profile, ok):
    """The export is for administrators; an answer without a user is a failed login."""
    async with account(lambda _: {"user": user}, profile=profile) as (acme, _):
        assert (await check.check_account(acme))[0].ok is ok


async def test_the_check_names_what_is_refused():
    """Each check has its finding."""

    def answer(request):
        return (
            {"user": {"id": 1, "role": "admin"}} if request.url.path.endswith("/me") else httpx.Response(403, json={})
        )

    async with account(answer) as (acme, asked):
        result = await check.check_account(acme)
    assert [(entry.name, entry.ok) for entry in result] == [("login", True), ("cases", False), ("knowledge", False)]
    assert {entry.method for entry in asked.calls} == {"GET"}
    async with account(answer, knowledge="none") as (acme, _):
        assert [entry.name for entry in await check.check_account(acme)] == ["login", "cases"]
    async with account(lambda _: httpx.Response(401)) as (acme, _):
        assert not any(entry.ok for entry in await check.check_account(acme))


# --- deliveries ---

SECRET = "zd-test-secret-0001"
TIME = "2026-09-01T09:00:00Z"
BODY = b'{"type":"zen:event-type:ticket.created","detail":{"id":"4014"}}'
PROOF = "giEELwYVsEj4E26LLrnVLPSPN/LMZdbGNvDcvlqhpVE="


def _delivery(body=BODY, proof=PROOF, time=TIME, secret=SECRET, **values):
    request = WebhookRequest(
        headers={webhook.SIGNATURE: proof, webhook.TIME: time},
        body=body,
        received_at=datetime(2026, 9, 1, 9, 1, tzinfo=UTC),
    )
    return webhook.read(settings(webhook_secret=secret, **values), request)


def _signed(body, time=TIME):
    import base64
    import hmac

    return base64.b64encode(hmac.digest(SECRET.encode(), time.encode() + body, "sha256")).decode()


def test_a_signed_delivery_is_accepted():
    """The published test vector is valid with the current and the old secret."""
    delivery = _delivery()
    assert (delivery.stream, delivery.case_number) == ("cases", "4014")
    assert delivery.sent_at == datetime(2026, 9, 1, 9, tzinfo=UTC)
    assert _delivery(secret="new", webhook_secret_old=SecretStr(SECRET)) == delivery


def test_an_event_is_published_apart_by_its_own_id():
    """The id is in the signed body; without one, it is made of time and body."""
    body = b'{"id":"01J6ZK","type":"zen:event-type:article.published","detail":{"id":"33"}}'
    delivery = _delivery(body, _signed(body))
    assert (delivery.id, delivery.stream, delivery.case_number) == ("01J6ZK", "articles", "")
    later = "2026-09-01T09:00:01Z"
    assert _delivery().id != _delivery(time=later, proof=_signed(BODY, later)).id


@pytest.mark.parametrize(
    ("body", "number"),
    [(b'{"ticket_id": "12"}', "12"), (b'{"ticket_id": 12}', "12"), (b"[]", ""), (b"", ""), (b"\xff", "")],
)
def test_a_body_of_the_vendors_own_names_the_ticket(body, number):
    """A trigger's body is written by the vendor's administrator; any body wakes the stream."""
    assert _delivery(body, _signed(body)).case_number == number


@pytest.mark.parametrize(
    "change",
    [
        {"body": BODY + b" "},
        {"proof": ""},
        {"proof": "é"},
        {"time": "2026-09-01T09:00:01Z"},
        {"secret": "another"},
        {"time": "never", "proof": _signed(BODY, "never")},
        {"time": "2026-09-01T09:00:00", "proof": _signed(BODY, "2026-09-01T09:00:00")},
        {"time": "2026-09-01T08:50:00Z", "proof": _signed(BODY, "2026-09-01T08:50:00Z")},
    ],
)
def test_a_wrong_or_old_signature_is_refused(change):
    """Another body, signature, time or secret, an invalid time, and an old time are refused."""
    with pytest.raises(DeliveryRefused):
        _delivery(**change)


def test_a_time_in_nanoseconds_is_a_time():
    """The vendor's webhooks have nine digits after the second."""
    time = "2026-09-01T09:00:00.123456789Z"
    at = datetime(2026, 9, 1, 9, tzinfo=UTC) + timedelta(microseconds=123456)
    assert _delivery(time=time, proof=_signed(BODY, time)).sent_at == at


# --- articles ---


def _article(**values):
    request = {
        "id": 33,
        "title": "Release notes 7.4.1",
        "body": "<p>Fixes sync.</p>",
        "locale": "en-us",
        "draft": False,
        "label_names": ["release-notes", "android"],
        "updated_at": "2026-08-31T08:00:00Z",
        "user_segment_id": None,
        "html_url": "https://acme.example/hc/33",
    }
    return request | values


def test_an_article_with_the_label_is_a_patch():
    """The version is in its title; a draft is neither article nor patch."""
    given = settings(articles_public=True)
    assert articles.is_published(_article(), given, patches=True)
    assert not articles.is_published(_article(), given, patches=False)
    assert articles.is_published(_article(label_names=None), given, patches=False)
    assert not articles.is_published(_article(draft=True), given, patches=True)
    patch = releases.release(
        articles.article_from(_article(title="Scanner (Android) Release notes 7.4.1"), given), given.version_pattern
    )
    assert (patch.version, patch.product, patch.public) == ("7.4.1", "Scanner (Android)", True)
    assert releases.release(articles.article_from(_article(title="News"), given), given.version_pattern).version == ""


def test_only_what_everybody_may_see_may_be_shown():
    """Articles of a user segment or an unknown audience are not public, nor are any unless the vendor allows it."""
    given = settings(articles_public=True)
    hidden = _article()
    del hidden["user_segment_id"]
    assert not articles.article_from(hidden, given).public
    assert not articles.article_from(_article(user_segment_id=4), given).public
    assert not articles.article_from(_article(), settings()).public
    with pytest.raises(VendorMisbehaved):
        articles.article_from(_article(updated_at=None), given)


async def test_a_search_and_a_reading_leave_drafts_out():
    """Drafts are not found; an unknown article, a draft and an invalid reference are missing."""

    def answer(request):
        if request.url.path.endswith("/search"):
            return {"results": [_article(), _article(id=34, draft=True)]}
        number = request.url.path.rpartition("/")[2]
        return (
            {"article": _article(draft=number == "34")} if number != "35" else httpx.Response(404, json={"error": "x"})
        )

    async with account(answer) as (acme, asked):
        assert [result.reference for result in await articles.search(acme, " sync \0 now ")] == ["33"]
        assert "query=sync%20now" in asked.lines[0]
        assert await articles.search(acme, " ") == ()
        assert (await articles.find(acme, "33"))["id"] == 33
        assert [await articles.find(acme, number) for number in ("34", "35", "3x")] == [None] * 3
