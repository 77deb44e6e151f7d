"""What changed at the vendor, what is new, and what only repeats our own changes."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from hub.model import Case, CaseStatus, Comment, Json, Operation, OperationKind, OperationState
from hub.model.base import Value
from hub.model.keys import without_keys

FIELDS = ("status", "severity", "title", "resolution", "assignee")
"""The fields of a case that a picture holds, besides `changed_at`."""

_ENDED = frozenset({CaseStatus.RESOLVED, CaseStatus.CLOSED, CaseStatus.CANCELLED})
_CHANGES = {
    OperationKind.CHANGE_FIELDS: {},
    OperationKind.CLOSE: {"status": str(CaseStatus.CLOSED)},
    OperationKind.REOPEN: {"status": str(CaseStatus.OPEN)},
}
_MAY_HAVE_ARRIVED = frozenset({OperationState.SENDING, OperationState.IN_DOUBT, OperationState.DONE})


def picture(case: Case) -> dict[str, Json]:
    """The case by field, as a bond stores it; `changed_at` is ISO 8601 in UTC, by the vendor's clock."""
    fields = {name: getattr(case, name) for name in FIELDS}
    return fields | {
        "status": str(case.status),
        "severity": None if case.severity is None else int(case.severity),
        "changed_at": _utc(case.changed_at).isoformat(),
    }


def is_newer(known: Mapping[str, Json], case: Case) -> bool:
    """Whether the case is newer than the known picture.

    At equal times the content decides: where the vendor's clock has seconds only, a case may change twice in one.
    """
    if not known.get("changed_at"):
        return True
    seen, reported = _utc(datetime.fromisoformat(known["changed_at"])), _utc(case.changed_at)
    return reported > seen or (reported == seen and bool(changed(known, picture(case))))


def changed(old: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, tuple[Json, Json]]:
    """The fields that differ, with their old and new values; the time of change is not a field."""
    names = [name for name in {**old, **new} if name != "changed_at"]
    return {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}


def changes_of(operation: Operation) -> dict[str, Json]:
    """The fields that an operation sets, closing and reopening included; empty for all other kinds."""
    implied: Mapping[str, Json] | None = _CHANGES.get(operation.kind)
    if implied is None:
        return {}
    given = {name: operation.payload[name] for name in FIELDS if operation.payload.get(name) is not None}
    return {**implied, **given}


def agrees(operation: Operation, field: str, value: Json) -> bool:
    """Whether the field's value at the vendor is what the operation set it to.

    Texts agree when only white space differs. A reopened case may have any status that is not an end, and a
    case that was to be resolved may be closed already.
    """
    wanted = changes_of(operation).get(field)
    if field == "status" and operation.kind is OperationKind.REOPEN:
        return value not in _ENDED
    if field == "status" and operation.kind is OperationKind.CLOSE:
        return value in {wanted, CaseStatus.CLOSED}
    if isinstance(wanted, str) and isinstance(value, str):
        return normal(wanted) == normal(value)
    return wanted is not None and bool(wanted == value)


def is_echo_field(field: str, value: Json, outgoing: Sequence[Operation]) -> bool:
    """Whether a field's new value is one that we set ourselves.

    `outgoing` are the bond's unsettled operations and those done recently. Operations that were never sent are ignored.
    """
    return any(
        operation.state in _MAY_HAVE_ARRIVED and field in changes_of(operation) and agrees(operation, field, value)
        for operation in outgoing
    )


class KnownComment(Value, frozen=True):
    """A comment that the hub has already: ours, sent or waiting, or the vendor's."""

    fingerprint: str
    reference: str = ""  # the vendor's id; empty until ours was seen there
    key: str = ""  # of the operation that sent it
    ours: bool = False


class MatchedComments(Value, frozen=True):
    """Incoming comments, sorted by whether the hub has them."""

    new: tuple[Comment, ...]
    echoes: tuple[tuple[KnownComment, Comment], ...]  # ours, seen at the vendor
    seen: tuple[tuple[KnownComment, Comment], ...]  # the vendor's, known before
    edited: tuple[tuple[KnownComment, Comment], ...]  # the vendor's, known before with another text


def match_comments(known: Iterable[KnownComment], incoming: Iterable[Comment]) -> MatchedComments:
    """Match incoming comments with known ones: by the vendor's reference, our key, or the content; never by author.

    A known comment matches one incoming comment at most, and a known reference decides alone: a reply that quotes our
    key is still a reply. Content alone counts only for comments of ours that were never seen at the vendor, and for
    vendors that give comments no reference.
    """
    held, arrived = list(known), list(incoming)
    left = set(range(len(held)))
    pairs: dict[int, int] = {}
    for same in (_same_reference, _same_key_and_text, _same_key, _same_text):
        index: dict[str, list[int]] = defaultdict(list)
        for number in sorted(left):
            index[same(held[number])].append(number)
        for position, comment in enumerate(arrived):
            mark = "" if position in pairs else same(_as_known(comment))
            fit = (number for number in index[mark] if mark and number in left)
            number = next((number for number in fit if _may_pair(held[number], comment)), -1)
            if number >= 0:
                pairs[position] = number
                left.discard(number)
    both = [(held[pairs[position]], comment) for position, comment in enumerate(arrived) if position in pairs]
    theirs = [(stored, comment) for stored, comment in both if not stored.ours]
    return MatchedComments(
        new=tuple(comment for position, comment in enumerate(arrived) if position not in pairs),
        echoes=tuple((stored, comment) for stored, comment in both if stored.ours),
        seen=tuple(pair for pair in theirs if pair[0].fingerprint == fingerprint(pair[1].body)),
        edited=tuple(pair for pair in theirs if pair[0].fingerprint != fingerprint(pair[1].body)),
    )


def normal(text: str) -> str:
    """The text as it is compared: NFC, runs of white space as single spaces, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fingerprint(text: str) -> str:
    """A hash of the text without white space differences and our keys, in hexadecimal; "" for no text."""
    plain = normal(without_keys(text))
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest() if plain else ""


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _as_known(comment: Comment) -> KnownComment:
    return KnownComment(fingerprint=fingerprint(comment.body), reference=comment.reference, key=comment.key, ours=True)


def _same_reference(comment: KnownComment) -> str:
    return comment.reference


def _same_key_and_text(comment: KnownComment) -> str:
    return comment.key and comment.fingerprint and f"{comment.key} {comment.fingerprint}"


def _same_key(comment: KnownComment) -> str:
    return comment.key


def _same_text(comment: KnownComment) -> str:
    return comment.fingerprint


def _may_pair(stored: KnownComment, comment: Comment) -> bool:
    """Whether two comments may be the same; two different references never are."""
    return not (stored.reference and comment.reference and stored.reference != comment.reference)
