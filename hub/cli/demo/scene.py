"""What one act of the demo leaves to the next, and what all of them do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hub.cli.demo import proof
from hub.cli.demo.stage import DemoStage
from hub.cli.demo.story import Narrator, Story, looked_at
from hub.model import Bond, Ticket
from hub.privacy.redact import redact

WHO = "demo"


@dataclass
class Scene:
    """One run of the demo."""

    stage: DemoStage
    story: Story
    teller: Narrator
    chosen: list[Ticket] = field(default_factory=list)
    told: dict[str, list[str]] = field(default_factory=dict)
    """What the vendor's engineer said, by case number."""

    async def bonds(self) -> list[Bond]:
        """All bonds, oldest first."""
        async with self.stage.context.storage.unit() as unit:
            return await proof.bonds(unit)

    async def sent(self) -> bool:
        """Whether nothing waits to leave, but for what is set aside."""
        return all(bond.waiting == bond.parked for bond in await self.bonds())

    def hidden(self, ticket: Ticket) -> Counter[str]:
        """What would be masked in a ticket, by kind."""
        return Counter(redact(f"{ticket.title}\n{ticket.description}", self.stage.vendor_account.policy).counts)

    def say(self, bond: Bond, action: str, name: str, text: str) -> None:
        """Have the vendor's engineer say something on a case, and remember it."""
        self.told.setdefault(_case(bond), []).append(text)
        self.tell(bond, action, **{name: text})

    def tell(self, bond: Bond, action: str, **arguments: str) -> None:
        """Have the vendor's engineer act on a case."""
        self.stage.vendor.tell(action, {"number": _case(bond), **arguments})

    async def count_doubts(self) -> None:
        """Count the doubts that were settled, as the journal tells them."""
        async with self.stage.context.storage.unit() as unit:
            events = [event for one in self.chosen for event in await proof.chain_of(unit, one.number)]
        looked = Counter(filter(None, map(looked_at, events)))
        self.story.found, self.story.doubts = looked["found"], looked.total()
        self.story.sent_again = self.story.doubts - self.story.found


def _case(bond: Bond) -> str:
    assert bond.reference is not None, "only cases that are open are worked on"
    return bond.reference.number
