"""What the simulated account does with tickets: create, change, comments, exports, searches and files."""

from __future__ import annotations

import base64
import hashlib
import hmac
from contextlib import asynccontextmanager
from types import SimpleNamespace

import httpx
import pytest

from hub.simulators.kit import serve
from hub.simulators.zendesk import Options, Seeds, Zendesk

SEEDS = Seeds()
PROOF = (f"{SEEDS.email}/token", SEEDS.api_token)


@asynccontextmanager
async def dial(seeds=None, **options):
    """A served account and a signed-in client."""
    sim = Zendesk(options=Options(**options), seeds=seeds, seed=1)
    async with serve(sim) as served, httpx.AsyncClient(base_url=f"{served.url}/api/v2", auth=PROOF) as http:
        yield SimpleNamespace(sim=sim, http=http, url=served.url)


@pytest.fixture
async def desk():
    """An account as it comes, for an admin."""
    async with dial() as made:
        yield made


async def opened(desk, headers=None, **values):
    given = {"subject": "Sync fails", "comment": {"body": "Since 09:12"}, **values}
    return await desk.http.post("/tickets.json", json={"ticket": given}, headers=headers)


async def put(desk, number, **values):
    return await desk.http.put(f"/tickets/{number}.json", json={"ticket": values})


async def test_a_ticket_is_stored_with_its_audit(desk):
    """201, a location, the ticket, and an audit with its comment."""
    reply = await opened(desk, external_id="K-1", priority="high")
    ticket, audit = reply.json()["ticket"], reply.json()["audit"]
    assert reply.status_code == 201
    assert reply.headers["location"] == ticket["url"]
    assert (ticket["description"], ticket["status"], ticket["priority"]) == ("Since 09:12", "new", "high")
    assert [event["type"] for event in audit["events"]] == ["Comment", "Create"]
    [stored] = desk.sim.ledger.of("case")
    assert (stored.id, stored.key) == (str(ticket["id"]), "K-1")


async def test_a_key_is_good_for_two_hours(desk):
    """The same key and body is a hit, another body is refused, and after two hours all is new."""
    first = await opened(desk, {"Idempotency-Key": "k"})
    again = await opened(desk, {"Idempotency-Key": "k"})
    other = await opened(desk, {"Idempotency-Key": "k"}, subject="Other")
    assert [reply.headers.get("x-idempotency-lookup") for reply in (first, again)] == ["miss", "hit"]
    assert first.json() == again.json()
    assert (other.status_code, other.json()["error"]) == (400, "IdempotentRequestError")
    desk.sim.clock.shift(7201)
    assert (await opened(desk, {"Idempotency-Key": "k"})).headers["x-idempotency-lookup"] == "miss"
    assert len(desk.sim.ledger.of("case")) == 2


async def test_an_external_id_is_not_unique(desk):
    """Two tickets may carry one; both are listed."""
    for _ in range(2):
        await opened(desk, external_id="K-1")
    tickets = (await desk.http.get("/tickets.json", params={"external_id": "K-1"})).json()
    assert tickets["count"] == 2


async def test_a_description_stays_and_unknown_keys_are_told(desk):
    """An update with a description changes the subject only; an unknown key is in the warning."""
    number = (await opened(desk)).json()["ticket"]["id"]
    reply = await put(desk, number, description="New", subject="Other", id=7)
    assert (reply.json()["ticket"]["description"], reply.json()["ticket"]["subject"]) == ("Since 09:12", "Other")
    assert "ticket.id" in reply.headers["x-zendesk-api-warn"]


async def test_a_closed_ticket_stays_closed(desk):
    """422 with details, and nothing is stored."""
    number = (await opened(desk)).json()["ticket"]["id"]
    assert (await put(desk, number, status="closed")).status_code == 200
    before = len(desk.sim.ledger.entries)
    reply = await put(desk, number, status="open")
    assert (reply.status_code, reply.json()["details"]["status"][0]["error"]) == (422, "InvalidStatus")
    assert len(desk.sim.ledger.entries) == before


async def test_a_safe_update_needs_the_present_time(desk):
    """Another stamp is a conflict; the right one passes."""
    ticket = (await opened(desk)).json()["ticket"]
    safe = {"safe_update": True, "priority": "low"}
    assert (await put(desk, ticket["id"], **safe, updated_stamp="2020-01-01T00:00:00Z")).status_code == 409
    assert (await put(desk, ticket["id"], **safe, updated_stamp=ticket["updated_at"])).status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"status": "lost"}, {"priority": "top"}, {"comment": {"body": ""}}, {"comment": {"uploads": ["x"]}}]
)
async def test_a_wrong_value_is_refused(desk, wrong):
    """422, and nothing is stored."""
    number = (await opened(desk)).json()["ticket"]["id"]
    before = len(desk.sim.ledger.entries)
    assert (await put(desk, number, **wrong)).status_code == 422
    assert len(desk.sim.ledger.entries) == before


async def test_comments_come_in_pages_and_their_mark_in_the_audit(desk):
    """A private comment, its metadata, and pages behind a cursor, newest first."""
    number = (await opened(desk)).json()["ticket"]["id"]
    await put(desk, number, comment={"body": "For us", "public": False}, metadata={"rjr": "e1"})
    where, asked = f"/tickets/{number}/comments.json", {"page[size]": "1", "sort": "-created_at"}
    first = (await desk.http.get(where, params=asked)).json()
    asked["page[after]"] = first["meta"]["after_cursor"]
    second = (await desk.http.get(where, params=asked)).json()
    assert [reply["comments"][0]["body"] for reply in (first, second)] == ["For us", "Since 09:12"]
    assert [reply["meta"]["has_more"] for reply in (first, second)] == [True, False]
    assert first["comments"][0]["public"] is False
    audits = (await desk.http.get(f"/tickets/{number}/audits.json")).json()["audits"]
    assert audits[-1]["metadata"]["custom"] == {"rjr": "e1"}


async def test_the_export_goes_on_where_it_ended(desk):
    """Pages by cursor have each ticket once, the end is marked, and later changes follow it."""
    numbers = desk.sim.fill(5, run=5)
    where = "/incremental/tickets/cursor.json"
    start = str(int(desk.sim.clock.now()) - 7200)
    page = (await desk.http.get(where, params={"start_time": start, "per_page": "2"})).json()
    seen = [page]
    while not page["end_of_stream"]:
        page = (await desk.http.get(where, params={"cursor": page["after_cursor"], "per_page": "2"})).json()
        seen.append(page)
    assert [str(ticket["id"]) for page in seen for ticket in page["tickets"]] == numbers
    assert base64.b64decode(page["after_cursor"]).decode().endswith(f"||{numbers[-1]}|")
    desk.sim.engineer.system_update(numbers[2])
    desk.sim.engineer.delete(numbers[0])
    [touched, gone] = (await desk.http.get(where, params={"cursor": page["after_cursor"]})).json()["tickets"]
    assert touched["generated_timestamp"] > desk.sim.state.tickets.rows[numbers[2]].values["_updated"]
    assert (gone["id"], gone["status"]) == (int(numbers[0]), "deleted")
    assert (await desk.http.get(f"/tickets/{numbers[0]}.json")).status_code == 404


async def test_an_export_by_time_keeps_a_second_together(desk):
    """Asked for one row, it gives all of that second."""
    desk.sim.fill(7, run=7)
    start = str(int(desk.sim.clock.now()) - 7200)
    page = (await desk.http.get("/incremental/tickets.json", params={"start_time": start, "per_page": "1"})).json()
    assert (page["count"], page["end_of_stream"]) == (7, True)


async def test_an_export_refuses_a_late_start_and_two_places(desk):
    """422 for a start within the last minute, 400 for a cursor with a start."""
    now = str(int(desk.sim.clock.now()))
    where = "/incremental/tickets/cursor.json"
    assert (await desk.http.get(where, params={"start_time": now})).status_code == 422
    assert (await desk.http.get(where, params={"start_time": now, "cursor": "x"})).status_code == 400
    assert (await desk.http.get(where, params={"cursor": "x"})).status_code == 400


async def test_exports_are_for_admins():
    """An agent gets 403, but can still read tickets."""
    async with dial(role="agent") as desk:
        assert (await desk.http.get("/incremental/tickets/cursor.json?start_time=1")).status_code == 403
        assert (await desk.http.get("/tickets.json")).status_code == 200


async def test_a_search_lags():
    """A new ticket is found when the index has had its time."""
    async with dial(index_seconds=30) as desk:
        await opened(desk, external_id="K-1")
        asked = {"query": "type:ticket external_id:K-1"}
        assert (await desk.http.get("/search.json", params=asked)).json()["count"] == 0
        desk.sim.clock.shift(31)
        assert (await desk.http.get("/search.json", params=asked)).json()["count"] == 1
        assert (await desk.http.get("/search.json", params=asked | {"page": "11"})).status_code == 422
        export = await desk.http.get("/search/export.json", params=asked | {"filter[type]": "ticket"})
        assert len(export.json()["results"]) == 1


async def test_pages_by_number_end(desk):
    """Page 100 is the last that may be asked for."""
    assert (await desk.http.get("/tickets.json?page=100")).status_code == 200
    assert (await desk.http.get("/tickets.json?page=101")).status_code == 400


async def test_a_file_is_uploaded_attached_and_fetched(desk):
    """The reply is labelled as text; a token is used once, and the address redirects to the bytes."""
    number = (await opened(desk)).json()["ticket"]["id"]
    reply = await desk.http.post("/uploads.json?filename=a.log", content=b"log", headers={"Content-Type": "x/y"})
    assert (reply.status_code, reply.headers["content-type"][:10]) == (201, "text/plain")
    comment = {"body": "See log", "uploads": [reply.json()["upload"]["token"]]}
    assert (await put(desk, number, comment=comment)).status_code == 200
    assert (await put(desk, number, comment=comment)).status_code == 422
    about = (await desk.http.get(f"/tickets/{number}/comments.json")).json()["comments"][-1]["attachments"][0]
    assert (await desk.http.get(about["content_url"])).status_code == 302
    got = await desk.http.get(about["content_url"], follow_redirects=True)
    assert (got.content, got.headers["content-type"], about["size"]) == (b"log", "x/y", 3)
    [stored] = desk.sim.ledger.of("attachment")
    assert stored.values["sha256"] == hashlib.sha256(b"log").hexdigest()


async def test_an_upload_ends_after_an_hour(desk):
    """Though it says three days, its token is refused."""
    number = (await opened(desk)).json()["ticket"]["id"]
    token = (await desk.http.post("/uploads.json?filename=a", content=b"x")).json()["upload"]["token"]
    desk.sim.clock.shift(3601)
    assert (await put(desk, number, comment={"body": "x", "uploads": [token]})).status_code == 422


async def test_wrong_proof_and_too_many_calls_are_refused():
    """401 for a wrong token; the call beyond the limit gets 429 with a wait, and a minute later passes."""
    async with dial(account_a_minute=2, reset_header="rate-limit-reset") as desk:
        wrong = await desk.http.get("/users/me.json", auth=(PROOF[0], "no"))
        assert (wrong.status_code, wrong.json()) == (401, {"error": "Couldn't authenticate you"})
        assert (await desk.http.get("/users/me.json")).json()["user"]["role"] == "admin"
        busy = await desk.http.get("/users/me.json")
        assert (busy.status_code, busy.json()["error"]) == (429, "APIRateLimitExceeded")
        assert 0 < int(busy.headers["retry-after"]) <= 60
        assert "rate-limit-reset" in busy.headers
        desk.sim.clock.shift(61)
        assert (await desk.http.get("/users/me.json")).status_code == 200


async def test_a_refresh_ends_the_old_tokens(desk):
    """Each refresh token is good once, and an access token ends with its life."""
    given = {
        "grant_type": "refresh_token",
        "refresh_token": SEEDS.refresh_token,
        "client_id": SEEDS.client_id,
        "client_secret": SEEDS.client_secret,
        "expires_in": 600,
    }
    made = (await desk.http.post(f"{desk.url}/oauth/tokens", json=given)).json()
    bearer = httpx.AsyncClient(headers={"Authorization": f"Bearer {made['access_token']}"})
    async with bearer:
        assert (await bearer.get(f"{desk.url}/api/v2/oauth/tokens/current.json")).json()["token"]["expires_at"]
        assert (await desk.http.post(f"{desk.url}/oauth/tokens", json=given)).status_code == 400
        desk.sim.clock.shift(601)
        assert (await bearer.get(f"{desk.url}/api/v2/tickets.json")).status_code == 401


async def test_a_webhook_is_signed(desk):
    """The signature is the published one over time and body."""
    [number] = desk.sim.fill(1)
    push = desk.sim.push(number)
    said = push.headers["X-Zendesk-Webhook-Signature-Timestamp"].encode() + push.body
    proof = hmac.new(SEEDS.webhook_secret.encode(), said, hashlib.sha256).digest()
    assert push.headers["X-Zendesk-Webhook-Signature"] == base64.b64encode(proof).decode()
    assert "x-zendesk-webhook-signature" not in push.unsigned


@pytest.mark.parametrize(
    ("kind", "status"),
    [("forbidden_object", 403), ("conflict", 409), ("maintenance", 503), ("rate_limited", 429), ("http_500", 500)],
)
async def test_a_fault_replaces_the_reply(desk, kind, status):
    """The call has no effect, and the refusal is worded as the account does."""
    desk.sim.faults.add(kind, times=1)
    reply = await opened(desk)
    assert (reply.status_code, "error" in reply.json()) == (status, True)
    assert desk.sim.ledger.entries == []


async def test_every_ticket_begins_with_its_description_and_says_by_which_way_each_wrote(desk):
    """Also one that came otherwise; people write on the web, triggers by a rule, clients by the API."""
    [number] = desk.sim.fill(1)
    desk.sim.engineer.answer(number, "Try this")
    desk.sim.engineer.auto_reply(number)
    await put(desk, number, comment={"body": "It works"})
    audits = (await desk.http.get(f"/tickets/{number}/comments.json")).json()["comments"]
    ticket = (await desk.http.get(f"/tickets/{number}.json")).json()["ticket"]
    assert audits[0]["body"] == ticket["description"]
    assert audits[0]["created_at"] == ticket["created_at"]
    assert [audit["via"]["channel"] for audit in audits[1:]] == ["web", "rule", "api"]


async def test_an_update_that_only_speaks_is_a_note(desk):
    """Faults can be aimed at comments, and at changes, which go to one address."""
    [number] = desk.sim.fill(1)
    await put(desk, number, comment={"body": "x"}, metadata={"k": "v"})
    await put(desk, number, comment={"body": "x"}, status="solved")
    await desk.http.put(f"/tickets/{number}.json", content=b"{")
    assert (desk.sim.ledger.requests["PUT note"], desk.sim.ledger.requests["PUT update"]) == (1, 2)


def test_there_are_faults_enough():
    """At least 25 kinds."""
    assert len(Zendesk().faults.kinds) >= 25
