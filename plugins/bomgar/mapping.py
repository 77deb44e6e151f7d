"""From the appliance's XML to the hub's session: times, people, what was said and what was done."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from hub.errors import VendorMisbehaved
from hub.model import Comment, Session
from hub.platforms.texts import from_epoch
from hub.platforms.texts import moment as read_moment

from .client import child, children, local, words

_SAID = {"Chat Message": True, "Session Note Added": False}
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_FILES = ("File Upload", "File Download")


def seconds(element: Element | None, *attributes: str) -> int | None:
    """Epoch seconds of a time: its attribute, else numeric text, else ISO 8601; None without one.

    Raises VendorMisbehaved when it can't be read, and outside the years 1970 to 9999.
    """
    if element is None:
        return None
    text = next((element.attrib[name] for name in attributes if name in element.attrib), element.text or "")
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 12:
        return int(from_epoch(int(text), local(element)).timestamp())
    at = read_moment({local(element): text}, local(element))
    if at is None:
        raise VendorMisbehaved(f"field {local(element)!r} is not a time")
    return int(at.timestamp())


def moment(element: Element | None, *attributes: str) -> datetime | None:
    """A time in UTC; see `seconds`."""
    at = seconds(element, *attributes)
    return None if at is None else datetime.fromtimestamp(at, UTC)


def started(made: Element, ticket_number: str, queue: str) -> Session:
    """The session that a new key stands for; raises VendorMisbehaved when nobody can join with it."""
    code, address = words(made, "short_key"), words(made, "key_url")
    if not code:
        raise VendorMisbehaved("the key has no short_key")
    return Session(
        reference=f"key:{code}",
        ticket_number=ticket_number,
        code=code,
        address=address,
        expires_at=moment(child(made, "expires"), "ts", "timestamp"),
        queue=queue,
    )


def session(row: Element) -> Session:
    """A session as its report tells it; raises VendorMisbehaved for what can't be understood."""
    details = child(row, "session_details")
    events = list(children(details, "event"))
    people = [words(one, "display_name") for one in children(child(row, "rep_list"), "representative")]
    return Session(
        reference=row.attrib["lsid"],
        ticket_number=_clean(words(row, "external_key")),
        queue=_clean(words(row, "primary_team")),
        started_at=moment(child(row, "start_time"), "timestamp"),
        ended_at=moment(child(row, "end_time"), "timestamp"),
        agents=tuple(_clean(name) for name in people if name),
        report=_clean(_report(row, events)),
        chat=tuple(_comment(one, f"{row.attrib['lsid']}:{at}") for at, one in enumerate(events) if _kind(one) in _SAID),
        recording=words(row, "session_recording_view_url") or words(row, "session_recording_download_url"),
    )


def _clean(text: str) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _kind(event: Element) -> str:
    return event.attrib.get("event_type", "")


def _comment(event: Element, reference: str) -> Comment:
    actor = child(event, "performed_by")
    return Comment(
        body=_clean(_body(event)),
        public=_SAID[_kind(event)],
        author=_clean(words(event, "performed_by")),
        created_at=moment(event, "timestamp"),
        reference=reference,
        automatic=actor is not None and actor.attrib.get("type") == "system",
    )


def _body(event: Element) -> str:
    encoded = words(event, "encoded_body")
    if not encoded:
        return words(event, "body")
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        raise VendorMisbehaved("an encoded_body is not base64") from None


def _report(row: Element, events: list[Element]) -> str:
    lines = [f"Remote support session {words(row, 'lseq') or row.attrib['lsid']}"]
    for title, name in (("Lasted", "duration"), ("Customer", "primary_customer"), ("Team", "primary_team")):
        if value := words(row, name):
            lines.append(f"{title}: {value}")
    lines += [
        f"{_kind(one)}: {words(one, 'filename')} ({words(one, 'filesize') or '?'} bytes)"
        for one in events
        if _kind(one) in _FILES
    ]
    lines += [f"Note: {_body(one)}" for one in events if _kind(one) == "Session Note Added"]
    return "\n".join(lines)


def facts(row: Element) -> dict[str, list[str]]:
    """All that a report says of a session, but for the signed addresses, which differ from answer to answer."""
    told = (
        f"{local(one)} {sorted(one.attrib.items())} {one.text or ''}"
        for one in row.iter()
        if not local(one).endswith("_url")
    )
    return {"told": list(told)}
