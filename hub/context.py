"""What most functions of the hub need: the storage, and each account with its vendor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from hub.answers.phrases import PhraseBook
from hub.db.storage import Storage
from hub.errors import NotFound
from hub.model import AnyAccount, VendorInfo
from hub.privacy.disclose import DisclosurePolicy
from hub.vendors import Plugins, Vendor


@dataclass(frozen=True)
class VendorAccount:
    """An account and its vendor."""

    account: AnyAccount
    vendor: Vendor
    info: VendorInfo
    plugins: Plugins
    """All plugins; each may change or veto what is sent."""
    signs: PhraseBook | None = None
    """Phrases that tell a person's text from a machine's; None for those that the hub ships."""

    @property
    def name(self) -> str:
        """The account's name."""
        return self.account.name

    @property
    def policy(self) -> DisclosurePolicy:
        """What may be sent to this account."""
        return DisclosurePolicy(
            fields=frozenset(self.info.discloses),
            public_comments=self.account.settings.public_comments,
            extra_patterns=self.account.settings.redact,
        )

    @property
    def settle_seconds(self) -> float:
        """Seconds after sending from which an operation that is not found counts as not stored."""
        given = self.account.settings.settle_seconds
        return self.info.index_lag if given is None else float(given)

    @cached_property
    def capabilities(self) -> frozenset[str]:
        """What this account can do: names of hooks, without their prefix."""
        return self.vendor.capabilities_of(self.account.settings)

    def can(self, hook: str) -> bool:
        """Whether the account supports a hook, named without its prefix."""
        return hook in self.capabilities


@dataclass(frozen=True)
class HubContext:
    """The storage, the plugins and the accounts of one hub."""

    storage: Storage
    plugins: Plugins
    accounts: Mapping[str, VendorAccount]
    hub_id: str
    prefix: str
    reconcile_every: timedelta = timedelta(hours=24)
    """How long a bond may go without being compared with its case."""
    signs: PhraseBook | None = None
    """The same as each account's."""

    def vendor_account(self, name: str) -> VendorAccount:
        """The account of that name, or of the only account at a vendor. Raises NotFound."""
        if account := self.accounts.get(name):
            return account
        at_vendor = [
            vendor_account
            for vendor_account in self.accounts.values()
            if vendor_account.account.settings.vendor == name
        ]
        if len(at_vendor) == 1:
            return at_vendor[0]
        names = ", ".join(sorted(self.accounts)) or "none"
        if at_vendor:
            raise NotFound(f"vendor {name!r} has several accounts", next_step=f"name one of: {names}")
        raise NotFound(f"no account or vendor is named {name!r}", next_step=f"configured accounts: {names}")

    def able(self, name: str, hook: str) -> VendorAccount:
        """The account of that name, or the only one at a vendor that supports a hook. Raises NotFound."""
        if account := self.accounts.get(name):
            return account
        fits = self._able(name, hook)
        return fits[0] if len(fits) == 1 else self.vendor_account(name)

    def desk(self, name: str, product: str) -> VendorAccount:
        """The account that takes a ticket: by its own name, or by a vendor's name and the ticket's product.

        Only accounts that can open cases count. An account whose `products` lists the product, ignoring case, wins over
        one that lists none. Raises NotFound when none or several fit.
        """
        desks = [] if name in self.accounts else self._able(name, "open_case")
        if len(desks) < 2:  # nothing to choose from
            return desks[0] if desks else self.vendor_account(name)
        wanted = product.strip().casefold()
        named = [desk for desk in desks if wanted in {p.casefold() for p in desk.account.settings.products}]
        fits = named or [desk for desk in desks if not desk.account.settings.products]
        if len(fits) == 1:
            return fits[0]
        which = ", ".join(sorted(vendor_account.name for vendor_account in fits or desks))
        raise NotFound(
            f"{len(fits) or 'none'} of {name}'s accounts can take a ticket for product {product!r}",
            next_step=f"name one of: {which}; or set `products` of one",
        )

    def _able(self, vendor: str, hook: str) -> list[VendorAccount]:
        return [
            vendor_account
            for vendor_account in self.accounts.values()
            if vendor_account.account.settings.vendor == vendor and vendor_account.can(hook)
        ]
