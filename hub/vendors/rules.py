"""What a plugin has to keep to before it is used; each breach is a PluginError that says what to change."""

from __future__ import annotations

import inspect
import re
import traceback
from difflib import get_close_matches
from types import ModuleType
from typing import Any

import pluggy

from hub.errors import PluginError
from hub.hooks import HOOKS
from hub.hookspecs import SPEC_VERSION
from hub.model import VendorInfo
from hub.vendors.guard import Guard

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def obey_spec(name: str, plugin: Any, manager: pluggy.PluginManager) -> None:
    """Register the plugin with an empty manager; raise PluginError when its name or a hook breaks the spec."""
    if not _NAME.fullmatch(name):  # it is part of addresses (/plugins/NAME) and commands (hub x NAME)
        raise PluginError("its name has to be letters, digits, _ and - alone; register it under another one")
    hash(plugin)  # pluggy keeps plugins in sets
    if isinstance(plugin, type):
        raise PluginError(f"it is the class {plugin.__name__}; let the entry point name an object of it")
    for hook in sorted(HOOKS):
        if hasattr(plugin, hook) and not _is_inherited(plugin, hook) and not manager.parse_hookimpl_opts(plugin, hook):
            kind = "isn't marked with @hookimpl" if callable(getattr(plugin, hook)) else "is no function"
            raise PluginError(f"{hook} {kind}")
    try:
        manager.register(plugin, name)
    except pluggy.PluginValidationError as error:
        problem = " ".join(str(error).split())
    else:
        problem = ""
    if problem:
        raise PluginError(f"a hook does not fit the spec: {problem}")

    callers = manager.get_hookcallers(plugin) or []
    if not callers:
        raise PluginError("it answers no hook; mark its functions with @hub.hookimpl")
    for caller in callers:
        implementation = caller.get_hookimpls()[0]
        if caller.name not in HOOKS and not implementation.optionalhook:
            meant = next(iter(get_close_matches(caller.name, HOOKS, n=1)), "")
            raise PluginError(f"there is no hook {caller.name}" + (f"; did you mean {meant}?" if meant else ""))
        if implementation.hookwrapper or implementation.wrapper:
            raise PluginError(f"{caller.name} is a wrapper; plugins answer hooks and do not wrap others'")
        if caller.name in HOOKS and not HOOKS[caller.name].of_account and _waits(implementation.function):
            raise PluginError(f"{caller.name} must be a plain function, not async")


def obey_vendor_rules(guard: Guard) -> VendorInfo | None:
    """Who the vendor is, or None when the plugin speaks for none; raises HubErrors."""
    if "hub_vendor" not in guard.hooks:
        of_vendors = {hook.name for hook in HOOKS.values() if hook.of_account or hook.of_every_vendor}
        if stray := sorted(guard.hooks & of_vendors):
            raise PluginError(f"it answers {stray[0]} but not hub_vendor")
        return None
    info: VendorInfo = guard.tell("hub_vendor")
    if info.name != guard.plugin:
        raise PluginError(
            f"hub_vendor says {info.name!r}, but the plugin is registered as {guard.plugin!r}; use one name"
        )
    _obey_version(info.spec)
    for hook in HOOKS.values():
        if hook.of_every_vendor and hook.name not in guard.hooks:
            raise PluginError(f"it does not answer {hook.name}, which every vendor needs")
    for platform in info.platforms or ("",):
        config = guard.tell("hub_settings", platform=platform).model_config
        if config.get("extra") != "forbid" or not config.get("frozen"):
            raise PluginError("the settings of hub_settings are not closed and frozen; keep AccountSettings' config")
    return info


def obey_asgi(plugin: str, app: Any) -> None:
    """Raise PluginError unless the answer of hub_routes can be called as ASGI applications are."""
    problem = ""
    if isinstance(app, type) or not callable(app):
        problem = f"the class {app.__name__}" if isinstance(app, type) else type(app).__name__
    else:
        try:
            inspect.signature(app).bind("scope", "receive", "send")
        except ValueError:
            pass  # it is compiled, and tells no arguments
        except TypeError:
            problem = f"{type(app).__name__} that does not take scope, receive and send"
    if problem:
        raise PluginError(
            f"plugin {plugin}: hub_routes gave {problem}, not an ASGI application", next_step="tell the plugin's author"
        )


def module_of(plugin: Any) -> ModuleType | None:
    """The module that the plugin is, or that an object's class stands in."""
    return plugin if inspect.ismodule(plugin) else inspect.getmodule(type(plugin))


def place_of(plugin: Any) -> str:
    """The file that the plugin stands in; of an object, with the line of its class."""
    module = module_of(plugin)
    file = vars(module).get("__file__") if module else None  # asks no __getattr__ of the plugin's
    if not file or inspect.ismodule(plugin):
        return str(file or type(plugin).__name__)
    try:
        return f"{file}:{inspect.getsourcelines(type(plugin))[1]}"
    except (OSError, TypeError):  # without its source
        return str(file)


def place_of_error(error: BaseException, fallback: str) -> str:
    """File and line where an import broke; the fallback when that is inside the import system."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "importlib" not in frame.filename and frame.filename != __file__]
    last = own[-1] if len(own) > 1 else None  # the first is the hub's own call
    return f"{last.filename}:{last.lineno}" if last else fallback


def _obey_version(spec: str) -> None:
    ours = [int(part) for part in SPEC_VERSION.split(".")]
    try:
        theirs = [int(part) for part in spec.split(".")]
    except ValueError:
        theirs = []
    if len(theirs) != len(ours):
        raise PluginError(f"spec {spec!r} is no version; the hub has {SPEC_VERSION}")
    if theirs[0] != ours[0] or theirs[1] > ours[1]:
        older = theirs < ours
        remedy = "update the plugin" if older else "update the hub, or use an older version of the plugin"
        raise PluginError(f"it was written for spec {spec}, and the hub has {SPEC_VERSION}; {remedy}")


def _is_inherited(plugin: Any, hook: str) -> bool:
    """Whether it is the spec's own function, which a class derived from Hooks leaves unanswered."""
    return inspect.getattr_static(plugin, hook, None) is HOOKS[hook].function


def _waits(function: Any) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
