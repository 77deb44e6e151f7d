"""What changed at the vendor, what is news, and what is only our own writing coming back."""

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
    """The case by field, as a bond remembers it; `changed_at` is ISO 8601 in UTC, by the vendor's clock."""
    fields = {name: getattr(case, name) for name in FIELDS}
    return fields | {
        "status": str(case.status),
        "severity": None if case.severity is None else int(case.severity),
        "changed_at": _utc(case.changed_at).isoformat(),
    }


def is_newer(known: Mapping[str, Json], case: Case) -> bool:
    """Whether the case tells something later than the known picture; an older version never does.

    At equal times the content decides: where the clock ticks in seconds, a case changes twice in one.
    """
    if not known.get("changed_at"):
        return True
    seen, told = _utc(datetime.fromisoformat(known["changed_at"])), _utc(case.changed_at)
    return told > seen or (told == seen and bool(changed(known, picture(case))))


def changed(old: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, tuple[Json, Json]]:
    """The fields that differ, with their old and new value; the time of change is not a field."""
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

    `outgoing` are the bond's operations that are unsettled, and those done lately; what was not sent has no
    echo.
    """
    return any(
        operation.state in _MAY_HAVE_ARRIVED and field in changes_of(operation) and agrees(operation, field, value)
        for operation in outgoing
    )


class KnownComment(Value, frozen=True):
    """A comment that the hub knows already: one of ours on its way or arrived, or one of the vendor's."""

    fingerprint: str
    reference: str = ""  # the vendor's id; empty while ours has not been seen there
    key: str = ""  # of the operation that sent it
    ours: bool = False


class MatchedComments(Value, frozen=True):
    """Incoming comments, told apart."""

    new: tuple[Comment, ...]
    echoes: tuple[tuple[KnownComment, Comment], ...]  # ours, seen at the vendor
    seen: tuple[tuple[KnownComment, Comment], ...]  # the vendor's, known before
    edited: tuple[tuple[KnownComment, Comment], ...]  # the vendor's, known before with another text


def match_comments(known: Iterable[KnownComment], incoming: Iterable[Comment]) -> MatchedComments:
    """Tell new comments from known ones: by the vendor's reference, our key, the content; never by author.

    A known comment stands for one incoming comment at most, and a reference that is known decides alone: a
    reply that quotes our key is still a reply. Content alone counts only for ours that was never seen at
    the vendor, and
    for vendors that give comments no reference.
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
    theirs = [(one, comment) for one, comment in both if not one.ours]
    return MatchedComments(
        new=tuple(comment for position, comment in enumerate(arrived) if position not in pairs),
        echoes=tuple((one, comment) for one, comment in both if one.ours),
        seen=tuple((one, comment) for one, comment in theirs if one.fingerprint == fingerprint(comment.body)),
        edited=tuple((one, comment) for one, comment in theirs if one.fingerprint != fingerprint(comment.body)),
    )


def normal(text: str) -> str:
    """The text as it compares: one form of Unicode, white space as single blanks, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fingerprint(text: str) -> str:
    """What a text is recognised by, in hexadecimal, whatever its white space and our keys; "" for no text."""
    told = normal(without_keys(text))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest() if told else ""


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _as_known(comment: Comment) -> KnownComment:
    return KnownComment(fingerprint=fingerprint(comment.body), reference=comment.reference, key=comment.key, ours=True)


def _same_reference(one: KnownComment) -> str:
    return one.reference


def _same_key_and_text(one: KnownComment) -> str:
    return one.key and one.fingerprint and f"{one.key} {one.fingerprint}"


def _same_key(one: KnownComment) -> str:
    return one.key


def _same_text(one: KnownComment) -> str:
    return one.fingerprint


def _may_pair(one: KnownComment, comment: Comment) -> bool:
    """Two different references are two different comments, whatever else they share."""
    return not (one.reference and comment.reference and one.reference != comment.reference)
