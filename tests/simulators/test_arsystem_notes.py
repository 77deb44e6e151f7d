"""Work notes and attachments, both ways, and the engineer on the other side."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import httpx
import pytest

from .conftest import INTERFACE, WORKLOG, Caller, Dial

NUMBER = "INC000000000430"


def note(**values: Any) -> dict[str, Any]:
    return {
        "values": {"Incident Number": NUMBER, "Work Log Type": "General Information", "Detailed Description": "hello"}
        | values
    }


def form(values: dict[str, Any], *files: tuple[str, str, bytes]) -> Any:
    parts: list[Any] = [("entry", (None, json.dumps({"values": values}).encode(), "application/json; charset=UTF-8"))]
    return parts + [(f"attach-{name}", (file, data, "application/octet-stream")) for name, file, data in files]


async def upload(remedy: Caller, *files: tuple[str, str, bytes], **values: Any) -> httpx.Response:
    named = {name: file for name, file, _ in files}
    return await remedy.call("POST", WORKLOG, files=form(note(**named, **values)["values"], *files))


async def notes(remedy: Caller) -> list[dict[str, Any]]:
    return await remedy.find(f"'Incident Number' = \"{NUMBER}\"", WORKLOG, sort="Submit Date.asc")


async def test_a_note_gets_an_id_and_leaves_the_incident_alone(remedy: Caller) -> None:
    """The Location ends in the note's id; the incident's modification date does not move."""
    remedy.sim.clock.stop(1_760_600_000)
    before = await remedy.open()
    remedy.sim.clock.shift(60)
    reply = await remedy.call("POST", WORKLOG, json=note(**{"View Access": "Public"}))
    assert (reply.status_code, reply.content) == (201, b"")
    assert reply.headers["location"].endswith("/HPD:WorkLog/WLG000002437184")
    (shown,) = await notes(remedy)
    assert (shown["Work Log ID"], shown["View Access"], shown["Submitter"]) == ("WLG000002437184", "Public", "rjr_hub")
    assert shown["Last Modified Date"] == "2025-10-16T07:34:20.000+0000"
    assert await remedy.find("") == [before]


@pytest.mark.parametrize(
    ("values", "status", "says"),
    [
        ({"Work Log Type": None}, 400, "Work Log Type"),
        ({"Incident Number": None}, 400, "Incident Number"),
        ({"Work Log Type": "Gossip"}, 400, "Gossip"),
        ({"Incident Number": "INC000000000527"}, 500, "INC000000000527"),
        ({"Text": "x"}, 400, "HPD:WorkLog, Text"),
        ({"z2AF Work Log01": "a.txt"}, 400, "z2AF Work Log01, a.txt"),
    ],
)
async def test_a_bad_note_is_refused(remedy: Caller, values: dict[str, Any], status: int, says: str) -> None:
    """Nothing is stored, and the array names the field."""
    await remedy.open()
    reply = await remedy.call("POST", WORKLOG, json=note(**values))
    assert reply.status_code == status
    assert says in reply.json()[0]["messageAppendedText"]
    assert await notes(remedy) == []


async def test_a_note_without_view_access_is_internal(remedy: Caller) -> None:
    """What is not marked public is internal."""
    await remedy.open()
    await remedy.call("POST", WORKLOG, json=note())
    assert (await notes(remedy))[0]["View Access"] == "Internal"


async def test_three_files_go_up_and_come_down(remedy: Caller) -> None:
    """Each byte survives the way up and down; names, sizes and counts are shown."""
    await remedy.open()
    data = [bytes(range(256)) * 3, b"", "naïve\r\n--x".encode()]
    files = [(f"z2AF Work Log0{at}", f"fichier é {at}.log", blob) for at, blob in enumerate(data, 1)]
    reply = await upload(remedy, *files)
    assert reply.status_code == 201, reply.text
    (shown,) = await notes(remedy)
    assert shown["Number of Attachments"] == 3
    assert shown["FileNameAttachment2"] == "fichier é 2.log"
    for name, _, blob in files:
        assert shown[name]["sizeBytes"] == len(blob)
        down = await remedy.http.get(shown[name]["href"], headers=remedy.headers)
        assert (down.status_code, down.content) == (200, blob)
    entries = remedy.sim.ledger.of("attachment", NUMBER)
    assert [e.values["sha256"] for e in entries if e.values] == [sha256(blob).hexdigest() for blob in data]


async def test_a_file_joins_an_existing_note(remedy: Caller) -> None:
    """The same form sent by PUT adds a file and answers 204; a locked note refuses it."""
    await remedy.open()
    await remedy.call("POST", WORKLOG, json=note())
    path = f"{WORKLOG}/WLG000002437184"
    assert (await remedy.call("GET", f"{path}/attach/z2AF%20Work%20Log01")).status_code == 404
    files = form({"z2AF Work Log01": "a.txt"}, ("z2AF Work Log01", "a.txt", b"abc"))
    assert (await remedy.call("PUT", path, files=files)).status_code == 204
    assert (await remedy.call("GET", f"{path}/attach/z2AF%20Work%20Log01")).content == b"abc"
    assert (await remedy.call("PUT", path, json={"values": {"Secure Work Log": "Yes"}})).status_code == 204
    assert (await remedy.call("PUT", path, json={"values": {"Detailed Description": "x"}})).status_code == 403


@pytest.mark.parametrize(
    ("values", "files"),
    [
        ({}, [("z2AF Work Log01", "a.txt", b"x")]),
        ({"z2AF Work Log01": "b.txt"}, [("z2AF Work Log01", "a.txt", b"x")]),
        ({"z2AF Work Log04": "a.txt"}, [("z2AF Work Log04", "a.txt", b"x")]),
    ],
)
async def test_entry_and_files_must_agree(remedy: Caller, values: dict[str, str], files: list[Any]) -> None:
    """A file that the entry does not name in one of three fields is refused, and no note stays behind."""
    await remedy.open()
    reply = await remedy.call("POST", WORKLOG, files=form(note(**values)["values"], *files))
    assert reply.status_code == 400
    assert await notes(remedy) == []


async def test_a_file_above_the_cap_is_refused(dial: Dial) -> None:
    """The size limit is the server's own."""
    async with dial(attachment_cap=10) as remedy:
        await remedy.open()
        assert (await upload(remedy, ("z2AF Work Log01", "a", b"x" * 11))).status_code == 413
        assert (await upload(remedy, ("z2AF Work Log01", "a", b"x" * 10))).status_code == 201


async def test_a_create_may_bring_its_first_note(remedy: Caller) -> None:
    """The z1D fields and the file of a create become a note; on modify too."""
    await remedy.open(z1D_Details="first", z1D_Activity_Type="Vendor Communication", z1D_View_Access="Public")
    await remedy.put("INC000000000527", **{"z1D Action": "MODIFY", "z1D_Details": "second"})
    first, second = await notes(remedy)
    assert (first["Detailed Description"], first["Work Log Type"]) == ("first", "Vendor Communication")
    assert (second["Detailed Description"], second["View Access"]) == ("second", "Internal")


async def test_the_engineer_asks_and_answers(remedy: Caller) -> None:
    """A question makes the incident Pending on the client; internal notes are readable, and marked."""
    shown = await remedy.open()
    engineer = remedy.sim.engineer
    engineer.auto_reply("RJR-1")
    engineer.ask("RJR-1", "Which version?")
    engineer.internal_note(NUMBER, "smells like NW-7731")
    engineer.attach(NUMBER, "fix.zip", b"PK")
    (after,) = await remedy.find("'Status' = \"Pending\"")
    assert (after["Status_Reason"], after["Entry ID"]) == ("Client Action Required", shown["Entry ID"])
    summaries = [(n["Submitter"], n["View Access"], n["Number of Attachments"]) for n in await notes(remedy)]
    me = engineer.login
    assert summaries == [("AR_ESCALATOR", "Public", 0), (me, "Public", 0), (me, "Internal", 0), (me, "Public", 1)]


async def test_the_engineer_carries_an_incident_to_its_end(remedy: Caller) -> None:
    """Take, raise, reassign, resolve, reopen, resolve, close and delete show on the incident."""
    await remedy.open()
    engineer = remedy.sim.engineer
    engineer.take("RJR-1")
    engineer.set_severity("RJR-1", 1)
    engineer.reassign("RJR-1", "L3 Engineering", "Ravi Menon")
    (shown,) = await remedy.find("'Status' = \"In Progress\"")
    assert (shown["Priority"], shown["Assigned Group"], shown["Total Transfers"]) == ("Critical", "L3 Engineering", 1)
    engineer.resolve("RJR-1", "Patched to 4.2.1")
    engineer.reopen("RJR-1")
    engineer.resolve("RJR-1", "Patched to 4.2.2")
    engineer.close("RJR-1")
    (shown,) = await remedy.find("'Status' = \"Closed\"")
    assert (shown["Resolution"], shown["Last Modified By"]) == ("Patched to 4.2.2", engineer.login)
    with pytest.raises(ValueError, match="no longer be modified"):
        engineer.take("RJR-1")
    engineer.delete("RJR-1")
    assert (await remedy.call("GET", f"{INTERFACE}/INC000000000527")).status_code == 404
    with pytest.raises(LookupError, match="no incident RJR-1"):
        engineer.answer("RJR-1", "x")


async def test_a_server_may_acknowledge_by_itself(dial: Dial) -> None:
    """With the option on, every new incident gets the canned note."""
    async with dial(auto_acknowledge=True) as remedy:
        await remedy.open()
        (shown,) = await notes(remedy)
        assert shown["Detailed Description"].startswith("This is an automatic reply.")
