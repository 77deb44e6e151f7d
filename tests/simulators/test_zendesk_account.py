"""The simulated account, spoken to with a plain HTTP client that knows the wire by heart."""

from __future__ import annotations

import base64
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from hub.simulators.kit import serve
from hub.simulators.zendesk import Article, Options, Seeds, Storage, Zendesk

KEY = "RJR-000042-7F3KQ"
SEEDS = Seeds(
    custom_fields=(36,),
    articles=(
        Article(title="Pair a scanner", body="<p>Hold the trigger.</p>", age_seconds=300),
        Article(title="Release notes 7.4.1", labels=("release-notes",), age_seconds=200),
        Article(title="Draft", draft=True, age_seconds=100),
        Article(title="For partners", segment=7, age_seconds=50),
    ),
)


@asynccontextmanager
async def at(
    user: str = "hub@rjr.example", **options: Any
) -> AsyncIterator[tuple[Zendesk, httpx.AsyncClient]]:
    """An account on loopback and a client with an API token of the user's."""
    sim = Zendesk(options=Options(**options), seeds=SEEDS)
    async with serve(sim) as served, httpx.AsyncClient(base_url=f"{served.url}/api/v2") as http:
        http.auth = httpx.BasicAuth(f"{user}/token", sim.seeds.api_token)
        yield sim, http


def customer(**options: Any) -> Any:
    return at("l1@rjr.example", profile="enduser", **options)


async def made(http: httpx.AsyncClient, key: str = KEY, **values: Any) -> dict[str, Any]:
    """A ticket as it was stored."""
    ticket = {
        "subject": "Crash",
        "comment": {"body": "Steps"},
        "external_id": key,
        "priority": "high",
    } | values
    reply = await http.post("/tickets.json", json={"ticket": ticket})
    assert reply.status_code == 201, reply.text
    told: dict[str, Any] = reply.json()["ticket"]
    return told


async def asked(http: httpx.AsyncClient, **values: Any) -> dict[str, Any]:
    """A request as it was stored."""
    given = {"subject": f"[{KEY}] Crash", "comment": {"body": "Steps"}, "priority": "high"} | values
    reply = await http.post("/requests.json", json={"request": given})
    assert reply.status_code == 201, reply.text
    told: dict[str, Any] = reply.json()["request"]
    return told


# --- logins ---


async def test_a_token_goes_with_its_users_address():
    """Basic with /token is a login; a password, another token and an unknown user are none."""
    async with at() as (sim, http):
        me = (await http.get("/users/me.json")).json()["user"]
        assert (me["role"], me["email"]) == ("admin", "hub@rjr.example")
        for name, word in (
            ("hub@rjr.example", sim.seeds.api_token),
            ("hub@rjr.example/token", "x"),
            ("a/token", sim.seeds.api_token),
        ):
            reply = await http.get("/tickets/1", auth=httpx.BasicAuth(name, word))
            assert (reply.status_code, reply.json()["error"]) == (401, "Couldn't authenticate you")


async def test_nobody_may_read_what_is_public():
    """Without a login the user has no number; articles for everybody are listed, tickets are not."""
    async with at() as (_, http):
        http.auth = None
        assert (await http.get("/users/me")).json()["user"]["id"] is None
        told = (await http.get("/help_center/en-us/articles.json")).json()["articles"]
        assert [one["title"] for one in told] == ["Pair a scanner", "Release notes 7.4.1"]
        assert (await http.get("/tickets")).status_code == 401


async def test_a_refresh_replaces_both_tokens():
    """The old ones are good no longer; a client's own grant has no refresh token; a wrong secret gives nothing."""
    async with at() as (sim, http):
        root = str(http.base_url).removesuffix("/api/v2/")
        known = {"client_id": sim.seeds.client_id, "client_secret": sim.seeds.client_secret}
        client = (
            await http.post(f"{root}/oauth/tokens", json=known | {"grant_type": "client_credentials"})
        ).json()
        assert "refresh_token" not in client
        http.auth = None
        http.headers["Authorization"] = f"Bearer {client['access_token']}"
        assert (await http.get("/tickets")).status_code == 200
        again = known | {
            "grant_type": "refresh_token",
            "refresh_token": "example-refresh-token",
            "expires_in": 60,
        }
        fresh = (await http.post(f"{root}/oauth/tokens", json=again)).json()
        assert (await http.get("/tickets")).status_code == 401
        assert (await http.post(f"{root}/oauth/tokens", json=again)).status_code == 400
        http.headers["Authorization"] = f"Bearer {fresh['access_token']}"
        assert (await http.get("/tickets")).status_code == 200
        sim.clock.shift(61)
        assert (await http.get("/tickets")).status_code == 401
        bad = await http.post(f"{root}/oauth/tokens", json=known | {"client_secret": "x"})
        assert bad.status_code == 401


@pytest.mark.parametrize(("user", "path", "status"), [
    ("l1@rjr.example", "/tickets", 403), ("l1@rjr.example", "/incremental/tickets/cursor.json?start_time=0", 403),
    ("agent@rjr.example", "/incremental/tickets/cursor.json?start_time=0", 403), ("agent@rjr.example", "/tickets", 200),
    ("l1@rjr.example", "/help_center/incremental/articles.json?start_time=0", 403), ("hub@rjr.example", "/nowhere", 404),
])  # fmt: skip
async def test_each_address_has_its_audience(user, path, status):
    """Tickets are for agents, exports of them for administrators; a refusal may be an object."""
    async with at(user) as (_, http):
        reply = await http.get(path)
        assert reply.status_code == status
        if status == 403:
            assert reply.json()["error"]["title"] == "Forbidden"


# --- tickets ---


async def test_a_ticket_is_stored_with_its_audit():
    """The answer has both; unknown keys are ignored, with a warning; values of unknown fields are dropped."""
    async with at() as (sim, http):
        values = {
            "subject": "Crash",
            "comment": {"body": "Steps"},
            "id": 9,
            "custom_fields": [{"id": 36, "value": "a"}, {"id": 1}],
        }
        reply = await http.post("/tickets.json", json={"ticket": values | {"metadata": {"k": "v"}}})
        told = reply.json()
        assert (told["ticket"]["id"], told["ticket"]["status"], told["ticket"]["fields"]) == (
            4014,
            "new",
            [{"id": 36, "value": "a"}],
        )
        assert told["audit"]["metadata"]["custom"] == {"k": "v"}
        assert [one["type"] for one in told["audit"]["events"]] == ["Comment", "Create"]
        assert "ticket.id" in reply.headers["x-zendesk-api-warn"]
        assert reply.headers["location"].endswith("/api/v2/tickets/4014.json")
        assert sim.ledger.of("case")[0].id == "4014"


async def test_an_idempotency_key_is_kept_for_two_hours():
    """The first answer comes again, other parameters are refused, and after two hours the key is free."""
    async with at() as (sim, http):
        body = {"ticket": {"subject": "Crash", "comment": {"body": "Steps"}}}
        headers = {"Idempotency-Key": KEY}
        first = await http.post("/tickets.json", json=body, headers=headers)
        again = await http.post("/tickets.json", json=body, headers=headers)
        assert [one.headers["x-idempotency-lookup"] for one in (first, again)] == ["miss", "hit"]
        assert first.json() == again.json()
        body["ticket"]["subject"] = "Another"
        other = await http.post("/tickets.json", json=body, headers=headers)
        assert (other.status_code, other.json()["error"]) == (400, "IdempotentRequestError")
        assert len(sim.ledger.of("case")) == 1
        sim.clock.shift(7201)
        assert (await http.post("/tickets.json", json=body, headers=headers)).headers[
            "x-idempotency-lookup"
        ] == "miss"


async def test_an_external_id_is_not_unique():
    """Several tickets may have one; the exact value finds them all, but none that was deleted."""
    async with at() as (sim, http):
        first, second = await made(http), await made(http)
        await made(http, key=KEY.lower())
        found = (await http.get("/tickets.json", params={"external_id": KEY})).json()["tickets"]
        assert [one["id"] for one in found] == [first["id"], second["id"]]
        sim.engineer.delete(str(first["id"]))
        assert len((await http.get("/tickets.json", params={"external_id": KEY})).json()["tickets"]) == 1
        assert (await http.get(f"/tickets/{first['id']}.json")).json() == {
            "error": "RecordNotFound",
            "description": "Not found",
        }


async def test_a_change_leaves_the_description_and_tells_what_was():
    """Only what differs is an event, with its former value; the description can't be written."""
    async with at() as (_, http):
        ident = (await made(http))["id"]
        change = {"status": "solved", "priority": "high", "description": "other", "additional_tags": ["rjr"]}
        told = (await http.put(f"/tickets/{ident}.json", json={"ticket": change})).json()
        assert (told["ticket"]["description"], told["ticket"]["tags"]) == ("Steps", ["rjr"])
        changes = [(one["field_name"], one["previous_value"]) for one in told["audit"]["events"]]
        assert changes == [("status", "new"), ("tags", [])]


@pytest.mark.parametrize(("change", "field"), [
    ({"priority": "dire"}, "priority"), ({"status": "frozen"}, "status"), ({"type": "wish"}, "type"), ({"subject": 3}, "subject"),
    ({"comment": {"body": " "}}, "base"), ({"comment": {"body": "x" * 70_000}}, "comment"),
    ({"comment": {"body": "x", "uploads": ["none"]}}, "base"),
])  # fmt: skip
async def test_a_wrong_value_is_refused_by_its_field(change, field):
    """422 with details, and nothing is stored."""
    async with at() as (sim, http):
        ident = (await made(http))["id"]
        before = len(sim.ledger.entries)
        reply = await http.put(f"/tickets/{ident}.json", json={"ticket": change})
        assert (reply.status_code, reply.json()["error"], list(reply.json()["details"])) == (
            422,
            "RecordInvalid",
            [field],
        )
        assert len(sim.ledger.entries) == before


async def test_closed_is_final():
    """No change, no comment, and the engineer can't either."""
    async with at() as (sim, http):
        ident = (await made(http))["id"]
        sim.engineer.close(str(ident))
        for change in ({"status": "open"}, {"comment": {"body": "x"}}):
            reply = await http.put(f"/tickets/{ident}.json", json={"ticket": change})
            assert reply.json()["details"]["status"][0]["error"] == "InvalidStatus"
        with pytest.raises(ValueError, match="closed"):
            sim.engineer.reopen(str(ident))


async def test_a_safe_update_meets_its_stamp():
    """A stamp that is not the present one is a conflict."""
    async with at() as (_, http):
        ticket = await made(http)
        change = {"subject": "x", "safe_update": True, "updated_stamp": "2020-01-01T00:00:00Z"}
        assert (await http.put(f"/tickets/{ticket['id']}", json={"ticket": change})).status_code == 409
        change["updated_stamp"] = ticket["updated_at"]
        assert (await http.put(f"/tickets/{ticket['id']}", json={"ticket": change})).status_code == 200


async def test_comments_come_oldest_first_by_cursor_and_by_number():
    """The first is the description; metadata of the audit is told, or is not; authors come when asked for."""
    async with at() as (_, http):
        ident = (await made(http))["id"]
        for step in range(3):
            body = {"comment": {"body": f"Step {step}", "public": step != 1}, "metadata": {"n": str(step)}}
            await http.put(f"/tickets/{ident}.json", json={"ticket": body})
        path = f"/tickets/{ident}/comments.json"
        first = (await http.get(path, params={"page[size]": 3, "include": "users"})).json()
        rest = (
            await http.get(path, params={"page[size]": 3, "page[after]": first["meta"]["after_cursor"]})
        ).json()
        told = first["comments"] + rest["comments"]
        assert [(one["body"], one["public"]) for one in told] == [
            ("Steps", True), ("Step 0", True), ("Step 1", False), ("Step 2", True),
        ]  # fmt: skip
        assert (first["meta"]["has_more"], rest["meta"]["has_more"], len(first["users"])) == (True, False, 1)
        assert [one["metadata"]["custom"] for one in told[1:]] == [{"n": "0"}, {"n": "1"}, {"n": "2"}]
        numbered = (await http.get(path, params={"per_page": 3, "page": 2})).json()
        assert (len(numbered["comments"]), numbered["count"], numbered["next_page"]) == (1, 4, None)
        assert (await http.get(path, params={"sort": "-created_at"})).json()["comments"][0][
            "body"
        ] == "Step 2"
        audits = (await http.get(f"/tickets/{ident}/audits.json")).json()["audits"]
        assert [one["id"] for one in audits] == [one["audit_id"] for one in told]
        assert (await http.get(path, params={"page": 101})).status_code == 400
    async with at(comment_metadata=False) as (_, http):
        ident = (await made(http, metadata={"n": "1"}))["id"]
        told = (await http.get(f"/tickets/{ident}/comments.json")).json()["comments"]
        assert "custom" not in told[0]["metadata"]


# --- files ---


async def test_an_upload_is_answered_as_text_and_good_for_an_hour():
    """JSON under another name; the token is used up by a comment, or by time."""
    async with at() as (sim, http):
        ident = (await made(http))["id"]
        reply = await http.post(
            "/uploads.json",
            params={"filename": "a b.log"},
            content=b"abc",
            headers={"Content-Type": "text/csv"},
        )
        assert (reply.status_code, reply.headers["content-type"].partition(";")[0]) == (201, "text/plain")
        token = reply.json()["upload"]["token"]
        assert sim.ledger.of("attachment") == []
        change = {"ticket": {"comment": {"body": "File", "uploads": [token]}}}
        told = (await http.put(f"/tickets/{ident}.json", json=change)).json()
        (file,) = told["audit"]["events"][0]["attachments"]
        assert (file["file_name"], file["content_type"], file["size"]) == ("a b.log", "text/csv", 3)
        assert (await http.get(file["content_url"])).content == b"abc"
        assert (await http.put(f"/tickets/{ident}.json", json=change)).status_code == 422
        late = (await http.post("/uploads.json", params={"filename": "b"}, content=b"b")).json()["upload"][
            "token"
        ]
        sim.clock.shift(3601)
        change["ticket"]["comment"]["uploads"] = [late]
        assert (await http.put(f"/tickets/{ident}.json", json=change)).status_code == 422
        http.auth = None
        assert (await http.get(file["content_url"])).status_code == 401


async def test_files_may_be_kept_elsewhere():
    """The address leads to a storage that takes no login."""
    kept = Zendesk()
    async with serve(Storage(kept.state)) as storage, at(files_url=storage.url) as (sim, http):
        sim.state.files = kept.state.files
        up = (await http.post("/uploads", params={"filename": "a"}, content=b"abc")).json()["upload"]
        found = await http.get(up["attachment"]["content_url"])
        assert found.status_code == 302
        target = found.headers["location"]
        assert (await http.get(target)).status_code == 400
        http.auth = None
        assert (await http.get(target)).content == b"abc"
        assert (await http.get(f"{storage.url}/nothing")).status_code == 404


# --- exports ---


async def test_an_export_goes_by_cursors_of_time_and_number():
    """Equal times are parted by number, the cursor says its place, and the end is told."""
    async with at() as (sim, http):
        numbers = sim.fill(7, run=7)
        told, params = [], {"start_time": "0", "per_page": "3"}
        for _ in range(3):
            page = (await http.get("/incremental/tickets/cursor.json", params=params)).json()
            told += [str(one["id"]) for one in page["tickets"]]
            params = {"cursor": page["after_cursor"], "per_page": "3"}
        assert told == numbers
        assert page["end_of_stream"]
        when = page["tickets"][0]["generated_timestamp"]
        assert base64.b64decode(page["after_cursor"]).decode() == f"{when}.0||{numbers[-1]}|"
        again = (await http.get("/incremental/tickets/cursor.json", params=params)).json()
        assert (again["tickets"], again["after_cursor"]) == ([], params["cursor"])


async def test_an_export_tells_what_the_system_wrote_and_what_was_deleted():
    """A row may come again with its old time of change; a deleted one comes with that status."""
    async with at() as (sim, http):
        first, second = sim.fill(2)
        start = int(sim.clock.now()) - 61
        sim.clock.shift(5)
        sim.engineer.let_the_system_write(first)
        sim.engineer.delete(second)
        told = (await http.get("/incremental/tickets/cursor.json", params={"start_time": start})).json()[
            "tickets"
        ]
        assert [(str(one["id"]), one["status"]) for one in told] == [(first, "open"), (second, "deleted")]
        assert told[0]["updated_at"] < told[1]["updated_at"]
        timed = (
            await http.get("/incremental/tickets.json", params={"start_time": start, "per_page": 1})
        ).json()
        assert (timed["count"], timed["end_of_stream"]) == (2, True)  # both have one time


@pytest.mark.parametrize(("params", "status"), [
    ({}, 400), ({"start_time": "0", "cursor": "x"}, 400), ({"cursor": "%%%"}, 400), ({"start_time": "soon"}, 400),
])  # fmt: skip
async def test_an_export_takes_a_time_or_a_cursor(params, status):
    """Neither, both, and what is none are refused; so is a time of the last minute."""
    async with at() as (sim, http):
        assert (await http.get("/incremental/tickets/cursor.json", params=params)).status_code == status
        late = {"start_time": str(int(sim.clock.now()) - 30)}
        assert (await http.get("/incremental/tickets/cursor.json", params=late)).status_code == 422


# --- requests ---


async def test_a_request_is_its_requesters_own():
    """Others' are not found or listed; fields that only tickets have are ignored and not told."""
    async with customer() as (sim, http):
        told = await asked(http, external_id="x", tags=["y"], status="solved")
        assert (told["status"], told["priority"], told["can_be_solved_by_me"]) == ("new", "high", False)
        assert not {"external_id", "tags"} & set(told)
        other = sim.state.add_ticket({"subject": "Not yours", "requester_id": 1}).key
        assert (await http.get(f"/requests/{other}.json")).status_code == 404
        assert (await http.put(f"/requests/{other}.json", json={"request": {}})).status_code == 404
        assert [one["id"] for one in (await http.get("/requests.json")).json()["requests"]] == [told["id"]]


async def test_requests_are_listed_by_time_falling():
    """A cursor is a place in the order: what changes meanwhile moves to the top, and is not met below."""
    async with customer() as (sim, http):
        numbers = sim.fill(5)
        params = {"sort_by": "updated_at", "sort_order": "desc", "page[size]": "2"}
        first = (await http.get("/requests.json", params=params)).json()
        assert [str(one["id"]) for one in first["requests"]] == [numbers[4], numbers[3]]
        sim.touch(numbers[2])
        rest = (
            await http.get("/requests.json", params=params | {"page[after]": first["meta"]["after_cursor"]})
        ).json()
        assert [str(one["id"]) for one in rest["requests"]] == [numbers[1], numbers[0]]
        assert not rest["meta"]["has_more"]
        rising = (await http.get("/requests.json", params={"sort_by": "created_at", "per_page": 2})).json()
        assert [str(one["id"]) for one in rising["requests"]] == numbers[:2]
        assert (await http.get("/requests.json", params={"sort_by": "mood"})).status_code == 400


async def test_a_request_takes_comments_and_little_else():
    """Private notes are not told; priority and subject stay; a comment opens what was solved."""
    async with customer() as (sim, http):
        ident = str((await asked(http))["id"])
        sim.engineer.internal_note(ident, "Between us")
        sim.engineer.answer(ident, "Try this")
        sim.engineer.resolve(ident, "Done")
        change = {"comment": {"body": "Not yet", "public": False}, "priority": "urgent", "subject": "x"}
        told = (await http.put(f"/requests/{ident}.json", json={"request": change})).json()["request"]
        assert (told["status"], told["priority"], told["subject"]) == ("open", "high", f"[{KEY}] Crash")
        page = (await http.get(f"/requests/{ident}/comments.json")).json()
        assert [one["body"] for one in page["comments"]] == ["Steps", "Try this", "Done", "Not yet"]
        assert not any({"via", "metadata", "audit_id"} & set(one) for one in page["comments"])
        assert {one["agent"] for one in page["users"]} == {True, False}


async def test_a_request_is_solved_where_that_is_allowed():
    """Only an assigned one that is no problem; a closed one takes nothing."""
    async with customer() as (sim, http):
        ident = str((await asked(http))["id"])
        solve = {"request": {"solved": "true"}}
        assert (await http.put(f"/requests/{ident}.json", json=solve)).status_code == 422
        sim.engineer.take(ident)
        assert (await http.get(f"/requests/{ident}.json")).json()["request"]["can_be_solved_by_me"] is True
        assert (await http.put(f"/requests/{ident}.json", json=solve)).json()["request"]["status"] == "solved"
        sim.engineer.close(ident)
        reply = await http.put(f"/requests/{ident}.json", json={"request": {"comment": {"body": "x"}}})
        assert reply.status_code == 422


async def test_a_search_lags_and_ends():
    """What is new is not found yet; page eleven of a hundred is refused; others' requests are not found."""
    async with customer(index_seconds=60) as (sim, http):
        await asked(http)
        query = {"query": f'"{KEY}"'}
        assert (await http.get("/requests/search.json", params=query)).json()["requests"] == []
        sim.clock.shift(61)
        assert len((await http.get("/requests/search.json", params=query)).json()["requests"]) == 1
        assert (await http.get("/requests/search.json", params=query | {"status": "hold,solved"})).json()[
            "count"
        ] == 0
        assert (await http.get("/requests/search.json", params=query | {"page": 11})).status_code == 422


async def test_a_desk_may_hide_its_priorities():
    """Then a customer's is neither taken nor told."""
    async with customer(priority_hidden=True) as (sim, http):
        told = await asked(http)
        assert told["priority"] is None
        assert sim.state.ticket(str(told["id"])).values["priority"] is None
        assert (
            await http.post("/requests.json", json={"request": {"subject": " ", "comment": {"body": "x"}}})
        ).status_code == 422


# --- the Help Center ---


async def test_articles_are_listed_searched_and_read():
    """An agent sees drafts; the search finds published words; an archived article vanishes without a word."""
    async with at() as (sim, http):
        falling = {"sort_by": "updated_at", "sort_order": "desc", "per_page": 3}
        page = (await http.get("/help_center/en-us/articles.json", params=falling)).json()
        assert [one["title"] for one in page["articles"]] == ["For partners", "Draft", "Release notes 7.4.1"]
        assert page["next_page"]
        found = (
            await http.get(
                "/help_center/articles/search.json", params={"query": "trigger", "locale": "en-us"}
            )
        ).json()
        assert [(one["title"], one["result_type"]) for one in found["results"]] == [
            ("Pair a scanner", "article")
        ]
        ident = str(found["results"][0]["id"])
        assert (await http.get(f"/help_center/en-us/articles/{ident}.json")).json()["article"][
            "body"
        ] == "<p>Hold the trigger.</p>"
        sim.engineer.withdraw(ident)
        assert (await http.get(f"/help_center/en-us/articles/{ident}.json")).status_code == 404
        since = {"start_time": int(sim.clock.now()) - 150}
        assert (await http.get("/help_center/incremental/articles.json", params=since)).json()["count"] == 2
        for path in ("/help_center/fr/articles", "/help_center/sections"):
            assert (await http.get(path)).status_code == 404


# --- limits and deliveries ---


async def test_limits_are_told_and_kept():
    """429 with the seconds to wait; the reset header has both spellings; exports and updates have limits of their own."""
    async with at(requests_a_minute=4, exports_a_minute=1, updates_in_ten_minutes=1) as (sim, http):
        first = await http.get("/incremental/tickets/cursor.json?start_time=0")
        assert (first.headers["x-rate-limit"], first.headers["x-rate-limit-remaining"]) == ("4", "3")
        assert {"ratelimit-reset", "rate-limit-reset"} <= set(first.headers)
        busy = await http.get("/incremental/tickets/cursor.json?start_time=0")
        assert (busy.status_code, busy.json()["error"]) == (429, "APIRateLimitExceeded")
        assert 0 < int(busy.headers["retry-after"]) <= 60
        ident = (await made(http))["id"]
        assert (await http.get("/users/me")).status_code == 200
        assert (await http.get("/users/me")).status_code == 429
        sim.clock.shift(61)
        changes = [await http.put(f"/tickets/{ident}", json={"ticket": {"subject": one}}) for one in "ab"]
        assert [one.status_code for one in changes] == [200, 429]


def test_a_delivery_is_signed_with_its_time():
    """Base64 of the HMAC over time and body, with no sign between; three headers are not signed."""
    sim = Zendesk()
    push = sim.push(sim.fill(1)[0])
    time = push.headers["X-Zendesk-Webhook-Signature-Timestamp"]
    proof = hmac.digest(b"zd-test-secret-0001", time.encode() + push.body, "sha256")
    assert push.headers["X-Zendesk-Webhook-Signature"] == base64.b64encode(proof).decode()
    assert len(push.unsigned) == 3
    assert push.unsigned < {name.lower() for name in push.headers}


@pytest.mark.parametrize(("kind", "status", "error"), [
    ("key_refused", 401, "Couldn't authenticate you"), ("scope_missing", 403, "Forbidden"), ("conflict", 409, "DatabaseConflict"),
    ("validation", 422, "RecordInvalid"), ("busy", 429, "APIRateLimitExceeded"), ("http_500", 500, "InternalError"),
])  # fmt: skip
async def test_faults_are_refused_in_the_accounts_words(kind, status, error):
    """Each fault of its own has the documented status and label."""
    async with at() as (sim, http):
        sim.faults.add(kind)
        reply = await http.get("/tickets")
        assert (reply.status_code, reply.json()["error"]) == (status, error)


async def test_records_can_be_bent():
    """Unknown words, missing fields and changed types, in lists and alone."""
    async with at() as (sim, http):
        ident = (await made(http))["id"]
        sim.faults.add("unknown_status")
        sim.faults.add("missing_field", field="updated_at")
        sim.faults.add("changed_type", field="priority")
        told = (await http.get(f"/tickets/{ident}")).json()["ticket"]
        assert (told["status"], "updated_at" in told, told["priority"]) == ("on_the_moon", False, ["open"])
        sim.faults.clear()
        sim.faults.add("cursor_stuck")
        page = (await http.get("/incremental/tickets/cursor.json?start_time=0")).json()
        assert (page["after_cursor"], page["end_of_stream"]) == ("", False)


async def test_bodies_that_are_none_are_refused():
    """No JSON, no record in it, no name of a file, and an upload that is too large."""
    async with at(max_upload=3) as (sim, http):
        assert (await http.post("/tickets", content=b"{")).status_code == 400
        assert (await http.post("/tickets", json={"case": {}})).status_code == 400
        assert (await http.post("/uploads", content=b"x")).status_code == 400
        assert (await http.post("/uploads?filename=a", content=b"xxxx")).status_code == 413
        assert (await http.post("/uploads?filename=a&token=none", content=b"x")).status_code == 404
        assert sim.ledger.entries == []
