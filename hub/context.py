"""What the rooms work with: the storage, and each account together with the vendor that speaks for it."""

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
    """An account, and the vendor that speaks for it."""

    account: AnyAccount
    vendor: Vendor
    info: VendorInfo
    plugins: Plugins
    """All plugins: each may have a say in what leaves."""
    signs: PhraseBook | None = None
    """What people and machines are told apart by, where it is not what the hub ships."""

    @property
    def name(self) -> str:
        """The account's name."""
        return self.account.name

    @property
    def policy(self) -> DisclosurePolicy:
        """What may leave to this account."""
        return DisclosurePolicy(
            fields=frozenset(self.info.discloses),
            public_comments=self.account.settings.public_comments,
            extra_patterns=self.account.settings.redact,
        )

    @property
    def settle_seconds(self) -> float:
        """Seconds after which what is not found at the vendor was not stored."""
        given = self.account.settings.settle_seconds
        return self.info.index_lag if given is None else float(given)

    @cached_property
    def capabilities(self) -> frozenset[str]:
        """What this account can do: the hooks, without their prefix, that vendor and system make possible."""
        return self.vendor.capabilities_of(self.account.settings)

    def can(self, hook: str) -> bool:
        """Whether the account can do what a hook asks, named without its prefix."""
        return hook in self.capabilities


@dataclass(frozen=True)
class HubContext:
    """All that the rooms share."""

    storage: Storage
    plugins: Plugins
    accounts: Mapping[str, VendorAccount]
    hub_id: str
    prefix: str
    reconcile_every: timedelta = timedelta(hours=24)
    """How long a bond may go without being compared with its case."""
    signs: PhraseBook | None = None
    """The same as each party's."""

    def vendor_account(self, name: str) -> VendorAccount:
        """The account of that name, or of the only account at a vendor. Raises NotFound."""
        if found := self.accounts.get(name):
            return found
        at_vendor = [
            vendor_account
            for vendor_account in self.accounts.values()
            if vendor_account.account.settings.vendor == name
        ]
        if len(at_vendor) == 1:
            return at_vendor[0]
        known = ", ".join(sorted(self.accounts)) or "none"
        if at_vendor:
            raise NotFound(f"vendor {name!r} has several accounts", next_step=f"name one of: {known}")
        raise NotFound(f"there is no account or vendor {name!r}", next_step=f"configured accounts: {known}")

    def able(self, name: str, hook: str) -> VendorAccount:
        """The account of that name, or the only one at a vendor that can do what a hook asks. Raises NotFound."""
        if found := self.accounts.get(name):
            return found
        fits = self._able(name, hook)
        return fits[0] if len(fits) == 1 else self.vendor_account(name)

    def desk(self, name: str, product: str) -> VendorAccount:
        """The account that takes a ticket: an account by its name, or the account at a vendor for its product.

        Of a vendor's accounts only those count that can open cases. The product goes to the one whose `products` has
        it, in any case of letters, else to the one that names none. Raises NotFound when none or several fit.
        """
        desks = [] if name in self.accounts else self._able(name, "open_case")
        if len(desks) < 2:  # nothing to choose from
            return desks[0] if desks else self.vendor_account(name)
        wanted = product.strip().casefold()
        named = [one for one in desks if wanted in {p.casefold() for p in one.account.settings.products}]
        fits = named or [one for one in desks if not one.account.settings.products]
        if len(fits) == 1:
            return fits[0]
        which = ", ".join(sorted(vendor_account.name for vendor_account in fits or desks))
        raise NotFound(
            f"{len(fits) or 'none'} of {name}'s accounts would take a ticket of product {product!r}",
            next_step=f"name one of: {which}; or set `products` of one",
        )

    def _able(self, vendor: str, hook: str) -> list[VendorAccount]:
        return [
            vendor_account
            for vendor_account in self.accounts.values()
            if vendor_account.account.settings.vendor == vendor and vendor_account.can(hook)
        ]
