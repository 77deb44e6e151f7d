"""The plugin against the simulated vendor, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import (
    CaseMissing,
    CaseRefused,
    FieldRefused,
    HubError,
    IntakeIncomplete,
    LoginRefused,
    TryLater,
    VendorUnavailable,
)
from hub.http import capture_writes, watch_writes
from hub.model import Attachment, CaseChanges, CaseDraft, CaseReference, CaseStatus, Comment, Severity
from plugins.bmc_remedy import cases
from plugins.bmc_remedy import plugin as bmc

from .conftest import make_settings, open_vendor


def draft(key: str = "RJR-1-7F3KQ", **changes: object) -> CaseDraft:
    """A draft like this one, but."""
    known = {
        "key": key,
        "title": "Checkout answers 502",
        "description": "Since 09:12 UTC",
        "severity": Severity.S2,
        "ticket_number": "RJR-000001",
    }
    return CaseDraft(**(known | changes))  # type: ignore[arg-type]


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    """A stream of these chunks."""
    for chunk in chunks:
        yield chunk


# --- opening and finding ---


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"create_reply": "empty"},
        {"create_reply": "empty", "internal_host": "https://ar-inner.corp:8443"},
        {"create_reply": "none"},
        {"left_out_of_create": ("Incident Number",)},
        {"left_out_of_create": ("Incident Number",), "self_link_has_id": False},
        {"left_out_of_create": ("Incident_Entry_ID",), "internal_host": "https://ar-inner.corp:8443"},
    ],
    ids=str,
)
async def test_a_case_is_opened_whatever_the_shape_of_the_reply(options: dict) -> None:
    """With a body, with a Location alone, with an inner host's name, with fields left out, with nothing at all."""
    async with open_vendor(**options) as vendor, vendor.account() as account:
        case = await bmc.hub_open_case(account, draft())
        (stored,) = await vendor.stored("case")
        assert case.reference == CaseReference(number=stored["id"], id=stored["values"]["Entry ID"])
        assert (case.key, case.severity, case.status) == ("RJR-1-7F3KQ", Severity.S2, CaseStatus.OPEN)
        assert stored["values"]["Assigned Group"] == "L2 Platform"
        assert case == await bmc.hub_find_case(account, "RJR-1-7F3KQ")


@pytest.mark.parametrize("correlation", ["vendor_ticket_number", "mc_ueid", "description"])
async def test_a_case_is_found_by_its_exact_key(vendor, correlation: str) -> None:
    """A key that another one begins with, or that holds wildcards, finds its own case only."""
    async with vendor.account(correlation=correlation) as account:
        odd = () if correlation == "description" else ("RJR-1", "RJR_1", 'R"1', "%")  # a title's words are not keys
        keys = ("JR-1-7F3KQ", "RJR-1-7F3KQ", "RJR-11-7F3KQ", *odd)
        for key in keys:
            opened = await bmc.hub_open_case(account, draft(key))
            assert opened.key == key
            assert opened.title == "Checkout answers 502"
        for key in keys:
            found = await bmc.hub_find_case(account, key)
            assert found is not None
            assert found.key == key
        assert await bmc.hub_find_case(account, "RJR") is None


async def test_the_oldest_of_two_cases_with_one_key_wins(vendor, account) -> None:
    """Even when the younger one has been touched last."""
    first = await bmc.hub_open_case(account, draft())
    await vendor.clock(shift=10)
    second = await bmc.hub_open_case(account, draft())
    await vendor.engineer("set_severity", number=first.reference.number, severity=1)
    found = await bmc.hub_find_case(account, "RJR-1-7F3KQ")
    assert found is not None
    assert found.reference == first.reference != second.reference


async def test_a_reply_lost_after_storing_is_in_doubt_and_settled_by_the_key(vendor, account) -> None:
    """The create raises, in doubt; the key finds the one case that was stored."""
    await vendor.fault("lost_reply", operation="create", times=1)
    with watch_writes() as writes, pytest.raises(VendorUnavailable) as caught:
        await bmc.hub_open_case(account, draft())
    assert caught.value.in_doubt
    assert writes.in_doubt
    found = await bmc.hub_find_case(account, "RJR-1-7F3KQ")
    assert found is not None
    assert len(await vendor.stored("case")) == 1


async def test_a_stored_case_that_no_search_finds_yet_is_in_doubt(vendor, account) -> None:
    """A slow index is no reason to believe that nothing was stored."""
    await vendor.fault("slow_index", seconds=30)
    with watch_writes() as writes, pytest.raises(VendorUnavailable) as caught:
        await bmc.hub_open_case(account, draft())
    assert caught.value.in_doubt
    assert writes.in_doubt


async def test_a_time_out_that_did_commit_is_in_doubt(vendor, account) -> None:
    """AR 92 says nothing about whether the incident exists."""
    await vendor.fault("ar_92", operation="create", times=1)
    with pytest.raises(VendorUnavailable) as caught:
        await bmc.hub_open_case(account, draft())
    assert caught.value.in_doubt
    assert len(await vendor.stored("case")) == 1


async def test_a_contact_that_fits_two_people_is_refused_for_certain(vendor) -> None:
    """The error names the contact and what to set; nothing was stored."""
    async with vendor.account(contact_first_name="Sam", contact_last_name="Lee") as account:
        with watch_writes() as writes, pytest.raises(FieldRefused) as caught:
            await bmc.hub_open_case(account, draft())
        assert caught.value.field == "contact"
        assert "names and login" in caught.value.next_step
        assert not writes.in_doubt
        assert await vendor.stored("case") == []
    async with vendor.account(contact_first_name="Sam", contact_last_name="Lee", contact_login="slee2") as account:
        assert (await bmc.hub_open_case(account, draft())).key


async def test_a_preview_is_what_leaves(vendor, account) -> None:
    """The captured write carries the draft and no credentials, and nothing is stored."""
    with capture_writes() as captured:
        await bmc.hub_open_case(account, draft())
    assert captured.outgoing is not None
    assert b"Checkout answers 502" in captured.outgoing.body
    assert "authorization" not in captured.outgoing.headers
    assert await vendor.stored("case") == []


async def test_a_long_title_is_read_back_whole_and_its_summary_fits(vendor, account) -> None:
    """The summary ends in an ellipsis; the details lead with the title."""
    title = "Checkout answers 502 in the second data centre " * 4
    case = await bmc.hub_open_case(account, draft(title=title.strip()))
    (stored,) = await vendor.stored("case")
    assert case.title == title.strip()
    assert len(stored["values"]["Description"]) <= 100
    assert stored["values"]["Detailed Decription"].startswith(title.strip())


# --- intake ---


async def test_the_form_offers_its_lists_and_the_accounts_defaults(account) -> None:
    """Code lists come from the plugin, defaults from the account."""
    questions = {question.name: question for question in (await bmc.hub_intake(account)).questions}
    assert questions["service_type"].default == "User Service Restoration"
    assert "Infrastructure Event" in questions["service_type"].choices
    assert questions["reported_source"].required


async def test_answers_reach_their_fields(vendor, account) -> None:
    """The answer given goes before the default."""
    await bmc.hub_open_case(account, draft(answers={"service_type": "Infrastructure Event", "product_1": "Shop"}))
    (stored,) = await vendor.stored("case")
    assert stored["values"]["Service Type"] == "Infrastructure Event"
    assert stored["values"]["Product Categorization Tier 1"] == "Shop"
    assert stored["values"]["Reported Source"] == "External Escalation"


@pytest.mark.parametrize("answers", [{"service_type": "Lunch"}, {"mood": "good"}, {"service": "a\0"}])
async def test_an_answer_that_is_not_on_the_form_is_refused_before_anything_leaves(account, answers: dict) -> None:
    """The question is named."""
    with watch_writes() as writes, pytest.raises(FieldRefused) as caught:
        await bmc.hub_open_case(account, draft(answers=answers))
    assert caught.value.field in answers
    assert len(writes) == 0


async def test_open_questions_are_asked(vendor) -> None:
    """Without a default, a required question goes back to the agent; a vendor's own value joins the list."""
    async with vendor.account(service_type="") as account:
        with pytest.raises(IntakeIncomplete) as caught:
            await bmc.hub_open_case(account, draft())
        assert [question.name for question in caught.value.questions] == ["service_type"]
    own = cases.FORM.intake(make_settings(service_type="Wartung"))
    assert "Wartung" in own.questions[0].choices


# --- changing ---


@pytest.mark.parametrize("severity", list(Severity))
async def test_each_severity_survives_the_vendors_own_sum(account, severity: Severity) -> None:
    """Impact and urgency add up to the priority that means the same severity, opened so or changed to it."""
    opened = await bmc.hub_open_case(account, draft(severity=severity))
    assert opened.severity == severity
    other = Severity.S1 if severity == Severity.S4 else Severity.S4
    await bmc.hub_change_case(account, opened.reference, CaseChanges(severity=other))
    assert (await bmc.hub_read_case(account, opened.reference)).severity == other


async def test_a_case_goes_through_its_life(vendor, account) -> None:
    """Waiting, resolved, reopened, resolved again, closed: each is read back as written."""
    case = await bmc.hub_open_case(account, draft())
    await vendor.engineer("take", number=case.reference.number)
    for status, resolution in (
        (CaseStatus.WAITING_ON_US, None),
        (CaseStatus.WAITING_ON_VENDOR, None),
        (CaseStatus.IN_PROGRESS, None),
        (CaseStatus.RESOLVED, "patched\r\nto 4.2.1"),
        (CaseStatus.OPEN, None),
        (CaseStatus.RESOLVED, None),
        (CaseStatus.CLOSED, None),
    ):
        await bmc.hub_change_case(account, case.reference, CaseChanges(status=status, resolution=resolution))
        assert (await bmc.hub_read_case(account, case.reference)).status == status
    assert (await bmc.hub_read_case(account, case.reference)).resolution == "patched\r\nto 4.2.1"


async def test_a_case_can_be_cancelled(account) -> None:
    """It is read back as cancelled."""
    case = await bmc.hub_open_case(account, draft())
    await bmc.hub_change_case(account, case.reference, CaseChanges(status=CaseStatus.CANCELLED))
    assert (await bmc.hub_read_case(account, case.reference)).status == CaseStatus.CANCELLED


async def test_what_holds_already_is_not_written(vendor, account) -> None:
    """The same change twice leaves once."""
    case = await bmc.hub_open_case(account, draft())
    changes = CaseChanges(status=CaseStatus.RESOLVED, resolution="done", severity=Severity.S3, title="New title")
    await bmc.hub_change_case(account, case.reference, changes)
    before = (await vendor.ledger())["requests"]
    with watch_writes() as writes:
        await bmc.hub_change_case(account, case.reference, changes)
    assert len(writes) == 0
    after = (await vendor.ledger())["requests"]
    assert sum(after.values()) == sum(before.values()) + 1
    assert (await bmc.hub_read_case(account, case.reference)).title == "New title"


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        (CaseChanges(status=CaseStatus.RESOLVED), FieldRefused, "how it was solved"),
        (CaseChanges(status=CaseStatus.CLOSED), FieldRefused, "how it was solved"),
        (CaseChanges(status=CaseStatus.IN_PROGRESS), CaseRefused, "assign"),
        (CaseChanges(title="x" * 101), FieldRefused, "100 characters"),
        (CaseChanges(title="two\nlines"), FieldRefused, "one line"),
        (CaseChanges(resolution="a\0b"), FieldRefused, "NUL"),
    ],
)
async def test_what_the_vendor_would_refuse_does_not_leave(account, changes, error, says: str) -> None:
    """The error says what to do instead."""
    case = await bmc.hub_open_case(account, draft())
    with watch_writes() as writes, pytest.raises(error) as caught:
        await bmc.hub_change_case(account, case.reference, changes)
    assert says in caught.value.next_step
    assert len(writes) == 0


async def test_a_closed_case_is_not_reopened(vendor, account) -> None:
    """The error says to open a new case. An open case is closed by way of resolved."""
    case = await bmc.hub_open_case(account, draft())
    await bmc.hub_change_case(account, case.reference, CaseChanges(status=CaseStatus.CLOSED, resolution="done"))
    with pytest.raises(CaseRefused) as caught:
        await bmc.hub_change_case(account, case.reference, CaseChanges(status=CaseStatus.OPEN))
    assert "new case" in caught.value.next_step


async def test_the_title_keeps_the_key_that_stands_in_it(vendor) -> None:
    """With the key in the summary, a new title does not lose it."""
    async with vendor.account(correlation="description") as account:
        case = await bmc.hub_open_case(account, draft())
        await bmc.hub_change_case(account, case.reference, CaseChanges(title="Checkout is slow"))
        found = await bmc.hub_find_case(account, "RJR-1-7F3KQ")
        assert found is not None
        assert found.title == "Checkout is slow"


@pytest.mark.parametrize("reference", [CaseReference(number="INC999"), CaseReference(number="INC999", id="INC999")])
async def test_a_case_that_is_not_there_is_missing(account, reference: CaseReference) -> None:
    """By number and by id."""
    with pytest.raises(CaseMissing):
        await bmc.hub_read_case(account, reference)


async def test_a_case_is_read_by_its_number_alone(account) -> None:
    """People know the number, not the id; the id comes with the answer."""
    case = await bmc.hub_open_case(account, draft())
    read = await bmc.hub_read_case(account, CaseReference(number=case.reference.number))
    assert read == await bmc.hub_read_case(account, case.reference)
    assert read.reference == case.reference


# --- comments and files ---


async def test_notes_are_recognised_by_the_accounts_own_pattern(vendor) -> None:
    """Whatever word it sets around the key."""
    async with vendor.account(note_summary="[{key}] hub") as account:
        case = await bmc.hub_open_case(account, draft())
        await bmc.hub_add_comment(account, case.reference, Comment(body="Hi", key="k/1"))
        (read,) = (await bmc.hub_read_case(account, case.reference)).comments
        assert (read.key, read.body) == ("k/1", "Hi")
        assert (await vendor.stored("note"))[0]["values"]["Description"] == "[k/1] hub"


@pytest.mark.parametrize("public", [True, False])
async def test_a_comment_comes_back_as_it_was_written(vendor, account, public: bool) -> None:
    """Line ends, emoji, combining marks and quotes are exact; the key and the vendor's id come with it."""
    case = await bmc.hub_open_case(account, draft())
    body = 'CRLF\r\nand LF\n😀 e\u0301 \u202b"quoted" <b>&\u2028'
    made = await bmc.hub_add_comment(account, case.reference, Comment(body=body, public=public, key="RJR-1/7"))
    (read,) = (await bmc.hub_read_case(account, case.reference)).comments
    assert (read.body, read.public, read.key, read.reference) == (body, public, "RJR-1/7", made.reference)
    (stored,) = await vendor.stored("note")
    assert stored["id"] == made.reference


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=200))
async def test_any_text_comes_back_exactly(account, body: str) -> None:
    """Whatever Unicode text it is."""
    case = await bmc.hub_open_case(account, draft())
    await bmc.hub_add_comment(account, case.reference, Comment(body=body, key="k"))
    (read,) = (await bmc.hub_read_case(account, case.reference)).comments
    assert read.body == body


async def test_the_vendors_notes_are_told_apart(vendor, account) -> None:
    """An engineer's answer is public, an internal note is not, and neither carries a key of ours."""
    case = await bmc.hub_open_case(account, draft())
    await vendor.engineer("answer", number=case.reference.number, text="Please restart")
    await vendor.engineer("internal_note", number=case.reference.number, text="Customer is difficult")
    await vendor.engineer("auto_reply", number=case.reference.number)
    answer, internal, canned = (await bmc.hub_read_case(account, case.reference)).comments
    assert (answer.public, answer.body, answer.key) == (True, "Please restart", "")
    assert (internal.public, internal.body) == (False, "Customer is difficult")
    assert canned.public


@pytest.mark.parametrize("shape", ["auto", "empty", "none"])
async def test_a_notes_id_is_known_whatever_the_shape_of_the_reply(shape: str) -> None:
    """From the body, from the Location, or by its key."""
    async with open_vendor(create_reply=shape) as vendor, vendor.account() as account:
        case = await bmc.hub_open_case(account, draft())
        await vendor.engineer("answer", number=case.reference.number, text="Hello")
        made = await bmc.hub_add_comment(account, case.reference, Comment(body="Hi", key="k/1"))
        added = await bmc.hub_add_attachment(
            account, case.reference, Attachment(name="a.txt", size=2, key="k/2"), pieces(b"hi")
        )
        ids = [entry["id"] for entry in await vendor.stored("note")]
        assert made.reference == ids[1]
        assert added.reference == f"{ids[2]}/z2AF Work Log01"


@pytest.mark.parametrize("size", [0, 1, 300_000])
async def test_a_file_comes_back_as_it_was_sent(account, size: int) -> None:
    """Streamed both ways, under a name without its path, and it is no comment."""
    case = await bmc.hub_open_case(account, draft())
    data = bytes(number % 251 for number in range(size))
    sent = await bmc.hub_add_attachment(
        account,
        case.reference,
        Attachment(name="../../logs/été.log", size=size, key="k/3", public=True),
        pieces(data[: size // 2], data[size // 2 :]),
    )
    read = await bmc.hub_read_case(account, case.reference)
    assert read.comments == ()
    (listed,) = read.attachments
    assert (listed.name, listed.size, listed.key, listed.public) == ("été.log", size, "k/3", True)
    assert listed.reference == sent.reference
    fetched = [chunk async for chunk in bmc.hub_fetch_attachment(account, case.reference, listed)]
    assert b"".join(fetched) == data


async def test_a_file_without_a_place_at_the_vendor_is_missing(account) -> None:
    """A reference that is not this plugin's is never made into an address."""
    with pytest.raises(CaseMissing):
        bmc.hub_fetch_attachment(account, CaseReference(number="x"), Attachment(name="a", reference="../../api/jwt"))


async def test_a_comment_that_cannot_be_stored_does_not_leave(account) -> None:
    """NUL is refused with the field's name."""
    case = await bmc.hub_open_case(account, draft())
    with watch_writes() as writes, pytest.raises(FieldRefused) as caught:
        await bmc.hub_add_comment(account, case.reference, Comment(body="a\0b", key="k"))
    assert caught.value.field == "body"
    assert len(writes) == 0


async def test_a_long_thread_is_read_whole_past_a_servers_cap(vendor, account) -> None:
    """The server gives three rows at most, whatever is asked for."""
    case = await bmc.hub_open_case(account, draft())
    for number in range(10):
        await vendor.engineer("answer", number=case.reference.number, text=str(number))
    await vendor.fault("page_cap", size=3)
    await vendor.fault("missing_next")
    await vendor.fault("shifting_items", size=2)
    told = (await bmc.hub_read_case(account, case.reference)).comments
    assert [comment.body for comment in told] == [str(number) for number in range(10)]


# --- login and faults ---


@pytest.mark.parametrize("kind", ["guest_login", "login_refused"])
async def test_a_login_that_gives_no_power_is_refused(vendor, account, kind: str) -> None:
    """A guest's token counts as a refused login, though the vendor answers 200."""
    await vendor.fault(kind)
    with pytest.raises(LoginRefused):
        await bmc.hub_open_case(account, draft())
    assert await vendor.stored("case") == []


async def test_a_token_dropped_midway_is_renewed_once(vendor, account) -> None:
    """The caller does not notice."""
    case = await bmc.hub_open_case(account, draft())
    await vendor.fault("token_dropped", operation="query", times=1)
    await vendor.fault("token_dropped", operation="read", times=1)
    assert (await bmc.hub_read_case(account, case.reference)).key
    assert (await vendor.ledger())["requests"]["POST login"] in {2, 3}


async def test_closing_logs_out(vendor) -> None:
    """The session at the vendor ends with the client."""
    async with vendor.account() as account:
        await bmc.hub_find_case(account, "x")
    assert (await vendor.ledger())["requests"]["POST logout"] == 1


KINDS = [
    "reset_before",
    "http_500",
    "http_502",
    "http_503",
    "http_504",
    "http_403",
    "retry_after_seconds",
    "retry_after_absent",
    "retry_after_absurd",
    "proxy_html",
    "login_page",
    "lost_reply",
    "cut_body",
    "truncated_gzip",
    "garbled_status",
    "malformed_json",
    "nan",
    "deep_nesting",
    "nul",
    "invalid_utf8",
    "oversized",
    "refused",
    "ar_93",
    "ar_9093",
    "ar_92",
    "missing_entry",
    "changed_meanwhile",
]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_fault_on_creating_makes_no_second_case(vendor, account, kind: str) -> None:
    """Whatever happens, only a HubError comes out, and what it says about doubt agrees with what was stored."""
    values = {"seconds": 1.0} if kind == "retry_after_seconds" else {}
    await vendor.fault(kind, operation="create", times=1, **values)
    with watch_writes() as writes, suppress(HubError):
        await bmc.hub_open_case(account, draft())
    stored = await vendor.stored("case")
    assert len(stored) <= 1
    assert writes.in_doubt or not stored


async def test_too_busy_is_tried_later(vendor, account) -> None:
    """AR 9093 and a changed record are nobody's fault: later."""
    case = await bmc.hub_open_case(account, draft())
    for kind in ("ar_9093", "changed_meanwhile"):
        await vendor.fault(kind, method="PUT", times=1)
        with pytest.raises(TryLater):
            await bmc.hub_change_case(account, case.reference, CaseChanges(severity=Severity.S4))


async def test_one_request_at_a_time_is_in_flight(vendor, account) -> None:
    """However many calls are made at once, the user never meets itself."""
    await asyncio.gather(*(bmc.hub_find_case(account, f"k{number}") for number in range(20)))
    assert (await vendor.ledger())["most_in_flight"] == {"rjr_hub": 1}


# --- the account check ---


async def test_a_good_account_passes_and_says_what_is_not_proved(account) -> None:
    """Before the first case, nobody knows whether the key's field is kept: the finding says so."""
    findings = {finding.name: finding for finding in await bmc.hub_check_account(account)}
    assert all(finding.ok for finding in findings.values()), findings
    assert "not proved" in findings["key"].message
    assert "correlation" in findings["key"].next_step
    await bmc.hub_open_case(account, draft())
    findings = {finding.name: finding for finding in await bmc.hub_check_account(account)}
    assert "cases that carry" in findings["key"].message


@pytest.mark.parametrize(
    ("changes", "name", "says"),
    [
        ({"contact_first_name": "Sam", "contact_last_name": "Lee"}, "contact", "several people"),
        ({"contact_first_name": "No", "contact_last_name": "Body"}, "contact", "no person"),
        ({"assigned_group": "L9"}, "group", "not known"),
        ({"password": "wrong"}, "cases", "AR 623"),
    ],
)
async def test_a_wrong_setting_is_a_named_finding(vendor, changes: dict, name: str, says: str) -> None:
    """Each says what is wrong and what to do."""
    async with vendor.account(**changes) as account:
        findings = {finding.name: finding for finding in await bmc.hub_check_account(account)}
    assert not findings[name].ok
    assert says in findings[name].message
    assert findings[name].next_step


async def test_without_a_group_and_with_the_key_in_the_title_the_check_says_so(vendor) -> None:
    """Routing is the vendor's then, and the summary is searched."""
    async with vendor.account(assigned_group="", correlation="description") as account:
        findings = {finding.name: finding for finding in await bmc.hub_check_account(account)}
    assert "routing" in findings["group"].message
    assert findings["key"].ok
    assert "summary" in findings["key"].message
