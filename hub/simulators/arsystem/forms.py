"""The forms that the server knows: field names, numeric ids and kinds, form by form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

FieldKind = Literal["char", "enum", "date", "int", "attachment", "history", "display"]
Store = Literal["incidents", "worklogs", "articles", "templates", "people", "groups"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form; `source` is its name in the stored row, where forms differ."""

    name: str
    id: int
    kind: FieldKind = "char"
    enum: str = ""
    source: str = ""
    locked: bool = False
    """Refused when a caller sets it."""
    computed: bool = False
    """Ignored when a caller sets it."""

    @property
    def key(self) -> str:
        """The name under which rows hold the value."""
        return self.source or self.name


@dataclass(frozen=True, slots=True)
class Form:
    """A form over one store; `id_source` is the row's value that the URL carries."""

    name: str
    store: Store
    fields: dict[str, Field]
    id_source: str
    required: tuple[str, ...] = ()
    numbers: dict[int, Field] = field(default_factory=dict)

    def find(self, name: str) -> Field | None:
        """The field of this name or numeric id, or none."""
        by_name = self.fields.get(name)
        return self.numbers.get(int(name)) if by_name is None and name.isdigit() else by_name


# Ids of fields without a public reference are drawn from the customer range, so they are made up.
_CUSTOM: Final = 536_870_913


def _form(name: str, store: Store, id_source: str, required: tuple[str, ...], fields: list[Field]) -> Form:
    numbered = [f if f.id else _numbered(f, _CUSTOM + at) for at, f in enumerate(fields)]
    return Form(name, store, {f.name: f for f in numbered}, id_source, required, {f.id: f for f in numbered})


def _numbered(f: Field, number: int) -> Field:
    return Field(f.name, number, f.kind, f.enum, f.source, f.locked, f.computed)


def _chars(*names: str) -> list[Field]:
    return [Field(name, 0) for name in names]


def _incident(create: bool) -> list[Field]:
    def named(blank: str) -> tuple[str, str]:
        return (blank.replace(" ", "_"), blank) if create else (blank, "")

    first, last, service, details, company = map(
        named, ("First Name", "Last Name", "Service Type", "Detailed Decription", "Contact Company")
    )
    fields = [
        Field("Incident Number", 1000000161, locked=True),
        Field("InstanceId", 179, locked=True),
        Field("Submitter", 2, locked=True),
        Field("Submit Date", 3, "date", locked=True),
        Field("Reported Date", 1000000564, "date"),
        Field("Last Modified By", 5, locked=True),
        Field("Last Modified Date", 6, "date", locked=True),
        Field("Last Resolved Date", 1000000563, "date", locked=True),
        Field("Closed Date", 1000000566, "date", locked=True),
        Field("Status", 7, "enum", "Status"),
        Field("Status_Reason", 1000000881, "enum", "Status_Reason"),
        Field("Status-History", 15, "history", locked=True),
        Field("Description", 1000000000),
        Field(details[0], 1000000151, source=details[1]),
        Field("Resolution", 1000000156),
        Field("Impact", 1000000163, "enum", "Impact"),
        Field("Urgency", 1000000162, "enum", "Urgency"),
        Field("Priority", 1000000164, "enum", "Priority", computed=True),
        Field("Priority Weight", 1000000169, "int", computed=True),
        Field(service[0], 1000000099, "enum", "Service Type", service[1]),
        Field("Reported Source", 1000000215, "enum", "Reported Source"),
        Field("Company", 1000000001),
        Field(first[0], 1000000019, source=first[1]),
        Field(last[0], 1000000018, source=last[1]),
        Field(company[0], 1000000082, source=company[1]),
        Field("Internet E-mail", 1000000048),
        Field("Assigned Group", 1000000217),
        Field("Assigned Support Company", 1000000251),
        Field("Assigned Support Organization", 1000000014),
        Field("Assignee", 1000000218),
        Field("Assignee Login ID", 4, source="Assignee Login ID"),
        Field("Owner Group", 1000000422),
        Field("Vendor Ticket Number", 1000000652),
        Field("Total Transfers", 1000000031, "int", computed=True),
        Field("Number of Attachments", 0, "int", computed=True),
        *_chars("Vendor Name", "Vendor Group", "Vendor Organization", "mc_ueid", "Short Description", "SRID"),
        *_chars(*(f"Product Categorization Tier {tier}" for tier in (1, 2, 3))),
        *_chars(*(f"Categorization Tier {tier}" for tier in (1, 2, 3))),
        *_chars("ServiceCI", "ServiceCI_ReconID", "HPD_CI", "HPD_CI_ReconID", "Person ID", "Corporate ID"),
        Field("z1D_Action" if create else "z1D Action", 1000000076, "display"),
        *(
            Field(name, 0, "display")
            for name in ("z1D_WorklogDetails", "z1D_Details", "z1D_Activity_Type", "z1D_View_Access", "z1D_Secure_Log")
        ),
    ]
    if create:
        fields = [f for f in fields if f.id != 4] + [
            Field("Request ID", 1, source="Create Entry ID", locked=True),
            Field("Login_ID", 4, source="Login ID"),
            Field("Create Date", 0, "date", source="Submit Date", locked=True),
            Field("Incident_Entry_ID", 0, source="Entry ID", locked=True),
            Field("TemplateID", 303558600),
            Field("Person Instance ID", 0),
            Field("z2AF_Act_Attachment_1", 0, "attachment"),
        ]
    return fields


def _entry_id(joined: bool) -> list[Field]:
    source = "Request ID" if joined else "Entry ID"
    return [Field("Request ID", 1, source=source, locked=True), Field("Entry ID", 0, locked=True)]


ATTACHMENT_FIELDS: Final = ("z2AF Work Log01", "z2AF Work Log02", "z2AF Work Log03")

_WORKLOG = [
    Field("Work Log ID", 1, locked=True),
    Field("Incident Number", 1000000161),
    Field("Submitter", 2, locked=True),
    Field("Submit Date", 3, "date", locked=True),
    Field("Last Modified By", 5, locked=True),
    Field("Last Modified Date", 6, "date", locked=True),
    Field("Status", 7, "enum", "Log Status"),
    Field("Short Description", 8),
    Field("InstanceId", 179, locked=True),
    Field("Description", 1000000000),
    Field("Detailed Description", 1000000151),
    Field("Work Log Type", 1000000170, "enum", "Work Log Type"),
    Field("View Access", 1000000761, "enum", "View Access"),
    Field("Secure Work Log", 1000001476, "enum", "Secure Work Log"),
    Field("Communication Source", 1000000655),
    *_chars("Work Log Submitter", "Shared With Vendor"),
    Field("Work Log Submit Date", 0, "date", locked=True),
    Field("Work Log Date", 0, "date"),
    Field("Number of Attachments", 0, "int", computed=True),
    *(Field(f"FileNameAttachment{at}", 0, computed=True) for at in (1, 2, 3)),
    *(Field(name, 0, "attachment") for name in ATTACHMENT_FIELDS),
]

_ARTICLE = [
    Field("Request ID", 1, locked=True),
    Field("InstanceId", 179, locked=True),
    Field("Submit Date", 3, "date"),
    Field("Modified Date", 6, "date", source="ArticleLastModifiedDate"),
    Field("DocID", 302300507),
    Field("ArticleTitle", 302300502),
    Field("ArticleForm", 302300503),
    Field("Article GUID", 302301021),
    Field("FK_GUID", 302301020),
    Field("ArticleLastModifiedDate", 302300535, "date"),
    Field("StatusSelectionField", 302312185, "enum", "Article Status"),
    Field("InternalArticleIndication", 302312186, "enum", "Internal Article"),
    Field("Company", 1000000001),
    Field("Language", 302300539),
    Field("ArticleKeywords", 0),
]

_TEMPLATES: Final[dict[str, dict[str, int]]] = {
    "RKM:HowToTemplate": {
        "RKMTemplateQuestion": 302311200,
        "RKMTemplateAnswer": 302311201,
        "RKMTemplateTechnicianNotes": 302311202,
    },
    "RKM:ProblemSolutionTemplate": {
        "RKMTemplateProblem": 302311205,
        "RKMTemplateSolution": 302311206,
        "RKMTemplateTechnicianNotes": 302311202,
    },
    "RKM:KnownErrorTemplate": {
        "RKMTemplateError": 302311207,
        "RKMTemplateRootCause": 302311208,
        "RKMTemplateFix": 302311209,
        "RKMTemplateTechnicianNotes": 302311202,
    },
    "RKM:ReferenceTemplate": {"Reference": 302311210},
    "RKM:KCS:Template": {
        "RKMTemplateKCSProblem": 302308621,
        "RKMTemplateEnvironment": 302308631,
        "RKMTemplateResolution": 302308641,
        "RKMTemplateCause": 302308651,
    },
}


def _template(fields: dict[str, int]) -> list[Field]:
    body = [Field(name, number) for name, number in fields.items()]
    return [Field("Request ID", 1, locked=True), Field("InstanceId", 179, locked=True), *body]


CREATE: Final = "HPD:IncidentInterface_Create"
INTERFACE: Final = "HPD:IncidentInterface"
HELP_DESK: Final = "HPD:Help Desk"
WORKLOG: Final = "HPD:WorkLog"
ARTICLES: Final = "RKM:KnowledgeArticleManager"
PEOPLE: Final = "CTM:People"
GROUPS: Final = "CTM:Support Group"

_REQUIRED = ("First_Name", "Last_Name", "Description", "Reported Source", "Service_Type", "Impact", "Urgency", "Status")

FORMS: Final[dict[str, Form]] = {
    form.name: form
    for form in (
        _form(CREATE, "incidents", "Create Entry ID", _REQUIRED, _incident(create=True)),
        _form(INTERFACE, "incidents", "Entry ID", (), _entry_id(joined=True) + _incident(create=False)),
        _form(HELP_DESK, "incidents", "Entry ID", (), _entry_id(joined=False) + _incident(create=False)),
        _form(WORKLOG, "worklogs", "Work Log ID", ("Incident Number", "Work Log Type"), _WORKLOG),
        _form(ARTICLES, "articles", "Request ID", (), _ARTICLE),
        *(_form(name, "templates", "Request ID", (), _template(body)) for name, body in _TEMPLATES.items()),
        _form(
            PEOPLE,
            "people",
            "Person ID",
            (),
            [
                Field("Person ID", 1),
                Field("First Name", 1000000019),
                Field("Last Name", 1000000018),
                Field("Remedy Login ID", 4),
                Field("Company", 1000000001),
                Field("Internet Email", 1000000048),
            ],
        ),
        _form(
            GROUPS,
            "groups",
            "Support Group ID",
            (),
            [
                Field("Support Group ID", 1),
                Field("Support Group Name", 1000000015),
                Field("Company", 1000000001),
                Field("Support Organization", 1000000014),
                Field("Status", 7, "enum", "Support Group Status"),
            ],
        ),
    )
}
TEMPLATES: Final = frozenset(_TEMPLATES)
