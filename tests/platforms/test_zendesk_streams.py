"""Zendesk: comments and their keys, files, changed cases in both profiles, changed articles."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime

import httpx
import pytest
from zendesk_kit import KEY, NoForm, account, comment, ticket

from hub.errors import BadInput, CaseMissing, CaseRefused, VendorMisbehaved
from hub.model import Attachment, CaseChanges, CaseReference, CaseStatus, Comment
from hub.platforms.zendesk import WORDS, Desk, Settings, api, comments, export, files, mirror, news, requests

OUR = f"{KEY}/2-X2Q2"
CASE = CaseReference(number="7")


def _mark(key=OUR):
    return {"system": {}, "custom": {"rjr_key": key}}


def _file(number=5, **values):
    fields = {
        "id": number,
        "file_name": "log.zip",
        "size": 3,
        "content_type": "application/zip",
        "content_url": "http://acme.example/attachments/token/x/?name=log.zip",
    }
    return fields | values


# --- comments ---


async def test_the_description_is_no_comment_but_its_files_are_files():
    """The oldest comment is the description, wherever it stands in the list."""
    records = [comment(2), comment(1, attachments=[_file()])]
    async with account(lambda _: {"comments": records, "users": [{"id": 2, "name": "Jane"}, 3]}) as (acme, asked):
        found, attached = await comments.read(acme, ticket())
    assert [(entry.body, entry.author, entry.reference) for entry in found] == [("Step 2", "Jane", "2")]
    assert [entry.name for entry in attached] == ["log.zip"]
    assert len(asked.calls) == 1


async def test_pages_are_read_to_their_end_by_cursor_or_by_number():
    """Both kinds of paging work; no address from an answer is called."""

    def cursor(request):
        last = "page[after]" in request.url.params
        return {"comments": [comment(3 if last else 2)], "meta": {"has_more": not last, "after_cursor": "c2"}}

    def number(request):
        last = request.url.params.get("page") == "2"
        return {"comments": [comment(3 if last else 2)], "next_page": None if last else "http://elsewhere.example/"}

    for answer in (cursor, number):
        async with account(answer) as (acme, asked):
            found, _ = await comments.read(acme, ticket())
            assert [entry.reference for entry in found] == ["3"]
            assert len(asked.calls) == 2


async def test_an_endless_list_is_an_error(monkeypatch):
    """A list that repeats its page ends; an endless list is an error."""
    monkeypatch.setattr(api, "MAX_PAGES", 3)
    async with account(lambda _: {"comments": [], "meta": {"has_more": True, "after_cursor": "same"}}) as (acme, asked):
        assert await comments.read(acme, ticket()) == ((), ())
        assert len(asked.calls) == 2
    count = iter(range(9))
    reported = {"has_more": True}
    async with account(lambda _: {"comments": [], "meta": reported | {"after_cursor": f"c{next(count)}"}}) as (acme, _):
        with pytest.raises(VendorMisbehaved, match="does not end"):
            await comments.read(acme, ticket())


async def test_a_key_in_a_comments_metadata_needs_no_audit():
    """If the list shows our metadata, nothing more is read."""
    records = [comment(1), comment(2, via={"channel": "api"}, metadata=_mark())]
    async with account(lambda _: {"comments": records}) as (acme, asked):
        found, _ = await comments.read(acme, ticket())
    assert found[0].key == OUR
    assert len(asked.calls) == 1


async def test_a_key_is_looked_for_in_the_audits():
    """If it does not, audits are read, but only for comments that came by the API."""

    def answer(request):
        if request.url.path.endswith("/audits"):
            return {"audits": [{"id": 1002, "metadata": _mark()}, {"id": 9, "metadata": None}]}
        return {"comments": [comment(1, via={"channel": "api"}), comment(2, via={"channel": "api"}), comment(3)]}

    async with account(answer) as (acme, asked):
        found, _ = await comments.read(acme, ticket())
    assert [entry.key for entry in found] == [OUR, ""]
    assert [line.partition("?")[0] for line in asked.lines] == ["GET /tickets/7/comments", "GET /tickets/7/audits"]


async def test_an_end_users_key_is_in_the_text():
    """It is removed from our own comments only: an answer that quotes it is not ours."""
    records = [comment(1), comment(2, author_id=1, body=f"Ours\n\n[{OUR}]"), comment(3, body=f"> Ours\n> [{OUR}]")]
    async with account(lambda _: {"comments": records}, profile="enduser") as (acme, asked):
        found, _ = await comments.read(acme, ticket())
    assert [(entry.body, entry.key) for entry in found] == [("Ours", OUR), (f"> Ours\n> [{OUR}]", "")]
    assert asked.lines[0].startswith("GET /requests/7/comments?")


async def test_machines_are_recognised():
    """A trigger's comment is automatic, and so is a comment of a user that the settings name."""
    records = [comment(1), comment(2, via={"channel": "rule"}), comment(3, author_id=9), comment(4, via=None)]
    async with account(lambda _: {"comments": records, "audits": []}, machine_authors=("9",)) as (acme, _):
        found, _ = await comments.read(acme, ticket())
    assert [entry.automatic for entry in found] == [True, True, False]


async def test_a_file_of_ours_is_not_a_comment():
    """A file without text is only a file; a text with a file is both; a deleted file is left out."""
    records = [
        comment(1),
        comment(2, metadata=_mark(), attachments=[_file(5)], public=False),
        comment(3, body=" ", attachments=[_file(6)]),
        comment(4, body="See this", attachments=[_file(7), _file(8, deleted=True)]),
    ]
    async with account(lambda _: {"comments": records}) as (acme, _):
        found, attached = await comments.read(acme, ticket())
    assert [entry.body for entry in found] == ["See this"]
    assert [(entry.reference, entry.key, entry.public) for entry in attached] == [
        ("5", OUR, False),
        ("6", "", True),
        ("7", "", True),
    ]


async def test_a_file_without_a_record_is_an_error():
    """A malformed list of files is an error."""
    async with account(lambda _: {"comments": [comment(1, attachments=["x"])]}) as (acme, _):
        with pytest.raises(VendorMisbehaved):
            await comments.read(acme, ticket())


async def test_an_agents_comment_is_written_with_its_key_as_metadata():
    """The text is unchanged; the answer's audit has the comment's number."""
    event = {"id": 31, "type": "Comment", "attachments": []}
    reported = {"ticket": ticket(), "audit": {"events": [{"id": 1, "type": "Change"}, event]}}
    async with account(lambda _: reported) as (acme, asked):
        added = await comments.add(acme, CASE, Comment(body="Still failing.", public=False, key=OUR))
        assert added.reference == "31"
        assert asked.bodies == [
            {"ticket": {"comment": {"body": "Still failing.", "public": False}, "metadata": {"rjr_key": OUR}}}
        ]
        await comments.add(acme, CASE, Comment(body="No key.", public=True))
        assert "metadata" not in asked.bodies[1]["ticket"]
        reported["audit"] = None
        with pytest.raises(VendorMisbehaved):
            await comments.add(acme, CASE, Comment(body="Lost", key=OUR))


async def test_an_end_users_comment_is_read_back():
    """The answer has no number, so the comment is found by its key; without a key it gets no reference."""
    records = [comment(1), comment(2, author_id=1, body=f"Still failing.\n\n[{OUR}]")]

    def answer(request):
        return {"request": ticket()} if request.method == "PUT" else {"comments": records}

    async with account(answer, profile="enduser") as (acme, asked):
        added = await comments.add(acme, CASE, Comment(body="Still failing.", public=True, key=OUR))
        assert added.reference == "2"
        assert asked.bodies == [{"request": {"comment": {"body": f"Still failing.\n\n[{OUR}]"}}}]
        assert (await comments.add(acme, CASE, Comment(body="x", public=True))).reference == ""
        before = len(asked.calls)
        with pytest.raises(CaseRefused, match="public"):
            await comments.add(acme, CASE, Comment(body="Inside", public=False, key=OUR))
        assert len(asked.calls) == before


# --- files ---


async def _chunks(*parts):
    for part in parts:
        yield part


async def test_a_file_is_uploaded_and_attached_by_a_comment():
    """First raw bytes with type and length, then a comment with the token; the answer shows the stored file."""

    def answer(request):
        if request.url.path.endswith("/uploads"):
            upload = {"token": "tok", "attachment": _file(5)}
            return httpx.Response(201, json={"upload": upload}, headers={"Content-Type": "text/plain"})
        event = {"id": 31, "type": "Comment", "attachments": [_file(6)]}
        return {"ticket": ticket(), "audit": {"events": [event]}}

    given = Attachment(name="a/log.zip", size=3, media_type="application/zip", key=OUR, public=True, sha256="5a")
    async with account(answer) as (acme, asked):
        added = await files.add(acme, CASE, WORDS, given, _chunks(b"ab", b"c"))
    assert (added.reference, added.key, added.sha256, added.name) == ("6", OUR, "5a", "log.zip")
    up = asked.calls[1]
    assert asked.lines[1] == "POST /uploads?filename=log.zip"
    assert (up.content, up.headers["content-type"], up.headers["content-length"]) == (b"abc", "application/zip", "3")
    written = json.loads(asked.calls[2].content)["ticket"]
    assert written["comment"]["uploads"] == ["tok"]
    assert written["metadata"] == {"rjr_key": OUR}


async def test_a_file_without_a_known_size_or_an_answer_of_its_own():
    """No length is sent; if the answer shows no file, the upload's record is used."""

    def answer(request):
        if request.url.path.endswith("/uploads"):
            return {"upload": {"token": "tok", "attachment": _file(5)}}
        event = {"id": 31, "type": "Comment", "attachments": []}
        return {"ticket": ticket(), "audit": {"events": [event]}}

    async with account(answer) as (acme, asked):
        added = await files.add(acme, CASE, WORDS, Attachment(name="log.zip", media_type=""), _chunks(b"abc"))
    assert added.reference == "5"
    assert "content-length" not in asked.calls[1].headers
    assert asked.calls[1].headers["content-type"] == "application/octet-stream"


async def test_a_closed_case_accepts_no_file():
    """It is refused before anything is sent, as is an end user's private file."""
    async with account(lambda _: {"ticket": ticket(status="closed")}) as (acme, asked):
        with pytest.raises(CaseRefused, match="closed"):
            await files.add(acme, CASE, WORDS, Attachment(name="x"), _chunks(b"x"))
    assert asked.bodies == []
    async with account(lambda _: {}, profile="enduser") as (acme, asked):
        with pytest.raises(CaseRefused, match="public"):
            await files.add(acme, CASE, WORDS, Attachment(name="x"), _chunks(b"x"))
    assert asked.calls == []


async def _down(answer, reference="5", **values):
    async with account(answer, **values) as (acme, asked):
        data = b"".join([part async for part in files.fetch(acme, CASE, Attachment(name="x", reference=reference))])
    return data, asked


async def test_a_file_is_downloaded_from_another_host_without_login():
    """A redirect to a host that the settings name is followed, without credentials."""

    def answer(request):
        if request.url.path.endswith("/comments"):
            return {"comments": [comment(1, attachments=[_file(4), _file(5)])]}
        if request.url.host == "acme.example":
            return httpx.Response(302, headers={"Location": "http://cdn.zdusercontent.com/x?token=1"})
        return httpx.Response(200, content=b"abc")

    data, asked = await _down(answer)
    assert data == b"abc"
    assert ["authorization" in entry.headers for entry in asked.calls] == [True, True, False]
    with pytest.raises(VendorMisbehaved, match="file_hosts"):
        await _down(answer, file_hosts=())


@pytest.mark.parametrize(
    ("held", "reference", "error"),
    [
        ([_file(5)], "6", CaseMissing),
        ([_file(5)], "", CaseMissing),
        ([_file(5, content_url="")], "5", CaseMissing),
        ([_file(5, malware_scan_result="malware_found")], "5", CaseRefused),
    ],
)
async def test_a_missing_or_unsafe_file_is_refused(held, reference, error):
    """A file of another case is missing; a file with malware is refused."""
    with pytest.raises(error):
        await _down(lambda _: {"comments": [comment(1, attachments=held)]}, reference)


# --- changed tickets ---

NOW = 1788256800  # the Date of the replies


class Export:
    """Tickets by generated_timestamp, two a page; cursors are positions."""

    def __init__(self, *rows):
        self.records = list(rows)

    def __call__(self, request):
        asked = request.url.params
        at, ident = (int(asked["start_time"]), -1) if "start_time" in asked else map(int, asked["cursor"].split("|"))
        ahead = sorted(
            (row for row in self.records if (row["generated_timestamp"], row["id"]) > (at, ident)),
            key=lambda row: (row["generated_timestamp"], row["id"]),
        )
        page = ahead[:2]
        last = (page[-1]["generated_timestamp"], page[-1]["id"]) if page else (at, ident)
        return {"tickets": page, "after_cursor": "{}|{}".format(*last), "end_of_stream": len(ahead) <= 2}


def _exported(number, at, **values):
    return ticket(number, generated_timestamp=NOW + at, **values)


async def _run(acme, read=export.read_page, cursor=None):
    """The ids of one run, to its end; cursors survive as JSON."""
    reported, saved = [], cursor or {}
    for _ in range(50):
        before = copy.deepcopy(saved)
        page = await read(acme, saved)
        assert saved == before
        reported += [row["id"] for row in page.records]
        saved = json.loads(json.dumps(page.cursor))
        if page.over:
            return reported, saved
    raise AssertionError("the run does not end")


async def test_an_export_reports_each_ticket_once():
    """Pages follow by cursor; a later run starts a little before the newest row and reports only new ones."""
    store = Export(*[_exported(number, number - 50) for number in range(1, 8)])
    async with account(store) as (acme, asked):
        reported, cursor = await _run(acme)
        assert reported == [1, 2, 3, 4, 5, 6, 7]
        assert "after" not in cursor
        assert [("cursor" in call.url.params) for call in asked.calls] == [False, True, True, True]
        assert (await _run(acme, cursor=cursor))[0] == []
        start = int(asked.calls[4].url.params["start_time"])
        assert start <= NOW - 43 - 60  # a minute behind the newest at least
        store.records += [_exported(3, 5), _exported(9, -170)]
        again, _ = await _run(acme, cursor=cursor)
        assert again == [3]  # what lies before the floor was passed when it was over


async def test_an_export_goes_by_when_a_row_was_made():
    """A row that the system generated again is reported again, although its time of change is old."""
    store = Export(_exported(1, -50))
    async with account(store) as (acme, _):
        _, cursor = await _run(acme)
        store.records = [_exported(1, 0, updated_at="2026-01-01T00:00:00Z")]
        assert (await _run(acme, cursor=cursor))[0] == [1]


async def test_an_export_ends_where_its_cursor_does_not_move():
    """Without end_of_stream, an unchanged or missing cursor ends the run."""
    for after in ("same", None):
        page = {"tickets": [_exported(1, 0)], "after_cursor": after, "end_of_stream": False}
        async with account(lambda _, page=page: page) as (acme, asked):
            assert (await _run(acme))[0] == [1]
            assert len(asked.calls) <= 2


async def test_history_begins_where_the_settings_say():
    """Earlier tickets are not reported, although the export starts a minute before that time."""
    since = datetime.fromtimestamp(NOW - 10, UTC)
    async with account(Export(_exported(1, -20), _exported(2, -10)), history_from=since) as (acme, asked):
        assert (await _run(acme))[0] == [2]
        assert int(asked.calls[0].url.params["start_time"]) == NOW - 10 - export.START_DELAY


async def test_a_row_without_a_position_is_quarantined():
    """It is quarantined with a reason, and the others are reported."""
    rows = [ticket("x", generated_timestamp=None), _exported(2, 0), ticket(3, generated_timestamp="soon")]
    async with account(lambda _: {"tickets": rows, "end_of_stream": True}) as (acme, _):
        page = await export.read_page(acme, {})
    assert [row["id"] for row in page.records] == [2]
    assert [bad.reference for bad in page.bad] == ["x", "3"]


async def test_comments_are_read_only_where_there_may_be_new_ones():
    """A ticket that changed long before the last run has no new comment; tickets without our key may be skipped."""
    old = _exported(1, 0, updated_at="2026-01-01T00:00:00Z")
    rows = [
        old,
        _exported(2, 1, external_id=None),
        _exported(3, 2),
        _exported(4, 3, status="deleted"),
        _exported(5, 4, status="odd"),
        _exported(6, 5),
    ]

    def answer(request):
        if request.url.path.endswith("/cursor"):
            return {"tickets": rows, "end_of_stream": True}
        return httpx.Response(404, json={"error": "RecordNotFound"}) if "/6/" in request.url.path else {"comments": []}

    cursor = {"floor": [NOW - 100, ""], "told": [], "newest": NOW, "forgotten": [0, ""]}
    async with account(answer, comments_of="keyed") as (acme, asked):
        page = await news.changed_cases(acme, cursor, WORDS)
    assert [item.reference.number for item in page.items] == ["1", "2", "3"]
    assert [(bad.reference, "deleted" in bad.reason) for bad in page.quarantined] == [("4", True), ("5", False)]
    assert sorted(line.partition("?")[0] for line in asked.lines[1:]) == [
        "GET /tickets/3/comments",
        "GET /tickets/6/comments",
    ]


# --- changed requests ---


class Listed:
    """Requests by time of change, newest first, two a page, by their place at each call."""

    def __init__(self, *rows):
        self.records = list(rows)

    def __call__(self, request):
        if request.url.path.endswith("/comments"):
            return {"comments": []}
        at = int(request.url.params.get("page[after]", 0))
        ordered = sorted(self.records, key=lambda row: (row["updated_at"], row["id"]), reverse=True)
        page, more = ordered[at : at + 2], len(ordered) > at + 2
        return {"requests": page, "meta": {"has_more": more, "after_cursor": str(at + 2) if more else None}}


def _requested(number, minute, **values):
    return ticket(number, updated_at=f"2026-09-01T09:{minute:02}:00Z", external_id=None, **values)


async def test_each_request_is_reported_once():
    """Read from the newest down; a later run ends at the first page with a known request."""
    store = Listed(*[_requested(number, number) for number in range(1, 8)])
    async with account(store, profile="enduser") as (acme, asked):
        reported, cursor = await _run(acme, requests.read_page)
        assert sorted(reported) == [1, 2, 3, 4, 5, 6, 7]
        before = len(asked.calls)
        assert (await _run(acme, requests.read_page, cursor))[0] == []
        assert len(asked.calls) == before + 2
        store.records[0] = _requested(1, 30)
        assert (await _run(acme, requests.read_page, cursor))[0] == [1]


async def test_a_change_during_a_pass_is_reported_in_the_same_run():
    """It moves to the top, which this pass has already read, so another pass follows."""
    store = Listed(*[_requested(number, number) for number in range(1, 8)])
    async with account(store, profile="enduser") as (acme, _):
        first = await requests.read_page(acme, {})
        store.records[0] = _requested(1, 30)
        rest, _ = await _run(acme, requests.read_page, first.cursor)
    assert sorted({row["id"] for row in first.records} | set(rest)) == [1, 2, 3, 4, 5, 6, 7]
    assert 1 in rest


async def test_a_row_that_moves_to_the_next_page_is_reported_once(monkeypatch):
    """A change further down moves to the top and pushes the others down, beyond the memory."""
    monkeypatch.setattr("hub.platforms.stream.MEMORY", 2)
    store = Listed(*[_requested(number, number) for number in range(1, 8)])
    async with account(store, profile="enduser") as (acme, _):
        first = await requests.read_page(acme, {})
        second = await requests.read_page(acme, first.cursor)
        store.records[0] = _requested(1, 30)
        third = await requests.read_page(acme, second.cursor)
    assert [row["id"] for page in (first, second, third) for row in page.records] == [7, 6, 5, 4, 3]


async def test_new_rows_do_not_displace_reported_ones(monkeypatch):
    """A second pass with as many new requests as the memory holds repeats nothing of the first."""
    monkeypatch.setattr("hub.platforms.stream.MEMORY", 4)
    store = Listed(*[_requested(number, 1) for number in range(1, 12)])
    async with account(store, profile="enduser") as (acme, _):
        first, cursor = await _run(acme, requests.read_page)
        assert sorted(first) == list(range(1, 12))
        store.records[:4] = [_requested(number, 2) for number in range(1, 5)]
        reported, cursor = await _run(acme, requests.read_page, cursor)
        assert sorted(reported) == [1, 2, 3, 4]
        assert (await _run(acme, requests.read_page, cursor))[0] == []


async def test_a_list_out_of_order_is_an_error():
    """A list out of order, and a page that links to itself, are errors."""
    rows = [_requested(1, 1), _requested(2, 2)]
    async with account(lambda _: {"requests": rows}, profile="enduser") as (acme, _):
        with pytest.raises(VendorMisbehaved, match="order"):
            await requests.read_page(acme, {})
    page = {"requests": rows[::-1], "meta": {"has_more": True, "after_cursor": "same"}}
    async with account(lambda _: page, profile="enduser") as (acme, _):
        first = await requests.read_page(acme, {})
        with pytest.raises(VendorMisbehaved, match="twice"):
            await requests.read_page(acme, first.cursor)


async def test_a_request_without_a_time_is_quarantined():
    """The others are reported, with their comments."""
    store = [_requested(2, 2), ticket(1, updated_at=None)]

    def answer(request):
        return {"comments": [comment(1), comment(2)]} if "comments" in request.url.path else {"requests": store}

    async with account(answer, profile="enduser") as (acme, _):
        page = await news.changed_cases(acme, {}, WORDS)
    assert [[records.body for records in item.comments] for item in page.items] == [["Step 2"]]
    assert [bad.reference for bad in page.quarantined] == ["1"]


# --- changed articles ---


def _article(number, day, **values):
    fields = {"id": number, "title": f"A{number}", "body": "<p>x</p>", "label_names": [], "draft": False}
    return fields | {"updated_at": f"2026-08-{day:02}T08:00:00Z"} | values


class Shelf:
    """Articles, newest change first, two a page."""

    def __init__(self, *rows, date="Tue, 01 Sep 2026 10:00:00 GMT"):
        self.records, self.date = list(rows), date

    def __call__(self, request):
        number = request.url.path.rpartition("/")[2]
        if number.isdigit():
            found = [row for row in self.records if row["id"] == int(number)]
            return {"article": found[0]} if found else httpx.Response(404, json={"error": "RecordNotFound"})
        at = 2 * (int(request.url.params.get("page", 1)) - 1)
        ordered = sorted(self.records, key=lambda row: row["updated_at"], reverse=True)
        page = {"articles": ordered[at : at + 2], "next_page": "x" if len(ordered) > at + 2 else None}
        return httpx.Response(200, json=page, headers={"Date": self.date})


async def _articles(acme, cursor=None, patches=False):
    reported, saved = [], cursor or {}
    for _ in range(50):
        page = await mirror.changed_articles(acme, json.loads(json.dumps(saved)), patches=patches)
        reported += page.items
        saved = page.cursor
        if not page.more:
            return {item.reference: item.withdrawn for item in reported}, saved
    raise AssertionError("the run does not end")


async def test_the_list_of_articles_is_read_until_nothing_is_new():
    """All articles at first; then only as many pages as have changes."""
    shelf = Shelf(*[_article(number, number) for number in range(1, 8)])
    async with account(shelf) as (acme, asked):
        reported, cursor = await _articles(acme)
        assert reported == dict.fromkeys("1234567", False)
        before = len(asked.calls)
        assert (await _articles(acme, cursor))[0] == {}
        assert len(asked.calls) == before + 1
        shelf.records[0] = _article(1, 20)
        assert (await _articles(acme, cursor))[0] == {"1": False}


async def test_a_withdrawn_article_is_reported_after_a_full_listing():
    """After `sweep_days`, a missing article is looked up before it is reported as withdrawn."""
    shelf = Shelf(*[_article(number, number) for number in range(1, 6)])
    async with account(shelf) as (acme, asked):
        _, cursor = await _articles(acme)
        del shelf.records[0]
        assert (await _articles(acme, cursor))[0] == {}
        shelf.date = "Tue, 08 Sep 2026 10:00:00 GMT"
        reported, cursor = await _articles(acme, cursor)
        assert reported == {"1": True}
        assert asked.lines[-1] == "GET /help_center/en-us/articles/1"
        assert (await _articles(acme, cursor))[0] == {}


async def test_a_moved_article_is_not_withdrawn():
    """A missing article that still exists is kept, and reported if it has changed."""
    shelf = Shelf(_article(1, 1), _article(2, 2))
    cursor = {"seen": {"1": "2026-08-01T08:00:00Z", "2": "old"}, "swept": NOW, "lost": ["1", "2"]}
    async with account(shelf) as (acme, _):
        assert (await _articles(acme, cursor))[0] == {"2": False}


async def test_a_label_or_a_draft_moves_an_article():
    """An article that becomes a release or a draft is withdrawn from its old list, and reported in its new one."""
    shelf = Shelf(_article(1, 1), _article(2, 2), _article(3, 3))
    async with account(shelf) as (acme, _):
        _, cursor = await _articles(acme)
        _, patches = await _articles(acme, patches=True)
        shelf.records[0] = _article(1, 10, label_names=["release-notes"])
        shelf.records[1] = _article(2, 11, draft=True)
        assert (await _articles(acme, cursor))[0] == {"1": True, "2": True}
        assert (await _articles(acme, patches, patches=True))[0] == {"1": False}


async def test_a_malformed_article_is_quarantined():
    """An article without a time is quarantined with a reason, also when it is looked up."""
    async with account(lambda _: {"articles": [_article(1, 1, updated_at=None)]}) as (acme, _):
        page = await mirror.changed_articles(acme, {}, patches=False)
    assert [bad.reference for bad in page.quarantined] == ["1"]
    async with account(Shelf()) as (acme, _):
        with pytest.raises(VendorMisbehaved):
            await mirror.changed_articles(acme, {"seen": {"1": "None"}, "swept": 0, "lost": ["1"]}, patches=False)
        with pytest.raises(BadInput):
            await mirror.changed_articles(acme, {"seen": 3}, patches=False)


# --- changes ---

CLOSE = CaseChanges(status=CaseStatus.CLOSED, resolution="Solved on our side.", key=OUR)


async def _changed(row, comments=(), changes=CLOSE, **values):
    """The values that a change writes."""

    def answer(request):
        if request.url.path.endswith("/comments"):
            return {"comments": [comment(1), *comments]}
        return {"ticket": row, "request": row}

    async with account(answer, **values) as (acme, asked):
        await Desk(form=NoForm(), settings=Settings).hub_change_case(acme, CASE, changes)
    return asked.bodies


async def test_a_resolution_goes_with_the_status_in_one_call():
    """It is a public comment with its key, and is sent only once."""
    records = {"body": "Solved on our side.", "public": True}
    assert await _changed(ticket()) == [
        {"ticket": {"status": "solved", "comment": records, "metadata": {"rjr_key": OUR}}}
    ]
    assert await _changed(ticket(), [comment(2, metadata=_mark())]) == [{"ticket": {"status": "solved"}}]
    assert await _changed(ticket(status="solved"), [comment(2, metadata=_mark())]) == []
    assert await _changed(ticket(status="closed")) == []
    assert await _changed(ticket(), changes=CaseChanges()) == []
    assert len(await _changed(ticket(), [comment(2, metadata=_mark())], CLOSE.evolve(key=""))) == 1


async def test_an_end_users_resolution_does_not_reopen_a_solved_request():
    """It is sent with the solution; on a solved request it is not sent, as a comment would reopen it."""
    row = ticket(subject=f"[{KEY}] Login fails", can_be_solved_by_me=True)
    assert await _changed(row, profile="enduser") == [
        {"request": {"solved": True, "comment": {"body": f"Solved on our side.\n\n[{OUR}]"}}}
    ]
    assert await _changed(row | {"status": "solved"}, profile="enduser") == []
    reopen = CaseChanges(status=CaseStatus.OPEN, resolution="Not yet.", key=OUR)
    (written,) = await _changed(row | {"status": "solved"}, changes=reopen, profile="enduser")
    assert "not solved yet" in written["request"]["comment"]["body"]


async def test_a_refused_change_writes_nothing():
    """Neither the resolution nor any other value is sent."""
    with pytest.raises(CaseRefused):
        await _changed(ticket(can_be_solved_by_me=False), profile="enduser")
