"""Frozen values shared by all parts of the hub."""

from hub.model.account import Account, AccountSettings, AnyAccount
from hub.model.answer import Writer
from hub.model.appointment import Appointment, AppointmentState, FollowUp
from hub.model.base import Json, Value, utc_now
from hub.model.bond import Bond, BondState
from hub.model.case import Attachment, Case, CaseChanges, CaseDraft, CaseNews, CaseReference, CaseStatus, Comment
from hub.model.customer import Contract, Coverage, Customer
from hub.model.escalation import Clock, Escalation, Level
from hub.model.event import Event
from hub.model.intake import Intake, Question
from hub.model.knowledge import Article, ArticleDraft, Feedback, Patch
from hub.model.lane import CircuitState, StreamKind
from hub.model.notice import NoticeState, StepResult
from hub.model.operation import MOVING, Operation, OperationKind, OperationState
from hub.model.page import Cursor, Page, Quarantined
from hub.model.session import Session
from hub.model.ticket import Contact, Severity, Ticket, TicketComment, TicketDraft, TicketStatus, Visibility
from hub.model.vendor import Finding, MergePolicy, VendorInfo
from hub.model.webhook import Delivery, WebhookRequest

__all__ = [
    "MOVING",
    "Account",
    "AccountSettings",
    "AnyAccount",
    "Appointment",
    "AppointmentState",
    "Article",
    "ArticleDraft",
    "Attachment",
    "Bond",
    "BondState",
    "Case",
    "CaseChanges",
    "CaseDraft",
    "CaseNews",
    "CaseReference",
    "CaseStatus",
    "CircuitState",
    "Clock",
    "Comment",
    "Contact",
    "Contract",
    "Coverage",
    "Cursor",
    "Customer",
    "Delivery",
    "Escalation",
    "Event",
    "Feedback",
    "Finding",
    "FollowUp",
    "Intake",
    "Json",
    "Level",
    "MergePolicy",
    "NoticeState",
    "Operation",
    "OperationKind",
    "OperationState",
    "Page",
    "Patch",
    "Quarantined",
    "Question",
    "Session",
    "Severity",
    "StepResult",
    "StreamKind",
    "Ticket",
    "TicketComment",
    "TicketDraft",
    "TicketStatus",
    "Value",
    "VendorInfo",
    "Visibility",
    "WebhookRequest",
    "Writer",
    "utc_now",
]
