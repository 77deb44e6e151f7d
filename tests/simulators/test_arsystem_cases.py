"""Incidents: the shapes of a create's reply, three identifiers, priority and status rules."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import pytest

from hub.simulators.arsystem import Person, Seeds

from .conftest import CREATE, INTERFACE, Caller, Dial, case


async def test_create_without_fields_is_a_201_with_a_location(remedy: Caller) -> None:
    """The body is empty, and the Location leads to the create form's row."""
    reply = await remedy.create()
    assert (reply.status_code, reply.content) == (201, b"")
    path = urlsplit(reply.headers["location"]).path
    assert path == f"/api/arsys/v1/entry/{CREATE}/000000000000179"
    values = (await remedy.http.get(path, headers=remedy.headers)).json()["values"]
    assert values["Incident Number"] == "INC000000000430"
    assert values["First_Name"] == "RjR"


@pytest.mark.parametrize("fields", ["values()", "values( )"])
async def test_an_empty_field_list_counts_as_none(remedy: Caller, fields: str) -> None:
    """`fields=values()` gets the empty reply."""
    assert (await remedy.create(params={"fields": fields})).content == b""


async def test_create_with_fields_answers_them(remedy: Caller) -> None:
    """The fields asked for come back in an entry without an `entries` wrapper."""
    reply = await remedy.create(params={"fields": "values(Incident Number, Incident_Entry_ID,Create Date)"})
    assert reply.status_code == 201
    values = reply.json()["values"]
    assert list(values) == ["Incident Number", "Incident_Entry_ID", "Create Date"]
    assert values["Create Date"].endswith(".000+0000")
    assert reply.json()["_links"]["self"][0]["href"] == reply.headers["location"]


async def test_some_servers_never_answer_a_body(dial: Dial) -> None:
    """Newer servers answer 201 empty, display-only forms 204, whatever was asked."""
    params = {"fields": "values(Incident Number)"}
    async with dial(create_reply="empty") as remedy:
        reply = await remedy.create(params=params)
        assert (reply.status_code, reply.content) == (201, b"")
        assert "location" in reply.headers
    async with dial(create_reply="none") as remedy:
        reply = await remedy.create(params=params)
        assert reply.status_code == 204
        assert "location" not in reply.headers
        assert len(remedy.sim.ledger.of("case")) == 1


async def test_a_reply_may_leave_a_field_out_and_name_an_inner_host(dial: Dial) -> None:
    """A requested field may be missing, the self link may end at the form, and hosts may be internal."""
    async with dial(
        left_out_of_create=("Incident_Entry_ID",),
        self_link_has_id=False,
        internal_host="https://ar01.corp.internal:8443",
    ) as remedy:
        reply = await remedy.create(params={"fields": "values(Incident Number,Incident_Entry_ID)"})
        assert list(reply.json()["values"]) == ["Incident Number"]
        assert reply.json()["_links"]["self"][0]["href"].endswith(CREATE)
        assert reply.headers["location"].startswith("https://ar01.corp.internal:8443/api/arsys/v1/entry/")


async def test_an_incident_has_three_identifiers(remedy: Caller) -> None:
    """Number, interface entry id and create entry id differ; only the entry id leads to the interface's row."""
    shown = await remedy.open()
    entry, number = shown["Entry ID"], shown["Incident Number"]
    assert shown["Request ID"] == f"{entry}|{entry}"
    interface_entry = await remedy.call("GET", f"{INTERFACE}/{entry}")
    assert interface_entry.json()["values"] == shown
    assert interface_entry.json()["_links"]["self"][0]["href"].endswith(f"{INTERFACE}/{entry}")
    joined = await remedy.call("GET", f"{INTERFACE}/{entry}%7C{entry}")
    assert joined.json()["values"] == shown
    for wrong in (number, "000000000000179"):
        reply = await remedy.call("GET", f"{INTERFACE}/{wrong}")
        assert reply.status_code == 404
        assert reply.json()[0]["messageNumber"] == 302
        assert reply.json()[0]["messageAppendedText"] == f"{INTERFACE}, {wrong}"


async def test_field_names_differ_between_the_forms(remedy: Caller) -> None:
    """Underscores on the create form, blanks on the interface form; the typo is in both."""
    shown = await remedy.open()
    assert (shown["First Name"], shown["Detailed Decription"]) == ("RjR", "since 09:12 UTC")
    assert "First_Name" not in shown
    reply = await remedy.put(shown["Entry ID"], First_Name="X")
    assert (reply.status_code, reply.json()[0]["messageNumber"]) == (400, 8962)


@pytest.mark.parametrize(
    ("values", "status", "number", "says"),
    [
        ({"Detailed_Description": "x"}, 400, 8962, "Detailed_Description"),
        ({"Description": None}, 400, 307, "Description"),
        ({"Impact": None, "Status": None}, 400, 307, "Impact, Status"),
        ({"Impact": "Huge"}, 400, 306, "Impact, Huge"),
        ({"Impact": 17}, 400, 306, "Impact, 17"),
        ({"Description": ["x"]}, 400, 306, "Description"),
        ({"Incident Number": "INC1"}, 400, 8985, "Incident Number"),
        ({"Last_Name": "Nobody"}, 500, 44897, "0 records have been found for the Incident contact information"),
        ({"Status": "Pending"}, 500, 1291109, "Status_Reason is required for Pending"),
        ({"Status": "In Progress"}, 500, 1291109, "assignee"),
        ({"Status": "Closed"}, 500, 1291109, "new incident can not be Closed"),
    ],
)
async def test_a_bad_create_stores_nothing(
    remedy: Caller, values: dict[str, Any], status: int, number: int, says: str
) -> None:
    """Each refusal is an array that names the fault, and no incident exists afterwards."""
    reply = await remedy.create(**values)
    assert (reply.status_code, reply.json()[0]["messageNumber"]) == (status, number)
    assert says in reply.json()[0]["messageAppendedText"]
    assert remedy.sim.ledger.entries == []
    assert await remedy.find("") == []


async def test_an_ambiguous_contact_is_refused(dial: Dial) -> None:
    """Two people with the same name are distinguished by login id."""
    twins = tuple(Person(first_name="Sam", last_name="Lee", login_id=login, company="RjR") for login in ("a", "b"))
    async with dial(seeds=Seeds(people=twins)) as remedy:
        reply = await remedy.create(First_Name="Sam", Last_Name="Lee", Login_ID=None)
        assert "2 records have been found" in reply.json()[0]["messageAppendedText"]
        assert (await remedy.create(First_Name="Sam", Last_Name="Lee", Login_ID="b")).status_code == 201


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"values": 3}', b'{"values":{"Description":"\xff"}}'])
async def test_a_body_that_is_no_entry_is_a_400(remedy: Caller, body: bytes) -> None:
    """Malformed bodies get the error array too."""
    reply = await remedy.call("POST", CREATE, content=body)
    assert (reply.status_code, reply.json()[0]["messageType"]) == (400, "ERROR")


async def test_enumerations_take_numbers_and_answer_labels(remedy: Caller) -> None:
    """A number is stored as its label."""
    shown = await remedy.open(Impact=1000, Urgency="1000", Status=1)
    assert (shown["Impact"], shown["Urgency"], shown["Status"]) == ("1-Extensive/Widespread", "1-Critical", "Assigned")


@pytest.mark.parametrize(
    ("impact", "urgency", "priority", "weight"),
    [
        (1000, 1000, "Critical", 29),
        (2000, 1000, "Critical", 25),
        (2000, 2000, "High", 20),
        (3000, 3000, "Medium", 13),
        (4000, 4000, "Low", 1),
    ],
)
async def test_priority_is_computed(remedy: Caller, impact: int, urgency: int, priority: str, weight: int) -> None:
    """Weights of impact and urgency add up; a priority that is sent is ignored."""
    shown = await remedy.open(Impact=impact, Urgency=urgency, Priority="Low" if priority != "Low" else "High")
    assert (shown["Priority"], shown["Priority Weight"]) == (priority, weight)
    assert (await remedy.put(shown["Entry ID"], Impact="4-Minor/Localized", Urgency="4-Low")).status_code == 204
    assert (await remedy.find("'Priority' = \"Low\""))[0]["Priority Weight"] == 1


async def test_put_changes_only_what_is_sent(remedy: Caller) -> None:
    """Other fields stay, an explicit null empties, and the modification date moves."""
    remedy.sim.clock.stop(1_760_600_000)
    shown = await remedy.open()
    remedy.sim.clock.shift(61.9)
    reply = await remedy.put(shown["Entry ID"], **{"Description": "new", "Detailed Decription": None})
    assert (reply.status_code, reply.content) == (204, b"")
    (after,) = await remedy.find("'Status' = 1")
    changed = {name for name in after if after[name] != shown[name]}
    assert changed == {"Description", "Detailed Decription", "Last Modified Date"}
    assert after["Last Modified Date"] == "2025-10-16T07:34:21.000+0000"


@pytest.mark.parametrize(
    ("before", "change", "says"),
    [
        ({}, {"Status": "In Progress"}, "assignee"),
        ({}, {"Status": "Pending"}, "Status_Reason is required"),
        ({}, {"Status": "Pending", "Status_Reason": "No Further Action Required"}, "does not go with Pending"),
        ({}, {"Status": "Resolved", "Status_Reason": "No Further Action Required"}, "Resolution is required"),
        ({}, {"Status": "Resolved", "Resolution": "done"}, "Status_Reason is required"),
        ({}, {"Status": "Closed"}, "may not go from Assigned to Closed"),
    ],
)
async def test_a_status_rule_refuses(remedy: Caller, before: dict[str, Any], change: dict[str, Any], says: str) -> None:
    """The workflow answers 500 with the rule, and the incident stays as it was."""
    shown = await remedy.open(**before)
    reply = await remedy.put(shown["Entry ID"], **change)
    assert reply.status_code == 500
    assert says in reply.json()[0]["messageAppendedText"]
    assert (await remedy.find("'Status' >= 0")) == [shown]


async def test_an_incident_lives_from_assigned_to_closed(remedy: Caller) -> None:
    """Resolve, reopen, resolve and close pass; then nothing may change any more."""
    entry = (await remedy.open())["Entry ID"]
    resolved = {"Status": "Resolved", "Status_Reason": "No Further Action Required", "Resolution": "4.2.1"}
    steps: list[dict[str, Any]] = [
        resolved,
        {"Status": "In Progress", "Assignee": "Dana"},
        {"Status": "Pending", "Status_Reason": "Supplier Delivery"},
        resolved,
        {"Status": "Closed"},
    ]
    for step in steps:
        reply = await remedy.put(entry, **step)
        assert reply.status_code == 204, reply.text
    (after,) = await remedy.find("'Status' = \"Closed\"")
    assert after["Status_Reason"] is None
    assert set(after["Status-History"]) == {"Assigned", "In Progress", "Pending", "Resolved", "Closed"}
    assert after["Closed Date"] is not None
    reply = await remedy.put(entry, Description="again")
    assert "can no longer be modified" in reply.json()[0]["messageAppendedText"]


async def test_only_the_base_form_deletes(remedy: Caller) -> None:
    """Deleting goes through HPD:Help Desk; afterwards the incident is a 404 and no search finds it."""
    entry = (await remedy.open())["Entry ID"]
    assert (await remedy.call("DELETE", f"{INTERFACE}/{entry}")).status_code == 403
    assert (await remedy.call("DELETE", f"HPD:Help%20Desk/{entry}?options=FORCE")).status_code == 204
    assert (await remedy.call("GET", f"{INTERFACE}/{entry}")).status_code == 404
    assert await remedy.find("'Vendor Ticket Number' = \"RJR-1\"") == []
    assert remedy.sim.ledger.of("delete")[0].parent == "INC000000000430"


async def test_a_vendor_ticket_number_is_not_unique_and_may_be_lost(dial: Dial) -> None:
    """Nothing stops a second incident with the same key; and some servers do not carry the key over."""
    async with dial() as remedy:
        await remedy.open()
        await remedy.open()
        assert len(await remedy.find("'Vendor Ticket Number' = \"RJR-1\"")) == 2
    async with dial(carry_vendor_ticket=False) as remedy:
        await remedy.create()
        assert await remedy.find("'Vendor Ticket Number' = \"RJR-1\"") == []
        assert len(await remedy.find("")) == 1


async def test_a_customer_may_relabel(dial: Dial) -> None:
    """Labels are the customer's own: answered, accepted, and the default ones refused."""
    async with dial(relabel={"Status": {"Assigned": "Affecté"}}) as remedy:
        shown = await remedy.open(Status="Affecté")
        assert (shown["Status"], list(shown["Status-History"])) == ("Affecté", ["Affecté"])
        assert (await remedy.create("RJR-2", Status="Assigned")).status_code == 400


async def test_the_ledger_holds_key_and_digest_of_each_write(remedy: Caller) -> None:
    """A case is on the ledger with its key and the SHA-256 of the body that made it."""
    reply = await remedy.create(json_body := "RJR-9")
    (entry,) = remedy.sim.ledger.entries
    assert (entry.kind, entry.id, entry.key, entry.by) == ("case", "INC000000000430", json_body, "rjr_hub")
    assert entry.sha256 == sha256(reply.request.content).hexdigest()
    assert entry.values is not None
    assert entry.values["Impact"] == case()["Impact"]


async def test_a_lean_ledger_keeps_no_values(dial: Dial) -> None:
    """Lean keeps key and digest and drops the text."""
    async with dial(lean_ledger=True) as remedy:
        await remedy.create()
        (entry,) = remedy.sim.ledger.entries
        assert (entry.key, entry.values, len(entry.sha256 or "")) == ("RJR-1", None, 64)


async def test_the_schema_names_the_fields(remedy: Caller) -> None:
    """OPTIONS lists each field with id, need and labels."""
    fields = {f["name"]: f for f in (await remedy.call("OPTIONS", CREATE)).json()["fields"]}
    assert fields["Impact"]["required"]
    assert fields["Status"]["values"][0] == "New"
    assert fields["Incident Number"]["id"] == 1000000161


async def test_paths_that_lead_nowhere(remedy: Caller) -> None:
    """Unknown forms are 404, wrong methods 405, forbidden ones 403; v1.0 is the same API as v1."""
    assert (await remedy.call("GET", "HPD:Nothing")).json()[0]["messageNumber"] == 303
    assert (await remedy.call("PATCH", INTERFACE)).status_code == 405
    assert (await remedy.call("POST", "CTM:People", json={"values": {}})).status_code == 403
    reply = await remedy.http.get("/api/arsys/v1.0/entry/CTM:Support%20Group", headers=remedy.headers)
    assert reply.json()["entries"][0]["values"]["Support Group Name"] == "L2 Platform"


async def test_a_bad_field_list_is_refused_before_anything_is_stored(remedy: Caller) -> None:
    """A create that asks for an unknown field leaves no incident behind."""
    reply = await remedy.create(params={"fields": "values(First Name)"})
    assert (reply.status_code, reply.json()[0]["messageNumber"]) == (400, 8962)
    assert remedy.sim.ledger.entries == []
