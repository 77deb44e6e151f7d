"""Bugs in the plugin's description of itself."""

from __future__ import annotations

import urllib.request
from contextlib import suppress
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from hub import hookimpl
from hub.http import Connection
from hub.model import Case, Finding, Intake, Question, VendorInfo
from tests.testing.mutants.known import LOADING, caught_by
from tests.testing.quirk import FORM, Login, Plugin, QuirkSettings
from tests.testing.quirk_simulator import Quirk as Simulator


@caught_by("hooks_match_the_spec")
class WrongAnnotation(Plugin):
    """A hook's result type differs from the spec."""

    @hookimpl
    async def hub_find_case(self, account: Any, key: str) -> Case:  # type: ignore[override]
        return await super().hub_find_case(account, key)


@caught_by(LOADING)
class MisnamedArgument(Plugin):
    """A hook has an argument that is not in the spec."""

    @hookimpl
    async def hub_find_case(self, account: Any, the_key: str) -> Case | None:
        return await super().hub_find_case(account, the_key)


class _Open(QuirkSettings):
    model_config = ConfigDict(extra="allow", frozen=True)


@caught_by(LOADING)
class OpenSettings(Plugin):
    """The settings accept unknown names."""

    settings = _Open


class _Loose(QuirkSettings):
    model_config = ConfigDict(extra="forbid", frozen=False)


@caught_by(LOADING)
class MutableSettings(Plugin):
    """The settings can be changed while the hub runs."""

    settings = _Loose


class _Plain(QuirkSettings):
    password: str = Field(title="Password", description="Of the user.")  # type: ignore[assignment]


class _PlainLogin(Login):
    def login_request(self) -> Any:
        made = super().login_request
        self._settings = self._settings.model_copy()
        try:
            return made()
        except AttributeError:
            from hub.http import Call

            return Call("POST", "/session", json={"user": self._settings.user, "pass": self._settings.password})


@caught_by("secrets_are_typed")
class PlainPassword(Plugin):
    """The password is a plain string."""

    settings, login = _Plain, _PlainLogin


class _Silent(QuirkSettings):
    depth: int = Field(3)


@caught_by("settings_are_explained")
class UnexplainedSetting(Plugin):
    """A setting has neither title nor description."""

    settings = _Silent


@caught_by("describes_itself_without_acting")
class ConnectsAtOnce(Plugin):
    """Describing the connection already opens one."""

    @hookimpl
    def hub_connect(self, settings: QuirkSettings) -> Connection:
        with suppress(OSError):
            urllib.request.urlopen("http://127.0.0.1:9/", timeout=0.2)
        return super().hub_connect(settings)


@caught_by("connection_keeps_to_the_address")
class OwnAddress(Plugin):
    """The connection uses the author's address, whatever the settings say."""

    @hookimpl
    def hub_connect(self, settings: QuirkSettings) -> Connection:
        return Connection(base_url="http://127.0.0.1:9", auth=self.login(settings))


@caught_by("intake_is_consistent")
class DefaultOffTheList(Plugin):
    """A question's default is not among its choices."""

    @hookimpl
    async def hub_intake(self, account: Any) -> Intake:
        return Intake(questions=(*FORM, Question(name="zone", title="Zone", choices=("a", "b"), default="c")))


@caught_by("the_check_detects_a_wrong_login")
class CheckIsBlind(Plugin):
    """The account check reports success without checking anything."""

    @hookimpl
    async def hub_check_account(self, account: Any) -> tuple[Finding, ...]:
        return (Finding(name="login", ok=True, message="looks fine"),)


@caught_by("disclosure_names_ticket_fields")
class DisclosesTheUnknown(Plugin):
    """The disclosed fields include one that tickets do not have."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return super().hub_vendor().evolve(discloses=("title", "password"))


@caught_by("vendor_is_described")
class NotesInFragments(Plugin):
    """The notes for operators are fragments instead of sentences."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return super().hub_vendor().evolve(notes=("see wiki",))


@caught_by("capabilities_are_hooks")
class CanTeleport(Plugin):
    """The capabilities include a name that is not a hook."""

    @hookimpl
    def hub_capabilities(self, settings: QuirkSettings) -> frozenset[str]:
        return frozenset({"open_case", "read_case", "changed_cases", "teleport"})


class _Lenient(QuirkSettings):
    @model_validator(mode="before")
    @classmethod
    def _drop(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if name in cls.model_fields}


@caught_by("settings_are_closed")
class DropsUnknownSettings(Plugin):
    """A misspelt setting is silently dropped."""

    settings = _Lenient


@caught_by("each_platform_has_settings")
class OneForAllPlatforms(Plugin):
    """The vendor has two platforms, and the settings name neither."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return super().hub_vendor().evolve(platforms=("old", "new"))


class _Chosen(QuirkSettings):
    platform: Literal["old"] = Field("old", title="Platform", description="The system.")


@caught_by("the_account_names_its_platform")
class LeavesItToTheDefault(Plugin):
    """The vendor has several platforms, and its simulator's account names none."""

    settings = _Chosen

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return super().hub_vendor().evolve(platforms=("old",))


@caught_by("connection_keeps_to_the_address")
class WaitsForEver(Plugin):
    """A call may take years."""

    @hookimpl
    def hub_connect(self, settings: QuirkSettings) -> Connection:
        return Connection(base_url=settings.base_url, auth=self.login(settings), deadline=1e9)


class _Rigid(Simulator):
    touch = None  # type: ignore[assignment]


@caught_by("simulator_keeps_the_contract")
class RigidSimulator(Plugin):
    """The simulator can't change a case."""

    @hookimpl
    def hub_simulator(self) -> Any:
        return _Rigid()


@caught_by("account_check_passes")
class CheckOpensCases(Plugin):
    """The account check opens a case to test its permission."""

    @hookimpl
    async def hub_check_account(self, account: Any) -> tuple[Finding, ...]:
        await account.client.send("POST", "/cases", json={"subject": "test", "details": "", "prio": "P1"})
        return await super().hub_check_account(account)
