"""Words both ways, code lists, and the choice of a system."""

from __future__ import annotations

import pytest

from hub import Hooks, hookimpl
from hub.errors import CaseRefused, FieldRefused, SettingsError, VendorMisbehaved
from hub.hooks import answered
from hub.model import Account, AccountSettings, CaseStatus, Severity, VendorInfo
from hub.platforms import form
from hub.platforms.choice import Choice
from hub.platforms.words import VendorWords

WORDS = VendorWords(
    statuses={"New": CaseStatus.OPEN, "Done": CaseStatus.CLOSED},
    severities={"1": Severity.S1, "2": Severity.S2, "3": Severity.S3, "4": Severity.S4},
    status_words={CaseStatus.OPEN: "New", CaseStatus.CLOSED: "Done"},
    severity_words={Severity.S1: "1", Severity.S2: "2", Severity.S3: "3", Severity.S4: "4"},
)


def test_words_are_read_and_written() -> None:
    """A word has the meaning in the table, both ways, and an account's own words come first."""
    assert WORDS.status("New") is CaseStatus.OPEN
    assert WORDS.status("New", {"New": CaseStatus.IN_PROGRESS}) is CaseStatus.IN_PROGRESS
    assert WORDS.severity("2") is Severity.S2
    assert WORDS.severity("2", {"2": Severity.S1}) is Severity.S1
    assert WORDS.status_word(CaseStatus.CLOSED) == "Done"
    assert WORDS.status_word(CaseStatus.CLOSED, {CaseStatus.CLOSED: "Over"}) == "Over"
    assert WORDS.severity_word(Severity.S3) == "3"
    assert WORDS.severity_word(Severity.S3, {Severity.S3: "low"}) == "low"


def test_an_unknown_word_is_named_and_never_guessed() -> None:
    """The error quotes the shortened word and says where to add it; a status without a word is refused."""
    with pytest.raises(VendorMisbehaved, match="'Held'") as caught:
        WORDS.status("Held")
    assert "statuses" in caught.value.next_step
    with pytest.raises(VendorMisbehaved, match="…'"):
        WORDS.severity("x" * 50)
    with pytest.raises(FieldRefused) as refused:
        WORDS.status_word(CaseStatus.CANCELLED)
    assert refused.value.field == "status"


def test_a_code_list_accepts_only_its_own_values() -> None:
    """A value off the list names the field and offers the list; without a list anything goes."""
    assert form.choice("colour", "red", ("red", "blue")) == "red"
    assert form.choice("colour", "any", ()) == "any"
    with pytest.raises(FieldRefused) as caught:
        form.choice("colour", "green", ("red", "blue"))
    assert caught.value.field == "colour"
    assert "red, blue" in caught.value.next_step


class _Account(AccountSettings):
    """An account with a platform."""

    platform: str = "b"


class _Part(Hooks[_Account]):
    """A system with two hooks."""

    @hookimpl
    def hub_settings(self, platform: str) -> type[_Account]:
        """The account's settings."""
        return _Account

    @hookimpl
    async def hub_find_case(self, account: Account[_Account], key: str) -> None:
        """Nothing is ever found."""


class _Vendor(Choice):
    """Two systems, of which the first answers nothing."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        """Who it is."""
        return VendorInfo(name="acme", title="Acme", platform="none", platforms=self.names)


def test_a_choice_answers_by_the_accounts_platform() -> None:
    """The default comes first, an unknown name lists the known ones, and what a part lacks an account can't do."""
    first, second = Hooks[_Account](), _Part()
    choice = _Vendor(a=first, b=second)
    assert choice.names == ("a", "b")
    assert choice.part("") is first
    assert choice.hub_settings("b") is _Account
    assert answered(choice) == {"hub_vendor", "hub_capabilities", "hub_settings", "hub_find_case"}
    assert choice.hub_capabilities(_Account(vendor="acme")) == {"vendor", "capabilities", "settings", "find_case"}
    assert choice.hub_capabilities(_Account(vendor="acme", platform="a")) == {"vendor", "capabilities"}
    with pytest.raises(SettingsError) as caught:
        choice.part("c")
    assert "a, b" in caught.value.next_step


async def test_a_choice_never_answers_for_a_part_that_does_not() -> None:
    """A hook goes to the account's part with all arguments; one that only another part answers is refused."""
    choice = _Vendor(a=Hooks[_Account](), b=_Part())
    found = await choice.hub_find_case(Account("east", _Account(vendor="acme"), client=None), key="K")  # type: ignore[arg-type]
    assert found is None
    other = Account("west", _Account(vendor="acme", platform="a"), client=None)  # type: ignore[arg-type]
    with pytest.raises(CaseRefused, match="platform 'a' does not offer find_case"):
        await choice.hub_find_case(other, "K")
