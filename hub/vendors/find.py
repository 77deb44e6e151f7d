"""Finds plugins by their entry points, and takes those that keep to the spec."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from types import ModuleType
from typing import Any

import pluggy

from hub.errors import HubError, PluginError
from hub.hookspecs import Hooks
from hub.vendors.guard import Caller, Deadlines, Guard
from hub.vendors.plugins import Failed, Plugins
from hub.vendors.quality import claimed
from hub.vendors.rules import obey_spec, obey_vendor_rules, place_of, place_of_error
from hub.vendors.vendor import Vendor

ENTRY_POINTS = "hub"


@dataclass(frozen=True)
class _Candidate:
    name: str
    load: Callable[[], Any]
    where: str
    version: str


def load(
    blocked: Iterable[str] = (),
    *,
    trace: bool = False,
    extra: Mapping[str, Any] | None = None,
    strict: bool = False,
    deadlines: Deadlines | None = None,
    entry_points: Iterable[metadata.EntryPoint] | None = None,
) -> Plugins:
    """All plugins of the entry-point group `hub`, and those given as `extra` (name to module or object).

    Blocked ones are not even imported. One that can't be used is listed in `failed`, and the rest go on; with
    `strict` it raises PluginError instead. `entry_points` replaces what is installed.
    """
    candidates = sorted(_candidates(entry_points, extra or {}), key=lambda candidate: candidate.name)
    refused = {candidate.name for candidate in candidates} & set(blocked)
    candidates = [candidate for candidate in candidates if candidate.name not in refused]
    found, failed = _load_all(candidates)

    manager = _manager()
    for name, plugin in found.items():
        manager.register(plugin, name)
    guards: dict[str, Guard] = {}
    vendors: dict[str, Vendor] = {}
    for name, plugin in found.items():
        guard = Guard(name, _callers(manager, plugin), deadlines or Deadlines(), trace=trace)
        try:
            info = obey_vendor_rules(guard)
            quality = claimed(plugin)
        except HubError as error:
            failed.append(Failed(name, error.message, place_of(plugin)))
            continue
        guards[name] = guard
        if info is not None:
            vendors[name] = Vendor(info, guard, quality)
    failed.sort(key=lambda one: one.name)
    if failed and strict:
        raise PluginError(
            "not every plugin can be used: " + "; ".join(map(str, failed)),
            next_step="mend it, or name it in blocked_plugins",
        )
    versions = {one.name: one.version for one in candidates if one.name in guards}
    return Plugins(vendors, tuple(failed), tuple(sorted(refused)), versions, guards)


def _candidates(entry_points: Iterable[metadata.EntryPoint] | None, extra: Mapping[str, Any]) -> Iterator[_Candidate]:
    installed = metadata.entry_points(group=ENTRY_POINTS) if entry_points is None else entry_points
    for point in installed:
        yield _Candidate(point.name, point.load, point.value, point.dist.version if point.dist else "")
    for name, plugin in extra.items():
        yield _Candidate(name, partial(_same, plugin), place_of(plugin), "")


def _same(plugin: Any) -> Any:
    return plugin


def _load_all(candidates: Iterable[_Candidate]) -> tuple[dict[str, Any], list[Failed]]:
    found: dict[str, Any] = {}
    failed: list[Failed] = []
    for one in candidates:
        try:
            plugin = one.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin raises what it likes
            reason = f"importing it raised {type(error).__name__}{_named(error)}"
            failed.append(Failed(one.name, reason, place_of_error(error, one.where)))
            continue
        try:
            if one.name in found:
                raise PluginError("another plugin has the same name; remove or rename one of them")
            if any(plugin is other for other in found.values()):
                raise PluginError("it is there already under another name")
            obey_spec(one.name, plugin, _manager())
        except PluginError as error:
            failed.append(Failed(one.name, error.message, place_of(plugin)))
        except Exception as error:  # noqa: BLE001 - looking at a plugin may run its code
            reason = f"looking at it raised {type(error).__name__}"
            failed.append(Failed(one.name, reason, place_of_error(error, one.where)))
        else:
            found[one.name] = plugin
    return found, failed


def _named(error: BaseException) -> str:
    """What names modules, syntax or a missing object, never data; other errors' words stay out."""
    if isinstance(error, ImportError | SyntaxError):
        return f": {error}"
    if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
        return f": {error.obj.__name__} has no {error.name!r}"
    return ""


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager("hub")
    manager.add_hookspecs(Hooks)
    return manager


def _callers(manager: pluggy.PluginManager, plugin: Any) -> dict[str, Caller]:
    """The plugin's hooks, each with a caller that reaches this plugin alone."""
    others = [other for other in manager.get_plugins() if other is not plugin]
    return {
        caller.name: _caller(manager.subset_hook_caller(caller.name, others))
        for caller in manager.get_hookcallers(plugin) or []
        if caller.has_spec()
    }


def _caller(hook: pluggy.HookCaller) -> Caller:
    """Calls the hook and gives its one answer; pluggy gives a list unless the first answer wins."""
    first = bool(hook.spec and hook.spec.opts.get("firstresult"))

    def call(**given: Any) -> Any:
        answers = hook(**given)
        if first:
            return answers
        return answers[0] if answers else None

    return call
