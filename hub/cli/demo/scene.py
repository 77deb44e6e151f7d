"""The state of one run of the demo, which its acts share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hub.cli.demo import proof
from hub.cli.demo.stage import DemoStage
from hub.cli.demo.story import Narrator, Story
from hub.model import Bond, Ticket
from hub.privacy.redact import redact

WHO = "demo"


@dataclass
class Scene:
    """One run of the demo."""

    stage: DemoStage
    story: Story
    narrator: Narrator
    chosen: list[Ticket] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    """The texts that the vendor's engineer wrote, by case number."""

    async def bonds(self) -> list[Bond]:
        """All bonds, oldest first."""
        async with self.stage.context.storage.unit() as unit:
            return await proof.bonds(unit)

    async def sent(self) -> bool:
        """Whether every operation was sent, except parked ones."""
        return all(bond.waiting == bond.parked for bond in await self.bonds())

    def hidden(self, ticket: Ticket) -> Counter[str]:
        """How much would be masked in a ticket, by kind."""
        return Counter(redact(f"{ticket.title}\n{ticket.description}", self.stage.vendor_account.policy).counts)

    def answer(self, bond: Bond, action: str, name: str, text: str) -> None:
        """Let the vendor's engineer write a text on a case, and remember it."""
        self.answers.setdefault(_case(bond), []).append(text)
        self.act(bond, action, **{name: text})

    def act(self, bond: Bond, action: str, **arguments: str) -> None:
        """Let the vendor's engineer act on a case."""
        self.stage.vendor.act(action, {"number": _case(bond), **arguments})

    async def count_doubts(self) -> None:
        """Count the doubts that were resolved, from the journal."""
        async with self.stage.context.storage.unit() as unit:
            events = [event for ticket in self.chosen for event in await proof.chain_of(unit, ticket.number)]
        looked = Counter(str(event.data["looked"]) for event in events if event.data.get("looked"))
        self.story.found, self.story.doubts = looked["found"], looked.total()
        self.story.sent_again = self.story.doubts - self.story.found


def _case(bond: Bond) -> str:
    assert bond.reference is not None, "the engineer works on open cases only"
    return bond.reference.number
