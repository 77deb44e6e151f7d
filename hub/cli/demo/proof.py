"""Compares the hub's bonds with the simulated vendor's own ledger, and the journal with its hashes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

from hub.cli.demo.stage import DemoStage
from hub.db import journal
from hub.db.attachments import StoredAttachment
from hub.db.comments import StoredComment
from hub.db.unit import Unit
from hub.model import Bond, Event, OperationState

MOST = 10_000


async def bonds(unit: Unit) -> list[Bond]:
    """All bonds, oldest first."""
    return (await unit.bonds.page(limit=MOST))[::-1]


async def chain_of(unit: Unit, number: str) -> list[Event]:
    """All journal entries of a ticket."""
    return await journal.read(unit.connection, number, limit=MOST)


async def parked(unit: Unit) -> int:
    """The number of operations that wait for a person."""
    return len(await unit.operations.aside([OperationState.PARKED], limit=MOST))


async def against_ledger(stage: DemoStage, answers: Mapping[str, Sequence[str]]) -> list[str]:
    """Every mismatch of cases, comments and files, both ways; `answers` are the vendor's texts by case number."""
    async with stage.context.storage.unit() as unit:
        all_bonds = await bonds(unit)
        comments = {bond.key: await unit.comments.of_ticket(bond.ticket_id) for bond in all_bonds}
        files = {bond.key: await unit.attachments.of_ticket(bond.ticket_id) for bond in all_bonds}
    wrong = _cases(stage, all_bonds)
    for bond in all_bonds:
        number = bond.reference.number if bond.reference else ""
        wrong += _ours(stage, number, comments[bond.key], files[bond.key])
        wrong += _theirs(stage, number, comments[bond.key], files[bond.key], answers.get(number, ()))
    return wrong


def _cases(stage: DemoStage, all_bonds: Sequence[Bond]) -> list[str]:
    ledger = stage.vendor.ledger
    numbers: dict[str, list[str]] = {}
    for entry in ledger.of("case"):
        numbers.setdefault(entry.key or "", []).append(entry.id)
    wrong = []
    for bond in all_bonds:
        there, here = numbers.pop(bond.key, []), bond.reference.number if bond.reference else "none"
        if there != [here]:
            wrong.append(f"{bond.ticket_number}: the hub has case {here}, the vendor {', '.join(there) or 'none'}")
    wrong += [f"the vendor has case {number}, which no bond asked for" for number in chain(*numbers.values())]
    return wrong


def _ours(
    stage: DemoStage, number: str, comments: Sequence[StoredComment], files: Sequence[StoredAttachment]
) -> list[str]:
    """Comments and files of ours that the vendor does not have exactly once, and private ones that it has."""
    ledger, wrong = stage.vendor.ledger, []
    notes = [str(entry.values) for entry in ledger.of("note", number)]
    everything = [str(entry.values) for entry in ledger.entries]
    for comment in (comment for comment in comments if comment.origin == "rjr"):
        if comment.key and (times := sum(comment.key in note for note in notes)) != 1:
            wrong.append(f"case {number}: the vendor has comment {comment.key} {times} times")
        if not comment.key and any(comment.body in text for text in everything):
            wrong.append(f"case {number}: a private comment reached the vendor")
    hashes = Counter((entry.values or {}).get("sha256", "") for entry in ledger.of("attachment", number))
    wrong += [
        f"case {number}: the vendor has file {file.name} {hashes[file.sha256]} times"
        for file in files
        if hashes[file.sha256] != 1
    ]
    return wrong


def _theirs(
    stage: DemoStage,
    number: str,
    comments: Sequence[StoredComment],
    files: Sequence[StoredAttachment],
    answers: Sequence[str],
) -> list[str]:
    """The vendor's answers and files that the hub does not have exactly once."""
    bodies = Counter(comment.body for comment in comments if comment.origin == "vendor")
    wrong = [f"case {number}: the hub has an answer {bodies[text]} times" for text in answers if bodies[text] != 1]
    ours = {file.sha256 for file in files}
    there = {(entry.values or {}).get("sha256") for entry in stage.vendor.ledger.of("attachment", number)}
    wrong += [f"case {number}: the hub lacks file {sha256}" for sha256 in there - ours]
    return wrong


async def of_journal(stage: DemoStage) -> tuple[int, list[str]]:
    """The number of journal entries, and every entry that was changed or is missing."""
    entries, wrong = 0, []
    async for read, faults in stage.context.storage.verify():
        entries += read
        wrong += [f"journal of {fault.chain}, entry {fault.position}: {fault.what}" for fault in faults]
    return entries, wrong
