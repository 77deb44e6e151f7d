"""Writes: files go up byte by byte, once, under names that can't climb."""

from __future__ import annotations

import hashlib

from hub.errors import CaseRefused
from hub.testing.bench import TestBed
from hub.testing.rule import NotApplicable, require, rule, same

_NEEDS = ("open_case", "add_attachment", "read_case")
DATA = bytes(range(256)) * 800 + b"\r\n--\r\n\x00"


@rule("writes", *_NEEDS)
async def a_file_arrives_byte_by_byte(bench: TestBed) -> None:
    """A file is stored once with all of its bytes, and comes down again as it was."""
    case = await bench.open()
    added = await bench.add_file(case, DATA)
    require(added.reference, "the file has no reference")
    digest = hashlib.sha256(DATA).hexdigest()
    entries = bench.stored("attachment") or bench.simulator.ledger.entries
    times = sum(digest in str(one.values) for one in entries)
    same("times that the file was stored", 1, times)
    found = [one for one in (await bench.read(case)).attachments if one.reference == added.reference]
    same("files with the reference returned", 1, len(found))
    if "fetch_attachment" in bench.can:
        require(await bench.fetch(case, found[0]) == DATA, "the file that came down is another one")


@rule("writes", *_NEEDS)
async def an_empty_file_is_a_file(bench: TestBed) -> None:
    """A file without a byte is stored as that, or refused by the vendor."""
    case = await bench.open()
    try:
        added = await bench.add_file(case, b"", "empty.log")
    except CaseRefused as error:
        raise NotApplicable(f"the vendor refuses it: {error.message}") from None
    found = [one for one in (await bench.read(case)).attachments if one.reference == added.reference]
    same("files", 1, len(found))
    if "fetch_attachment" in bench.can:
        same("its bytes", b"", await bench.fetch(case, found[0]))


@rule("writes", *_NEEDS)
async def file_names_survive(bench: TestBed) -> None:
    """A name with accents, blanks, quotes and signs from afar reads back as the one that was returned."""
    case = await bench.open()
    for name in ("relevé № 5 & co.txt", "日本 語.log", 'a"b;c.txt', "x" * 300 + ".txt"):
        added = await bench.add_file(case, name.encode(), name)
        told = {one.reference: one.name for one in (await bench.read(case)).attachments}
        same("name", added.name, told.get(added.reference))
        require(added.name.endswith(name[-4:]), f"the ending of {name[-20:]!r} is lost")


@rule("writes", *_NEEDS)
async def file_names_cannot_climb(bench: TestBed) -> None:
    """A name with a path is stored without it."""
    case = await bench.open()
    for name in ("../../etc/passwd", "..\\..\\boot.ini", "/abs/olute.txt"):
        await bench.add_file(case, b"x", name)
    for one in (await bench.read(case)).attachments:
        require(not {"/", "\\"} & set(one.name), f"a file is stored as {one.name!r}")


@rule("writes", *_NEEDS)
async def a_file_is_known_by_its_key(bench: TestBed) -> None:
    """A file of ours reads back with the key that it was sent with, where the vendor keeps keys."""
    if not bench.vendor.info.keeps_keys:
        raise NotApplicable("the vendor keeps no keys")
    case = await bench.open()
    added = await bench.add_file(case, b"one", "one.txt")
    keys = [one.key for one in (await bench.read(case)).attachments if one.reference == added.reference]
    same("keys", [added.key], keys)
    require(added.key, "the key is lost in the answer")


@rule("writes", *_NEEDS)
async def a_file_adds_no_words(bench: TestBed) -> None:
    """A file that goes up does not come back as a comment of the vendor's."""
    if not bench.vendor.info.keeps_keys:
        raise NotApplicable("the vendor keeps no keys")
    case = await bench.open()
    before = {one.reference for one in (await bench.read(case)).comments}
    await bench.add_file(case, b"one", "one.txt")
    strange = [one for one in (await bench.read(case)).comments if one.reference not in before and not one.key]
    same("comments without our key", [], [one.reference for one in strange])
