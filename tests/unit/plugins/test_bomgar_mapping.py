"""From the appliance's XML to the hub's session: times, people, what was said, what was done, and what is refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from hub.errors import VendorMisbehaved
from plugins.bomgar import mapping

LSID = "0123456789abcdef0123456789abcdef"


def xml(text: str) -> Element:
    root: Element = fromstring(text)
    return root


def row(inside: str = "", events: str = "") -> Element:
    """A session's row, in the namespace of one of the product's ages."""
    return xml(
        f'<session xmlns="http://www.bomgar.com/namespaces/API/reporting" lsid="{LSID}">{inside}'
        f"<session_details>{events}</session_details></session>"
    )


def event(kind: str, inside: str = "", author: str = "representative") -> str:
    return (
        f'<event timestamp="1767603600" event_type="{kind}"><performed_by type="{author}">Lee</performed_by>'
        f"{inside}</event>"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<t timestamp="10">later</t>', 10),
        ("<t> 10 </t>", 10),
        ("<t>1970-01-01T01:00:10+01:00</t>", 10),
        ('<t ts="1970-01-01T00:00:10Z"/>', 10),
    ],
)
def test_a_time_in_each_of_its_forms(text: str, found: int) -> None:
    """An attribute goes before the text; both are seconds or ISO 8601."""
    assert mapping.seconds(xml(text), "timestamp", "ts") == found
    assert mapping.moment(xml(text), "timestamp", "ts") == datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC)


def test_no_time_is_none() -> None:
    """An element that is not there has no time."""
    assert mapping.seconds(None) is None
    assert mapping.moment(None) is None


@pytest.mark.parametrize("text", ["", "soon", "2026-01-05T09:00:00", "100000000000", "１０"])
def test_a_time_that_can_not_be_read_is_refused(text: str) -> None:
    """Words, times without an offset, milliseconds and foreign digits raise, as nothing is guessed."""
    with pytest.raises(VendorMisbehaved, match=r"is not a time|without an offset"):
        mapping.seconds(xml(f"<t>{text}</t>"))


def test_a_key_becomes_a_session() -> None:
    """A key has a code, an address and a last hour; without a code nobody can join."""
    made = xml('<key><short_key>1234567</short_key><key_url>https://s.example/?ak=1</key_url><expires ts="10"/></key>')
    one = mapping.started(made, "RJR-1", "general")
    assert (one.reference, one.code, one.address) == ("key:1234567", "1234567", "https://s.example/?ak=1")
    assert (one.ticket_number, one.queue) == ("RJR-1", "general")
    assert one.expires_at == datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC)
    assert mapping.started(xml("<key><short_key>1</short_key></key>"), "R", "q").expires_at is None
    with pytest.raises(VendorMisbehaved, match="short_key"):
        mapping.started(xml("<key/>"), "RJR-1", "general")


def test_a_session_is_told_whole() -> None:
    """Chat is public, notes are private, files and notes stand in the report, the recording by its address."""
    body = base64.b64encode("grüß \x01".encode()).decode()
    one = mapping.session(
        row(
            "<external_key>RJR-1</external_key><primary_team>L2</primary_team><lseq>77</lseq>"
            '<duration>00:10:00</duration><start_time timestamp="10"/><end_time timestamp="610"/>'
            "<rep_list><representative><display_name>Lee</display_name></representative><representative/></rep_list>"
            "<session_recording_view_url>https://s.example/r</session_recording_view_url>",
            event("Chat Message", "<body>Hello</body>")
            + event("Session Note Added", f"<encoded_body>{body}</encoded_body>")
            + event("Chat Message", "<body>Welcome</body>", author="system")
            + event("File Upload", "<filename>a.log</filename><filesize>3</filesize>")
            + event("File Download", "<filename>b.log</filename>")
            + event("Session Start"),
        )
    )
    assert (one.reference, one.ticket_number, one.queue, one.agents) == (LSID, "RJR-1", "L2", ("Lee",))
    assert [(said.body, said.public, said.automatic) for said in one.chat] == [
        ("Hello", True, False),
        ("grüß \N{REPLACEMENT CHARACTER}", False, False),
        ("Welcome", True, True),
    ]
    assert [said.reference for said in one.chat] == [f"{LSID}:0", f"{LSID}:1", f"{LSID}:2"]
    assert one.chat[0].created_at == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert one.report.splitlines() == [
        "Remote support session 77",
        "Lasted: 00:10:00",
        "Team: L2",
        "File Upload: a.log (3 bytes)",
        "File Download: b.log (? bytes)",
        "Note: grüß \N{REPLACEMENT CHARACTER}",
    ]
    assert one.recording == "https://s.example/r"
    assert one.ended_at is not None
    assert one.started_at is not None


def test_a_session_of_which_little_is_known() -> None:
    """Without people, times, key and events there is a session all the same, named by its lsid."""
    one = mapping.session(xml(f'<session lsid="{LSID}"/>'))
    assert (one.agents, one.chat, one.started_at, one.ended_at, one.recording) == ((), (), None, None, "")
    assert one.report == f"Remote support session {LSID}"


def test_a_message_without_an_author() -> None:
    """It is nobody's, and no machine's."""
    [said] = mapping.session(row("", '<event timestamp="10" event_type="Chat Message"/>')).chat
    assert (said.author, said.automatic, said.body) == ("", False, "")


def test_a_body_that_is_not_base64_is_refused() -> None:
    """A broken encoded_body raises, and is not quoted."""
    with pytest.raises(VendorMisbehaved, match="encoded_body") as caught:
        mapping.session(row("", event("Chat Message", "<encoded_body>hunter2!</encoded_body>")))
    assert "hunter2" not in str(caught.value)


def test_signed_addresses_are_no_news() -> None:
    """What a session says is the same whatever its signed addresses are, and other when it has more to say."""

    def told(url: str, more: str = "") -> Any:
        return mapping.facts(row(f"<session_recording_view_url>{url}</session_recording_view_url>{more}"))

    assert told("https://s.example/?sig=1") == told("https://s.example/?sig=2")
    assert told("x") != told("x", '<end_time timestamp="1"/>')
