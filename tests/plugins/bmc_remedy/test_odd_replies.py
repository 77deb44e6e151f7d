"""Answers that no manual describes, from a scripted vendor."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from hub.errors import HubError, VendorMisbehaved, VendorUnavailable
from hub.http import watch_writes
from hub.model import Attachment, CaseDraft, CaseReference, Comment, Severity
from plugins.bmc_remedy import knowledge
from plugins.bmc_remedy import plugin as bmc

from .conftest import make_settings, open_scripted

DRAFT = CaseDraft(key="K-1", title="T", description="D", severity=Severity.S3, ticket_number="R-1")
REFERENCE = CaseReference(number="INC1", id="INC2")


def row(**changes: object) -> dict:
    """An incident's row like this one, but."""
    values = {
        "Incident Number": "INC1",
        "Entry ID": "INC2",
        "Status": "Assigned",
        "Status_Reason": None,
        "Priority": "Low",
        "Description": "T",
        "Last Modified Date": "2026-01-02T03:04:05.000+0000",
        "Vendor Ticket Number": "K-1",
        "Submit Date": "2026-01-02T03:04:05.000+0000",
    }
    return {"values": values | changes}


def note(**changes: object) -> dict:
    """A work log's row like this one, but."""
    values = {
        "Work Log ID": "WLG1",
        "Incident Number": "INC1",
        "View Access": "Public",
        "Detailed Description": "Hello",
        "Last Modified Date": "2026-01-02T03:04:05.000+0000",
    }
    return {"values": values | changes}


def entries(*rows: dict) -> httpx.Response:
    """A page of rows."""
    return httpx.Response(200, json={"entries": list(rows)})


CREATED = httpx.Response(201, json={"values": {"Incident Number": "INC1"}})


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(201, content=b'{"values": {"Incident Nu'),
        httpx.Response(201, json=["no", "entry"]),
        httpx.Response(200, html="<html>log in</html>"),
        httpx.Response(201, json={"values": {"Incident Number": 17}}),
    ],
)
async def test_a_create_whose_answer_makes_no_sense_is_in_doubt(answer: httpx.Response) -> None:
    """It may well have been stored."""
    async with open_scripted(answer) as (account, _):
        with watch_writes() as writes, pytest.raises(VendorMisbehaved):
            await bmc.hub_open_case(account, DRAFT)
    assert writes.in_doubt


async def test_a_location_with_an_inner_host_is_never_called() -> None:
    """Only the entry's id is taken from it."""
    elsewhere = "https://inner.corp:8443/api/arsys/v1/entry/HPD:IncidentInterface_Create/000000000000179"
    script = (
        httpx.Response(201, headers={"Location": elsewhere}),
        httpx.Response(200, json={"values": {"Incident Number": "INC1"}}),
        entries(row()),
    )
    async with open_scripted(*script) as (account, asked):
        case = await bmc.hub_open_case(account, DRAFT)
    assert case.reference == REFERENCE
    assert {request.url.host for request in asked} == {"remedy.example"}
    assert asked[1].url.path.endswith("/HPD:IncidentInterface_Create/000000000000179")


@pytest.mark.parametrize(
    "links", [None, [], {"self": []}, {"self": [{"href": "http://h/api/arsys/v1/entry/F"}]}, {"self": 3}]
)
async def test_an_entry_without_a_usable_link_is_known_by_its_fields(links: object) -> None:
    """Entry ID, or else the joined Request ID."""
    joined = row(**{"Entry ID": None, "Request ID": "INC2|INC2"}) | {"_links": links}
    async with open_scripted(CREATED, entries(joined)) as (account, _):
        assert (await bmc.hub_open_case(account, DRAFT)).reference == REFERENCE


async def test_a_stored_note_that_cannot_be_found_is_in_doubt() -> None:
    """Neither body nor Location told its id, and no note carries the key."""
    async with open_scripted(httpx.Response(204), entries(note()), entries()) as (account, _):
        with pytest.raises(VendorUnavailable) as caught:
            await bmc.hub_add_comment(account, REFERENCE, Comment(body="x", key="k"))
    assert caught.value.in_doubt


async def test_a_thread_whose_pages_repeat_is_an_error_not_a_loop() -> None:
    """Nor is half a thread given for the whole."""
    async with open_scripted(httpx.Response(200, json=row()), entries(note())) as (account, asked):
        with pytest.raises(VendorUnavailable):
            await bmc.hub_read_case(account, REFERENCE)
    assert len(asked) == 3


BAD_CASES = [
    row(Status="Frozen"),
    row(Priority="P9"),
    row(Status={"a": 1}),
    row(**{"Incident Number": None}),
    row(**{"Last Modified Date": "soon"}),
    row(**{"Last Modified Date": None}),
    row(Description=5),
]


@pytest.mark.parametrize("bad", BAD_CASES, ids=range(len(BAD_CASES)))
async def test_one_row_that_makes_no_sense_is_set_aside_and_the_rest_kept(bad: dict) -> None:
    """With a reason that doesn't quote it, and once."""
    good = row(**{"Incident Number": "INC9", "Last Modified Date": "2026-01-02T03:04:06.000+0000"})
    async with open_scripted(entries(bad, good), entries()) as (account, _):
        page = await bmc.hub_changed_cases(account, {})
        assert [news.reference.number for news in page.items] == ["INC9"]
        (aside,) = page.quarantined
        assert aside.reason
        assert (await bmc.hub_changed_cases(account, page.cursor)).quarantined == ()


@pytest.mark.parametrize(
    "bad",
    [
        note(**{"Work Log ID": None}),
        note(**{"Incident Number": None}),
        note(**{"Detailed Description": ["x"]}),
        note(**{"z2AF Work Log01": 5}),
        note(**{"z2AF Work Log01": {"name": {}}}),
    ],
)
async def test_a_note_that_makes_no_sense_is_set_aside(bad: dict) -> None:
    """The stream goes on."""
    async with open_scripted(entries(), entries(bad), entries()) as (account, _):
        page = await bmc.hub_changed_cases(account, {})
        page = await bmc.hub_changed_cases(account, page.cursor)
        assert page.items == ()
        assert len(page.quarantined) == 1


@pytest.mark.parametrize("access", ["Internal", None, "public", "Öffentlich", ""])
async def test_what_is_not_marked_public_is_private(access: str | None) -> None:
    """A relabelled or missing access is never taken for public."""
    async with open_scripted(httpx.Response(200, json=row()), entries(note(**{"View Access": access})), entries()) as (
        account,
        _,
    ):
        (comment,) = (await bmc.hub_read_case(account, REFERENCE)).comments
    assert not comment.public


async def test_a_notes_summary_is_not_lost() -> None:
    """It leads the text unless the text holds it; alone it is the text; machines are told apart."""
    rows = (
        note(**{"Work Log ID": "WLG1", "Short Description": "Logs, please"}),
        note(**{"Work Log ID": "WLG2", "Description": "Hel"}),
        note(**{"Work Log ID": "WLG3", "Description": "Only this", "Detailed Description": None}),
        note(**{"Work Log ID": "WLG4", "Detailed Description": None}),
        note(**{"Work Log ID": "WLG5", "Work Log Type": "Email System"}),
    )
    async with open_scripted(httpx.Response(200, json=row()), entries(*rows), entries()) as (account, _):
        told = (await bmc.hub_read_case(account, REFERENCE)).comments
    assert [comment.body for comment in told] == ["Logs, please\n\nHello", "Hello", "Only this", "Hello"]
    assert [comment.automatic for comment in told] == [False, False, False, True]


async def test_a_file_of_odd_size_or_name_is_listed_safely() -> None:
    """The name loses its path, a nonsense size is unknown."""
    files = {"z2AF Work Log02": {"name": "../x.txt", "sizeBytes": -4}, "z2AF Work Log03": "plain.txt"}
    async with open_scripted(httpx.Response(200, json=row()), entries(note(**files)), entries()) as (account, _):
        case = await bmc.hub_read_case(account, REFERENCE)
    assert [(one.name, one.size, one.reference) for one in case.attachments] == [
        ("x.txt", None, "WLG1/z2AF Work Log02"),
        ("plain.txt", None, "WLG1/z2AF Work Log03"),
    ]


@pytest.mark.parametrize("login", ["", "<html>", "two words", "a" * 9000])
async def test_a_login_without_a_token_is_an_error_that_does_not_quote_it(login: str) -> None:
    """Whatever came instead."""
    flow = bmc.hub_connect(make_settings()).auth
    from hub.http import Reply

    with pytest.raises(HubError) as caught:
        flow.read_token(Reply(200, httpx.Headers(), login.encode(), "POST", "/api/jwt/login"))
    assert not login or login not in str(caught.value.describe())


async def test_an_unset_priority_is_no_severity() -> None:
    """A case may have none yet."""
    async with open_scripted(CREATED, entries(row(Priority=None))) as (account, _):
        assert (await bmc.hub_open_case(account, DRAFT)).severity is None


async def test_no_secret_shows_and_the_server_gives_up_before_we_do() -> None:
    """Neither in the settings' repr nor in the connection's; the time-out sent is below the deadline."""
    settings = make_settings(auth_string="0p3n", timeout_seconds=40)
    connection = bmc.hub_connect(settings)
    assert "s3cret" not in repr(settings) + repr(connection)
    assert "0p3n" not in repr(settings) + repr(connection)
    assert int(connection.headers["X-AR-Timeout"]) < connection.deadline == 40
    assert connection.auth.login_request().form["authString"] == "0p3n"


def article(**changes: object) -> dict:
    """An article's row like this one, but."""
    values = {
        "InstanceId": "ID1",
        "DocID": "KBA1",
        "ArticleTitle": "Title",
        "ArticleForm": "RKM:ReferenceTemplate",
        "FK_GUID": "G1",
        "ArticleLastModifiedDate": "2026-01-02T03:04:05.000+0000",
        "StatusSelectionField": "Published",
        "InternalArticleIndication": None,
    }
    return {"values": values | changes}


BODY = {"values": {"InstanceId": "G1", "Reference": "<p>Text</p>"}}


@pytest.mark.parametrize(
    ("listed", "body"),
    [
        (article(ArticleForm="ACME:OwnTemplate"), BODY),
        (article(ArticleForm=None), BODY),
        (article(FK_GUID="G2"), BODY),
        (article(ArticleTitle=7), BODY),
        (article(), {"values": {"InstanceId": "G1", "Reference": {"text": "moved"}}}),
        (article(ArticleLastModifiedDate=None), BODY),
    ],
)
async def test_an_article_that_makes_no_sense_is_set_aside(listed: dict, body: dict) -> None:
    """An unknown template, a missing or ill-typed body: the other articles are kept."""
    good = article(InstanceId="ID2", ArticleLastModifiedDate="2026-01-02T03:04:06.000+0000", FK_GUID="G9")
    bodies = [BODY | {"values": {"InstanceId": "G9", "Reference": "<p>Kept</p>"}}, body]
    bodies.sort(key=lambda one: one["values"]["InstanceId"])
    async with open_scripted(entries(listed, good), entries(*bodies), entries()) as (account, _):
        page = await bmc.hub_changed_articles(account, {})
    assert [one.body for one in page.items] == ["<h2>Reference</h2>\n<p>Kept</p>"]
    assert len(page.quarantined) == 1


@pytest.mark.parametrize("drifted", [{"StatusSelectionField": {"a": 1}}, {"InternalArticleIndication": ["Yes"]}])
async def test_an_article_whose_state_is_unclear_is_not_shown(drifted: dict) -> None:
    """A value of another type is neither published nor external."""
    async with open_scripted(entries(article(**drifted)), entries()) as (account, _):
        (one,) = (await bmc.hub_changed_articles(account, {})).items
        assert (one.withdrawn, one.title, one.body) == (True, "", "")
    async with open_scripted(entries(article(**drifted)), entries()) as (account, _):
        assert await bmc.hub_search_articles(account, "x") == ()


async def test_an_undated_article_is_not_found() -> None:
    """A search leaves it out rather than fail."""
    undated = article(ArticleLastModifiedDate=None)
    async with open_scripted(entries(undated), entries(BODY), entries()) as (account, _):
        assert await bmc.hub_search_articles(account, "x") == ()


def test_wildcards_in_a_search_lose_their_meaning() -> None:
    """LIKE knows no escape, so each becomes any one character."""
    assert knowledge.like("100%_[a]") == "100___a_"


async def test_a_file_whose_note_is_not_told_is_found_by_its_key() -> None:
    """Neither body nor Location: the thread is searched for the key, and no other file will do."""

    async def data() -> AsyncIterator[bytes]:
        yield b"hi"

    ours = note(**{"Work Log ID": "WLG2", "Description": "RjR k/2", "z2AF Work Log01": {"name": "a.txt"}})
    theirs = note(**{"z2AF Work Log01": {"name": "a.txt"}})
    async with open_scripted(httpx.Response(204), entries(theirs, ours), entries()) as (account, asked):
        added = await bmc.hub_add_attachment(account, REFERENCE, Attachment(name="a.txt", key="k/2"), data())
    assert added.reference == "WLG2/z2AF Work Log01"
    body = asked[0].content.decode()
    assert 'name="attach-z2AF Work Log01"; filename="a.txt"' in body
    assert '"z2AF Work Log01":"a.txt"' in body
    assert '"Secure Work Log":"No"' in body


async def test_a_comment_whose_note_is_not_told_is_found_by_its_key() -> None:
    """The same for a comment."""
    ours = note(**{"Work Log ID": "WLG2", "Short Description": "RjR k/2"})
    async with open_scripted(httpx.Response(204), entries(note(), ours), entries()) as (account, _):
        added = await bmc.hub_add_comment(account, REFERENCE, Comment(body="Hello", key="k/2"))
    assert added.reference == "WLG2"


async def test_an_incident_without_its_number_is_not_taken_for_a_case() -> None:
    """Read by its id, it has to say who it is."""
    async with open_scripted(httpx.Response(200, json=row(**{"Incident Number": None}))) as (account, _):
        with pytest.raises(VendorMisbehaved):
            await bmc.hub_read_case(account, REFERENCE)
