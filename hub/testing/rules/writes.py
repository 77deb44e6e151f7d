"""Writes: what is sent arrives once, as it was, under its key; and a preview sends nothing."""

from __future__ import annotations

import hashlib
import html
import re

from hub.errors import CaseRefused, FieldRefused, IntakeIncomplete
from hub.model import CaseStatus, Comment, Severity
from hub.testing.bench import TestBed
from hub.testing.rule import NotApplicable, RuleBroken, require, rule, same

AWKWARD = '"Quotes" \'n <b>tags</b> & 100 % \\ é 漢 🙂 {x} ${y} =1+1'
_TAG = re.compile(r"<[^>]*>")
_LIVE = {CaseStatus.OPEN, CaseStatus.IN_PROGRESS}


@rule("writes", "open_case")
async def a_case_is_stored_once_with_its_key(bench: TestBed) -> None:
    """Opening stores one case, and it carries the draft's key."""
    draft = await bench.draft()
    await bench.vendor.open_case(bench.account, draft)
    same("keys of the cases stored", [draft.key], [one.key for one in bench.stored("case")])


@rule("writes", "open_case", "find_case")
async def a_case_is_found_by_its_key(bench: TestBed) -> None:
    """The key finds the case that was opened with it, among others."""
    drafts = [await bench.draft() for _ in range(3)]
    cases = [await bench.vendor.open_case(bench.account, one) for one in drafts]
    found = await bench.find(drafts[1].key)
    require(found, "the key finds nothing")
    same("the case found", cases[1].reference.number, found and found.reference.number)
    same("its key", drafts[1].key, found and found.key)


@rule("writes", "find_case")
async def an_unknown_key_finds_nothing(bench: TestBed) -> None:
    """A key that no case carries, a part of one, and a pattern find nothing."""
    if "open_case" in bench.can:
        await bench.open(key="RJR-000123-7F3KQ")
    for key in ("RJR-000123-7F3KZ", "RJR-000123-7F3K", "RJR-000123-7F3K%", "RJR-000123-7F3K_", "RJR-000123-*"):
        found = await bench.find(key)
        require(found is None, f"{key} finds {found and found.reference.number}")


@rule("writes", "open_case", "read_case")
async def a_case_reads_back_as_sent(bench: TestBed) -> None:
    """Title, severity and key read back as they were sent, and the description is stored whole."""
    draft = await bench.draft(title="Login fails", description="Line one\nLine two, at length.")
    case = await bench.vendor.open_case(bench.account, draft)
    told = await bench.read(case)
    same("title", draft.title, told.title)
    same("severity", draft.severity, told.severity)
    same("key", draft.key, told.key)
    text = bench.stored("case")[0].text or ""
    for line in draft.description.splitlines():
        require(line in text, "the description is not stored whole")


@rule("writes", "open_case", "read_case")
async def the_answer_is_the_case_as_stored(bench: TestBed) -> None:
    """What opening returns is what reading then tells: number, key, status, severity and title."""
    case = await bench.open()
    told = await bench.read(case)
    for part in ("key", "status", "severity", "title"):
        same(part, getattr(told, part), getattr(case, part))
    same("number", told.reference.number, case.reference.number)
    same("the number that people see", bench.stored("case")[0].id, case.reference.number)
    require(case.status in _LIVE, f"a new case is {case.status}")


@rule("writes", "open_case", "read_case")
async def every_severity_survives(bench: TestBed) -> None:
    """A case of each of the four severities reads back with its own."""
    for severity in Severity:
        same("severity", severity, (await bench.read(await bench.open(severity=severity))).severity)


@rule("writes", "open_case", "read_case")
async def awkward_text_survives(bench: TestBed) -> None:
    """Quotes, tags, signs, accents and emoji in title and description arrive as they are."""
    case = await bench.open(title=AWKWARD[:60], description=AWKWARD)
    same("title", AWKWARD[:60], (await bench.read(case)).title)
    text = bench.stored("case")[0].text or ""
    # Where the vendor keeps HTML, ours has to be escaped in it; a text without any tag is no HTML.
    as_html = html.unescape(_TAG.sub("", text)) if _TAG.search(text) else ""
    require(AWKWARD in text or AWKWARD in as_html, "the description was changed on the way")


@rule("writes", "open_case")
async def a_long_title_loses_nothing(bench: TestBed) -> None:
    """A title longer than the vendor's field is taken, and its end is kept somewhere in the case."""
    title = "Checkout fails " + "again and " * 60 + "at the very end"
    await bench.open(title=title)
    stored = bench.stored("case")[0]
    kept = f"{stored.text} {stored.values}"
    require("at the very end" in kept, "the end of a long title is lost")


@rule("writes", "open_case")
async def what_cannot_be_stored_is_named(bench: TestBed) -> None:
    """A NUL in the title is refused by the name of the field and nothing is stored; or it is stored as sent."""
    try:
        case = await bench.open(title="a\0b")
    except FieldRefused as error:
        require(error.field, "the refusal names no field")
        same("what was stored", [], bench.stored("case"))
    else:
        same("the title", "a\0b", case.title)


@rule("writes", "open_case", "intake")
async def a_wrong_answer_is_named(bench: TestBed) -> None:
    """An answer that is not on the list, and one to no question, are refused by name, and nothing is stored."""
    form = (await bench.vendor.intake(bench.account)).questions
    wrong = {"no_such_question": "x"} | {one.name: "no such choice" for one in form[:50] if one.choices}
    for name, value in wrong.items():
        draft = await bench.draft()
        try:
            await bench.vendor.open_case(bench.account, draft.evolve(answers=draft.answers | {name: value}))
        except FieldRefused as error:
            same("field refused", name, error.field)
        else:
            raise RuleBroken(f"a wrong answer to {name} is taken")
    same("what was stored", [], bench.stored("case"))


@rule("writes", "open_case", "intake")
async def a_missing_answer_is_asked_for(bench: TestBed) -> None:
    """Without an answer that the vendor must have, the questions still open are named, and nothing is stored."""
    needed = await bench.answers()
    if not needed:
        raise NotApplicable("no question has to be answered")
    try:
        await bench.open(answers={})
    except IntakeIncomplete as error:
        same("questions still open", set(needed), {one.name for one in error.questions})
    else:
        raise RuleBroken("a case was opened without an answer that is required")
    same("what was stored", [], bench.stored("case"))


@rule("writes", "open_case")
async def a_preview_writes_nothing(bench: TestBed) -> None:
    """A preview stores nothing, and shows the bytes that then leave."""
    draft, before = await bench.draft(), len(bench.simulator.ledger.entries)
    shown = await bench.vendor.preview_open_case(bench.account, draft)
    same("what the preview stored", [], bench.simulator.ledger.entries[before:])
    await bench.vendor.open_case(bench.account, draft)
    stored = bench.stored("case")[0]
    if "multipart" in shown.headers.get("content-type", ""):
        raise NotApplicable("the parts of a form are parted by chance")
    same("fingerprint of what left", hashlib.sha256(shown.body).hexdigest(), stored.sha256)


@rule("writes", "open_case", "add_comment", "read_case")
async def a_comment_arrives_once(bench: TestBed) -> None:
    """A comment is stored once, reads back as written, and can be told by its key where the vendor keeps keys."""
    case = await bench.open()
    body = "First line\n\nSecond: " + AWKWARD
    before = len(bench.stored("note"))
    added = await bench.add_comment(case, body)
    require(added.reference, "the comment has no reference")
    found = [one for one in (await bench.read(case)).comments if one.reference == added.reference]
    same("comments with the reference returned", 1, len(found))
    same("body", " ".join(body.split()), " ".join(found[0].body.split()))
    same("comments stored", 1, len(bench.stored("note")) - before)
    if bench.vendor.info.keeps_keys:
        same("key", added.key, found[0].key)
        require(added.key, "the key is lost in the answer")


@rule("writes", "open_case", "add_comment", "read_case")
async def a_comment_is_seen_by_whom_it_is_for(bench: TestBed) -> None:
    """A public and a private comment are stored as what the plugin says they are; private never becomes public."""
    case = await bench.open()
    for public in (True, False):
        before = len(bench.stored("note"))
        try:
            added = await bench.add_comment(case, f"Seen by all: {public}", public=public)
        except CaseRefused:
            continue
        stored = bench.stored("note")[before:]
        told = [one for one in (await bench.read(case)).comments if one.reference == added.reference]
        if stored and stored[0].public is not None:
            same("visibility stored", added.public, stored[0].public)
        same("visibility told", [added.public], [one.public for one in told])


@rule("writes", "open_case", "add_comment", "read_case")
async def equal_comments_are_two(bench: TestBed) -> None:
    """Two comments with the same words are two, each with its own key and reference."""
    case = await bench.open()
    added = [await bench.add_comment(case, "Still failing.") for _ in range(2)]
    told = [one for one in (await bench.read(case)).comments if "Still failing." in one.body]
    same("comments", 2, len(told))
    same("distinct references", 2, len({one.reference for one in added}))
    if bench.vendor.info.keeps_keys:
        same("keys", {one.key for one in added}, {one.key for one in told})


@rule("writes", "open_case", "add_comment", "changed_cases", "read_case")
async def our_own_comment_is_known_in_the_stream(bench: TestBed) -> None:
    """A comment of ours that the stream tells carries its key, so that it does not come back as the vendor's."""
    if not bench.vendor.info.keeps_keys:
        raise NotApplicable("the vendor keeps no keys")
    case = await bench.open()
    before = await bench.news()
    bench.simulator.clock.shift(3)
    added = await bench.add_comment(case, "We have restarted it.")
    heard: list[Comment] = []
    for one in (await bench.news(before.cursor)).items:
        heard += [*one.comments, *(one.case.comments if one.case else ())]
    mine = [one for one in heard if "We have restarted it." in one.body]
    same("keys of our own comment", [added.key] * len(mine), [one.key for one in mine])
