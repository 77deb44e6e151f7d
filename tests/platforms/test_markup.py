"""HTML of vendors is read whole, and our own texts in it are recognised when they come back."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.bonding.judgement.diff import fingerprint
from hub.mail import RawMail
from hub.markup.html import html_to_text
from hub.platforms import texts
from hub.platforms.email import received
from hub.platforms.freshdesk import Settings
from hub.platforms.freshdesk.comments import read_entry
from hub.platforms.markup import as_html

KEY = "RJR-000123-7F3KQ/3-X2QF"
AWKWARD = st.sampled_from(" \t\n\r>-*<&;|~[]#/!?\u00a0\u2028\u0085\x0b\x1c\x7f")
TEXTS = st.text(st.one_of(AWKWARD, st.characters(exclude_characters="\0\f", exclude_categories=["Cs"])), max_size=60)


def normalised(text: str) -> str:
    """The text as HTML can carry it: four blanks for a tab, no blanks at the ends of lines, one blank line in a row."""
    lines = re.split(r"\r\n|\r|\n", text.replace("\t", "    ").replace("\u00a0", " "))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


@given(TEXTS)
def test_a_text_of_ours_comes_back(text: str) -> None:
    """Blanks, quotes, tags and line breaks survive, and the fingerprint is the same."""
    back = html_to_text(as_html(text))
    assert back.strip() == normalised(text)
    assert fingerprint(back) == fingerprint(text)


@given(TEXTS)
def test_a_comment_of_ours_comes_back_with_its_key(text: str) -> None:
    """The key at the end is found again, whatever the text says."""
    body, key = texts.unmarked(html_to_text(as_html(texts.marked(text, KEY))))
    assert key == KEY
    assert fingerprint(body) == fingerprint(text)


HISTORY = "<p>From: Lee &lt;l1@rjr.example&gt;<br>Sent: Monday<br>Subject: x</p><p>It fails</p>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('Install <a href="https://v.example/hf.zip">the fix</a>', "Install the fix <https://v.example/hf.zip>"),
        ("<pre>stop\n  wait\nstart</pre>", "stop\n  wait\nstart"),
        ("<table><tr><td>Host</td><td>10.0.0.1</td></tr></table>", "Host | 10.0.0.1"),
        (f"<p>Done.</p><hr>{HISTORY}", "Done."),
        (f"<p>Done.</p><div>{HISTORY}</div>", "Done."),
        ("<p>Done.</p><p>On Mon, Lee wrote:</p><blockquote>It fails</blockquote>", "Done."),
        ("<blockquote>Does it fail?</blockquote><p>Yes.</p>", "> Does it fail?\n\nYes."),
    ],
)
def test_a_letter_in_html_keeps_what_a_reader_sees(html: str, expected: str) -> None:
    """Addresses, commands and cells arrive; what is quoted below an answer does not."""
    raw = f"From: a@v.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n".encode()
    assert received.parse(RawMail(7, len(raw), datetime(2026, 9, 1, tzinfo=UTC), raw)).text == expected


def test_a_relative_link_of_a_note_leads_to_the_vendor() -> None:
    """It is resolved against the account's address."""
    settings = Settings(vendor="v", base_url="https://acme.freshdesk.com/api/v2", api_key="k")
    entry = {"id": 3, "body": 'See <a href="/a/solutions/7">this</a>', "created_at": "2026-09-01T10:00:00Z"}
    comment = read_entry(entry, settings).comment
    assert comment is not None
    assert comment.body == "See this <https://acme.freshdesk.com/a/solutions/7>"
