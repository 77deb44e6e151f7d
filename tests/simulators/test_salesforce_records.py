"""What the simulated org stores and refuses, and what its faults do."""

from __future__ import annotations

import base64
import json

import pytest

from .test_salesforce_query import ROOT, org

__all__ = ["org"]
KEYED = f"{ROOT}/sobjects/Case/RjR_Ticket_Id__c"


async def _case(org):
    return (await org.http.post(f"{ROOT}/sobjects/Case", json={"Subject": "x"})).json()["id"]


async def test_upsert_creates_then_updates(org):
    """The first answers 201 and created, the second 200 and not; there is one case."""
    first = await org.http.patch(f"{KEYED}/K%2F1", json={"Subject": "a"})
    second = await org.http.patch(f"{KEYED}/K%2F1", json={"Subject": "b"})
    assert [(reply.status_code, reply.json()["created"]) for reply in (first, second)] == [(201, True), (200, False)]
    assert first.json()["id"] == second.json()["id"]
    [case] = org.sim.ledger.of("case")
    assert case.key == "K/1"


async def test_a_key_is_unique(org):
    """A second case with a key is refused as a duplicate; update only creates nothing."""
    fields = {"Subject": "a", "RjR_Ticket_Id__c": "K-1"}
    assert (await org.http.post(f"{ROOT}/sobjects/Case", json=fields)).status_code == 201
    reply = await org.http.post(f"{ROOT}/sobjects/Case", json=fields)
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "DUPLICATE_VALUE")
    assert (await org.http.patch(f"{KEYED}/K-2?updateOnly=true", json={})).status_code == 404


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Nothing__c": "x"}, "INVALID_FIELD"),
        ({"CaseNumber": "1"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Subject": "x" * 256}, "STRING_TOO_LONG"),
        ({"Status": "Nowhere"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"IsEscalated": "yes"}, "JSON_PARSER_ERROR"),
    ],
)
async def test_a_wrong_field_is_refused(org, values, code):
    """Unknown, locked, long, unlisted and ill-typed values are refused, and nothing is stored."""
    reply = await org.http.post(f"{ROOT}/sobjects/Case", json=values)
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, code)
    assert org.sim.ledger.entries == []


async def test_a_comment_counts_bytes(org):
    """4,000 bytes fit in a comment, 4,001 do not, however few characters they are."""
    case = await _case(org)
    for text, status in (("é" * 2000, 201), ("é" * 2000 + "x", 400)):
        values = {"ParentId": case, "CommentBody": text}
        assert (await org.http.post(f"{ROOT}/sobjects/CaseComment", json=values)).status_code == status
    assert [note.public for note in org.sim.ledger.of("note")] == [False]


async def test_files_come_as_json_and_as_parts(org):
    """Both ways of uploading store the same bytes, which come back as they were; their link is internal."""
    case, data = await _case(org), bytes(range(256))
    about = {"Title": "a", "PathOnClient": "a.bin", "FirstPublishLocationId": case}
    packed = {**about, "VersionData": base64.b64encode(data).decode()}
    parts = {
        "entity_content": (None, json.dumps(about), "application/json"),
        "VersionData": ("a.bin", data, "application/octet-stream"),
    }
    url = f"{ROOT}/sobjects/ContentVersion"
    for reply in (await org.http.post(url, json=packed), await org.http.post(url, files=parts)):
        assert reply.status_code == 201
        assert (await org.http.get(f"{url}/{reply.json()['id']}/VersionData")).content == data
    links = await org.query(
        f"SELECT Visibility, ContentDocument.Title FROM ContentDocumentLink WHERE LinkedEntityId = '{case}'"
    )
    assert [row["Visibility"] for row in links["records"]] == ["InternalUsers", "InternalUsers"]


async def test_closing_sets_what_follows_from_it(org):
    """IsClosed and ClosedDate follow the status, both ways."""
    case = await _case(org)
    url = f"{ROOT}/sobjects/Case/{case}"
    assert (await org.http.patch(url, json={"Status": "Closed"})).status_code == 204
    record = (await org.http.get(url, params={"fields": "IsClosed,ClosedDate"})).json()
    assert record["IsClosed"] is True
    assert record["ClosedDate"].endswith(".000+0000")
    await org.http.patch(url, json={"Status": "New"})
    assert (await org.http.get(url)).json()["ClosedDate"] is None


async def test_an_article_keeps_its_id_over_versions(org):
    """A revision has a new Id, the next version number and the same KnowledgeArticleId."""
    reference = org.sim.engineer.publish("T", "<p>b</p>")
    select = "SELECT Id, KnowledgeArticleId, VersionNumber FROM Knowledge__kav WHERE PublishStatus = 'Online'"
    before = (await org.query(f"{select} AND Title = 'T'"))["records"][0]
    org.sim.engineer.revise(reference, title="U")
    after = (await org.query(f"{select} AND Title = 'U'"))["records"][0]
    assert before["Id"] != after["Id"]
    assert before["KnowledgeArticleId"] == after["KnowledgeArticleId"] == reference
    assert after["VersionNumber"] == 2


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("request_limit", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("no_access", 403, "INSUFFICIENT_ACCESS"),
        ("api_disabled", 403, "API_DISABLED_FOR_ORG"),
        ("row_lock", 400, "UNABLE_TO_LOCK_ROW"),
        ("query_timeout", 400, "QUERY_TIMEOUT"),
        ("locator_gone", 400, "INVALID_QUERY_LOCATOR"),
        ("duplicate_race", 400, "DUPLICATE_VALUE"),
        ("validation_rule", 400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ("entity_deleted", 404, "ENTITY_IS_DELETED"),
        ("missing_record", 404, "NOT_FOUND"),
        ("server_unavailable", 503, "SERVER_UNAVAILABLE"),
        ("http_500", 500, "UNKNOWN_EXCEPTION"),
        ("session_dropped", 401, "INVALID_SESSION_ID"),
    ],
)
async def test_a_fault_speaks_as_salesforce_does(org, kind, status, code):
    """Each refusal of the platform has its status and its code in an array."""
    org.sim.faults.add(kind)
    reply = await org.http.get(f"{ROOT}/limits")
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (status, code)


async def test_there_are_enough_kinds_of_fault(org):
    """The org has its own faults beside those that every simulated vendor has."""
    assert len(org.sim.faults.kinds) >= 45


async def test_a_reset_forgets_all_but_the_seeds(org):
    """After a reset there are no cases and no sessions, and the seeds' article is there."""
    await _case(org)
    org.sim.reset()
    assert (await org.http.get(f"{ROOT}/limits")).status_code == 401
    assert len(org.sim.state.tables["case"]) == 0
    assert len(org.sim.state.tables["knowledge__kav"]) == 1
