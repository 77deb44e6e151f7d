"""Which account takes a ticket when only the vendor is named."""

from __future__ import annotations

import pytest
from desk_kit import open_desk
from vendor_kit import open_house

from hub.bonding.outbound.escalate import escalate, preview
from hub.context import VendorAccount
from hub.errors import NotFound


async def test_the_product_decides_which_account_takes_a_ticket(database_url: str) -> None:
    """Named products go to their account, in any case of letters; all others to the one that names none."""
    async with open_desk(database_url, accounts=("cards", "trust")) as desk:
        cards, trust = desk.context.vendor_account("cards"), desk.context.vendor_account("trust")
        _take(cards, "Mobile Wallet", "Card SDK")
        card = await desk.ticket(product="mobile wallet")
        other = await desk.ticket(product="PKI")
        assert (await escalate(desk.context, card, "bmc_remedy", {}, who="agent")).account == "cards"
        assert (await escalate(desk.context, other, "bmc_remedy", {}, who="agent")).account == "trust"
        assert (await preview(desk.context, await desk.ticket(product=""), "bmc_remedy", {})).account == "trust"
        _take(trust, "mobile wallet")
        with pytest.raises(NotFound, match="2 of bmc_remedy's accounts") as caught:
            await escalate(desk.context, await desk.ticket(product="Mobile Wallet"), "bmc_remedy", {}, who="agent")
        assert "cards, trust" in caught.value.next_step
        with pytest.raises(NotFound, match="none of bmc_remedy's accounts"):
            await escalate(desk.context, await desk.ticket(product="PKI"), "bmc_remedy", {}, who="agent")


async def test_each_desk_of_a_vendor_gets_the_tickets_of_its_products(database_url: str) -> None:
    """With an account at both of Entrust's desks, each ticket becomes one case, at the desk of its product alone."""
    accounts = {"trust": ("entrust", "trustedcare"), "cards": ("entrust", "digital_card")}
    products = ("Mobile Wallet", "Card SDK")
    async with open_house(database_url, accounts, cards={"products": products}) as house:
        wanted = {"card sdk": "cards", "Mobile Wallet": "cards", "PKI": "trust", "": "trust"}
        answers = {"trust": {}, "cards": {"outage": "none"}}
        titles: dict[str, list[str]] = {"trust": [], "cards": []}
        for product, account in wanted.items():
            title = f"It fails: {product or 'something'}"
            number = await house.ticket(title, product=product)
            bond = await escalate(house.context, number, "entrust", answers[account], who="agent")
            assert bond.account == account
            titles[account].append(title)
        for account in accounts:
            await house.send(account)
            async with house.context.storage.unit() as unit:
                tied = [bond for bond in await unit.bonds.page() if bond.account == account]
            assert sorted(bond.picture["title"] for bond in tied) == sorted(titles[account])
            cases = house.sims[account].ledger.of("case")
            assert sorted(one.key for one in cases) == sorted(bond.key for bond in tied)


async def test_only_accounts_that_can_count(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that can't open cases is no choice, and what only one can needs no name."""
    async with open_desk(database_url, accounts=("library", "desk")) as desk:
        whole = VendorAccount.can
        monkeypatch.setattr(
            VendorAccount,
            "can",
            lambda self, hook: whole(self, hook) and not (self.name == "library" and hook == "open_case"),
        )
        assert desk.context.desk("bmc_remedy", "anything").name == "desk"
        assert desk.context.able("bmc_remedy", "open_case").name == "desk"
        assert desk.context.able("library", "open_case").name == "library"
        with pytest.raises(NotFound, match="several accounts"):
            desk.context.able("bmc_remedy", "read_case")


def _take(vendor_account: VendorAccount, *products: str) -> None:
    vars(vendor_account.account)["settings"] = vendor_account.account.settings.model_copy(update={"products": products})
