"""The effects and answers of IMAP commands on folders and mail; nothing here waits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from hub.simulators.email import imap_fetch, imap_search
from hub.simulators.email.imap_words import Atom, Malformed, Word, name, numbers, quoted, string
from hub.simulators.email.line import IMAP
from hub.simulators.email.mailbox import SYSTEM_FLAGS, Mail, Mailbox, MailFolder
from hub.simulators.kit import FaultRule, Reply

_PERMANENT = " ".join(SYSTEM_FLAGS)


class FolderView:
    """A folder as seen by one connection, whose positions stay until removed mails are reported."""

    def __init__(self, folder: MailFolder, *, read_only: bool) -> None:
        self.folder, self.read_only, self._validity = folder, read_only, folder.validity
        self.mails = list(folder.mails)

    @property
    def stale(self) -> bool:
        """Whether its ids have become invalid."""
        return self.folder.validity != self._validity

    def news(self, *, gone: bool) -> bytes:
        """The lines for new mails and, if `gone`, for removed mails since the last report."""
        lines = []
        present = set(self.folder.mails)
        if gone:
            for at in range(len(self.mails), 0, -1):
                if self.mails[at - 1] not in present:
                    del self.mails[at - 1]
                    lines.append(f"* {at} EXPUNGE\r\n")
        reported = set(self.mails)
        new = [mail for mail in self.folder.mails if mail not in reported]
        if new:
            self.mails += new
            lines.append(f"* {len(self.mails)} EXISTS\r\n")
        return "".join(lines).encode()

    def chosen(self, wanted: str, *, by_uid: bool) -> list[tuple[int, Mail]]:
        """The positions and mails of a set; raises Malformed for an unknown position."""
        if by_uid:
            ranges = numbers(wanted, self.mails[-1].uid if self.mails else 0)
            places = [(self._place(low), self._place(high + 1)) for low, high in ranges]
        else:
            places = [(max(0, low - 1), high) for low, high in numbers(wanted, len(self.mails))]
            if any(high > len(self.mails) for _, high in places):
                raise Malformed("no mail has this number")
        positions = sorted({at for low, high in places for at in range(low, high)})
        return [(at + 1, self.mails[at]) for at in positions]

    def _place(self, uid: int) -> int:
        return bisect_left(self.mails, uid, key=lambda mail: mail.uid)


def ok(text: str, *lines: str, data: bytes = b"") -> Reply:
    """A successful reply, with untagged lines first."""
    return Reply(250, "".join(f"{line}\r\n" for line in lines).encode() + data, {IMAP: f"OK {text}"})


def no(text: str) -> Reply:
    """A refusal."""
    return Reply(550, b"", {IMAP: f"NO {text}"})


def operation(verb: str, given: list[Word]) -> str:
    """The operation of a command, by which faults select it."""
    if verb == "SEARCH":
        asked = {word.name for word in _flat(given) if isinstance(word, Atom)}
        return "find" if asked & {"SUBJECT", "HEADER", "TEXT", "BODY"} else "query"
    return {"FETCH": "read", "STORE": "mark", "COPY": "move", "MOVE": "move", "APPEND": "append"}.get(
        verb, verb.lower()
    )


def _flat(given: list[Word]) -> list[Word]:
    return [part for word in given for part in (_flat(word) if isinstance(word, list) else [word])]


def _argument(given: list[Word], at: int) -> str:
    if len(given) <= at:
        raise Malformed("an argument is missing")
    return string(given[at])


# --- on the mailbox ---


def select(
    box: Mailbox, given: list[Word], odd: Mapping[str, FaultRule], *, read_only: bool
) -> tuple[Reply, FolderView | None]:
    """Open a folder."""
    folder = box.folder(_argument(given, 0))
    if folder is None:
        return no("[NONEXISTENT] No such folder"), None
    if "renumbered" in odd:
        folder.renumber()
    view = FolderView(folder, read_only=read_only)
    unseen = next((at for at, mail in enumerate(view.mails, 1) if "\\Seen" not in mail.flags), 0)
    lines = [f"* FLAGS ({_PERMANENT})", f"* {len(view.mails)} EXISTS", "* 0 RECENT"]
    lines += [f"* OK [UNSEEN {unseen}] first unseen"] if unseen else []
    lines += [f"* OK [PERMANENTFLAGS ({'' if read_only else _PERMANENT + ' ' + chr(92) + '*'})] limited"]
    lines += [f"* OK [UIDVALIDITY {folder.validity}] ids valid"]
    lines += [] if "uidnext_missing" in odd else [f"* OK [UIDNEXT {folder.next}] next id"]
    return ok(f"[READ-{'ONLY' if read_only else 'WRITE'}] selected", *lines), view


def _list(box: Mailbox, given: list[Word]) -> Reply:
    reference, pattern = _argument(given, 0), _argument(given, 1)
    if not pattern:
        return ok("done", '* LIST (\\Noselect) "/" ""')
    wanted = reference + pattern
    names = [folder for folder in box.folders if "*" in wanted or "%" in wanted or folder.upper() == wanted.upper()]
    lines = [b'* LIST (\\HasNoChildren) "/" ' + quoted(folder) + b"\r\n" for folder in names]
    return ok("done", data=b"".join(lines))


def _status(box: Mailbox, given: list[Word]) -> Reply:
    folder = box.folder(_argument(given, 0))
    if folder is None:
        return no("[NONEXISTENT] No such folder")
    values = {
        "MESSAGES": len(folder.mails),
        "RECENT": 0,
        "UIDNEXT": folder.next,
        "UIDVALIDITY": folder.validity,
        "UNSEEN": sum("\\Seen" not in mail.flags for mail in folder.mails),
    }
    asked = [name(word) for word in given[1]] if len(given) > 1 and isinstance(given[1], list) else []
    if not asked or set(asked) - set(values):
        raise Malformed("STATUS takes a list of what to tell")
    counts = " ".join(f"{name} {values[name]}" for name in asked)
    return ok("done", data=b"* STATUS " + quoted(folder.name) + b" (" + counts.encode() + b")\r\n")


def _create(box: Mailbox, given: list[Word]) -> Reply:
    try:
        box.create(_argument(given, 0))
    except ValueError:
        return no("[ALREADYEXISTS] There is a folder of the name")
    return ok("done")


def _append(box: Mailbox, given: list[Word]) -> Reply:
    folder = box.folder(_argument(given, 0))
    if folder is None:
        return no("[TRYCREATE] No such folder")
    raw = given[-1]
    if len(given) < 2 or isinstance(raw, list):
        raise Malformed("APPEND takes a mail")
    set_flags = {string(flag) for word in given[1:-1] if isinstance(word, list) for flag in word}
    dates = [string(word) for word in given[1:-1] if not isinstance(word, list)]
    try:
        at = parsedate_to_datetime(dates[0].strip().replace("-", " ", 2)).timestamp() if dates else box.now()
    except ValueError:
        raise Malformed("APPEND with a date of another form") from None
    made = folder.add(bytes(raw), at, set_flags)
    box.notify_listeners()
    return ok(f"[APPENDUID {folder.validity} {made.uid}] stored")


# --- on the folder that is open ---


def _search(_box: Mailbox, view: FolderView, given: list[Word], odd: Mapping[str, FaultRule], by_uid: bool) -> Reply:
    mails = view.mails[:-1] if "not_indexed" in odd else view.mails
    try:
        matches = [mail.uid if by_uid else at for at, mail in imap_search.search(given, mails)]
    except imap_search.UnknownCharset:
        return no("[BADCHARSET (US-ASCII UTF-8)] Unknown charset")
    if "wrong_order" in odd:
        matches.reverse()
    return ok("done", "* SEARCH" + "".join(f" {number}" for number in matches))


def _fetch(box: Mailbox, view: FolderView, given: list[Word], odd: Mapping[str, FaultRule], by_uid: bool) -> Reply:
    if len(given) < 2:
        raise Malformed("FETCH takes a set and what to bring")
    wanted = imap_fetch.items(given[1] if len(given) == 2 else given[1:])
    if by_uid and not any(item.name == "UID" for item in wanted):
        wanted.insert(0, imap_fetch.FetchItem("UID"))
    chosen = view.chosen(_argument(given, 0), by_uid=by_uid)
    if "expunged" in odd and chosen:
        view.folder.remove({chosen[0][1].uid})
        box.notify_listeners()
    present = set(view.folder.mails)
    lines = [imap_fetch.fetched(at, mail, wanted, odd) for at, mail in chosen if mail in present]
    if "wrong_order" in odd:
        lines.reverse()
    return ok("done", data=b"".join(lines))


def _store(box: Mailbox, view: FolderView, given: list[Word], _odd: Mapping[str, FaultRule], by_uid: bool) -> Reply:
    if view.read_only:
        return no("[READ-ONLY] The folder is open for reading")
    how, listed = _argument(given, 1).upper(), given[2:]
    flags = {string(flag) for word in listed for flag in (word if isinstance(word, list) else [word])}
    sign = how[0] if how[:1] in "+-" else ""
    if how.lstrip("+-") not in {"FLAGS", "FLAGS.SILENT"} or not listed:
        raise Malformed("STORE takes FLAGS and a list")
    lines = []
    for at, mail in view.chosen(_argument(given, 0), by_uid=by_uid):
        mail.flags = mail.flags | flags if sign == "+" else mail.flags - flags if sign == "-" else set(flags)
        uid = b"UID %d " % mail.uid if by_uid else b""
        lines.append(b"* %d FETCH (%sFLAGS %s)\r\n" % (at, uid, imap_fetch.flags(mail)))
    box.notify_listeners()
    return ok("done", data=b"" if how.endswith("SILENT") else b"".join(lines))


def _copy(box: Mailbox, view: FolderView, given: list[Word], _odd: Mapping[str, FaultRule], by_uid: bool) -> Reply:
    folder = box.folder(_argument(given, 1))
    if folder is None:
        return no("[TRYCREATE] No such folder")
    chosen = [mail for _, mail in view.chosen(_argument(given, 0), by_uid=by_uid) if mail in set(view.folder.mails)]
    made = [folder.add(mail.raw, mail.at, mail.flags) for mail in chosen]
    box.notify_listeners()
    if not made:
        return ok("done")
    ids = ",".join(str(mail.uid) for mail in chosen), ",".join(str(mail.uid) for mail in made)
    return ok(f"[COPYUID {folder.validity} {ids[0]} {ids[1]}] done")


def _move(box: Mailbox, view: FolderView, given: list[Word], odd: Mapping[str, FaultRule], by_uid: bool) -> Reply:
    if view.read_only:
        return no("[READ-ONLY] The folder is open for reading")
    reply = _copy(box, view, given, odd, by_uid)
    if reply.status == 250:
        status = reply.headers[IMAP].removeprefix("OK ")
        # RFC 6851: the new ids are reported before the old mail is reported as removed.
        reply = ok("done", f"* OK {status}") if status.startswith("[COPYUID") else reply
        view.folder.remove({mail.uid for _, mail in view.chosen(_argument(given, 0), by_uid=by_uid)})
        box.notify_listeners()
    return reply


def _expunge(box: Mailbox, view: FolderView, given: list[Word], _odd: Mapping[str, FaultRule], by_uid: bool) -> Reply:
    if view.read_only:
        return no("[READ-ONLY] The folder is open for reading")
    chosen = [mail for _, mail in view.chosen(_argument(given, 0), by_uid=True)] if by_uid else view.mails
    view.folder.remove({mail.uid for mail in chosen if "\\Deleted" in mail.flags})
    box.notify_listeners()
    return ok("done")


def _close(box: Mailbox, view: FolderView, given: list[Word], odd: Mapping[str, FaultRule], _by_uid: bool) -> Reply:
    if not view.read_only:
        _expunge(box, view, given, odd, by_uid=False)
        view.news(gone=True)
    return ok("done")


def _unselect(
    _box: Mailbox, _view: FolderView, _given: list[Word], _odd: Mapping[str, FaultRule], _by_uid: bool
) -> Reply:
    return ok("done")


OnMailbox = Callable[[Mailbox, list[Word]], Reply]
OnFolder = Callable[[Mailbox, FolderView, list[Word], Mapping[str, FaultRule], bool], Reply]
ON_MAILBOX: Final[dict[str, OnMailbox]] = {
    "LIST": _list,
    "LSUB": _list,
    "STATUS": _status,
    "CREATE": _create,
    "APPEND": _append,
    "SUBSCRIBE": lambda _box, _given: ok("done"),
    "UNSUBSCRIBE": lambda _box, _given: ok("done"),
}
ON_FOLDER: Final[dict[str, OnFolder]] = {
    "SEARCH": _search,
    "FETCH": _fetch,
    "STORE": _store,
    "COPY": _copy,
    "MOVE": _move,
    "EXPUNGE": _expunge,
    "CLOSE": _close,
    "UNSELECT": _unselect,
}
BY_UID: Final = frozenset({"SEARCH", "FETCH", "STORE", "COPY", "MOVE", "EXPUNGE"})
