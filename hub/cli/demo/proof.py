"""Holds the hub's bonds against the simulated vendor's own ledger, and the journal against its hashes."""

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
    """Operations that wait for a person."""
    return len(await unit.operations.aside([OperationState.PARKED], limit=MOST))


async def against_ledger(stage: DemoStage, told: Mapping[str, Sequence[str]]) -> list[str]:
    """Whatever is not as it has to be: cases, comments and files both ways; `told` are the answers by case number."""
    async with stage.context.storage.unit() as unit:
        known = await bonds(unit)
        said = {bond.key: await unit.comments.of_ticket(bond.ticket_id) for bond in known}
        files = {bond.key: await unit.attachments.of_ticket(bond.ticket_id) for bond in known}
    wrong = _cases(stage, known)
    for bond in known:
        number = bond.reference.number if bond.reference else ""
        wrong += _ours(stage, number, said[bond.key], files[bond.key])
        wrong += _theirs(stage, number, said[bond.key], files[bond.key], told.get(number, ()))
    return wrong


def _cases(stage: DemoStage, known: Sequence[Bond]) -> list[str]:
    ledger = stage.vendor.ledger
    numbers: dict[str, list[str]] = {}
    for entry in ledger.of("case"):
        numbers.setdefault(entry.key or "", []).append(entry.id)
    wrong = []
    for bond in known:
        there, here = numbers.pop(bond.key, []), bond.reference.number if bond.reference else "none"
        if there != [here]:
            wrong.append(f"{bond.ticket_number}: the hub knows case {here}, the vendor {', '.join(there) or 'none'}")
    wrong += [f"the vendor has case {one}, which no bond asked for" for one in chain(*numbers.values())]
    return wrong


def _ours(stage: DemoStage, number: str, said: Sequence[StoredComment], files: Sequence[StoredAttachment]) -> list[str]:
    """What left has to be there once; what was private, nowhere."""
    ledger, wrong = stage.vendor.ledger, []
    notes = [str(entry.values) for entry in ledger.of("note", number)]
    everything = [str(entry.values) for entry in ledger.entries]
    for one in said:
        if one.origin == "rjr" and one.key and (times := sum(one.key in note for note in notes)) != 1:
            wrong.append(f"case {number}: comment {one.key} is there {times} times")
        if one.origin == "rjr" and not one.key and any(one.body in text for text in everything):
            wrong.append(f"case {number}: a private comment has left")
    hashes = Counter((entry.values or {}).get("sha256", "") for entry in ledger.of("attachment", number))
    wrong += [
        f"case {number}: file {file.name} is there {hashes[file.sha256]} times"
        for file in files
        if hashes[file.sha256] != 1
    ]
    return wrong


def _theirs(
    stage: DemoStage, number: str, said: Sequence[StoredComment], files: Sequence[StoredAttachment], told: Sequence[str]
) -> list[str]:
    """What the vendor said has to be here once."""
    bodies = Counter(one.body for one in said if one.origin == "vendor")
    wrong = [f"case {number}: an answer is here {bodies[text]} times" for text in told if bodies[text] != 1]
    ours = {file.sha256 for file in files}
    there = {(entry.values or {}).get("sha256") for entry in stage.vendor.ledger.of("attachment", number)}
    wrong += [f"case {number}: file {sha256} has not come back" for sha256 in there - ours]
    return wrong


async def of_journal(stage: DemoStage) -> tuple[int, list[str]]:
    """How many entries the journal has, and each that is not what was written."""
    entries, wrong = 0, []
    async for read, faults in stage.context.storage.verify():
        entries += read
        wrong += [f"journal of {one.chain}, entry {one.position}: {one.what}" for one in faults]
    return entries, wrong
