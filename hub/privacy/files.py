"""Masks secrets in text files as they stream past, whatever the size of their pieces."""

from __future__ import annotations

import codecs
import re

from hub.privacy.redact import DisclosurePolicy, mark, redact
from hub.privacy.rules import SEPARATOR
from hub.privacy.secrets import NAMES

LINE = 1 << 20
"""Characters in one line; a longer line is removed whole, so that memory stays bounded."""

HELD = 1 << 18
"""Characters that wait for the end of a private key; after that the key is taken to have none."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BINARY = (b"%PDF", b"PK\x03\x04", b"\x7fELF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BZh", b"Rar!")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_WIDE_SHARE = 0.7
_OPEN_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?![\s\S]*-----)")
_OPEN_NAME = re.compile(rf"{NAMES}{SEPARATOR}\Z", re.IGNORECASE)


def file_encoding(head: bytes) -> str | None:
    """The encoding of a text file, judged by its first bytes (some thousand do); None for a binary file.

    A name proves nothing and is not asked. Binary files can't be masked: they leave as they are, or not at
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
        return "latin-1"  # every byte means itself, so nothing is changed that is not masked
    return "utf-8"


class TextRedactor:
    """Feed it a text file in pieces of any size; it returns what may leave so far.

    The result is the same as masking the whole text at once, however it is cut, with these limits: a line
    of more than `LINE` characters is removed whole, a private key may have `HELD` characters, and the
    account's own expressions see one line at a time.
    """

    def __init__(self, policy: DisclosurePolicy, encoding: str = "utf-8") -> None:
        self.counts: dict[str, int] = {}
        self._policy = policy
        self._encoding = encoding
        self._wide = encoding.startswith("utf-16")
        self._errors = "surrogatepass" if self._wide else "surrogateescape"
        self._decoder = codecs.getincrementaldecoder(encoding)(self._errors)
        self._line: list[str] = []  # the line that has not ended
        self._length = 0
        self._held = ""  # whole lines that can't be judged yet

    def feed(self, piece: bytes) -> bytes:
        """Take the next bytes; return those that may leave, which may be none yet."""
        return self._take(self._decoder.decode(piece)).encode(self._encoding, self._errors)

    def finish(self) -> bytes:
        """The rest; call it once, after the last piece."""
        cut = self._decoder.getstate()[0] if self._wide else b""  # half a character, which can't be decoded
        told = "" if self._wide else self._take(self._decoder.decode(b"", final=True))
        return (told + self._release(self._held + self._end_line())).encode(self._encoding, self._errors) + cut

    def _take(self, text: str) -> str:
        ready: list[str] = []
        for line in _LINES.findall(text):
            self._length += len(line)
            if self._length <= LINE:
                self._line.append(line)
            else:
                self._line.clear()
            if line.endswith("\n"):
                self._held += self._end_line(end="\n")
                if not self._waits():
                    ready.append(self._held)
                    self._held = ""
        if not self._policy.extra_patterns:  # the hub's own rules may see many lines at once, which is quicker
            ready = ["".join(ready)]
        return "".join(self._release(lines) for lines in ready)

    def _end_line(self, end: str = "") -> str:
        line = "".join(self._line)
        if self._length > LINE:
            self.counts["overlong line"] = self.counts.get("overlong line", 0) + 1
            line = mark("overlong line") + end
        self._line.clear()
        self._length = 0
        return line

    def _waits(self) -> bool:
        """Whether the next line may belong to a secret in these."""
        if len(self._held) > HELD:
            return False
        last = self._held.rstrip("\r\n")
        return bool(_OPEN_NAME.search(last[-300:]) or ("PRIVATE KEY" in last and _OPEN_KEY.search(last)))

    def _release(self, text: str) -> str:
        done = redact(text, self._policy)
        for kind, count in done.counts.items():
            self.counts[kind] = self.counts.get(kind, 0) + count
        return done.text
