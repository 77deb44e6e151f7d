"""Queries on AR System: filters, order, pages, caps and links."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.simulators.arsystem import ArSystem, Options
from hub.simulators.kit import Call

from .conftest import INTERFACE, Caller, Dial

T0 = 1_760_600_000


def filled(sim: ArSystem, times: list[int]) -> None:
    """Incidents RJR-0, RJR-1 ... last modified at these seconds after T0."""
    sim.load(
        [
            {
                "Status": number % 3,
                "Impact": 2000,
                "Urgency": 2000,
                "Description": f"case {number}",
                "Assigned Group": "L2 Platform" if number % 2 else "L2 Database",
                "Vendor Ticket Number": f"RJR-{number}",
                "Submit Date": T0,
                "Last Modified Date": T0 + at,
            }
            for number, at in enumerate(times)
        ]
    )


async def page(remedy: Caller, **params: str) -> dict[str, Any]:
    reply = await remedy.call("GET", INTERFACE, params=params)
    assert reply.status_code == 200, reply.text
    result: dict[str, Any] = reply.json()
    return result


def keys(result: dict[str, Any]) -> list[str]:
    return [entry["values"]["Vendor Ticket Number"] for entry in result["entries"]]


async def test_no_match_is_an_empty_list(remedy: Caller) -> None:
    """Nothing found is a 200, not a 404."""
    assert (await page(remedy, q="'Incident Number' = \"INC1\""))["entries"] == []


async def test_fields_limit_what_comes_back(remedy: Caller) -> None:
    """Names or ids in any spacing, answered by name; an unknown one is refused."""
    filled(remedy.sim, [0])
    result = await page(remedy, fields="values(1000000161, Status ,Vendor Ticket Number),assoc(x)")
    assert result["entries"][0]["values"] == {
        "Incident Number": "INC000000000430",
        "Status": "New",
        "Vendor Ticket Number": "RJR-0",
    }
    assert len((await page(remedy, fields="values()"))["entries"][0]["values"]) > 50
    reply = await remedy.call("GET", INTERFACE, params={"fields": "values(First_Name)"})
    assert (reply.status_code, reply.json()[0]["messageNumber"]) == (400, 8962)


async def test_sorting_takes_several_keys_and_ways(remedy: Caller) -> None:
    """A bare name ascends, `.desc` descends, later keys settle ties."""
    filled(remedy.sim, [5, 5, 3, 9, 5])
    result = await page(remedy, sort="Last Modified Date,Incident Number.desc")
    assert keys(result) == ["RJR-2", "RJR-4", "RJR-1", "RJR-0", "RJR-3"]
    result = await page(remedy, sort="Last Modified Date.desc, Incident Number.asc")
    assert keys(result) == ["RJR-3", "RJR-0", "RJR-1", "RJR-4", "RJR-2"]
    reply = await remedy.call("GET", INTERFACE, params={"sort": "Nonsense.asc"})
    assert reply.status_code == 400


async def test_pages_follow_one_another_by_the_next_link(remedy: Caller) -> None:
    """The next link keeps query and order, and stops with the last page."""
    filled(remedy.sim, list(range(25)))
    result = await page(remedy, q="'Status' >= 0", sort="Incident Number.asc", limit="10")
    seen = keys(result)
    while "next" in result["_links"]:
        result = (await remedy.http.get(result["_links"]["next"][0]["href"], headers=remedy.headers)).json()
        seen += keys(result)
    assert seen == [f"RJR-{number}" for number in range(25)]


async def test_the_cap_cuts_silently_with_a_warning(dial: Dial) -> None:
    """A limit above the server's cap is cut with a 200 and WARNING 66; below the cap nothing is said."""
    async with dial(page_cap=10) as remedy:
        filled(remedy.sim, list(range(25)))
        for params in ({"limit": "100"}, {}):
            reply = await remedy.call("GET", INTERFACE, params=params)
            assert len(reply.json()["entries"]) == 10
            (message,) = json.loads(reply.headers["x-ar-messages"])
            assert (message["messageType"], message["messageNumber"]) == ("WARNING", 66)
        for params in ({"limit": "10"}, {"limit": "100", "offset": "20"}):
            assert "x-ar-messages" not in (await remedy.call("GET", INTERFACE, params=params)).headers


@pytest.mark.parametrize(("option", "shown"), [("null", None), ("count", 25)])
async def test_num_matches_depends_on_the_server(dial: Dial, option: str, shown: int | None) -> None:
    """Newer servers answer numMatches, as null or as the whole count; older ones leave it out."""
    async with dial(num_matches=option, next_links=False) as remedy:
        filled(remedy.sim, list(range(25)))
        for offset in ("0", "20", "30"):
            result = await page(remedy, limit="10", offset=offset)
            assert result["numMatches"] == shown
            assert "next" not in result["_links"]
    async with dial() as remedy:
        assert "numMatches" not in await page(remedy)


@pytest.mark.parametrize("params", [{"limit": "ten"}, {"offset": "-1"}, {"limit": "-5"}])
async def test_a_window_that_is_none_is_a_400(remedy: Caller, params: dict[str, str]) -> None:
    """offset and limit must be whole numbers from zero."""
    assert (await remedy.call("GET", INTERFACE, params=params)).status_code == 400


async def test_links_carry_the_internal_host(dial: Dial) -> None:
    """A server behind a proxy names itself by a host that callers can't reach."""
    async with dial(internal_host="https://ar01.internal:8443") as remedy:
        filled(remedy.sim, [0])
        result = await page(remedy)
        href = result["entries"][0]["_links"]["self"][0]["href"]
        assert href == f"https://ar01.internal:8443/api/arsys/v1/entry/{INTERFACE}/INC000000000527"


async def test_one_second_is_the_resolution(remedy: Caller) -> None:
    """Two changes within a second carry one date, and a search from that second finds both."""
    remedy.sim.clock.stop(T0 + 0.2)
    await remedy.open("RJR-1")
    remedy.sim.clock.shift(0.7)
    await remedy.open("RJR-2")
    result = await page(remedy, q=f"'Last Modified Date' >= \"{T0}\" AND 'Last Modified Date' <= \"{T0}\"")
    assert keys(result) == ["RJR-1", "RJR-2"]


_ROWS = st.lists(st.integers(0, 6), max_size=25)
_SORTS = st.lists(
    st.tuples(st.sampled_from(["Last Modified Date", "Incident Number", "Status"]), st.booleans()), max_size=3
)


@settings(max_examples=60, deadline=None)
@given(
    _ROWS,
    st.tuples(st.integers(-1, 7), st.integers(-1, 7)),
    st.sampled_from(["", "L2 Platform"]),
    _SORTS,
    st.integers(1, 9),
)
def test_indexed_pages_equal_a_plain_scan(
    times: list[int], span: tuple[int, int], group: str, sort: list[tuple[str, bool]], limit: int
) -> None:
    """Whatever index answers, the pages put together are the filtered and sorted list."""
    low, high = span
    sim = ArSystem(options=Options(one_in_flight=False))
    filled(sim, times)
    q = f"'Last Modified Date' >= \"{T0 + low}\" AND 'Last Modified Date' <= \"{T0 + high}\""
    if group:
        q += f" AND 'Assigned Group' = \"{group}\""
    wanted = [r for r in sim.state.tables["incidents"] if low <= r.values["Last Modified Date"] - T0 <= high]
    wanted = [r for r in wanted if group in ("", r.values["Assigned Group"])]
    for name, descending in reversed(sort):
        wanted.sort(key=lambda r: r.values[name], reverse=descending)
    order = ",".join(f"{name}.{'desc' if descending else 'asc'}" for name, descending in sort)
    seen: list[str] = []
    login = Call("POST", "/api/jwt/login", ["api", "jwt", "login"], {"username": "rjr_hub", "password": "s3cret"}, {})
    sim.classify(login)
    headers = {"Authorization": f"AR-JWT {sim.answer(login).body.decode()}"}
    for offset in range(0, len(times) + limit, limit):
        query = {"q": q, "sort": order, "offset": str(offset), "limit": str(limit)}
        call = Call("GET", "", ["api", "arsys", "v1", "entry", INTERFACE], query, headers)
        seen += keys(json.loads(sim.answer(call).body))
    assert seen == [r.values["Vendor Ticket Number"] for r in wanted]


async def test_knowledge_is_found_by_field_ids(dial: Dial) -> None:
    """Published articles since a time, by numeric ids, lead to the template row with the body."""
    async with dial() as remedy:
        remedy.sim.clock.stop(T0)
        how_to = {"RKMTemplateQuestion": "<p>q</p>", "RKMTemplateAnswer": "<p>a</p>"}
        doc = remedy.sim.engineer.publish(title="VPN reset", form="RKM:HowToTemplate", body=how_to)
        remedy.sim.engineer.publish(title="Draft", form="RKM:ReferenceTemplate", body={}, status="Draft")
        (row,) = await remedy.find(
            f"'302312185' = 700 AND '302300535' >= \"{T0}\"",
            "RKM:KnowledgeArticleManager",
            fields="values(302300507,302300502,302300503,302301020,302300535,302312186)",
        )
        assert row["DocID"] == doc
        assert (row["ArticleTitle"], row["InternalArticleIndication"]) == ("VPN reset", "No")
        (body,) = await remedy.find(f"('179' = \"{row['FK_GUID']}\")", row["ArticleForm"], fields="values(302311201)")
        assert body == {"RKMTemplateAnswer": "<p>a</p>"}
        remedy.sim.clock.shift(60)
        remedy.sim.engineer.revise(doc, title="VPN reset, again")
        (row,) = await remedy.find(f"'302300535' > \"{T0}\"", "RKM:KnowledgeArticleManager")
        assert row["ArticleTitle"] == "VPN reset, again"


async def test_a_write_between_pages_shows_on_the_next_page(remedy: Caller) -> None:
    """Pages are cut from the present list: a row that moved to the end shifts the rest by one."""
    filled(remedy.sim, [0, 1, 2, 3])
    params = {"q": "'Status' >= 0", "sort": "Last Modified Date", "limit": "2"}
    assert keys(await page(remedy, **params)) == ["RJR-0", "RJR-1"]
    remedy.sim.engineer.set_text("RJR-0", "changed")
    assert keys(await page(remedy, **params, offset="2")) == ["RJR-3", "RJR-0"]
    remedy.sim.engineer.delete("RJR-1")
    assert keys(await page(remedy, **params)) == ["RJR-2", "RJR-3"]
