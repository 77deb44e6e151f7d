"""The tenant's solutions, and the editor who writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hub.simulators.kit import Clock, Ledger
from hub.simulators.rightanswers.options import Seeds, Solution


@dataclass
class StoredSolution:
    """One solution."""

    id: str
    title: str
    summary: str
    template: str
    language: str
    collections: list[str]
    status: str
    keywords: str
    created: float
    modified: float
    fields: list[tuple[str, str]] = field(default_factory=list, repr=False)
    visible_from: float = 0.0
    solved: int = 0

    def document(self) -> dict[str, Any]:
        """The solution in JSON, with times in milliseconds as text."""
        return {
            "id": self.id,
            "title": self.title,
            "status": self.status,
            "templateName": self.template,
            "templateSolutionID": self.id,
            "language": self.language,
            "summary": self.summary,
            "keywords": self.keywords,
            "author": "jdoe",
            "approver": "asmith",
            "categoryCode": "",
            "createDate": str(int(self.created * 1000)),
            "lastModifiedDate": str(int(self.modified * 1000)),
            "renewDate": int((self.modified + 31_536_000) * 1000),
            "revisionID": None,
            "viewCount": 1,
            "solvedCount": self.solved,
            "unsolvedCount": 0,
            "collections": self.collections,
            "taxonomy": [],
            "attributeSetName": "",
            "attributes": [],
            "fields": [{"name": name, "content": content} for name, content in self.fields],
        }


class State:
    """All solutions by id."""

    def __init__(self, seeds: Seeds, clock: Clock, ledger: Ledger) -> None:
        self.clock, self.ledger = clock, ledger
        self.solutions: dict[str, StoredSolution] = {}
        for solution in seeds.solutions:
            self.add(solution)
        ledger.reset()

    def add(
        self, given: Solution, *, by: str = "editor", lag: float = 0.0, sha256: str | None = None
    ) -> StoredSolution:
        """Store a solution; its id is the time of its making in 15 digits."""
        now = self.clock.now()
        at = now - given.age_seconds
        millis = int(at * 1000)
        while (ident := _ident(millis)) in self.solutions:
            millis += 1
        solution = StoredSolution(
            ident,
            given.title,
            given.summary,
            given.template,
            given.language,
            [given.collection],
            given.status,
            given.keywords,
            at,
            at,
            list(given.fields),
            now + lag,
        )
        self.solutions[ident] = solution
        self.record(solution, by, sha256)
        return solution

    def record(self, solution: StoredSolution, by: str, sha256: str | None = None) -> None:
        """Write a solution's present text into the ledger."""
        text = "\n".join([solution.title, solution.summary, *(content for _, content in solution.fields)])
        key = solution.keywords if solution.keywords.startswith("RJR-") else None
        self.ledger.store("article", solution.id, at=self.clock.now(), by=by, key=key, sha256=sha256, text=text)


class Editor:
    """Writes solutions; LookupError for an unknown one."""

    def __init__(self, state: State) -> None:
        self._state = state

    def publish(self, title: str, body: str, *, language: str = "en", product: str = "", version: str = "") -> str:
        """Publish a solution; returns its id."""
        solution_language = "French" if language == "fr" else "English"
        fields = (("Resolution", body), *(() if not product else (("Product", f"{product} {version}"),)))
        return self._state.add(Solution(title=title, fields=fields, language=solution_language)).id

    def alert(self, title: str, body: str) -> str:
        """Publish a product alert, which is a solution of its own template; returns its id."""
        return self._state.add(Solution(title=title, fields=(("Details", body),), template="Alert")).id

    def revise(self, reference: str, **changes: str) -> None:
        """Change a solution's title or text."""
        solution = self._find(reference)
        solution.title = changes.get("title", solution.title)
        if "body" in changes:
            solution.fields = [("Resolution", changes["body"])]
        solution.modified = self._state.clock.now()
        self._state.record(solution, "editor")

    def withdraw(self, reference: str) -> None:
        """Archive a solution."""
        solution = self._find(reference)
        solution.status, solution.modified = "Archived", self._state.clock.now()

    def remove(self, reference: str) -> None:
        """Delete a solution, so that nothing finds it any longer."""
        del self._state.solutions[self._find(reference).id]

    def _find(self, reference: str) -> StoredSolution:
        if reference not in self._state.solutions:
            raise LookupError(f"no solution {reference}")
        return self._state.solutions[reference]


def _ident(millis: int) -> str:
    at = datetime.fromtimestamp(millis // 1000, UTC)
    return f"{at:%y%m%d%H%M%S}{millis % 1000:03d}"
