"""What the simulated org's SOQL finds, and how it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from hub.simulators.kit import serve
from hub.simulators.salesforce import Article, Options, Salesforce, Seeds
from hub.simulators.salesforce.ids import long_id, make_id

ROOT = "/services/data/v62.0"


class Org:
    """A fresh org, and an outsider who is logged in."""

    def __init__(self, sim: Salesforce, http: httpx.AsyncClient) -> None:
        self.sim, self.http = sim, http

    async def query(self, text: str, *, verb: str = "query") -> Any:
        """The answer's JSON, of any status."""
        return (await self.http.get(f"{ROOT}/{verb}", params={"q": text})).json()

    async def ids(self, text: str) -> list[str]:
        """The CaseNumbers that a query finds."""
        return [row["CaseNumber"] for row in (await self.query(text))["records"]]


async def _open(sim: Salesforce) -> AsyncIterator[Org]:
    async with serve(sim) as served, httpx.AsyncClient(base_url=served.url) as http:
        form = {
            "grant_type": "client_credentials",
            "client_id": sim.seeds.consumer_key,
            "client_secret": sim.seeds.consumer_secret,
        }
        token = (await http.post("/services/oauth2/token", data=form)).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield Org(sim, http)


@pytest.fixture
async def org() -> AsyncIterator[Org]:
    """An org with an article, whose queries answer three rows at a time."""
    sim = Salesforce(seeds=Seeds(articles=(Article(title="A"),)), options=Options(batch=3, locator_seconds=600))
    async for opened in _open(sim):
        yield opened


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Subject = 'case 1'", [1]),
        ("Subject LIKE '%E 1'", [1]),
        ("Subject LIKE 'Case _' AND Subject != 'Case 0'", [1, 2]),
        ("Subject IN ('Case 0', 'Case 2')", [0, 2]),
        ("Subject NOT IN ('Case 0', 'Case 2')", [1]),
        ("NOT Subject = 'Case 0'", [1, 2]),
        ("RjR_Ticket_Id__c != null", [0]),
        ("(Subject = 'Case 0' OR Subject = 'Case 1') AND IsClosed = false", [0, 1]),
        ("SystemModstamp > 2020-01-01T00:00:00Z", [0, 1, 2]),
        ("CreatedDate >= LAST_N_DAYS:2", [0, 1, 2]),
        ("CreatedBy.Name = 'rjr integration'", [0, 1, 2]),
        ("CreatedDate < LAST_N_DAYS:2", []),
    ],
)
async def test_conditions(org, where, found):
    """Each kind of condition finds the rows that it should, texts without regard to case."""
    numbers = org.sim.fill(3, first="K-1")
    got = await org.ids(f"SELECT CaseNumber FROM Case WHERE {where} ORDER BY CaseNumber")
    assert got == [numbers[at] for at in found]


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("SELECT Id FORM Case", "MALFORMED_QUERY", "Row:1:Column:11"),
        ("SELECT Foo FROM Case", "INVALID_FIELD", "No such column 'Foo'"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE", "not supported"),
        ("SELECT Id FROM Case WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Case WHERE SystemModstamp > 'x'", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Case WHERE Id = 'x' AND Id = 'x' OR Id = 'x'", "MALFORMED_QUERY", "'OR'"),
        ("SELECT Id FROM Case LIMIT x", "MALFORMED_QUERY", "'x'"),
        ("SELECT Id FROM Case WHERE Subject = 'it's'", "MALFORMED_QUERY", "ERROR at"),
        ("SELECT Id FROM ContentDocumentLink", "MALFORMED_QUERY", "Implementation restriction"),
        ("SELECT Id FROM Knowledge__kav WHERE Title = 'A'", "MALFORMED_QUERY", "Implementation restriction"),
        (
            "SELECT Id FROM Knowledge__kav WHERE (PublishStatus = 'Online' OR Title = 'A')",
            "MALFORMED_QUERY",
            "Implementation restriction",
        ),
    ],
)
async def test_refusals(org, text, code, says):
    """An invalid or forbidden query is refused with its code, and a caret at the position if there is one."""
    [result] = await org.query(text)
    assert result["errorCode"] == code
    assert says in result["message"]
    if "ERROR at" in result["message"]:
        assert result["message"].split("\n")[2].strip() == "^"


async def test_batches_follow_their_locator(org):
    """A query is read to its end batch by batch, each row once; an old locator is no good."""
    numbers = org.sim.fill(8)
    result = await org.query("SELECT CaseNumber FROM Case ORDER BY CaseNumber")
    seen, first = [row["CaseNumber"] for row in result["records"]], result["nextRecordsUrl"]
    assert (result["totalSize"], result["done"]) == (8, False)
    while not result["done"]:
        result = (await org.http.get(result["nextRecordsUrl"])).json()
        seen += [row["CaseNumber"] for row in result["records"]]
    assert seen == numbers
    org.sim.clock.shift(500)
    assert "records" in (await org.http.get(first)).json()
    org.sim.clock.shift(200)
    assert (await org.http.get(first)).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


async def test_parents_and_children(org):
    """Parents are inside a row and children below it, with their own pages; without any, the value is null."""
    first, _ = org.sim.fill(2)
    org.sim.engineer.answer(first, "Hello")
    result = await org.query("SELECT Owner.Name, (SELECT CommentBody FROM CaseComments) FROM Case ORDER BY CaseNumber")
    owner, below = result["records"][0]["Owner"], result["records"][0]["CaseComments"]
    assert (owner["attributes"]["type"], owner["Name"]) == ("User", "RjR Integration")
    assert (below["totalSize"], below["records"][0]["CommentBody"]) == (1, "Hello")
    assert result["records"][1]["CaseComments"] is None


async def test_the_bin_shows_in_query_all_only(org):
    """A deleted case is seen by queryAll, not by query; count() has no records."""
    first, second = org.sim.fill(2)
    org.sim.engineer.delete(first)
    assert await org.ids("SELECT CaseNumber FROM Case") == [second]
    result = await org.query("SELECT count() FROM Case", verb="queryAll")
    assert (result["totalSize"], result["records"]) == (2, [])


async def test_a_hidden_row_shows_later(org):
    """A row whose index lags is stored, yet found only after a while."""
    org.sim.faults.add("slow_index", operation="create", seconds=30)
    await org.http.patch(f"{ROOT}/sobjects/Case/RjR_Ticket_Id__c/K-9", json={"Subject": "x"})
    assert await org.ids("SELECT CaseNumber FROM Case") == []
    org.sim.clock.shift(31)
    assert len(await org.ids("SELECT CaseNumber FROM Case")) == 1


def test_ids_grow_and_carry_their_check():
    """Later ids sort after earlier ids, and 15 characters determine the 18."""
    made = [make_id("500", number) for number in range(1, 300)]
    assert made == sorted(set(made))
    assert all(long_id(ident[:15]) == ident for ident in made)
    assert long_id("001A0000006Vm9u") == "001A0000006Vm9uIAC"
