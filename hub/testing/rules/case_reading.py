"""Reads: how the plugin reports what the vendor's engineer does on a case."""

from __future__ import annotations

from datetime import timedelta

from hub.errors import CaseMissing
from hub.model import Case, CaseStatus, Comment, Severity
from hub.testing.bed import StreamRead, TestBed
from hub.testing.checks import RuleBroken, require, require_equal
from hub.testing.rule import rule

ANSWER = "Restart the gateway & check <status> — déjà vu 漢字.\n\nSecond line."
_LIVE = {CaseStatus.OPEN, CaseStatus.IN_PROGRESS}
_OVER = {CaseStatus.RESOLVED, CaseStatus.CLOSED}


async def _opened(bed: TestBed) -> Case:
    case = await bed.open()
    bed.simulator.clock.shift(2)
    return case


def _number(case: Case) -> str:
    return case.reference.number


def _words(text: str) -> str:
    return " ".join(text.split())


async def _comment(bed: TestBed, case: Case, text: str) -> Comment | None:
    matches = [comment for comment in (await bed.read(case)).comments if _words(text) in _words(comment.body)]
    require(len(matches) < 2, "a comment is reported twice")
    return matches[0] if matches else None


def _comments_in(news: StreamRead, case: Case) -> list[Comment]:
    """All comments that a run reported on a case."""
    of_case = [item for item in news.items if item.reference.number == _number(case)]
    return [comment for item in of_case for comment in (*item.comments, *(item.case.comments if item.case else ()))]


@rule("reads", "open_case", "read_case")
async def an_answer_is_public(bed: TestBed) -> None:
    """What the engineer writes to the customer is reported unchanged and as public."""
    case = await _opened(bed)
    bed.act("answer", _number(case), text=ANSWER)
    comment = await _comment(bed, case, ANSWER)
    require(comment, "the answer is missing or changed")
    require(comment and comment.public, "the answer is reported as private")


@rule("reads", "open_case", "read_case")
async def an_internal_note_is_private(bed: TestBed) -> None:
    """What the engineer writes to colleagues is not reported, or is reported as private."""
    case = await _opened(bed)
    bed.act("internal_note", _number(case), text="The customer runs an old build.")
    comment = await _comment(bed, case, "The customer runs an old build.")
    require(not comment or not comment.public, "an internal note is reported as public")


@rule("reads", "open_case", "read_case")
async def an_automatic_reply_is_marked(bed: TestBed) -> None:
    """An automatic acknowledgement is reported as automatic, and a person's answer is not."""
    case = await _opened(bed)
    bed.act("auto_reply", _number(case), text="This is an automatic reply. We have got it.")
    bed.act("answer", _number(case), text="I look at it now.")
    machine = await _comment(bed, case, "We have got it.")
    person = await _comment(bed, case, "I look at it now.")
    require(machine and machine.automatic, "the acknowledgement is reported as a person's")
    require(person and not person.automatic, "a person's answer is reported as automatic")


@rule("reads", "open_case", "read_case")
async def comments_have_references_and_times(bed: TestBed) -> None:
    """Each comment has its own reference, a time in UTC and an author, and comments are in order."""
    case = await _opened(bed)
    for number in range(3):
        bed.act("answer", _number(case), text=f"Step {number}")
        bed.simulator.clock.shift(2)
    comments = [comment for comment in (await bed.read(case)).comments if comment.body.startswith("Step")]
    require_equal("order", ["Step 0", "Step 1", "Step 2"], [_words(comment.body) for comment in comments])
    require_equal("distinct references", 3, len({comment.reference for comment in comments if comment.reference}))
    for comment in comments:
        at = comment.created_at
        require(at and at.utcoffset() == timedelta(0), "a time is missing or not in UTC")
        require(comment.author, "the author is missing")


@rule("reads", "open_case", "changed_cases", "read_case")
async def an_answer_reaches_the_stream(bed: TestBed) -> None:
    """The next run reports a new answer, with the same content as reading the case."""
    case = await _opened(bed)
    before = await bed.news()
    bed.simulator.clock.shift(5)
    bed.act("answer", _number(case), text="Try the new build.")
    streamed = [new for new in _comments_in(await bed.news(before.cursor), case) if "new build" in new.body]
    require(streamed, "the stream does not report the answer")
    read = await _comment(bed, case, "Try the new build.")
    for comment in streamed:
        require_equal("the comment in stream and case", read and read.evolve(author=""), comment.evolve(author=""))


@rule("reads", "open_case", "changed_cases", "read_case")
async def an_answer_in_the_same_second_is_reported(bed: TestBed) -> None:
    """An answer written after a run, but within the same second, is reported by a later run."""
    bed.simulator.clock.stop()
    case = await bed.open()
    before = await bed.news()
    bed.act("answer", _number(case), text="Try the old build.")
    next_run = await bed.news(before.cursor)
    bed.simulator.clock.shift(bed.vendor.info.index_lag + 2)
    later = await bed.news(next_run.cursor)
    comments = [*_comments_in(next_run, case), *_comments_in(later, case)]
    require(any("old build" in comment.body for comment in comments), "the answer is not reported")


@rule("reads", "open_case", "read_case")
async def a_question_waits_for_us(bed: TestBed) -> None:
    """When the engineer asks a question, the case waits on us and the question is reported."""
    case = await _opened(bed)
    bed.act("take", _number(case))
    bed.act("ask", _number(case), question="Which build do you run?")
    require_equal("status", CaseStatus.WAITING_ON_US, (await bed.read(case)).status)
    require(await _comment(bed, case, "Which build do you run?"), "the question is not reported")


@rule("reads", "open_case", "read_case")
async def work_in_progress_is_reported(bed: TestBed) -> None:
    """A case that an engineer has taken is reported as in progress or still open."""
    case = await _opened(bed)
    bed.act("take", _number(case))
    status = (await bed.read(case)).status
    require(status in _LIVE, f"a case in progress is reported as {status}")


@rule("reads", "open_case", "read_case")
async def a_solution_is_reported(bed: TestBed) -> None:
    """A resolved case is reported as resolved, together with its solution."""
    case = await _opened(bed)
    bed.act("take", _number(case))
    bed.act("resolve", _number(case), text="The pool was too small.")
    case = await bed.read(case)
    require(case.status in _OVER, f"a resolved case is reported as {case.status}")
    texts = [case.resolution, *(comment.body for comment in case.comments)]
    require(any("pool was too small" in text for text in texts), "the solution is not reported")


@rule("reads", "open_case", "read_case")
async def a_reopened_case_is_live(bed: TestBed) -> None:
    """A case that the vendor reopens is reported as open or in progress."""
    case = await _opened(bed)
    bed.act("take", _number(case))
    bed.act("resolve", _number(case), text="Done.")
    bed.act("reopen", _number(case))
    require((await bed.read(case)).status in _LIVE, "a reopened case is reported as resolved or closed")


@rule("reads", "open_case", "read_case")
async def a_closed_case_is_over(bed: TestBed) -> None:
    """A case that the vendor closes is reported as closed, or as resolved where the vendor has no closed state."""
    case = await _opened(bed)
    bed.act("take", _number(case))
    bed.act("resolve", _number(case), text="Done.")
    bed.act("close", _number(case))
    require((await bed.read(case)).status in _OVER, "a closed case is reported as open")


@rule("reads", "open_case", "read_case")
async def each_severity_is_reported(bed: TestBed) -> None:
    """Each of the four severities that the engineer sets is reported."""
    case = await _opened(bed)
    for severity in Severity:
        bed.act("set_severity", _number(case), severity=int(severity))
        require_equal("severity", severity, (await bed.read(case)).severity)


@rule("reads", "open_case", "read_case")
async def a_new_title_is_reported(bed: TestBed) -> None:
    """A title that the vendor changes is reported as it is there."""
    case = await _opened(bed)
    bed.act("set_text", _number(case), description="Gateway fails after the update")
    require_equal("title", "Gateway fails after the update", (await bed.read(case)).title)


@rule("reads", "open_case", "read_case")
async def a_deleted_case_is_missing(bed: TestBed) -> None:
    """Reading a case that the vendor deleted raises CaseMissing."""
    case = await _opened(bed)
    bed.act("delete", _number(case))
    try:
        await bed.read(case)
    except CaseMissing:
        return
    raise RuleBroken("a deleted case can still be read")


@rule("reads", "open_case", "read_case", "fetch_attachment")
async def a_file_comes_byte_by_byte(bed: TestBed) -> None:
    """A file from the engineer is listed with its name and reference, and downloads unchanged."""
    case = await _opened(bed)
    data = bytes(range(256)) * 300 + b"\r\n\x00--boundary--\r\n"
    bed.act("attach", _number(case), name="trace one.bin", data=data)
    files = (await bed.read(case)).attachments
    require_equal("files", ["trace one.bin"], [file.name for file in files])
    require(files[0].reference, "the file has no reference")
    require(files[0].size in (None, len(data)), f"the reported size is {files[0].size}, the file has {len(data)} bytes")
    require(await bed.fetch(case, files[0]) == data, "the downloaded file differs")


@rule("reads", "open_case", "read_case", "fetch_attachment")
async def unusual_file_names_are_read(bed: TestBed) -> None:
    """A file with accents, spaces and an ampersand in its name can be downloaded; so can an empty file."""
    case = await _opened(bed)
    for name, data in (("relevé & journal №5.txt", b"caf\xc3\xa9"), ("empty.log", b"")):
        bed.act("attach", _number(case), name=name, data=data)
        files = [file for file in (await bed.read(case)).attachments if file.name == name]
        require(files, f"a file named {name!r} is not listed")
        require(await bed.fetch(case, files[0]) == data, f"the downloaded {name!r} differs")


@rule("reads", "open_case", "read_case", "fetch_attachment")
async def a_file_without_reference_is_missing(bed: TestBed) -> None:
    """A file without the vendor's reference is refused, and no other file is returned."""
    from hub.errors import CaseRefused
    from hub.model import Attachment

    case = await _opened(bed)
    try:
        await bed.fetch(case, Attachment(name="other.bin"))
    except CaseRefused:
        return
    raise RuleBroken("a file without a reference was fetched")
