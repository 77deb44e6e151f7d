"""Plugins: how they are found and refused, and what a vendor's face lets in and out."""

from __future__ import annotations

import asyncio
import inspect
import logging
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar, get_type_hints

import httpx
import pytest
from pydantic import ConfigDict
from starlette.applications import Starlette

import hub.http
from hub import SPEC_VERSION, Hooks, hookimpl, vendors
from hub.errors import (
    CaseMissing,
    CaseRefused,
    HubError,
    LoginRefused,
    NotDisclosed,
    PluginError,
    RateLimited,
    SettingsError,
    VendorMisbehaved,
    VendorUnavailable,
)
from hub.hooks import HOOKS
from hub.http import Connection
from hub.http.writes import Captured, Outgoing, begin_write, capturing
from hub.model import (
    Account,
    AccountSettings,
    Article,
    Attachment,
    Bond,
    BondState,
    Case,
    CaseDraft,
    CaseNews,
    CaseReference,
    CaseStatus,
    Comment,
    Delivery,
    Escalation,
    Event,
    Finding,
    Intake,
    Operation,
    OperationKind,
    OperationState,
    Page,
    Patch,
    Quarantined,
    Question,
    Session,
    Severity,
    Value,
    VendorInfo,
)
from hub.vendors import Deadlines, Vendor
from hub.vendors.shape import wrong

NOW = datetime(2025, 3, 1, tzinfo=UTC)
CANARY = "canary-2c9a"
CASE = Case(reference=CaseReference(number="INC1"), status=CaseStatus.OPEN, changed_at=NOW)
DRAFT = CaseDraft(key="K-1", title=CANARY, description=CANARY, severity=Severity.S2, ticket_number="RJR-000001")
ACCOUNT = Account(name="east", settings=AccountSettings(vendor="acme"), client=None)  # type: ignore[arg-type]
QUICK = Deadlines(call=0.01, file=0.01)


class Made:
    """An object with hooks for attributes."""

    def __init__(self, **hooks: Callable[..., Any]) -> None:
        vars(self).update(hooks)


def plugin(name: str = "acme", spec: str = SPEC_VERSION, **hooks: Callable[..., Any]) -> Any:
    """A vendor's plugin with the given hooks besides the three that say who it is."""

    def hub_vendor():
        return VendorInfo(name=name, title="Acme", platform="none", spec=spec)

    def hub_settings():
        return AccountSettings

    def hub_connect(settings):
        return Connection(base_url="https://acme.example")

    made = {"hub_vendor": hub_vendor, "hub_settings": hub_settings, "hub_connect": hub_connect} | hooks
    return Made(**{hook: hookimpl(function) for hook, function in made.items() if function})


def load(**given: Any) -> vendors.Plugins:
    """Plugins from nothing but what is given."""
    return vendors.load(**{"entry_points": ()} | given)


def acme(deadlines: Deadlines | None = None, trace: bool = False, **hooks: Callable[..., Any]) -> Vendor:
    """The face of a vendor with these hooks."""
    return load(extra={"acme": plugin(**hooks)}, strict=True, deadlines=deadlines, trace=trace).vendors["acme"]


def refused(found: Any, name: str = "acme") -> vendors.Failed:
    """Why the plugin is refused; a good one beside it goes on."""
    plugins = load(extra={"good": plugin("good"), name: found})
    assert list(plugins.vendors) == ["good"]
    (failed,) = plugins.failed
    assert failed.name == name
    with pytest.raises(PluginError, match=name):
        load(extra={name: found}, strict=True)
    return failed


# --- finding ---


def test_a_plugin_is_found_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point of the group `hub` is all that a plugin needs."""
    (tmp_path / "found_plugin.py").write_text(
        "from hub import hookimpl\n@hookimpl\ndef hub_happened(event): pass\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins = load(entry_points=[EntryPoint("listener", "found_plugin", "hub")])
    assert plugins.failed == ()
    assert plugins.vendors == {}
    assert list(plugins.guards) == ["listener"]


OBJECT = """
from hub import Hooks, hookimpl
from hub.http import Connection
from hub.model import AccountSettings, VendorInfo


class Acme(Hooks[AccountSettings]):
    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return VendorInfo(name="acme", title="Acme", platform="none")

    @hookimpl
    def hub_settings(self, platform: str) -> type[AccountSettings]:
        return AccountSettings

    @hookimpl
    def hub_connect(self, settings: AccountSettings) -> Connection:
        return Connection(base_url="https://acme.example")


plugin = Acme()
"""


@pytest.fixture
def acme_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with a plugin that is an object, and with a quality sheet."""
    folder = tmp_path / "acme_package"
    folder.mkdir()
    (folder / "__init__.py").write_text(OBJECT, encoding="utf-8")
    (folder / "quality.toml").write_text('tier = "gold"\n', encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "acme_package", raising=False)
    return folder


def found_at(target: str, name: str = "acme") -> vendors.Plugins:
    """Plugins from one entry point."""
    return load(entry_points=[EntryPoint(name, target, "hub")])


@pytest.mark.usefixtures("acme_package")
def test_an_entry_point_may_name_an_object() -> None:
    """It answers what its class marks, and nothing that it only inherits; its package's quality sheet counts."""
    vendor = found_at("acme_package:plugin").vendors["acme"]
    assert vendor.capabilities == {"vendor", "settings", "connect"}
    assert vendor.quality.tier == "gold"


def test_an_object_that_can_not_be_used_is_listed_with_its_place(acme_package: Path) -> None:
    """The place is the line of its class; a class in an object's place, and a missing object, are named."""
    failed = found_at("acme_package:plugin", "other").failed[0]
    assert "registered as 'other'" in failed.reason
    assert failed.where == f"{acme_package / '__init__.py'}:7"
    assert "it is the class Acme; let the entry point name an object" in found_at("acme_package:Acme").failed[0].reason
    (missing,) = found_at("acme_package:nothing").failed
    assert "acme_package has no 'nothing'" in missing.reason
    assert missing.where == "acme_package:nothing"


def test_an_answer_in_a_class_has_to_be_marked() -> None:
    """A method that overrides the spec without the mark would never be called."""

    class Unmarked(Hooks[AccountSettings]):
        def hub_happened(self, event: Event) -> None:
            del event

    assert refused(Unmarked()).reason == "hub_happened isn't marked with @hookimpl"


@pytest.mark.parametrize(
    ("code", "reason", "line"),
    [
        ("import sys\nsys.exit(3)\n", "importing it raised SystemExit", 2),
        ("x = 1\n\nraise ValueError('canary-2c9a')\n", "importing it raised ValueError", 3),
        ("import no_such_module_xyz\n", "ModuleNotFoundError: No module named 'no_such_module_xyz'", 1),
        ("def broken(:\n", "importing it raised SyntaxError", 1),
    ],
)
def test_a_plugin_that_breaks_at_import_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str, line: int
) -> None:
    """It is shown with its reason, file and line; the hub goes on with the rest."""
    path = tmp_path / "broken_plugin.py"
    path.write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "broken_plugin", raising=False)
    plugins = load(entry_points=[EntryPoint("broken", "broken_plugin", "hub")], extra={"acme": plugin()})
    assert list(plugins.vendors) == ["acme"]
    (failed,) = plugins.failed
    assert reason in failed.reason
    assert failed.where == f"{path}:{line}"
    assert CANARY not in str(failed)


def test_an_entry_point_to_nothing_is_listed_by_its_target() -> None:
    """Where there is no file, the entry point's own target tells the place."""
    (failed,) = load(entry_points=[EntryPoint("gone", "no_such_module_xyz", "hub")]).failed
    assert failed.where == "no_such_module_xyz"


def test_a_blocked_plugin_is_not_even_imported() -> None:
    """The block list keeps a plugin's code from running."""
    plugins = load(entry_points=[EntryPoint("bad", "no_such_module_xyz", "hub")], blocked=["bad", "never"])
    assert plugins.failed == ()
    assert plugins.blocked == ("bad",)


def test_a_name_is_taken_once() -> None:
    """Two plugins of one name: the first stays, the second is listed."""

    class Point:
        name, value, dist, load = "acme", "acme_plugin", None, plugin

    plugins = load(entry_points=[Point], extra={"acme": plugin()})
    assert "another plugin has the same name" in plugins.failed[0].reason
    assert list(plugins.vendors) == ["acme"]
    twin = plugin("one")
    assert "under another name" in load(extra={"one": twin, "two": twin}).failed[0].reason


async def _open(account, draft):
    return CASE


def test_a_misspelt_hook_is_refused() -> None:
    """A hook that isn't in the spec would never be called."""
    failed = refused(plugin(hub_open_cse=_open))
    assert failed.reason == "there is no hook hub_open_cse; did you mean hub_open_case?"


def test_a_misspelt_argument_is_refused() -> None:
    """An argument that the spec doesn't have would never be given."""

    async def hub_open_case(account, drft):
        return CASE

    failed = refused(plugin(hub_open_case=hub_open_case))
    assert "hub_open_case" in failed.reason
    assert "drft" in failed.reason


def test_a_plugin_may_list_only_the_arguments_it_needs() -> None:
    """Arguments are opt-in."""

    async def hub_open_case(draft):
        return CASE

    assert "open_case" in acme(hub_open_case=hub_open_case).capabilities


@pytest.mark.parametrize(
    ("spec", "reason"),
    [("2.0", "update the hub"), ("0.9", "update the plugin"), ("1.99", "update the hub"), ("one", "no version")],
)
def test_another_version_of_the_spec_is_refused(spec: str, reason: str) -> None:
    """A plugin for another major version, or for hooks that this hub doesn't have yet, is not used."""
    assert reason in refused(plugin(spec=spec)).reason


def _unmarked() -> Any:
    async def hub_open_case(account, draft):
        return CASE

    found = plugin()
    found.hub_open_case = hub_open_case
    return found


def _no_function() -> Any:
    found = plugin()
    found.hub_open_case = 5
    return found


class _Curious(ModuleType):
    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(CANARY)


async def _async_vendor():
    return None


def _gives_a_coroutine():
    return _async_vendor()


def _wrapped() -> Any:
    found = plugin()

    def hub_happened(event):
        yield

    found.hub_happened = hookimpl(wrapper=True)(hub_happened)
    return found


class _OpenSettings(AccountSettings):
    model_config = ConfigDict(extra="allow")


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (_unmarked(), "hub_open_case isn't marked with @hookimpl"),
        (_no_function(), "hub_open_case is no function"),
        (None, "it answers no hook"),
        (ModuleType("empty"), "it answers no hook"),
        (_Curious("curious"), "looking at it raised RuntimeError"),
        (plugin(hub_vendor=_async_vendor), "hub_vendor must be a plain function"),
        (_wrapped(), "hub_happened is a wrapper"),
        (plugin("other"), "hub_vendor says 'other'"),
        (plugin(hub_vendor=lambda: "acme"), "the answer of hub_vendor is str, not VendorInfo"),
        (plugin(hub_vendor=_gives_a_coroutine), "the answer of hub_vendor is coroutine, not VendorInfo"),
        (plugin(hub_vendor=lambda: 1 / 0), "hub_vendor raised ZeroDivisionError"),
        (plugin(hub_vendor=None), "it answers hub_connect but not hub_vendor"),
        (plugin(hub_connect=None), "it does not answer hub_connect"),
        (plugin(hub_settings=lambda: dict), "the answer of hub_settings is type, not AccountSettings"),
        (plugin(hub_settings=lambda: _OpenSettings), "not closed and frozen"),
    ],
)
def test_a_plugin_that_breaks_a_rule_is_listed(found: Any, reason: str) -> None:
    """Each breach says what to change, and takes no other plugin down."""
    assert reason in refused(found).reason


# --- the face of one vendor ---


def test_capabilities_are_the_hooks_answered() -> None:
    """What a vendor can do is which hooks its plugin answers."""
    assert acme(hub_open_case=_open).capabilities == {"vendor", "settings", "connect", "open_case"}


async def test_async_and_plain_hooks_are_both_answered() -> None:
    """A hook that asks may be async or plain."""
    assert await acme(hub_open_case=_open).open_case(ACCOUNT, DRAFT) is CASE
    assert await acme(hub_open_case=lambda draft: CASE).open_case(ACCOUNT, DRAFT) is CASE


async def test_only_the_vendors_own_hook_is_called() -> None:
    """One vendor's call never reaches another vendor."""
    others = plugin("other", hub_find_case=lambda key: 1 / 0)
    plugins = load(extra={"acme": plugin(hub_find_case=lambda key: None), "other": others})
    assert await plugins.vendors["acme"].find_case(ACCOUNT, "K") is None
    with pytest.raises(PluginError, match="plugin other"):
        await plugins.vendors["other"].find_case(ACCOUNT, "K")


async def test_a_hook_not_offered_is_refused_to_the_owner() -> None:
    """What a vendor can't do parks the operation instead of blaming the plugin."""
    with pytest.raises(CaseRefused, match="acme does not offer read_case") as error:
        await acme().read_case(ACCOUNT, CASE.reference)
    assert (error.value.account, error.value.in_doubt) == ("east", False)


async def test_a_hanging_hook_is_bounded() -> None:
    """A plugin that never answers costs its deadline and no more."""

    async def hangs():
        await asyncio.Event().wait()

    with pytest.raises(VendorUnavailable, match=r"hub_intake took longer than 0.01 s") as error:
        await acme(QUICK, hub_intake=hangs).intake(ACCOUNT)
    assert (error.value.vendor, error.value.account, error.value.operation) == ("acme", "east", "intake")
    assert error.value.in_doubt is False


@pytest.mark.parametrize(
    "raised",
    [
        ValueError(CANARY),
        TimeoutError(CANARY),
        SystemExit(CANARY),
        asyncio.CancelledError(CANARY),
        httpx.ReadError(CANARY),
        ExceptionGroup("several", [KeyError(CANARY), KeyError(CANARY)]),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_only_hub_errors_come_out(raised: BaseException) -> None:
    """Anything else is a fault of the plugin, named by type and never by text, with its cause kept."""

    async def fails():
        raise raised

    with pytest.raises(PluginError) as error:
        await acme(hub_intake=fails).intake(ACCOUNT)
    assert error.value.message == f"plugin acme: hub_intake raised {type(raised).__name__}"
    assert error.value.__cause__ is raised
    assert CANARY not in str(error.value) + repr(error.value)


async def test_a_hub_error_out_of_a_task_group_is_unwrapped() -> None:
    """A plugin may ask in parallel: the one error of its tasks is the error of the call."""

    async def fails():
        raise ExceptionGroup("tasks", [CaseMissing("it is gone")])

    with pytest.raises(CaseMissing, match="it is gone"):
        await acme(hub_intake=fails).intake(ACCOUNT)


async def test_cancelling_passes() -> None:
    """A worker that stops is not mistaken for a faulty plugin."""
    began = asyncio.Event()

    async def waits():
        began.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(acme(hub_intake=waits).intake(ACCOUNT))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_vendor_error_is_filled_in_where_it_is_empty() -> None:
    """Vendor, account and operation are known to the facade; what the plugin said stays."""

    async def fails():
        raise RateLimited("slow down", wait=7, operation="its own word")

    with pytest.raises(RateLimited) as error:
        await acme(hub_intake=fails).intake(ACCOUNT)
    assert (error.value.vendor, error.value.account, error.value.operation) == ("acme", "east", "its own word")
    assert error.value.wait == 7


# --- doubt ---


def _after_writing(stored: bool, raised: Callable[[], BaseException] | None, answer: Any = None) -> Callable[..., Any]:
    async def hook(account, draft):
        begin_write().stored_maybe = stored
        if raised is not None:
            raise raised()
        return answer

    return hook


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (VendorUnavailable, VendorUnavailable),
        (VendorMisbehaved, VendorMisbehaved),
        (NotDisclosed, NotDisclosed),
        (KeyError, PluginError),
        (None, PluginError),  # a nonsense answer
    ],
)
async def test_doubt_is_told_by_the_writes(stored: bool, raised: type[Exception] | None, kind: type[HubError]) -> None:
    """Whatever goes wrong after a write that may be stored leaves doubt, a fault of the plugin too."""
    hook = _after_writing(stored, raised, answer="nonsense")
    with pytest.raises(kind) as error:
        await acme(hub_open_case=hook).open_case(ACCOUNT, DRAFT)
    assert vars(error.value)["in_doubt"] is stored


async def test_a_deadline_after_a_write_leaves_doubt() -> None:
    """A hook cut off after its write may have stored something."""

    async def hook(draft):
        begin_write().stored_maybe = True
        await asyncio.Event().wait()

    with pytest.raises(VendorUnavailable) as error:
        await acme(QUICK, hub_open_case=hook).open_case(ACCOUNT, DRAFT)
    assert error.value.in_doubt is True


async def test_a_plugin_may_say_more_doubt_but_not_less() -> None:
    """A plugin that knows of doubt is heard; one that denies it is not."""
    said = _after_writing(False, lambda: VendorUnavailable("by mail", in_doubt=True))
    with pytest.raises(VendorUnavailable) as error:
        await acme(hub_open_case=said).open_case(ACCOUNT, DRAFT)
    assert error.value.in_doubt is True


async def test_doubt_through_a_real_client() -> None:
    """A case stored by a POST whose read back fails is in doubt; one refused with 400 is not."""
    answers = {"/open": 201, "/refuse": 400, "/read": 500}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].decode()
        length = next(
            (int(line.split()[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0
        )
        await reader.readexactly(length)
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}" % answers[path])
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        connection = Connection(base_url=f"http://127.0.0.1:{port}")
        client = hub.http.Client(account="east", vendor="acme", connection=connection, sleep=_no_sleep)
        account = Account(name="east", settings=AccountSettings(vendor="acme"), client=client)

        async def hub_open_case(account, draft):
            await account.client.send("POST", "/refuse" if draft.title == "bad" else "/open", json={})
            await account.client.get("/read")

        vendor = acme(hub_open_case=hub_open_case)
        try:
            with pytest.raises(VendorUnavailable) as unread:
                await vendor.open_case(account, DRAFT)
            with pytest.raises(CaseRefused) as bad:
                await vendor.open_case(account, DRAFT.evolve(title="bad"))
            preview = await vendor.preview_open_case(account, DRAFT)
        finally:
            await client.close()
    assert unread.value.in_doubt is True
    assert bad.value.in_doubt is False
    assert (preview.method, preview.body) == ("POST", b"{}")


async def _no_sleep(seconds: float) -> None:
    del seconds


# --- preview ---


def _writes(wrap: bool = False) -> Callable[..., Any]:
    async def send(draft: CaseDraft) -> None:
        captured = capturing()
        assert captured is not None, "a write left during a preview"
        captured.outgoing = Outgoing("POST", "/case", {}, draft.key.encode())
        raise Captured(captured.outgoing)

    async def hook(draft):
        if not wrap:
            await send(draft)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(send(draft))
        return CASE

    return hook


@pytest.mark.parametrize("wrap", [False, True], ids=["straight", "in a task group"])
async def test_a_preview_is_the_first_write(wrap: bool) -> None:
    """A preview gives the request that would leave, and ends before it leaves."""
    outgoing = await acme(hub_open_case=_writes(wrap)).preview_open_case(ACCOUNT, DRAFT)
    assert (outgoing.method, outgoing.path, outgoing.body) == ("POST", "/case", b"K-1")


async def test_a_preview_of_nothing_is_a_fault() -> None:
    """A hook that writes nothing can't be previewed; an error before the write comes out as it is."""
    with pytest.raises(PluginError, match="nothing to preview"):
        await acme(hub_open_case=_open).preview_open_case(ACCOUNT, DRAFT)

    async def refuses(draft):
        raise LoginRefused("wrong password")

    with pytest.raises(LoginRefused):
        await acme(hub_open_case=refuses).preview_open_case(ACCOUNT, DRAFT)


# --- nonsense ---


T = TypeVar("T")


class Boxed(Value, Generic[T]):
    """A value of any kind."""

    inside: T


def _page(**changes: Any) -> Page[CaseNews]:
    return Page(**{"items": (CaseNews(reference=CASE.reference, case=CASE),), "cursor": {"after": 1}} | changes)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, " is NoneType, not Case"),
        ({"reference": {}}, " is dict, not Case"),
        (CASE.evolve(changed_at="2025-03-01T00:00:00Z"), ".changed_at is str, not datetime"),
        (CASE.evolve(changed_at=datetime(2025, 3, 1)), ".changed_at is a datetime without a time zone"),
        (CASE.evolve(status="open"), ".status is str, not CaseStatus"),
        (CASE.evolve(severity=2), ".severity is int, not Severity"),
        (CASE.evolve(reference=CaseReference(number=7)), ".reference.number is int, not str"),
        (CASE.evolve(comments=[]), ".comments is list, not tuple"),
        (CASE.evolve(comments=(Comment(body=b"x"),)), ".comments[0].body is bytes, not str"),
        (CASE.evolve(comments=(Comment(body="x", public=1),)), ".comments[0].public is int, not bool"),
        (CASE.evolve(attachments=(Attachment(name="a", size=True),)), ".attachments[0].size is bool, not int"),
        (CASE.evolve(words={"status": NOW}), ".words[...] is datetime, not JSON"),
        (CASE.evolve(words={1: "x"}), ".words has a key that is int, not str"),
        (CASE.evolve(words={"x": [float("nan")]}), ".words[...] is not a finite number"),
    ],
)
async def test_a_nonsense_case_is_caught(answer: Any, problem: str) -> None:
    """An answer of the wrong shape, however deep, is named by place and type and goes no further."""

    async def hook(draft):
        return answer

    with pytest.raises(PluginError) as error:
        await acme(hub_open_case=hook).open_case(ACCOUNT, DRAFT)
    assert error.value.message == f"plugin acme: the answer of hub_open_case{problem}"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (_page(items=(CASE,)), ".items[0] is Case, not CaseNews"),
        (_page(items=None), ".items is NoneType, not tuple"),
        (_page(cursor=7), ".cursor is int, not dict"),
        (_page(cursor={"a": {"b": {1, 2}}}), ".cursor[...] is set, not JSON"),
        (_page(items=(CaseNews(reference=CASE.reference, case=CASE.evolve(title=3)),)), ".title is int, not str"),
    ],
)
async def test_a_nonsense_page_is_caught(answer: Any, problem: str) -> None:
    """A page's items and cursor are looked through too."""
    with pytest.raises(PluginError) as error:
        await acme(hub_changed_cases=lambda: answer).changed_cases(ACCOUNT, {})
    assert error.value.message.endswith(problem)


async def test_a_page_in_good_shape_passes() -> None:
    """The check takes nothing away and changes nothing."""
    page = _page(cursor={"after": NOW.isoformat(), "seen": ["a", 1, None, 2.5, {"x": True}]})
    assert await acme(hub_changed_cases=lambda: page).changed_cases(ACCOUNT, {}) is page


@pytest.mark.parametrize(
    ("value", "annotation", "problem"),
    [
        (None, str | None, ""),
        (3, float, ""),
        (True, float, " is bool, not float"),
        (float("inf"), float, " is not a finite number"),
        ("rjr", MERGE := __import__("hub.model").model.MergePolicy, ""),
        ("mine", MERGE, " is none of the allowed words"),
        ({}, MERGE, " is none of the allowed words"),
        (1, int | str, ""),
        ([], int | str, " is list, not int"),
        (1, None, " is int, not None"),
        ([1, "a"], list[int], "[1] is str, not int"),
        ([{1: 2}], Any, " has a key that is not str"),
        (Boxed(inside=1), Boxed[int], ""),
        (Boxed(inside=1), Boxed[str], ".inside is int, not str"),
    ],
)
def test_shapes(value: Any, annotation: Any, problem: str) -> None:
    """Unions, literals, numbers and lists mean what they say."""
    assert wrong(value, annotation) == problem


def test_json_that_nests_without_end_is_refused() -> None:
    """A list that holds itself ends the check, not the hub."""
    endless: list[Any] = []
    endless.append(endless)
    assert wrong(endless, Any) == " is nested too deeply"


# --- files ---


async def _fetched(vendor: Vendor) -> list[bytes]:
    return [chunk async for chunk in vendor.fetch_attachment(ACCOUNT, CASE.reference, Attachment(name="a"))]


async def test_a_file_is_streamed() -> None:
    """Chunks come as the plugin gives them, from a generator or from a coroutine that gives one."""

    async def chunks(attachment) -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    async def later(attachment):
        return chunks(attachment)

    assert await _fetched(acme(hub_fetch_attachment=chunks)) == [b"a", b"b"]
    assert await _fetched(acme(hub_fetch_attachment=later)) == [b"a", b"b"]


async def test_a_files_faults_are_translated() -> None:
    """A stream that hangs, breaks or is no stream ends in a HubError; its generator is closed."""
    closed = []

    async def hangs(attachment):
        try:
            yield b"a"
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    async def breaks(attachment):
        yield b"a"
        raise KeyError(CANARY)

    async def text(attachment):
        yield "a"

    with pytest.raises(VendorUnavailable) as late:
        await _fetched(acme(QUICK, hub_fetch_attachment=hangs))
    assert late.value.operation == "fetch_attachment"
    assert closed == [True]
    with pytest.raises(PluginError, match="raised KeyError"):
        await _fetched(acme(hub_fetch_attachment=breaks))
    with pytest.raises(PluginError, match="chunk that is str, not bytes"):
        await _fetched(acme(hub_fetch_attachment=text))
    with pytest.raises(PluginError, match="is bytes, not AsyncIterator"):
        await _fetched(acme(hub_fetch_attachment=lambda: b"abc"))


async def test_a_file_given_up_is_closed() -> None:
    """Whoever stops reading leaves no open stream behind."""
    closed = []

    async def chunks(attachment):
        try:
            while True:
                yield b"a"
        finally:
            closed.append(True)

    stream = acme(hub_fetch_attachment=chunks).fetch_attachment(ACCOUNT, CASE.reference, Attachment(name="a"))
    assert await anext(stream) == b"a"
    await stream.aclose()  # type: ignore[attr-defined]
    assert closed == [True]


# --- everyone decides, everyone is told ---

OPERATION = Operation(
    id=1,
    bond_id=1,
    account="east",
    position=1,
    kind=OperationKind.OPEN_CASE,
    key="K-1",
    state=OperationState.READY,
    payload={"title": "a"},
    severity=Severity.S2,
    attempts=0,
    reason="",
    who_acts="",
    trace_id="",
    created_at=NOW,
)
BOND = Bond(
    id=1,
    key="K-1",
    ticket_id=1,
    ticket_number="RJR-000001",
    account="east",
    vendor="acme",
    state=BondState.OPEN,
    severity=Severity.S2,
    reference=None,
    picture={},
    created_at=NOW,
    updated_at=NOW,
    waiting=0,
    parked=0,
)
EVENT = Event(chain="ticket/1", position=1, at=NOW, kind="opened", data={})


def _one(**hooks: Callable[..., Any]) -> Any:
    return Made(**{hook: hookimpl(function) for hook, function in hooks.items()})


def test_reviews_build_on_each_other() -> None:
    """Each plugin, by name, sees what the one before made of the operation; None changes nothing."""

    def adds(word: str) -> Any:
        return _one(
            hub_review_outgoing=lambda operation: operation.evolve(payload={"title": operation.payload["title"] + word})
        )

    quiet = _one(hub_review_outgoing=lambda bond: None)
    plugins = load(extra={"two": adds("2"), "one": adds("1"), "quiet": quiet}, strict=True)
    assert plugins.review_outgoing(BOND, OPERATION).payload == {"title": "a12"}


def test_a_review_can_veto_but_not_redirect() -> None:
    """NotDisclosed keeps the operation inside; a changed key or account is a fault, and nothing leaves."""

    def vetoes(operation):
        raise NotDisclosed("not this one")

    with pytest.raises(NotDisclosed):
        load(extra={"a": _one(hub_review_outgoing=vetoes)}).review_outgoing(BOND, OPERATION)
    redirects = _one(hub_review_outgoing=lambda operation: operation.evolve(account="west"))
    with pytest.raises(PluginError, match="changed more than the payload"):
        load(extra={"a": redirects}).review_outgoing(BOND, OPERATION)
    with pytest.raises(PluginError, match="plugin a: hub_review_outgoing raised KeyError"):
        load(extra={"a": _one(hub_review_outgoing=lambda operation: {}["x"])}).review_outgoing(BOND, OPERATION)


def test_the_first_choice_wins() -> None:
    """Plugins are asked by name until one has an answer."""
    choice = Escalation(who="b", why="late")
    found = {
        "a": _one(hub_choose_escalation=lambda clock: None),
        "b": _one(hub_choose_escalation=lambda ticket: choice),
        "c": _one(hub_choose_escalation=lambda ticket: 1 / 0),
    }
    ticket: Any = object()
    assert load(extra=found, strict=True).choose_escalation(ticket, ticket) is choice
    assert load(extra={"a": found["a"]}).choose_escalation(ticket, ticket) is None


def test_a_listener_that_raises_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged by name, without its text; the others still hear."""
    heard: list[Event] = []

    def fails(event):
        raise RuntimeError(CANARY)

    def hears(event):
        heard.append(event)

    found = {"a": _one(hub_happened=fails), "b": _one(hub_happened=hears)}
    load(extra=found, strict=True).happened(EVENT)
    assert heard == [EVENT]
    assert "plugin a: hub_happened raised RuntimeError" in caplog.text
    assert CANARY not in caplog.text


def test_doors_get_what_plugins_offer() -> None:
    """Endpoints and commands come by the plugin's name; one that fails is left out."""
    app = Starlette()
    found = {"a": _one(hub_routes=lambda: app, hub_commands=lambda: 1 / 0)}
    plugins = load(extra=found, strict=True)
    assert plugins.routes() == {"a": app}
    assert plugins.commands() == {}


async def _asgi(scope: Any, receive: Any, send: Any) -> None: ...


class _Compiled:
    """Callable, and tells no arguments, as what is written in C."""

    __signature__ = property(lambda _: (_ for _ in ()).throw(ValueError))

    def __call__(self, *given: Any) -> Any: ...


def test_endpoints_may_be_anything_that_is_called_as_asgi() -> None:
    """A framework's application, a plain function, a wrapped one and a compiled one are taken."""
    apps = {"a": Starlette(), "b": _asgi, "c": partial(_asgi), "d": _Compiled()}
    found = {name: _one(hub_routes=lambda app=app: app) for name, app in apps.items()}
    assert load(extra=found, strict=True).routes() == apps


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (CANARY, "str"),
        (None, "NoneType"),
        ([_asgi], "list"),
        (Starlette, "the class Starlette"),
        (lambda environ, start_response: (), "function that does not take scope, receive and send"),
    ],
    ids=["text", "nothing", "list", "class", "wsgi"],
)
def test_endpoints_that_are_no_asgi_application_are_left_out(
    caplog: pytest.LogCaptureFixture, answer: Any, told: str
) -> None:
    """The log names the plugin, what it gave and who acts, without its text; other plugins' are served."""
    found = {"a": _one(hub_routes=lambda: answer), "b": _one(hub_routes=lambda: _asgi)}
    assert load(extra=found, strict=True).routes() == {"b": _asgi}
    assert [record.getMessage() for record in caplog.records] == [
        f"plugin a: hub_routes gave {told}, not an ASGI application; tell the plugin's author"
    ]


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", "{scope}", "-x", "é", "a\n"])
def test_a_name_that_no_address_can_hold_is_refused(name: str) -> None:
    """A plugin's name stands in /plugins/NAME and in `hub x NAME`: what is more than a word is listed as failed."""
    (failed,) = load(extra={name: _one(hub_routes=lambda: _asgi)}).failed
    assert failed.name == name
    assert "its name has to be letters, digits, _ and - alone" in failed.reason


# --- tracing, and the spec ---


async def test_tracing_names_ids_and_outcome_only(caplog: pytest.LogCaptureFixture) -> None:
    """One setting logs each hook call; no text of a case is in it, and without the setting there is none."""
    caplog.set_level(logging.DEBUG)
    await acme(hub_open_case=_open).open_case(ACCOUNT, DRAFT)
    assert [record for record in caplog.records if record.name == "hub.hooks"] == []
    await acme(trace=True, hub_open_case=_open).open_case(ACCOUNT, DRAFT)
    with pytest.raises(PluginError):
        await acme(trace=True, hub_search_articles=lambda query: 1 / 0).search_articles(ACCOUNT, CANARY)
    lines = [record.getMessage() for record in caplog.records if record.name == "hub.hooks"]
    assert any(line.startswith("acme.hub_open_case(account=east, draft=K-1): ok, ") for line in lines)
    assert any(line.startswith("acme.hub_search_articles(account=east, query): PluginError, ") for line in lines)
    assert CANARY not in caplog.text


OF_ACCOUNTS = [hook.name for hook in HOOKS.values() if hook.of_account]


@pytest.mark.parametrize("hook", ["hub_settings", "hub_connect", "hub_simulator"])
def test_every_method_keeps_to_its_hook(hook: str) -> None:
    """The methods that are written by hand have the spec's arguments and results."""
    assert get_type_hints(getattr(Vendor, hook.removeprefix("hub_"))) == HOOKS[hook].types


@pytest.mark.parametrize("hook", OF_ACCOUNTS)
def test_every_made_method_speaks_as_its_hook(hook: str) -> None:
    """The methods that are made from the spec have its arguments and words, and refuse other arguments."""
    method = getattr(Vendor, hook.removeprefix("hub_"))
    assert inspect.signature(method) == inspect.signature(HOOKS[hook].function)
    assert method.__doc__ == HOOKS[hook].function.__doc__
    with pytest.raises(TypeError, match="argument"):
        HOOKS[hook].given(ACCOUNT, nonsense=1)


def test_the_spec_says_what_a_hook_needs() -> None:
    """From arguments, answer and marks follow who has to answer it, and whether it carries a file."""
    known = HOOKS.values()
    assert [hook.name for hook in known if hook.of_every_vendor] == ["hub_vendor", "hub_settings", "hub_connect"]
    assert [hook.name for hook in known if hook.carries_file] == ["hub_add_attachment", "hub_fetch_attachment"]
    assert [hook.name for hook in known if hook.streams] == ["hub_fetch_attachment"]


ASKED = [hook for hook in OF_ACCOUNTS if hook != "hub_fetch_attachment"]


@pytest.mark.parametrize("hook", ASKED)
async def test_every_method_gives_its_hook_what_it_was_given(hook: str) -> None:
    """Each argument arrives under its own name, and an answer of the right kind comes back as it is."""
    given = {name: f"<{name}>" for name in list(HOOKS[hook].signature.parameters)[1:]}
    seen: dict[str, Any] = {}
    body = f"async def {hook}(account, {', '.join(given)}):\n    seen.update(locals())\n    return 3.5"
    names: dict[str, Any] = {"seen": seen}
    exec(body, names)
    with pytest.raises(PluginError, match=f"the answer of {hook} is float, not "):
        await getattr(acme(**{hook: names[hook]}), hook.removeprefix("hub_"))(ACCOUNT, *given.values())
    assert seen == {"account": ACCOUNT, **given}


ANSWERS = {
    "hub_check_account": (Finding(name="login", ok=True, message="fine"),),
    "hub_intake": Intake(questions=(Question(name="a", title="A", choices=("x",)),)),
    "hub_open_case": CASE,
    "hub_find_case": None,
    "hub_read_case": CASE.evolve(comments=(Comment(body="x", created_at=NOW),), severity=Severity.S1),
    "hub_change_case": CASE,
    "hub_add_comment": Comment(body="x"),
    "hub_add_attachment": Attachment(name="a", size=3),
    "hub_changed_cases": Page(items=(), cursor={}, quarantined=(Quarantined(reference="1", reason="r"),)),
    "hub_changed_articles": Page(items=(Article(reference="1", title="t", body="b", changed_at=NOW),), cursor={}),
    "hub_search_articles": (),
    "hub_read_article": Article(reference="1", title="t", body="b", changed_at=NOW, labels=("x",)),
    "hub_rate_article": None,
    "hub_submit_article": Article(reference="1", title="t", body="b", changed_at=NOW),
    "hub_changed_patches": Page(items=(Patch(reference="1", title="t", body="b", changed_at=NOW),), cursor={}),
    "hub_start_session": Session(reference="1", ticket_number="RJR-1", started_at=NOW),
    "hub_changed_sessions": Page(items=(Session(reference="1", ticket_number="RJR-1"),), cursor={}),
    "hub_read_webhook": Delivery(id="1", stream="cases"),
}


@pytest.mark.parametrize("hook", ANSWERS)
async def test_every_method_gives_a_sound_answer_back(hook: str) -> None:
    """What keeps to the spec passes unchanged, for every kind of answer."""
    arguments = ["x"] * (len(HOOKS[hook].signature.parameters) - 1)
    vendor = acme(**{hook: lambda account: ANSWERS[hook]})
    assert await getattr(vendor, hook.removeprefix("hub_"))(ACCOUNT, *arguments) is ANSWERS[hook]


def test_what_is_shown_of_a_vendor_is_its_name() -> None:
    """A vendor in a log is its name."""
    assert repr(acme()) == "Vendor('acme')"
    with pytest.raises(PluginError, match="brings no simulator"):
        acme().simulator()
    marker = object()
    assert acme(hub_simulator=lambda: marker).simulator() is marker
    assert acme().connect(ACCOUNT.settings).base_url == "https://acme.example"
    assert acme().settings() is AccountSettings


def test_an_account_can_do_what_its_system_makes_possible() -> None:
    """Without the hook it is all that the plugin answers; with it, what both know."""
    assert acme().capabilities_of(ACCOUNT.settings) == acme().capabilities
    chosen = acme(hub_capabilities=lambda settings: frozenset({"find_case", "read_case", "settings"}))
    assert chosen.capabilities_of(ACCOUNT.settings) == {"settings"}


def test_a_platform_is_one_of_the_vendors_own() -> None:
    """The first is the default, an unknown one is the operator's mistake, and each has settings of its own."""
    info = acme().info.evolve(platforms=("desk", "library"))
    chosen = acme(hub_vendor=lambda: info, hub_settings=lambda platform: _BY_PLATFORM[platform])
    assert chosen.settings() is _BY_PLATFORM["desk"]
    assert chosen.settings("library") is _BY_PLATFORM["library"]
    with pytest.raises(SettingsError, match="no platform 'shed'"):
        chosen.settings("shed")
    assert acme().platform("") == ""


class _Desk(AccountSettings):
    """An account at the desk."""


_BY_PLATFORM = {"desk": AccountSettings, "library": _Desk}
