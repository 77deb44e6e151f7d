"""The vendor's support engineer and its editor of knowledge and patches."""

from __future__ import annotations

from typing import Any

from hub.simulators.kit import Row
from hub.simulators.salesforce import knowledge, records
from hub.simulators.salesforce.errors import SfError
from hub.simulators.salesforce.knowledge import ENGINEER, MACHINE
from hub.simulators.salesforce.options import Article
from hub.simulators.salesforce.state import State

PEOPLE = {records.USER: "RjR Integration", ENGINEER: "Dana Levesque", MACHINE: "Automated Process"}
_ACKNOWLEDGEMENT = (
    "This is an automatic reply. Thank you for contacting support. Your request has been received and an "
    "engineer will be in touch. Please do not reply to this message."
)
_LANGUAGES = {"en": "en_US", "fr": "fr", "de": "de"}


class Engineer:
    """Acts on cases by number, key or id, and on articles and patches by id."""

    def __init__(self, state: State) -> None:
        self._state = state

    def take(self, number: str) -> None:
        """Own the case and start: Working."""
        self._set(number, {"Status": "Working", "OwnerId": ENGINEER})

    def answer(self, number: str, text: str) -> str:
        """Write a published comment; returns its id."""
        return self._comment(number, text, public=True)

    def ask(self, number: str, question: str) -> str:
        """Write a published comment, and set the status that waits for the customer; returns the comment's id."""
        ident = self._comment(number, question, public=True)
        self._set(number, {"Status": self._state.seeds.waiting})
        return ident

    def internal_note(self, number: str, text: str) -> str:
        """Write a comment that is not published, which the API user can still read; returns its id."""
        return self._comment(number, text, public=False)

    def auto_reply(self, number: str, text: str = _ACKNOWLEDGEMENT) -> str:
        """Publish the canned acknowledgement of the org's automation; returns its id."""
        return self._comment(number, text, public=True, by=MACHINE)

    def attach(self, number: str, name: str, data: bytes) -> str:
        """Add a file that portal users see; returns its ContentVersion's id."""
        state, case = self._state, self._state.case(number)
        given = {"PathOnClient": name, "FirstPublishLocationId": case.key}
        kind = state.objects["contentversion"]
        row = records.create(state, kind, given, by=ENGINEER, data=data)
        for link in state.tables["contentdocumentlink"].where("LinkedEntityId", case.key):
            if link.values["ContentDocumentId"] == row.values["ContentDocumentId"]:
                state.change(state.objects["contentdocumentlink"], link, {"Visibility": "AllUsers"}, ENGINEER)
        return row.key

    def resolve(self, number: str, text: str) -> None:
        """Publish how it was solved, and set the status for that."""
        self._comment(number, text, public=True)
        self._set(number, {"Status": self._state.seeds.resolved})

    def reopen(self, number: str) -> None:
        """Resume work on it."""
        self.take(number)

    def close(self, number: str) -> None:
        """Set the status that closes."""
        closing = [name for name, closed in self._state.seeds.statuses.items() if closed]
        self._set(number, {"Status": closing[-1]})

    def set_severity(self, number: str, severity: int) -> None:
        """Give it the priority for RjR's severity; 1 is escalated too."""
        self._set(number, {"Priority": self._state.seeds.severities[severity], "IsEscalated": severity == 1})

    def set_text(self, number: str, description: str) -> None:
        """Change its subject."""
        self._set(number, {"Subject": description})

    def delete(self, number: str) -> None:
        """Move it to the recycle bin."""
        records.delete(self._state, self._case_kind, self._state.case(number), ENGINEER)

    def merge(self, number: str, into: str) -> None:
        """Merge the case into another: it is deleted, and names the other as its master."""
        state, row, master = self._state, self._state.case(number), self._state.case(into)
        for comment in list(state.tables["casecomment"].where("ParentId", row.key)):
            state.change(state.objects["casecomment"], comment, {"ParentId": master.key}, ENGINEER)
        state.change(self._case_kind, row, {"MasterRecordId": master.key}, ENGINEER)
        records.delete(state, self._case_kind, row, ENGINEER)

    def publish(self, title: str, body: str, *, language: str = "en", product: str = "", version: str = "") -> str:
        """Publish an article; returns its KnowledgeArticleId."""
        summary = " ".join(part for part in (product, version) if part)
        article = Article(
            title=title, body=body, summary=summary, language=_LANGUAGES.get(language, language), age_seconds=0
        )
        return str(knowledge.store_article(self._state, article).values["KnowledgeArticleId"])

    def revise(self, reference: str, **changes: str) -> None:
        """Publish a new version with a new Id and the same KnowledgeArticleId, and archive the old version."""
        old = self._article(reference)
        names = {"title": "Title", "body": "Answer__c", "summary": "Summary"}
        new = {names[name]: value for name, value in changes.items()}
        state, kind = self._state, self._state.objects["knowledge__kav"]
        values = {**old.values, **new, "VersionNumber": old.values["VersionNumber"] + 1}
        del values["Id"]
        values["LastPublishedDate"] = state.now()
        over = {"PublishStatus": "Archived", "ArchivedDate": state.now(), "IsLatestVersion": False}
        state.change(kind, old, over, ENGINEER)
        row = state.add(kind, values, ENGINEER)
        knowledge.record(self._state, "article", row, row.values["KnowledgeArticleId"], row.values["Answer__c"])

    def withdraw(self, reference: str) -> None:
        """Archive an article."""
        state, row = self._state, self._article(reference)
        changes = {"PublishStatus": "Archived", "ArchivedDate": state.now()}
        state.change(state.objects["knowledge__kav"], row, changes, ENGINEER)
        knowledge.record(self._state, "article", row, reference, row.values["Answer__c"])

    def publish_patch(self, title: str, body: str, *, product: str = "", version: str = "") -> str:
        """Store a record of Patch__c; returns its id."""
        values = {"Name": title, "Summary__c": body, "Product__c": product, "Product_Version__c": version}
        return knowledge.store_patch(self._state, values)

    @property
    def _case_kind(self) -> Any:
        return self._state.objects["case"]

    def _article(self, reference: str) -> Row:
        versions = self._state.tables["knowledge__kav"].where("KnowledgeArticleId", reference)
        latest = [row for row in versions if row.values["IsLatestVersion"]]
        if not latest:
            raise LookupError(f"there is no article {reference}; give its KnowledgeArticleId")
        return latest[0]

    def _comment(self, number: str, text: str, *, public: bool, by: str = ENGINEER) -> str:
        state, case = self._state, self._state.case(number)
        given = {"ParentId": case.key, "CommentBody": text, "IsPublished": public}
        try:
            return records.create(state, state.objects["casecomment"], given, by=by).key
        except SfError as refusal:
            raise ValueError(f"{refusal.code}: {refusal.message}") from None

    def _set(self, number: str, values: dict[str, Any]) -> None:
        try:
            records.change(self._state, self._case_kind, self._state.case(number), values, by=ENGINEER)
        except SfError as refusal:
            raise ValueError(f"{refusal.code}: {refusal.message}") from None
