"""Fields that several kinds of journal entries share, each with what it means."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta

from hub.model.answer import Writer
from hub.model.bond import BondState
from hub.model.operation import OperationKind
from hub.model.ticket import Severity, Visibility

Account = Annotated[str, Meta(description="the account's name")]
BondKey = Annotated[str, Meta(description="the bond's key")]
StateOfBond = Annotated[BondState, Meta(description="the state that the bond is in from now on")]
CaseNumber = Annotated[str, Meta(description="the case's number at the vendor")]
Reference = Annotated[str, Meta(description="the vendor's id of the item")]
FieldName = Annotated[str, Meta(description="the field's name")]
FieldNames = Annotated[tuple[str, ...], Meta(description="names of the fields that changed, sorted")]

OperationKey = Annotated[str, Meta(description="the operation's key, which starts with its bond's key")]
KindOfOperation = Annotated[OperationKind, Meta(description="what the operation does at the vendor")]
Trace = Annotated[str, Meta(description="the trace id, also found in the log")]
Worker = Annotated[str, Meta(description="the worker that does it")]

Who = Annotated[str, Meta(description="the person or part of the hub that did it")]
GivenAt = Annotated[datetime, Meta(description="when the vendor did it, by the vendor's clock")]
AnswerGivenAt = Annotated[datetime, Meta(description="when the answer was given")]
Why = Annotated[str, Meta(description="the reason, in words")]
Error = Annotated[str, Meta(description="the error's class")]
InDoubt = Annotated[bool, Meta(description="whether the vendor may have stored it anyway")]

CommentId = Annotated[int, Meta(description="the hub's id of the comment")]
AttachmentId = Annotated[int, Meta(description="the hub's id of the file")]
SessionId = Annotated[int, Meta(description="the hub's id of the session")]
AppointmentId = Annotated[int, Meta(description="the hub's id of the appointment")]
Sha256 = Annotated[str, Meta(description="the content's SHA-256, in hex")]
Fingerprint = Annotated[str, Meta(description="the first 16 hex digits of a SHA-256")]
Size = Annotated[int, Meta(description="bytes")]
Seen = Annotated[Visibility, Meta(description="who may see it")]
SeverityNow = Annotated[Severity, Meta(description="the ticket's severity from now on")]
TakenFor = Annotated[Writer, Meta(description="who wrote the text, as judged: person, machine or unclear")]

Plan = Annotated[str, Meta(description="the support plan; empty for none")]
ContractNumber = Annotated[str, Meta(description="the contract's number; empty for none")]
Starts = Annotated[date, Meta(description="the contract's first day")]
Ends = Annotated[date, Meta(description="the contract's last day; left out while it is open-ended")]
ClockName = Annotated[str, Meta(description="response, or the bond's key for a vendor's clock")]
StepName = Annotated[str, Meta(description="the policy step's name")]
StepNames = Annotated[tuple[str, ...], Meta(description="names of the policy steps it is about")]
Role = Annotated[str, Meta(description="the recipient's role")]
Way = Annotated[Literal["mail", "webhook"], Meta(description="how the message is sent")]
MessageKey = Annotated[str, Meta(description="the message's key, the same for every try")]
