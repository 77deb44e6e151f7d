"""A simulated Remedy server for this plugin: its company, people, support groups and knowledge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.simulators.arsystem import ArSystem, Article, Group, Options, Person, Seeds

COMPANY = "Northwind Platforms"
"""The simulated vendor."""
CUSTOMER = "RjR Support"
"""The company that opens incidents there."""
GROUP = "L2 Platform"
"""The support group that new incidents go to."""
PATCH_KEYWORD = "patch-notice"
"""The keyword by which the vendor marks articles that announce a patch."""

_DAY = 86_400

_PEOPLE = (
    Person(first_name="RjR", last_name="Service Desk", login_id="rjr_hub", company=CUSTOMER, email="desk@rjr.example"),
    Person(
        first_name="Amélie",
        last_name="Tremblay",
        login_id="atremblay",
        company=CUSTOMER,
        email="amelie.tremblay@rjr.example",
    ),
    Person(first_name="Sam", last_name="Lee", login_id="slee", company=CUSTOMER, email="sam.lee@rjr.example"),
    # Two people of one name: a contact given by name alone is ambiguous here.
    Person(first_name="Sam", last_name="Lee", login_id="slee2", company=CUSTOMER, email="s.lee@rjr.example"),
    Person(
        first_name="Dana", last_name="Levesque", login_id="dlevesque", company=COMPANY, email="dana@northwind.example"
    ),
    Person(first_name="Ravi", last_name="Menon", login_id="rmenon", company=COMPANY, email="ravi@northwind.example"),
)

_GROUPS = (
    Group(name=GROUP, company=COMPANY, organization="IT Support"),
    Group(name="L2 Database", company=COMPANY, organization="IT Support"),
    Group(name="L3 Engineering", company=COMPANY, organization="Product Engineering"),
)


def _how_to(title: str, question: str, answer: str, *, days: int, internal: bool = False) -> Article:
    return Article(
        title=title,
        form="RKM:HowToTemplate",
        body={
            "RKMTemplateQuestion": f"<p>{question}</p>",
            "RKMTemplateAnswer": f"<p>{answer}</p>",
            "RKMTemplateTechnicianNotes": "<p>Northwind staff: see the runbook first.</p>",
        },
        company=COMPANY,
        internal=internal,
        age_seconds=days * _DAY,
    )


def _problem(title: str, problem: str, solution: str, *, days: int, status: str = "Published") -> Article:
    return Article(
        title=title,
        form="RKM:ProblemSolutionTemplate",
        body={"RKMTemplateProblem": f"<p>{problem}</p>", "RKMTemplateSolution": f"<p>{solution}</p>"},
        company=COMPANY,
        status=status,
        age_seconds=days * _DAY,
    )


def _patch(title: str, error: str, cause: str, fix: str, *, days: int) -> Article:
    return Article(
        title=title,
        form="RKM:KnownErrorTemplate",
        body={
            "RKMTemplateError": f"<p>{error}</p>",
            "RKMTemplateRootCause": f"<p>{cause}</p>",
            "RKMTemplateFix": f"<p>{fix}</p>",
        },
        company=COMPANY,
        keywords=PATCH_KEYWORD,
        age_seconds=days * _DAY,
    )


_ARTICLES = (
    _how_to(
        "Collect a log bundle from the checkout service",
        "Which logs does support need?",
        "Run <code>nwctl bundle --since 2h</code> and attach the archive.",
        days=120,
    ),
    _how_to(
        "Rotate the API signing key without downtime",
        "How is the signing key replaced?",
        "Add the new key, wait ten minutes, then retire the old one.",
        days=96,
    ),
    _how_to(
        "Reset a VPN profile after a certificate renewal",
        "The VPN client refuses the new certificate. What now?",
        "Delete the profile, import it again and accept the new issuer.",
        days=75,
    ),
    _how_to(
        "Escalation contacts inside Northwind",
        "Whom to call at night?",
        "The list is for Northwind staff.",
        days=70,
        internal=True,
    ),
    _problem(
        "Checkout API answers 502 during a failover",
        "Requests fail with 502 for up to two minutes.",
        "Raise the health check's interval to 5 s.",
        days=60,
    ),
    _problem(
        "Slow reports after the index was rebuilt",
        "Reports take minutes on tables above ten million rows.",
        "Refresh the planner's statistics with <code>nwctl analyze</code>.",
        days=45,
    ),
    _problem(
        "Webhooks arrive twice after a restart",
        "The receiver sees one event two times.",
        "Compare the event id and ignore the second delivery.",
        days=38,
    ),
    _problem("Draft: memory use of the importer", "Under analysis.", "None yet.", days=5, status="Draft"),
    Article(
        title="Error codes of the Northwind platform",
        form="RKM:ReferenceTemplate",
        body={"Reference": "<table><tr><th>NW-1042</th><td>no licence</td></tr></table>"},
        company=COMPANY,
        age_seconds=200 * _DAY,
    ),
    Article(
        title="Connexion refusée après un changement d'horaire",
        form="RKM:KCS:Template",
        body={
            "RKMTemplateKCSProblem": "<p>La connexion échoue pendant une heure.</p>",
            "RKMTemplateEnvironment": "<p>Serveurs réglés à l'heure locale.</p>",
            "RKMTemplateResolution": "<p>Régler les serveurs en UTC.</p>",
            "RKMTemplateCause": "<p>Le jeton porte une heure locale.</p>",
        },
        company=COMPANY,
        language="French",
        age_seconds=20 * _DAY,
    ),
    _patch(
        "Northwind Platform 4.2.1: cumulative patch",
        "Checkout workers leak connections (NW-7731).",
        "A pool is not closed after a time-out.",
        "Install 4.2.1 on all nodes; no downtime. Severity: important.",
        days=14,
    ),
    _patch(
        "Northwind Platform 4.2.2: security patch for CVE-2026-10731",
        "A crafted header reads another tenant's session.",
        "Missing check of the tenant in the session cache.",
        "Install 4.2.2 within seven days. Severity: critical.",
        days=6,
    ),
    _patch(
        "Northwind Agent 2.9.4: hotfix for Windows service start",
        "The agent does not start after a reboot.",
        "The service depends on a renamed component.",
        "Install hotfix 2.9.4-HF1. Severity: moderate.",
        days=2,
    ),
)

SEEDS = Seeds(users={"rjr_hub": "s3cret"}, people=_PEOPLE, groups=_GROUPS, articles=_ARTICLES)


class Northwind(ArSystem):
    """The simulated vendor's server, which also says how an account reaches it."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit this server at its address, secrets included."""
        return {
            "base_url": url,
            "username": "rjr_hub",
            "password": SEEDS.users["rjr_hub"],
            "contact_first_name": _PEOPLE[0].first_name,
            "contact_last_name": _PEOPLE[0].last_name,
            "company": CUSTOMER,
            "assigned_company": COMPANY,
            "assigned_organization": _GROUPS[0].organization,
            "assigned_group": GROUP,
            "patch_field": "ArticleKeywords",
            "patch_text": PATCH_KEYWORD,
        }

    def fill(self, count: int, *, run: int = 1, first: str = "") -> list[str]:
        """Store many incidents of the support group, changed lately and each `run` of them in the same second."""
        newest = self.state.now()
        seconds = [newest - (count - 1 - at) // run for at in range(count)]
        before = len(self.state.tables["incidents"])
        self.load(
            [
                {
                    "Status": 1,
                    "Impact": 3000,
                    "Urgency": 3000,
                    "Description": f"Case {at}",
                    "Company": CUSTOMER,
                    "Assigned Group": GROUP,
                    "Submit Date": second,
                    "Last Modified Date": second,
                    "Vendor Ticket Number": first if first and not at else None,
                }
                for at, second in enumerate(seconds)
            ]
        )
        return [str(row.values["Incident Number"]) for row in list(self.state.tables["incidents"])[before:]]

    def act(self, action: str, arguments: Mapping[str, Any]) -> object:
        """Have the engineer or the editor act; an article given as plain HTML goes into a template of its kind."""
        given = dict(arguments)
        if action == "withdraw":
            return super().act("revise", {"doc_id": self._doc_id(given["reference"]), "status": "Retired"})
        if "reference" in given:
            given["doc_id"] = self._doc_id(given.pop("reference"))
        patch = action == "publish_patch"
        field = "RKMTemplateFix" if patch else "RKMTemplateAnswer"
        if action in {"publish", "publish_patch"} and isinstance(given.get("body"), str):
            given = {
                "title": given["title"],
                "form": "RKM:KnownErrorTemplate" if patch else "RKM:HowToTemplate",
                "body": {field: given["body"]},
                "company": COMPANY,
                "keywords": PATCH_KEYWORD if patch else "",
            }
        elif isinstance(given.get("body"), str):
            given["body"] = {field: given["body"]}
        return super().act("publish" if patch else action, given)

    def _doc_id(self, reference: str) -> str:
        """The DocID of an article by either of its ids."""
        row = self.state.tables["articles"].get(reference)
        return reference if row is None else str(row.values["DocID"])


def simulator(options: Options | None = None, *, seed: int = 0) -> Northwind:
    """A fresh server with this vendor's data; log in as rjr_hub with password s3cret."""
    return Northwind(seeds=SEEDS, options=options, seed=seed)
