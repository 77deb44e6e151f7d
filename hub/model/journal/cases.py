"""Entries on a ticket's chain about its cases: updates from vendors, links and conflicts."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from hub.model.journal import fields as f
from hub.model.journal.entry import Entry

Looks = Annotated[int, Meta(description="looks in a row that did not find the case")]


class CaseChanged(Entry, frozen=True, tag="case_changed"):
    """An update of a case was applied."""

    bond: f.BondKey
    case: f.CaseNumber = ""
    fields: f.FieldNames = ()
    echoes: Annotated[tuple[str, ...], Meta(description="fields that only repeat our own change")] | None = None
    state: f.StateOfBond | None = None
    given_at: f.GivenAt | None = None
    answer: f.TakenFor | None = None
    why: f.Why | None = None


class MoveRefused(Entry, frozen=True, tag="move_refused"):
    """An update would have moved a bond to a state that cannot follow its own."""

    bond: f.BondKey
    why: f.Why


class VendorCommented(Entry, frozen=True, tag="vendor_commented"):
    """A comment from a vendor was stored."""

    bond: f.BondKey
    reference: f.Reference = ""
    public: Annotated[bool, Meta(description="whether the vendor shows it to us as its customer")] = False
    comment: f.CommentId | None = None
    fingerprint: f.Fingerprint | None = None
    automatic: Annotated[bool, Meta(description="whether a machine wrote it")] = False
    answer: f.TakenFor | None = None
    why: f.Why | None = None
    given_at: f.GivenAt | None = None


class CommentEdited(Entry, frozen=True, tag="comment_edited"):
    """A comment was changed at the vendor; the hub's copy was updated."""

    bond: f.BondKey
    reference: f.Reference


class VendorAttached(Entry, frozen=True, tag="vendor_attached"):
    """A file of a vendor's was found on a case; its content is fetched later."""

    bond: f.BondKey
    reference: f.Reference
    attachment: f.AttachmentId


class FirstAnswer(Entry, frozen=True, tag="first_answer"):
    """A person of one side answered for the first time."""

    side: Annotated[Literal["rjr", "vendor"], Meta(description="rjr: to the customer; vendor: to us")]
    given_at: f.AnswerGivenAt
    bond: f.BondKey | None = None
    who: f.Who | None = None
    why: f.Why = ""
    comment: f.CommentId | None = None


class Conflicted(Entry, frozen=True, tag="conflict"):
    """Both sides changed a field, and a person has to decide."""

    bond: f.BondKey
    field: f.FieldName


class SettledByPolicy(Entry, frozen=True, tag="settled_by_policy"):
    """Both sides changed a field, and the account's merge policy decided."""

    bond: f.BondKey
    field: f.FieldName


class ConflictResolved(Entry, frozen=True, tag="conflict_resolved"):
    """A person decided a conflict."""

    bond: f.BondKey
    field: f.FieldName
    choice: Annotated[Literal["ours", "theirs"], Meta(description="whose value was taken")]
    who: f.Who


class KeptInside(Entry, frozen=True, tag="kept_inside"):
    """A plugin vetoed changes that were to be sent."""

    bond: f.BondKey
    fields: f.FieldNames


class Reconciled(Entry, frozen=True, tag="reconciled"):
    """A bond differed from its case, and the hub's side was updated."""

    bond: f.BondKey
    differences: Annotated[tuple[str, ...], Meta(description="what differed, sorted")]


class CaseHidden(Entry, frozen=True, tag="case_hidden"):
    """The account may not read a case."""

    bond: f.BondKey


class CaseMissed(Entry, frozen=True, tag="case_missed"):
    """A look did not find a case."""

    bond: f.BondKey
    looks: Looks


class CaseGone(Entry, frozen=True, tag="case_gone"):
    """So many looks in a row missed a case that it counts as gone."""

    bond: f.BondKey
    looks: Looks
    state: f.StateOfBond


class CaseFound(Entry, frozen=True, tag="case_found"):
    """A case that was gone can be read again."""

    bond: f.BondKey
    state: f.StateOfBond


class Connected(Entry, frozen=True, tag="connected"):
    """A person linked a ticket to a case that existed already."""

    bond: f.BondKey
    state: f.StateOfBond
    case: f.CaseNumber = ""
    who: f.Who = ""


class Relinked(Entry, frozen=True, tag="relinked"):
    """A person linked an unlinked bond to its case again."""

    bond: f.BondKey
    state: f.StateOfBond
    case: f.CaseNumber = ""
    who: f.Who = ""


class Unlinked(Entry, frozen=True, tag="unlinked"):
    """A person unlinked a bond; nothing changed at the vendor."""

    bond: f.BondKey
    ignored: Annotated[int, Meta(description="number of operations that were not sent because of it")]
    who: f.Who
