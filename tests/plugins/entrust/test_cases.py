"""Cases, comments and files at TrustedCare, seen from both sides."""

from __future__ import annotations

import hashlib
from contextlib import aclosing

import pytest

from hub.errors import CaseMissing, CaseRefused, FieldRefused, LoginRefused, NotPermitted, TryLater, VendorMisbehaved
from hub.model import Attachment, CaseChanges, CaseDraft, CaseReference, CaseStatus, Comment, Severity
from hub.simulators.kit import serve
from plugins.entrust import plugin as entrust

from .conftest import make, open_account

DRAFT = CaseDraft(
    key="RJR-000042-7F3KQ",
    title="Push notifications fail",
    description="SSM 13.0 on Windows 2022.",
    severity=Severity.S1,
    ticket_number="RJR-000042",
    product="Identity Enterprise",
)
LONG = "".join(f"Ligne {n} : é à ü 漢字 done.\n" for n in range(400)).strip()


async def _bytes(data):
    for at in range(0, len(data), 1000):
        yield data[at : at + 1000]


async def _fetched(account, reference, attachment):
    async with aclosing(entrust.hub_fetch_attachment(account, reference, attachment)) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_a_case_is_opened_with_its_key(account, sim):
    """The vendor stores title, priority, product and key; the hub reads back the same severity and key."""
    case = await entrust.hub_open_case(account, DRAFT)
    [entry] = sim.ledger.of("case")
    assert (entry.id, entry.key) == (case.reference.number, DRAFT.key)
    assert entry.values["Priority"] == "High"
    assert entry.values["IsEscalated"] is True
    assert entry.values["Product__c"] == "Identity Enterprise"
    assert (case.key, case.severity, case.status) == (DRAFT.key, Severity.S1, CaseStatus.OPEN)
    assert await entrust.hub_find_case(account, DRAFT.key) == case
    assert await entrust.hub_find_case(account, "RJR-000042") is None


async def test_opening_again_makes_no_second_case(account, sim):
    """An upsert with a key that is there gives the same case, and leaves its status alone."""
    first = await entrust.hub_open_case(account, DRAFT)
    sim.engineer.take(first.reference.number)
    again = await entrust.hub_open_case(account, DRAFT)
    assert again.reference == first.reference
    assert again.status is CaseStatus.IN_PROGRESS
    assert len(sim.ledger.of("case")) == 1


async def test_a_lost_race_ends_with_the_case(account, sim):
    """DUPLICATE_VALUE means that the case exists: it is looked for, and found."""
    first = await entrust.hub_open_case(account, DRAFT)
    sim.faults.add("duplicate_race", operation="create", times=1)
    assert (await entrust.hub_open_case(account, DRAFT)).reference == first.reference


@pytest.mark.parametrize("public", [True, False])
async def test_a_comment_goes_with_its_key(account, sim, public):
    """A comment is published or not as it says, and comes back with its key and exact text."""
    case = await entrust.hub_open_case(account, DRAFT)
    comment = Comment(body="C'est \\ 'fait' — 漢字\nligne 2", public=public, key=f"{DRAFT.key}/3-X2QF")
    added = await entrust.hub_add_comment(account, case.reference, comment)
    [entry] = sim.ledger.of("note", case.reference.number)
    assert (entry.id, entry.public) == (added.reference, public)
    [told] = (await entrust.hub_read_case(account, case.reference)).comments
    assert (told.body, told.key, told.public) == (comment.body, comment.key, public)


async def test_a_long_comment_is_sent_in_parts_and_joined_again(account, sim):
    """No part has more than 4,000 bytes, each carries the key, and together they are the text."""
    case = await entrust.hub_open_case(account, DRAFT)
    added = await entrust.hub_add_comment(account, case.reference, Comment(body=LONG, key=f"{DRAFT.key}/4-X2QF"))
    notes = sim.ledger.of("note", case.reference.number)
    assert len(notes) > 2
    assert all(len(note.text.encode()) <= 4000 and note.text.endswith(f"[{DRAFT.key}/4-X2QF]") for note in notes)
    [told] = (await entrust.hub_read_case(account, case.reference)).comments
    assert (told.body, told.reference) == (LONG, added.reference)


async def test_a_long_comment_cut_short_is_led_on(account, sim):
    """After a failure at its second part the text is not told; the repeat stores only what is missing."""
    case = await entrust.hub_open_case(account, DRAFT)
    sim.faults.add("validation_rule", operation="note", method="POST", nth=2)
    comment = Comment(body=LONG, key=f"{DRAFT.key}/4-X2QF")
    with pytest.raises(CaseRefused):
        await entrust.hub_add_comment(account, case.reference, comment)
    assert (await entrust.hub_read_case(account, case.reference)).comments == ()
    await entrust.hub_add_comment(account, case.reference, comment)
    texts = [note.text for note in sim.ledger.of("note")]
    assert len(texts) == len(set(texts))
    [told] = (await entrust.hub_read_case(account, case.reference)).comments
    assert told.body == LONG


@pytest.mark.parametrize("public", [True, False])
async def test_a_file_goes_up_and_comes_down(account, sim, public):
    """The bytes arrive unchanged, with name, key and visibility, and are fetched as they were."""
    case = await entrust.hub_open_case(account, DRAFT)
    data = bytes(range(256)) * 40 + b"\r\n--x"
    given = Attachment(name="log.tar.gz", size=len(data), key=f"{DRAFT.key}/5-X2QF", public=public)
    await entrust.hub_add_attachment(account, case.reference, given, _bytes(data))
    [entry] = sim.ledger.of("attachment", case.reference.number)
    assert entry.values == {"name": "log.tar.gz", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    [told] = (await entrust.hub_read_case(account, case.reference)).attachments
    assert (told.name, told.size, told.key, told.public) == ("log.tar.gz", len(data), given.key, public)
    assert await _fetched(account, case.reference, told) == data


async def test_a_file_of_the_vendor_is_fetched(account, sim):
    """A file that the engineer adds is listed as public, and fetched whole."""
    case = await entrust.hub_open_case(account, DRAFT)
    sim.engineer.attach(case.reference.number, "fix.zip", b"PK\3\4")
    [told] = (await entrust.hub_read_case(account, case.reference)).attachments
    assert (told.name, told.public) == ("fix.zip", True)
    assert await _fetched(account, case.reference, told) == b"PK\3\4"


async def test_question_and_answer(account, sim):
    """A question makes the case wait on us; taking it up again is written as the vendor's word."""
    case = await entrust.hub_open_case(account, DRAFT)
    sim.engineer.ask(case.reference.number, "Which build?")
    asked = await entrust.hub_read_case(account, case.reference)
    assert asked.status is CaseStatus.WAITING_ON_US
    assert [(one.body, one.public) for one in asked.comments] == [("Which build?", True)]
    await entrust.hub_change_case(account, case.reference, CaseChanges(status=CaseStatus.IN_PROGRESS))
    assert sim.ledger.of("change")[-1].values["Status"] == "Working"


async def test_closing_and_reopening(account, sim):
    """Closing writes the status that closes and the resolution as one published comment; reopening undoes it."""
    case = await entrust.hub_open_case(account, DRAFT)
    changes = CaseChanges(status=CaseStatus.CLOSED, resolution="Root imported.", key=f"{DRAFT.key}/6-X2QF")
    await entrust.hub_change_case(account, case.reference, changes)
    await entrust.hub_change_case(account, case.reference, changes)
    assert sim.state.case(DRAFT.key).values["IsClosed"] is True
    assert [note.public for note in sim.ledger.of("note")] == [True]
    assert len([one for one in sim.ledger.of("change") if "Status" in one.values]) == 1
    await entrust.hub_change_case(account, case.reference, CaseChanges(status=CaseStatus.OPEN))
    assert (await entrust.hub_read_case(account, case.reference)).status is CaseStatus.OPEN


async def test_severity_is_told_apart_by_the_flag(account, sim):
    """Severity 1 and 2 share a priority; IsEscalated tells which it is, both ways."""
    case = await entrust.hub_open_case(account, DRAFT)
    await entrust.hub_change_case(account, case.reference, CaseChanges(severity=Severity.S2))
    assert sim.ledger.of("change")[-1].values == {"Priority": "High", "IsEscalated": False}
    assert (await entrust.hub_read_case(account, case.reference)).severity is Severity.S2


async def test_a_case_that_is_over_stays_as_it_is(account, sim):
    """A closed case is not closed again, nor turned into a cancelled one."""
    case = await entrust.hub_open_case(account, DRAFT)
    sim.engineer.close(case.reference.number)
    before = len(sim.ledger.of("change"))
    for status in (CaseStatus.CLOSED, CaseStatus.CANCELLED):
        await entrust.hub_change_case(account, case.reference, CaseChanges(status=status))
    assert len(sim.ledger.of("change")) == before


async def test_a_solution_of_the_vendor_resolves(account, sim):
    """The engineer's solution comes as a public comment and the status that means resolved."""
    case = await entrust.hub_open_case(account, DRAFT)
    sim.engineer.resolve(case.reference.number, "Import the root.")
    told = await entrust.hub_read_case(account, case.reference)
    assert told.status is CaseStatus.RESOLVED
    assert [(one.body, one.public) for one in told.comments] == [("Import the root.", True)]
    sim.engineer.reopen(case.reference.number)
    assert (await entrust.hub_read_case(account, case.reference)).status is CaseStatus.IN_PROGRESS


async def test_a_status_without_a_word_is_refused(org):
    """Where the org has no word for a status, nothing leaves, and the field is named."""
    async with open_account(org, status_words={}) as account:
        case = await entrust.hub_open_case(account, DRAFT)
        with pytest.raises(FieldRefused) as caught:
            await entrust.hub_change_case(account, case.reference, CaseChanges(status=CaseStatus.RESOLVED))
        assert caught.value.field == "status"


@pytest.mark.parametrize("kind", ["several_matches", "entity_deleted", "bare_404"])
async def test_an_opening_that_fails_for_good_says_so(account, sim, kind):
    """A refusal that is no race is raised, and no case is stored."""
    sim.faults.add(kind, operation="create")
    with pytest.raises((CaseRefused, VendorMisbehaved)):
        await entrust.hub_open_case(account, DRAFT)
    assert sim.ledger.of("case") == []


@pytest.mark.parametrize("kind", ["row_lock", "request_limit", "not_acceptable", "status_420"])
async def test_an_opening_that_fails_for_now_is_tried_later(account, sim, kind):
    """A locked row, a spent limit and statuses without a reason are no refusals of the case."""
    sim.faults.add(kind, operation="create")
    with pytest.raises(TryLater):
        await entrust.hub_open_case(account, DRAFT)
    assert sim.ledger.of("case") == []


async def test_nothing_is_written_where_nothing_differs(account, sim):
    """Changes that the case has already are not written."""
    case = await entrust.hub_open_case(account, DRAFT)
    changes = CaseChanges(severity=Severity.S1, title=DRAFT.title, status=CaseStatus.OPEN)
    await entrust.hub_change_case(account, case.reference, changes)
    assert sim.ledger.of("change") == []


async def test_a_rule_of_the_vendor_blocks_closing():
    """A validation rule's refusal names the field and goes to the ticket's owner."""
    async with serve(make(closing_needs="Reason")) as served, open_account(served) as account:
        case = await entrust.hub_open_case(account, DRAFT)
        with pytest.raises(FieldRefused) as caught:
            await entrust.hub_change_case(account, case.reference, CaseChanges(status=CaseStatus.CLOSED))
        assert caught.value.field == "Reason"


async def test_a_deleted_case_is_missing(account, sim):
    """A case in the vendor's bin can't be read, nor found by its key."""
    case = await entrust.hub_open_case(account, DRAFT)
    sim.engineer.delete(case.reference.number)
    with pytest.raises(CaseMissing):
        await entrust.hub_read_case(account, case.reference)
    assert await entrust.hub_find_case(account, DRAFT.key) is None
    with pytest.raises(CaseMissing):
        await entrust.hub_read_case(account, CaseReference(number="x", id="' OR Id != '"))


async def test_an_ended_session_is_renewed_once(account, sim):
    """401 INVALID_SESSION_ID leads to one new login, and the call succeeds."""
    case = await entrust.hub_open_case(account, DRAFT)
    sim.expire_logins()
    assert (await entrust.hub_read_case(account, case.reference)).key == DRAFT.key
    assert sim.ledger.requests["POST login"] == 2


@pytest.mark.parametrize("kind", ["other_instance", "no_instance"])
async def test_a_login_for_another_host_is_refused(account, sim, kind):
    """A token whose instance_url is not base_url's origin, or missing, is never used."""
    sim.faults.add(kind, operation="login")
    with pytest.raises(VendorMisbehaved) as caught:
        await entrust.hub_find_case(account, "RJR-1-A")
    assert "host" in caught.value.message or "instance_url" in caught.value.message
    assert sim.ledger.requests.total() == sim.ledger.requests["POST login"]


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"login_host": "https://test.salesforce.com"}, "login_host"),
        ({"consumer_key": "other"}, "consumer_key"),
        ({"username": "stranger@rjr.example"}, "pre-authorise"),
        ({"token_flow": "client_credentials", "consumer_secret": "wrong"}, "consumer_secret"),
    ],
)
async def test_a_refused_login_says_what_to_do(org, changes, step):
    """Each refusal of the token endpoint names the setting or the step that mends it."""
    async with open_account(org, **changes) as account:
        with pytest.raises(LoginRefused) as caught:
            await entrust.hub_find_case(account, "RJR-1-A")
        assert step in caught.value.next_step


async def test_client_credentials_log_in(org):
    """The app's secret opens a session too."""
    flow = {"token_flow": "client_credentials", "consumer_secret": "example-consumer-secret"}
    async with open_account(org, **flow) as account:
        assert await entrust.hub_find_case(account, "RJR-1-A") is None


async def test_a_missing_key_field_is_never_an_absent_case(org):
    """Where the org has no such field, looking for a key stops the account instead of finding nothing."""
    async with open_account(org, external_id_field="Nowhere__c") as account:
        with pytest.raises(NotPermitted):
            await entrust.hub_find_case(account, "RJR-1-A")
        findings = {one.name: one.ok for one in await entrust.hub_check_account(account)}
        assert findings["key"] is False
        assert findings["cases"] is True


async def test_the_account_check_is_content(account):
    """All that the check looks at is there."""
    findings = await entrust.hub_check_account(account)
    assert [one for one in findings if not one.ok] == []
    assert len(findings) == 7
