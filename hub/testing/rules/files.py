"""Writes: files are stored once and unchanged, under names without a path."""

from __future__ import annotations

import hashlib

from hub.errors import CaseRefused
from hub.testing.bed import TestBed
from hub.testing.checks import NotApplicable, require, require_equal
from hub.testing.rule import rule

_NEEDS = ("open_case", "add_attachment", "read_case")
DATA = bytes(range(256)) * 800 + b"\r\n--\r\n\x00"


@rule("writes", *_NEEDS)
async def a_file_arrives_byte_by_byte(bed: TestBed) -> None:
    """A file is stored once with all of its bytes, and downloads unchanged."""
    case = await bed.open()
    added = await bed.add_file(case, DATA)
    require(added.reference, "the file has no reference")
    digest = hashlib.sha256(DATA).hexdigest()
    entries = bed.stored("attachment") or bed.simulator.ledger.entries
    times = sum(digest in str(entry.values) for entry in entries)
    require_equal("times that the file was stored", 1, times)
    files = [file for file in (await bed.read(case)).attachments if file.reference == added.reference]
    require_equal("files with the reference returned", 1, len(files))
    if "fetch_attachment" in bed.can:
        require(await bed.fetch(case, files[0]) == DATA, "the downloaded file differs")


@rule("writes", *_NEEDS)
async def an_empty_file_is_stored(bed: TestBed) -> None:
    """An empty file is stored as an empty file, or refused by the vendor."""
    case = await bed.open()
    try:
        added = await bed.add_file(case, b"", "empty.log")
    except CaseRefused as error:
        raise NotApplicable(f"the vendor refuses it: {error.message}") from None
    files = [file for file in (await bed.read(case)).attachments if file.reference == added.reference]
    require_equal("files", 1, len(files))
    if "fetch_attachment" in bed.can:
        require_equal("its bytes", b"", await bed.fetch(case, files[0]))


@rule("writes", *_NEEDS)
async def file_names_survive(bed: TestBed) -> None:
    """A name with accents, spaces, quotes and Japanese characters reads back as it was returned."""
    case = await bed.open()
    for name in ("relevé № 5 & co.txt", "日本 語.log", 'a"b;c.txt', "x" * 300 + ".txt"):
        added = await bed.add_file(case, name.encode(), name)
        names = {file.reference: file.name for file in (await bed.read(case)).attachments}
        require_equal("name", added.name, names.get(added.reference))
        require(added.name.endswith(name[-4:]), f"the extension of {name[-20:]!r} is lost")


@rule("writes", *_NEEDS)
async def file_names_contain_no_path(bed: TestBed) -> None:
    """A name with a path is stored without the path."""
    case = await bed.open()
    for name in ("../../etc/passwd", "..\\..\\boot.ini", "/abs/olute.txt"):
        await bed.add_file(case, b"x", name)
    for file in (await bed.read(case)).attachments:
        require(not {"/", "\\"} & set(file.name), f"a file is stored as {file.name!r}")


@rule("writes", *_NEEDS)
async def a_file_keeps_its_key(bed: TestBed) -> None:
    """Our file reads back with the key that it was sent with, where the vendor keeps keys."""
    if not bed.vendor.info.keeps_keys:
        raise NotApplicable("the vendor keeps no keys")
    case = await bed.open()
    added = await bed.add_file(case, b"one", "one.txt")
    keys = [file.key for file in (await bed.read(case)).attachments if file.reference == added.reference]
    require_equal("keys", [added.key], keys)
    require(added.key, "the key is missing from the returned file")


@rule("writes", *_NEEDS)
async def a_file_adds_no_comment(bed: TestBed) -> None:
    """An uploaded file does not come back as a comment from the vendor."""
    if not bed.vendor.info.keeps_keys:
        raise NotApplicable("the vendor keeps no keys")
    case = await bed.open()
    before = {comment.reference for comment in (await bed.read(case)).comments}
    await bed.add_file(case, b"one", "one.txt")
    added = [comment for comment in (await bed.read(case)).comments if comment.reference not in before]
    require_equal("comments without our key", [], [comment.reference for comment in added if not comment.key])
