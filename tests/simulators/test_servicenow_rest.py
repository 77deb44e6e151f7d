"""What the simulated instance keeps, drops, ignores and shows over REST, as an outsider in each profile meets it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from hub.simulators.kit import serve
from hub.simulators.servicenow import Article, Options, Seeds, ServiceNow
from hub.simulators.servicenow.options import ACCOUNT
from hub.simulators.servicenow.query import ordered, parse

CASE = "/api/sn_customerservice/case"
TABLE = "/api/now/table"
ARTICLES = "/api/sn_km_api/knowledge/articles"
SEEDS = Seeds(
    articles=(
        Article(number="KB0000001", title="Luna tool", body="<p>key</p>"),
        Article(number="KB0000002", title="Draft", state="draft"),
        Article(number="KB0000003", title="Deutsch", language="de"),
    )
)


@asynccontextmanager
async def instance(**options: Any) -> AsyncIterator[tuple[ServiceNow, httpx.AsyncClient]]:
    """A fresh instance, and an outsider with user and password."""
    sim = ServiceNow(seeds=SEEDS, options=Options(**options))
    login = (SEEDS.user, SEEDS.password)
    async with serve(sim) as served, httpx.AsyncClient(base_url=served.url, auth=login) as http:
        yield sim, http


async def _open(http: httpx.AsyncClient, **values: str) -> dict[str, str]:
    reply = await http.post(CASE, json={"short_description": "T", **values})
    assert reply.status_code == 201
    made: dict[str, str] = reply.json()["result"]
    return made


async def _find(http: httpx.AsyncClient, query: str, path: str = CASE, **more: Any) -> list[dict[str, Any]]:
    given = {"sysparm_query": query, **more}
    rows: list[dict[str, Any]] = (await http.get(path, params=given)).json()["result"]
    return rows


ROWS = [
    {"number": "1", "title": "Alpha one", "state": "1", "at": "2026-01-01 00:00:01"},
    {"number": "2", "title": "beta Two", "state": "10", "at": "2026-01-01 00:00:02"},
    {"number": "3", "title": "", "state": "6", "at": "2026-01-01 00:00:02"},
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "123"),
        ("state=10", "2"),
        ("state!=10", "13"),
        ("at>2026-01-01 00:00:01", "23"),
        ("at>=2026-01-01 00:00:02^number>2", "3"),
        ("at<2026-01-01 00:00:02", "1"),
        ("at<=2026-01-01 00:00:01", "1"),
        ("titleLIKEO", "12"),
        ("titleNOT LIKEone", "23"),
        ("titleSTARTSWITHalpha", "1"),
        ("titleENDSWITHtwo", "2"),
        ("stateIN1,6", "13"),
        ("stateNOT IN1,6", "2"),
        ("titleISEMPTY", "3"),
        ("titleISNOTEMPTY", "12"),
        ("numberBETWEEN1@2", "12"),
        ("state=1^ORstate=6^titleISNOTEMPTY", "1"),
        ("state=1^NQstate=6", "13"),
        ("ORDERBYDESCat^ORDERBYnumber", "231"),
        ("title=no^^caret", ""),
    ],
)
def test_the_language_of_queries(text: str, found: str) -> None:
    """Each operator, conjunction and order finds the right rows; a doubled caret is a literal caret."""
    names = ("number", "title", "state", "at")
    assert "".join(row["number"] for row in ordered(parse(text, names), ROWS)) == found


@pytest.mark.parametrize("broken", ["colour=red", "state~10", "STATE=10", "state"])
def test_a_broken_part_is_ignored(broken: str) -> None:
    """Unknown fields and operators take nothing out; the rest of the query is carried out."""
    query = parse(f"{broken}^state=1", ("number", "title", "state", "at"))
    assert query.broken
    assert [row["number"] for row in ordered(query, ROWS)] == ["1"]


async def test_an_instance_may_show_nothing_for_a_broken_query() -> None:
    """With glide.invalid_query.returns_no_rows a broken part leaves no row; without it all are shown."""
    for strict, rows in ((False, 2), (True, 0)):
        async with instance(invalid_query_returns_no_rows=strict) as (sim, http):
            sim.fill(2)
            assert len(await _find(http, "colour=red")) == rows


async def test_unknown_fields_are_dropped_without_a_word() -> None:
    """A create keeps what it knows; system fields can't be written, and a text is cut at its limit."""
    async with instance(text_limit=10) as (_, http):
        made = await _open(http, colour="red", number="CS9", description="x" * 11, priority="2")
        case = (await http.get(f"{CASE}/{made['number']}")).json()["result"]
    assert set(made) == {"sys_id", "number"}
    assert "colour" not in case
    assert (case["number"] != "CS9", case["description"], case["priority"]) == (True, "x" * 10, "2")
    assert case["account"] == {"sys_id": ACCOUNT, "name": SEEDS.name, "sys_class_name": "customer_account"}


async def test_a_contact_writes_twelve_fields_and_two() -> None:
    """A contact's create drops description and key, its update all but comments and state; it sees no key."""
    async with instance(profile="external") as (sim, http):
        made = await _open(http, description="D", correlation_id="K-1", priority="1")
        reply = await http.put(f"{CASE}/{made['sys_id']}", json={"priority": "4", "state": "10"})
        row = sim.state.case(made["number"])
        case = (await http.get(f"{CASE}/{made['sys_id']}")).json()["result"]
    assert reply.status_code == 201
    assert (row["description"], row["correlation_id"], row["priority"], row["state"]) == ("", "", "1", "10")
    assert "correlation_id" not in case


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        (f"{TABLE}/kb_knowledge", (200, 403)),
        (f"{TABLE}/u_downloads", (400, 403)),
        ("/api/now/attachment?sysparm_query=table_name=x", (200, 403)),
        ("/api/now/v1/attachment_csm?sysparm_query=table_name=x", (403, 200)),
        ("/api/now/v1/attachment_csm", (403, 400)),
        (ARTICLES, (200, 200)),
        (f"{CASE}/field_values/state", (200, 200)),
        ("/api/now/nothing", (403, 403)),
        ("/api/other", (400, 400)),
    ],
)
async def test_who_may_ask_what(path: str, statuses: tuple[int, int]) -> None:
    """A technical user and a contact have each their own interfaces."""
    for profile, status in zip(("integration", "external"), statuses, strict=True):
        async with instance(profile=profile) as (_, http):
            assert (await http.get(path)).status_code == status


async def test_pages_count_what_they_do_not_show() -> None:
    """Rows that may not be seen are counted and left out after the limit; the last page has no next."""
    async with instance() as (sim, http):
        numbers = sim.fill(5)
        sim.state.hidden.update(sim.state.case(number)["sys_id"] for number in numbers[:2])
        shown, totals, nexts = [], set(), []
        for offset in (0, 2, 4):
            given = {"sysparm_query": "ORDERBYnumber", "sysparm_limit": 2, "sysparm_offset": offset}
            reply = await http.get(CASE, params=given)
            shown.append([row["number"] for row in reply.json()["result"]])
            totals.add(reply.headers["X-Total-Count"])
            nexts.append('rel="next"' in reply.headers.get("Link", ""))
        hidden = await http.get(f"{CASE}/{numbers[0]}")
        negative = await http.get(CASE, params={"sysparm_offset": -1})
    assert (shown, totals, nexts) == ([[], numbers[2:4], numbers[4:]], {"5"}, [True, True, False])
    assert (hidden.status_code, hidden.json()["error"]["message"]) == (404, "No Record found")
    assert negative.status_code == 400


async def test_a_list_has_the_fields_asked_for() -> None:
    """Unknown fields are left out of the rows."""
    async with instance() as (sim, http):
        sim.fill(1)
        [row] = await _find(http, "", sysparm_fields="number,colour")
    assert set(row) == {"number"}


async def test_what_was_said_comes_newest_first() -> None:
    """Comments, notes and files are entries; a contact is shown no work note, and an answer wakes a waiting case."""
    for profile, kinds in (("integration", 4), ("external", 3)):
        async with instance(profile=profile) as (sim, http):
            made = await _open(http, comments="Help")
            sim.engineer.ask(made["number"], "Which build?")
            sim.engineer.attach(made["number"], "fix.zip", b"PK")
            sim.state.add_entry(sim.state.case(made["number"]), "work_notes", "secret", ("x", "Dana"))
            assert sim.state.case(made["number"])["state"] == "18"
            await http.put(f"{CASE}/{made['sys_id']}", json={"comments": "7.1"})
            assert sim.state.case(made["number"])["state"] == "10"
            given = {"sysparm_limit": 2}
            reply = await http.get(f"{CASE}/{made['number']}/activities", params=given)
            entries = reply.json()["result"]["entries"]
            file = {"sysparm_activity_type": "attachment"}
            [page] = (await http.get(f"{CASE}/{made['sys_id']}/activities", params=file)).json()["result"]["entries"]
        assert (entries[0]["value"], len(entries)) == ("7.1", 2)
        assert reply.headers["X-Total-Count"] == str(kinds + 1)
        assert (page["attachment"]["file_name"], page["attachment"]["size_bytes"]) == ("fix.zip", 2)


async def test_a_closed_case_can_not_be_changed() -> None:
    """Closed is final; a technical user resolves with a code and notes only."""
    async with instance() as (sim, http):
        made = await _open(http)
        path = f"{CASE}/{made['sys_id']}"
        assert (await http.put(path, json={"state": "6"})).status_code == 403
        solved = {"state": "6", "close_notes": "done", "resolution_code": "x"}
        assert (await http.put(path, json=solved)).status_code == 201
        assert (await http.put(path, json={"state": "3"})).status_code == 201
        reply = await http.put(path, json={"comments": "and?"})
        assert (await http.put(f"{CASE}/{made['number']}", json={})).status_code == 404
        assert (await http.put(path, content=b"{")).status_code == 400
    assert (reply.status_code, "Business Rule" in reply.json()["error"]["detail"]) == (403, True)
    assert [entry.values["state"] for entry in sim.ledger.of("change")] == ["6", "3"]


@pytest.mark.parametrize("profile", ["integration", "external"])
async def test_files_go_up_and_down(profile: str) -> None:
    """A file needs table, record, name and type; it comes back byte by byte, with what is known of it."""
    root = "/api/now/v1/attachment_csm" if profile == "external" else "/api/now/attachment"
    async with instance(profile=profile) as (sim, http):
        made = await _open(http)
        given = {"table_name": "sn_customerservice_case", "table_sys_id": made["sys_id"]}
        kind = {"Content-Type": "text/plain"}
        lacking = await http.post(f"{root}/file", params=given, content=b"x", headers=kind)
        given |= {"file_name": "a.log"}
        reply = await http.post(f"{root}/file", params=given, content=b"abc", headers=kind)
        stored = reply.json()["result"]
        down = await http.get(f"{root}/{stored['sys_id']}/file")
        listed = await _find(http, f"table_name=sn_customerservice_case^table_sys_id={made['sys_id']}", root)
        foreign = given | {"table_sys_id": "0" * 32}
        gone = await http.post(f"{root}/file", params=foreign, content=b"x", headers=kind)
    assert (lacking.status_code, reply.status_code, gone.status_code) == (400, 201, 404)
    assert (stored["size_bytes"], len(stored["hash"])) == ("3", 64)
    assert (down.content, down.headers["Content-Type"]) == (b"abc", "text/plain")
    assert "a.log" in down.headers["X-Attachment-Metadata"]
    assert [file["file_name"] for file in listed] == ["a.log"]
    assert [entry.size for entry in sim.ledger.of("attachment")] == [3]


async def test_the_search_of_articles_has_no_order_by_time() -> None:
    """Published articles of the language come with their count; drafts and downloads never."""
    async with instance(profile="external") as (sim, http):
        sim.engineer.publish("Luna again", "<p>b</p>")
        result = (await http.get(ARTICLES, params={"query": "luna", "limit": 1})).json()["result"]
        article = (await http.get(f"{ARTICLES}/KB0000001")).json()["result"]
        late = {"filter": "sys_updated_on>=2999-01-01 00:00:00"}
        none = (await http.get(ARTICLES, params=late)).json()["result"]["articles"]
        every = (await http.get(ARTICLES, params={"language": "en"})).json()["result"]["articles"]
        assert (await http.get(f"{ARTICLES}/KB0000002")).status_code == 404
    assert (result["meta"]["count"], len(result["articles"])) == (2, 1)
    assert (article["content"], article["short_description"]) == ("<p>key</p>", "Luna tool")
    assert none == []
    assert {row["title"] for row in every} == {"Luna tool", "Luna again"}
