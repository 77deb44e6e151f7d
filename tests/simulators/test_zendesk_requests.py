"""What the simulated account lets an end user do, and its Help Center."""

from __future__ import annotations

import pytest

from hub.simulators.zendesk import Article, Seeds

from .test_zendesk_tickets import dial


@pytest.fixture
async def desk():
    """An account as an end user sees it."""
    async with dial(profile="enduser") as made:
        yield made


async def opened(desk, **values):
    given = {"subject": "[K-1] Sync fails", "comment": {"body": "Since 09:12"}, "priority": "high", **values}
    return await desk.http.post("/requests.json", json={"request": given})


async def put(desk, number, **values):
    return await desk.http.put(f"/requests/{number}.json", json={"request": values})


async def test_an_end_user_has_no_tickets(desk):
    """403 on tickets and exports; the role says why."""
    for where in ("/tickets.json", "/incremental/tickets/cursor.json?start_time=1", "/search.json?query=x"):
        assert (await desk.http.get(where)).status_code == 403
    assert (await desk.http.get("/users/me.json")).json()["user"]["role"] == "end-user"


async def test_a_request_has_no_external_id(desk):
    """It is ignored with a warning; the ledger takes the key from the subject."""
    reply = await opened(desk, external_id="K-2")
    assert reply.status_code == 201
    assert "external_id" not in reply.json()["request"]
    assert "request.external_id" in reply.headers["x-zendesk-api-warn"]
    assert desk.sim.ledger.of("case")[0].key == "K-1"


async def test_priority_is_fixed_after_creation(desk):
    """A change of it is ignored, with a warning."""
    number = (await opened(desk)).json()["request"]["id"]
    reply = await put(desk, number, priority="low", comment={"body": "x", "public": False})
    assert reply.json()["request"]["priority"] == "high"
    assert "request.priority" in reply.headers["x-zendesk-api-warn"]
    assert desk.sim.ledger.of("note")[0].public is True


async def test_only_public_comments_are_told(desk):
    """An agent's private comment is not there, and role=agent leaves out one's own."""
    number = (await opened(desk)).json()["request"]["id"]
    desk.sim.engineer.answer(str(number), "Try again")
    desk.sim.engineer._comment(str(number), "Hush", public=False)
    where = f"/requests/{number}/comments.json"
    assert [comment["body"] for comment in (await desk.http.get(where)).json()["comments"]] == [
        "Since 09:12",
        "Try again",
    ]
    page = (await desk.http.get(f"{where}?role=agent")).json()
    assert [comment["body"] for comment in page["comments"]] == ["Try again"]
    assert page["users"][0]["agent"] is True


async def test_solved_needs_somebody_at_work(desk):
    """422 before it is assigned, 200 after; a comment reopens it, and closed is final."""
    number = (await opened(desk)).json()["request"]["id"]
    assert (await put(desk, number, solved=True)).status_code == 422
    desk.sim.engineer.take(str(number))
    assert (await put(desk, number, solved=True)).json()["request"]["status"] == "solved"
    assert (await put(desk, number, comment={"body": "Again"})).json()["request"]["status"] == "open"
    desk.sim.engineer.close(str(number))
    assert (await put(desk, number, comment={"body": "Again"})).status_code == 422


async def test_requests_are_listed_by_change(desk):
    """The caller's own requests, newest change first, page by page."""
    numbers = [int(number) for number in desk.sim.fill(3)]
    desk.sim.touch(str(numbers[0]))
    desk.sim.state.add_ticket({"requester_id": 1})
    asked = {"sort_by": "updated_at", "sort_order": "desc", "page[size]": "2"}
    first = (await desk.http.get("/requests.json", params=asked)).json()
    asked["page[after]"] = first["meta"]["after_cursor"]
    second = (await desk.http.get("/requests.json", params=asked)).json()
    ids = [request["id"] for page in (first, second) for request in page["requests"]]
    assert ids == [numbers[0], numbers[2], numbers[1]]


async def test_a_search_ends_at_a_thousand(desk):
    """It finds a phrase in the subject, and page 11 of a hundred is refused."""
    await opened(desk)
    results = (await desk.http.get("/requests/search.json", params={"query": '"[K-1]"'})).json()
    assert results["count"] == 1
    assert (await desk.http.get("/requests/search.json?query=x&page=11")).status_code == 422


async def test_nobody_asks_without_proof():
    """403 for a stranger, unless the account takes anonymous requests with a requester."""
    given = {"request": {"subject": "x", "comment": {"body": "y"}, "requester": {"name": "A", "email": "a@b.example"}}}
    for allowed, status in ((False, 403), (True, 201)):
        async with dial(profile="enduser", anonymous_requests=allowed) as desk:
            desk.http.auth = None
            assert (await desk.http.post("/requests.json", json=given)).status_code == status


ARTICLES = (
    Article(title="Old", body="<p>sync</p>", age_seconds=900),
    Article(title="Draft", draft=True),
    Article(title="Inside", segment=7),
    Article(title="Neu", locale="de", age_seconds=300),
    Article(title="Release notes 7.4.1", section="Release notes", labels=("release-notes",), age_seconds=600),
)


async def test_articles_are_shown_to_who_may_see_them():
    """An end user gets the public ones of a locale by change; an agent all; the export is for agents."""
    where = "/help_center/en-us/articles.json?sort_by=updated_at&sort_order=desc"
    async with dial(profile="enduser", seeds=Seeds(articles=ARTICLES)) as desk:
        articles = (await desk.http.get(where)).json()["articles"]
        assert [article["title"] for article in articles] == ["Release notes 7.4.1", "Old"]
        assert (await desk.http.get("/help_center/incremental/articles.json?start_time=1")).status_code == 403
        labelled = (await desk.http.get(f"{where}&label_names=release-notes")).json()
        assert labelled["count"] == 1
    async with dial(seeds=Seeds(articles=ARTICLES)) as desk:
        assert (await desk.http.get(where)).json()["count"] == 4
        articles = (await desk.http.get("/help_center/incremental/articles.json?start_time=1")).json()
        assert (articles["count"], articles["next_page"]) == (5, None)


async def test_an_article_is_found_revised_and_withdrawn():
    """Search finds words of the body; a withdrawn article is nowhere."""
    async with dial(profile="enduser", seeds=Seeds(articles=ARTICLES)) as desk:
        [results] = (await desk.http.get("/help_center/articles/search.json?query=sync")).json()["results"]
        assert (results["result_type"], results["snippet"].strip()) == ("article", "sync")
        where = f"/help_center/en-us/articles/{results['id']}.json"
        desk.sim.engineer.revise(str(results["id"]), title="New")
        assert (await desk.http.get(where)).json()["article"]["title"] == "New"
        desk.sim.engineer.withdraw(str(results["id"]))
        assert (await desk.http.get(where)).status_code == 404
        sections = (await desk.http.get("/help_center/sections.json")).json()["sections"]
        assert [section["name"] for section in sections] == ["Articles", "Release notes"]
