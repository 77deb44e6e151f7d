"""Masks secrets in text files while streaming, independent of chunk size."""

from __future__ import annotations

import codecs
import re

from hub.privacy.redact import DisclosurePolicy, mark, redact
from hub.privacy.rules import SEPARATOR
from hub.privacy.secrets import NAMES

MAX_LINE = 1 << 20
"""The most characters in a line; a longer line is removed, so that memory stays bounded."""

MAX_HELD = 1 << 18
"""The most characters to hold while waiting for the end of a private key; then the key counts as unterminated."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BINARY = (b"%PDF", b"PK\x03\x04", b"\x7fELF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BZh", b"Rar!")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_WIDE_SHARE = 0.7
_OPEN_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?![\s\S]*-----)")
_OPEN_NAME = re.compile(rf"{NAMES}{SEPARATOR}\Z", re.IGNORECASE)


def file_encoding(head: bytes) -> str | None:
    """The encoding of a text file, detected from its first bytes (a few thousand); None for a binary file.

    The file's name is ignored, as it proves nothing. Binary files can't be masked: they are sent unchanged or not at
    all.
    """
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if head.startswith(_BINARY):
        return None
    if 0 in head:
        half = max(len(head) // 2, 2)
        odd, even = head[1::2].count(0) / half, head[::2].count(0) / half
        return "utf-16-le" if odd > _WIDE_SHARE > even * 8 else "utf-16-be" if even > _WIDE_SHARE > odd * 8 else None
    if _CONTROL.search(head):
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "latin-1"  # maps every byte to itself, so unmasked bytes stay the same
    return "utf-8"


class TextRedactor:
    """Masks a text file fed in chunks of any size; returns the masked text so far.

    The result equals masking the whole text at once, with these limits: a line
    of more than `MAX_LINE` characters is removed whole, a private key may have `MAX_HELD` characters, and the
    account's own expressions see one line at a time.
    """

    def __init__(self, policy: DisclosurePolicy, encoding: str = "utf-8") -> None:
        self.counts: dict[str, int] = {}
        self._policy = policy
        self._encoding = encoding
        self._wide = encoding.startswith("utf-16")
        self._errors = "surrogatepass" if self._wide else "surrogateescape"
        self._decoder = codecs.getincrementaldecoder(encoding)(self._errors)
        self._line: list[str] = []  # the unfinished line
        self._length = 0
        self._held = ""  # complete lines that can't be masked yet

    def feed(self, piece: bytes) -> bytes:
        """Process the next bytes; returns masked bytes, possibly none yet."""
        return self._mask_lines(self._decoder.decode(piece)).encode(self._encoding, self._errors)

    def finish(self) -> bytes:
        """The rest; call once, after the last chunk."""
        cut = self._decoder.getstate()[0] if self._wide else b""  # an incomplete character
        text = "" if self._wide else self._mask_lines(self._decoder.decode(b"", final=True))
        return (text + self._mask(self._held + self._end_line())).encode(self._encoding, self._errors) + cut

    def _mask_lines(self, text: str) -> str:
        ready: list[str] = []
        for line in _LINES.findall(text):
            self._length += len(line)
            if self._length <= MAX_LINE:
                self._line.append(line)
            else:
                self._line.clear()
            if line.endswith("\n"):
                self._held += self._end_line(end="\n")
                if not self._may_continue():
                    ready.append(self._held)
                    self._held = ""
        if not self._policy.extra_patterns:  # the hub's own rules may see many lines at once, which is faster
            ready = ["".join(ready)]
        return "".join(self._mask(lines) for lines in ready)

    def _end_line(self, end: str = "") -> str:
        line = "".join(self._line)
        if self._length > MAX_LINE:
            self.counts["overlong line"] = self.counts.get("overlong line", 0) + 1
            line = mark("overlong line") + end
        self._line.clear()
        self._length = 0
        return line

    def _may_continue(self) -> bool:
        """Whether a secret may continue in the next line."""
        if len(self._held) > MAX_HELD:
            return False
        last = self._held.rstrip("\r\n")
        return bool(_OPEN_NAME.search(last[-300:]) or ("PRIVATE KEY" in last and _OPEN_KEY.search(last)))

    def _mask(self, text: str) -> str:
        redacted = redact(text, self._policy)
        for kind, count in redacted.counts.items():
            self.counts[kind] = self.counts.get(kind, 0) + count
        return redacted.text
