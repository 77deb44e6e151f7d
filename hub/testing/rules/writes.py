"""Writes: what is sent is stored once, unchanged, with its key; a preview sends nothing."""

from __future__ import annotations

import hashlib
import html
import re

from hub.errors import CaseRefused, FieldRefused, IntakeIncomplete
from hub.model import CaseStatus, Comment, Severity
from hub.testing.bed import TestBed
from hub.testing.checks import NotApplicable, RuleBroken, require, require_equal
from hub.testing.rule import rule

AWKWARD = '"Quotes" \'n <b>tags</b> & 100 % \\ é 漢 🙂 {x} ${y} =1+1'
_TAG = re.compile(r"<[^>]*>")
_LIVE = {CaseStatus.OPEN, CaseStatus.IN_PROGRESS}


@rule("writes", "open_case")
async def a_case_is_stored_once_with_its_key(bed: TestBed) -> None:
    """Opening stores one case, which carries the draft's key."""
    draft = await bed.draft()
    await bed.vendor.open_case(bed.account, draft)
    require_equal("keys of the cases stored", [draft.key], [entry.key for entry in bed.stored("case")])


@rule("writes", "open_case", "find_case")
async def a_case_is_found_by_its_key(bed: TestBed) -> None:
    """The key finds the case that was opened with it, among other cases."""
    drafts = [await bed.draft() for _ in range(3)]
    cases = [await bed.vendor.open_case(bed.account, draft) for draft in drafts]
    case = await bed.find(drafts[1].key)
    require(case, "the key finds nothing")
    require_equal("the case found", cases[1].reference.number, case and case.reference.number)
    require_equal("its key", drafts[1].key, case and case.key)


@rule("writes", "find_case")
async def an_unknown_key_finds_nothing(bed: TestBed) -> None:
    """An unknown key, part of a key, and a pattern find nothing."""
    if "open_case" in bed.can:
        await bed.open(key="RJR-000123-7F3KQ")
    for key in ("RJR-000123-7F3KZ", "RJR-000123-7F3K", "RJR-000123-7F3K%", "RJR-000123-7F3K_", "RJR-000123-*"):
        case = await bed.find(key)
        require(case is None, f"{key} finds {case and case.reference.number}")


@rule("writes", "open_case", "read_case")
async def a_case_reads_back_as_sent(bed: TestBed) -> None:
    """Title, severity and key read back as they were sent, and the description is stored in full."""
    draft = await bed.draft(title="Login fails", description="Line one\nLine two, at length.")
    case = await bed.vendor.open_case(bed.account, draft)
    case = await bed.read(case)
    require_equal("title", draft.title, case.title)
    require_equal("severity", draft.severity, case.severity)
    require_equal("key", draft.key, case.key)
    text = bed.stored("case")[0].text or ""
    for line in draft.description.splitlines():
        require(line in text, "the description is not stored in full")


@rule("writes", "open_case", "read_case")
async def opening_returns_the_case_as_stored(bed: TestBed) -> None:
    """Opening a case returns the number, key, status, severity and title that reading it returns."""
    case = await bed.open()
    read = await bed.read(case)
    for field in ("key", "status", "severity", "title"):
        require_equal(field, getattr(read, field), getattr(case, field))
    require_equal("number", read.reference.number, case.reference.number)
    require_equal("the number that people see", bed.stored("case")[0].id, case.reference.number)
    require(case.status in _LIVE, f"a new case is {case.status}")


@rule("writes", "open_case", "read_case")
async def every_severity_survives(bed: TestBed) -> None:
    """A case of each of the four severities reads back with that severity."""
    for severity in Severity:
        require_equal("severity", severity, (await bed.read(await bed.open(severity=severity))).severity)


@rule("writes", "open_case", "read_case")
async def awkward_text_survives(bed: TestBed) -> None:
    """Quotes, tags, symbols, accents and emoji in title and description are stored unchanged."""
    case = await bed.open(title=AWKWARD[:60], description=AWKWARD)
    require_equal("title", AWKWARD[:60], (await bed.read(case)).title)
    text = bed.stored("case")[0].text or ""
    # If the vendor stores HTML, our text has to be escaped in it; a text without any tag is not HTML.
    as_html = html.unescape(_TAG.sub("", text)) if _TAG.search(text) else ""
    require(AWKWARD in text or AWKWARD in as_html, "the description was changed")


@rule("writes", "open_case")
async def a_long_title_loses_nothing(bed: TestBed) -> None:
    """A title longer than the vendor's field is accepted, and its end is stored somewhere in the case."""
    title = "Checkout fails " + "again and " * 60 + "at the very end"
    await bed.open(title=title)
    stored = bed.stored("case")[0]
    require("at the very end" in f"{stored.text} {stored.values}", "the end of a long title is lost")


@rule("writes", "open_case")
async def unstorable_text_is_refused_by_field(bed: TestBed) -> None:
    """A NUL in the title is refused with the field's name and nothing is stored, or it is stored as sent."""
    try:
        case = await bed.open(title="a\0b")
    except FieldRefused as error:
        require(error.field, "the refusal names no field")
        require_equal("what was stored", [], bed.stored("case"))
    else:
        require_equal("the title", "a\0b", case.title)


@rule("writes", "open_case", "intake")
async def a_wrong_answer_is_named(bed: TestBed) -> None:
    """An answer that is not a choice, or that fits no question, is refused by name, and nothing is stored."""
    form = (await bed.vendor.intake(bed.account)).questions
    wrong = {"no_such_question": "x"} | {question.name: "no such choice" for question in form[:50] if question.choices}
    for name, value in wrong.items():
        draft = await bed.draft()
        try:
            await bed.vendor.open_case(bed.account, draft.evolve(answers=draft.answers | {name: value}))
        except FieldRefused as error:
            require_equal("field refused", name, error.field)
        else:
            raise RuleBroken(f"a wrong answer to {name} is accepted")
    require_equal("what was stored", [], bed.stored("case"))


@rule("writes", "open_case", "intake")
async def a_missing_answer_is_asked_for(bed: TestBed) -> None:
    """If required answers are missing, the error names their questions, and nothing is stored."""
    required = await bed.answers()
    if not required:
        raise NotApplicable("no question requires an answer")
    try:
        await bed.open(answers={})
    except IntakeIncomplete as error:
        require_equal("unanswered questions", set(required), {question.name for question in error.questions})
    else:
        raise RuleBroken("a case was opened without a required answer")
    require_equal("what was stored", [], bed.stored("case"))


@rule("writes", "open_case")
async def a_preview_writes_nothing(bed: TestBed) -> None:
    """A preview stores nothing, and shows exactly the bytes that are sent later."""
    draft, before = await bed.draft(), len(bed.simulator.ledger.entries)
    preview = await bed.vendor.preview_open_case(bed.account, draft)
    require_equal("what the preview stored", [], bed.simulator.ledger.entries[before:])
    await bed.vendor.open_case(bed.account, draft)
    stored = bed.stored("case")[0]
    if "multipart" in preview.headers.get("content-type", ""):
        raise NotApplicable("the boundary between the parts of a form is random")
    require_equal("digest of the request body", hashlib.sha256(preview.body).hexdigest(), stored.sha256)


@rule("writes", "open_case", "add_comment", "read_case")
async def a_comment_arrives_once(bed: TestBed) -> None:
    """A comment is stored once, reads back as written, and has its key where the vendor keeps keys."""
    case = await bed.open()
    body = "First line\n\nSecond: " + AWKWARD
    before = len(bed.stored("note"))
    added = await bed.add_comment(case, body)
    require(added.reference, "the comment has no reference")
    comments = [comment for comment in (await bed.read(case)).comments if comment.reference == added.reference]
    require_equal("comments with the reference returned", 1, len(comments))
    require_equal("body", " ".join(body.split()), " ".join(comments[0].body.split()))
    require_equal("comments stored", 1, len(bed.stored("note")) - before)
    if bed.vendor.info.keeps_keys:
        require_equal("key", added.key, comments[0].key)
        require(added.key, "the key is missing from the returned comment")


@rule("writes", "open_case", "add_comment", "read_case")
async def comment_visibility_is_kept(bed: TestBed) -> None:
    """Public and private comments are stored with the visibility that the plugin returns."""
    case = await bed.open()
    for public in (True, False):
        before = len(bed.stored("note"))
        try:
            added = await bed.add_comment(case, f"Seen by all: {public}", public=public)
        except CaseRefused:
            continue
        stored = bed.stored("note")[before:]
        comments = [comment for comment in (await bed.read(case)).comments if comment.reference == added.reference]
        if stored and stored[0].public is not None:
            require_equal("visibility stored", added.public, stored[0].public)
        require_equal("visibility read", [added.public], [comment.public for comment in comments])


@rule("writes", "open_case", "add_comment", "read_case")
async def equal_comments_stay_separate(bed: TestBed) -> None:
    """Two comments with the same text are stored separately, each with its own key and reference."""
    case = await bed.open()
    added = [await bed.add_comment(case, "Still failing.") for _ in range(2)]
    comments = [comment for comment in (await bed.read(case)).comments if "Still failing." in comment.body]
    require_equal("comments", 2, len(comments))
    require_equal("distinct references", 2, len({comment.reference for comment in added}))
    if bed.vendor.info.keeps_keys:
        require_equal("keys", {comment.key for comment in added}, {comment.key for comment in comments})


@rule("writes", "open_case", "add_comment", "changed_cases", "read_case")
async def our_comment_keeps_its_key_in_the_stream(bed: TestBed) -> None:
    """Our own comment carries its key in the stream, so that it is not taken for the vendor's."""
    if not bed.vendor.info.keeps_keys:
        raise NotApplicable("the vendor keeps no keys")
    case = await bed.open()
    before = await bed.news()
    bed.simulator.clock.shift(3)
    added = await bed.add_comment(case, "We have restarted it.")
    comments: list[Comment] = []
    for item in (await bed.news(before.cursor)).items:
        comments += [*item.comments, *(item.case.comments if item.case else ())]
    own = [comment for comment in comments if "We have restarted it." in comment.body]
    require_equal("keys of our own comment", [added.key] * len(own), [comment.key for comment in own])
