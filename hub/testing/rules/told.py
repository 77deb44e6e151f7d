"""Reads: what the vendor's engineer does on a case, and how the plugin tells of it."""

from __future__ import annotations

from datetime import timedelta

from hub.errors import CaseMissing
from hub.model import Case, CaseStatus, Comment, Severity
from hub.testing.bench import StreamRead, TestBed
from hub.testing.rule import RuleBroken, require, rule, same

ANSWER = "Restart the gateway & check <status> — déjà vu 漢字.\n\nSecond line."
_LIVE = {CaseStatus.OPEN, CaseStatus.IN_PROGRESS}
_OVER = {CaseStatus.RESOLVED, CaseStatus.CLOSED}


async def _opened(bench: TestBed) -> Case:
    case = await bench.open()
    bench.simulator.clock.shift(2)
    return case


def _number(case: Case) -> str:
    return case.reference.number


def _words(text: str) -> str:
    return " ".join(text.split())


async def _comment(bench: TestBed, case: Case, text: str) -> Comment | None:
    found = [one for one in (await bench.read(case)).comments if _words(text) in _words(one.body)]
    require(len(found) < 2, "a comment is told twice")
    return found[0] if found else None


def _heard(news: StreamRead, case: Case) -> list[Comment]:
    """All that a run told was said on a case."""
    of_case = [one for one in news.items if one.reference.number == _number(case)]
    return [said for one in of_case for said in (*one.comments, *(one.case.comments if one.case else ()))]


@rule("reads", "open_case", "read_case")
async def an_answer_is_public(bench: TestBed) -> None:
    """What the engineer writes to the customer is told as it was written, and as public."""
    case = await _opened(bench)
    bench.tell("answer", _number(case), text=ANSWER)
    found = await _comment(bench, case, ANSWER)
    require(found, "the answer is not told, or not as it was written")
    require(found and found.public, "the answer is told as private")


@rule("reads", "open_case", "read_case")
async def an_internal_note_is_private(bench: TestBed) -> None:
    """What the engineer writes to colleagues is not told, or told as private."""
    case = await _opened(bench)
    bench.tell("internal_note", _number(case), text="The customer runs an old build.")
    found = await _comment(bench, case, "The customer runs an old build.")
    require(not found or not found.public, "an internal note is told as public")


@rule("reads", "open_case", "read_case")
async def an_automatic_reply_is_marked(bench: TestBed) -> None:
    """A machine's acknowledgement is told as automatic, and a person's answer is not."""
    case = await _opened(bench)
    bench.tell("auto_reply", _number(case), text="This is an automatic reply. We have got it.")
    bench.tell("answer", _number(case), text="I look at it now.")
    machine = await _comment(bench, case, "We have got it.")
    person = await _comment(bench, case, "I look at it now.")
    require(machine and machine.automatic, "the acknowledgement is told as a person's")
    require(person and not person.automatic, "a person's answer is told as automatic")


@rule("reads", "open_case", "read_case")
async def comments_have_references_and_times(bench: TestBed) -> None:
    """Each comment has a reference of its own, a time in UTC and an author, and they come in order."""
    case = await _opened(bench)
    for number in range(3):
        bench.tell("answer", _number(case), text=f"Step {number}")
        bench.simulator.clock.shift(2)
    told = [one for one in (await bench.read(case)).comments if one.body.startswith("Step")]
    same("order", ["Step 0", "Step 1", "Step 2"], [_words(one.body) for one in told])
    same("distinct references", 3, len({one.reference for one in told if one.reference}))
    for one in told:
        require(one.created_at and one.created_at.utcoffset() == timedelta(0), "a time is missing or not UTC")
        require(one.author, "the author is not told")


@rule("reads", "open_case", "changed_cases", "read_case")
async def an_answer_reaches_the_stream(bench: TestBed) -> None:
    """After an answer the next run tells of it, just as reading the case does."""
    case = await _opened(bench)
    before = await bench.news()
    bench.simulator.clock.shift(5)
    bench.tell("answer", _number(case), text="Try the new build.")
    heard = [one for one in _heard(await bench.news(before.cursor), case) if "new build" in one.body]
    require(heard, "the stream does not tell of it")
    whole = await _comment(bench, case, "Try the new build.")
    for comment in heard:
        same("the comment in stream and case", whole and whole.evolve(author=""), comment.evolve(author=""))


@rule("reads", "open_case", "changed_cases", "read_case")
async def an_answer_in_the_second_that_was_read_is_told(bench: TestBed) -> None:
    """An answer that comes in the second of the last run, behind it, is told by a later run."""
    bench.simulator.clock.stop()
    case = await bench.open()
    before = await bench.news()
    bench.tell("answer", _number(case), text="Try the old build.")
    at_once = await bench.news(before.cursor)
    bench.simulator.clock.shift(bench.vendor.info.index_lag + 2)
    later = await bench.news(at_once.cursor)
    heard = [*_heard(at_once, case), *_heard(later, case)]
    require(any("old build" in one.body for one in heard), "the answer is not told")


@rule("reads", "open_case", "read_case")
async def a_question_waits_for_us(bench: TestBed) -> None:
    """When the engineer asks, the case waits on us, and the question is told."""
    case = await _opened(bench)
    bench.tell("take", _number(case))
    bench.tell("ask", _number(case), question="Which build do you run?")
    same("status", CaseStatus.WAITING_ON_US, (await bench.read(case)).status)
    require(await _comment(bench, case, "Which build do you run?"), "the question is not told")


@rule("reads", "open_case", "read_case")
async def work_is_told(bench: TestBed) -> None:
    """A case that an engineer took is in progress, or still open."""
    case = await _opened(bench)
    bench.tell("take", _number(case))
    require((await bench.read(case)).status in _LIVE, "a case in work is told as something else")


@rule("reads", "open_case", "read_case")
async def a_solution_is_told(bench: TestBed) -> None:
    """A resolved case is told as resolved, and how it was solved is told with it."""
    case = await _opened(bench)
    bench.tell("take", _number(case))
    bench.tell("resolve", _number(case), text="The pool was too small.")
    told = await bench.read(case)
    require(told.status in _OVER, f"a resolved case is told as {told.status}")
    texts = [told.resolution, *(one.body for one in told.comments)]
    require(any("pool was too small" in one for one in texts), "the solution is not told")


@rule("reads", "open_case", "read_case")
async def a_reopened_case_is_live(bench: TestBed) -> None:
    """A case that the vendor reopens is live again."""
    case = await _opened(bench)
    bench.tell("take", _number(case))
    bench.tell("resolve", _number(case), text="Done.")
    bench.tell("reopen", _number(case))
    require((await bench.read(case)).status in _LIVE, "a reopened case is told as over")


@rule("reads", "open_case", "read_case")
async def a_closed_case_is_over(bench: TestBed) -> None:
    """A case that the vendor closes is told as closed, or as resolved where there is no other end."""
    case = await _opened(bench)
    bench.tell("take", _number(case))
    bench.tell("resolve", _number(case), text="Done.")
    bench.tell("close", _number(case))
    require((await bench.read(case)).status in _OVER, "a closed case is told as live")


@rule("reads", "open_case", "read_case")
async def each_severity_is_told(bench: TestBed) -> None:
    """The severity that the engineer sets is the one that is told, for all four."""
    case = await _opened(bench)
    for severity in Severity:
        bench.tell("set_severity", _number(case), severity=int(severity))
        same("severity", severity, (await bench.read(case)).severity)


@rule("reads", "open_case", "read_case")
async def a_new_title_is_told(bench: TestBed) -> None:
    """A title that the vendor changes is told as it stands there, and the key is not lost by it."""
    case = await _opened(bench)
    bench.tell("set_text", _number(case), description="Gateway fails after the update")
    same("title", "Gateway fails after the update", (await bench.read(case)).title)


@rule("reads", "open_case", "read_case")
async def a_deleted_case_is_missing(bench: TestBed) -> None:
    """Reading a case that the vendor deleted raises CaseMissing."""
    case = await _opened(bench)
    bench.tell("delete", _number(case))
    try:
        await bench.read(case)
    except CaseMissing:
        return
    raise RuleBroken("a deleted case is read as if it were there")


@rule("reads", "open_case", "read_case", "fetch_attachment")
async def a_file_comes_byte_by_byte(bench: TestBed) -> None:
    """A file of the engineer's is listed with name and reference, and comes down as it is."""
    case = await _opened(bench)
    data = bytes(range(256)) * 300 + b"\r\n\x00--boundary--\r\n"
    bench.tell("attach", _number(case), name="trace one.bin", data=data)
    files = (await bench.read(case)).attachments
    same("files", ["trace one.bin"], [one.name for one in files])
    require(files[0].reference, "the file has no reference")
    require(files[0].size in (None, len(data)), f"the size told is {files[0].size}, the file has {len(data)}")
    require(await bench.fetch(case, files[0]) == data, "the file that came is another one")


@rule("reads", "open_case", "read_case", "fetch_attachment")
async def odd_file_names_are_read(bench: TestBed) -> None:
    """A file with accents, blanks and an ampersand in its name is listed and comes down; so does an empty one."""
    case = await _opened(bench)
    for name, data in (("relevé & journal №5.txt", b"caf\xc3\xa9"), ("empty.log", b"")):
        bench.tell("attach", _number(case), name=name, data=data)
        found = [one for one in (await bench.read(case)).attachments if one.name == name]
        require(found, f"a file named {name!r} is not told")
        require(await bench.fetch(case, found[0]) == data, f"the bytes of {name!r} are others")


@rule("reads", "open_case", "read_case", "fetch_attachment")
async def a_foreign_file_is_missing(bench: TestBed) -> None:
    """A file without a reference of the vendor's is missing, not somebody else's."""
    from hub.errors import CaseRefused
    from hub.model import Attachment

    case = await _opened(bench)
    try:
        await bench.fetch(case, Attachment(name="other.bin"))
    except CaseRefused:
        return
    raise RuleBroken("a file without a reference was fetched")
