"""What the spec says of each hook, read from its signature: arguments, answer, whether it may wait."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from typing import Any, TypeVar, get_origin, get_type_hints

import hub.mail
import hub.model
from hub import hookspecs

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Hook:
    """One hook of the spec."""

    name: str
    function: Callable[..., Any]
    """As the spec has it, with `self`."""

    @property
    def capability(self) -> str:
        """The name without `hub_`, such as `open_case`."""
        return self.name.removeprefix("hub_")

    @cached_property
    def signature(self) -> inspect.Signature:
        """The arguments without `self`; annotations are texts."""
        whole = inspect.signature(self.function)
        return whole.replace(parameters=[one for one in whole.parameters.values() if one.name != "self"])

    @property
    def of_account(self) -> bool:
        """Whether it gets an account: such hooks may wait, all others answer at once."""
        return "account" in self.signature.parameters

    @property
    def of_every_vendor(self) -> bool:
        """Whether each vendor has to answer it."""
        return getattr(self.function, "every_vendor", False)

    @cached_property
    def types(self) -> dict[str, Any]:
        """The types of the arguments and, as `return`, of the answer."""
        known = {**vars(hookspecs), **vars(hub.model), "AnyConnection": hub.mail.AnyConnection}
        return get_type_hints(self.function, globalns=known | {"Settings": hub.model.AccountSettings})

    @cached_property
    def result(self) -> Any:
        """The type of the answer; `object` where the spec leaves it open."""
        promised = self.types["return"]
        return object if promised is Any else promised

    @cached_property
    def streams(self) -> bool:
        """Whether the answer comes in chunks."""
        return get_origin(self.result) is AsyncIterator

    @cached_property
    def carries_file(self) -> bool:
        """Whether chunks go up or come down, so that it may take as long as a big file does."""
        return any(get_origin(one) is AsyncIterator for one in self.types.values())

    def answered_by(self, plugin: object) -> bool:
        """Whether an object or a module answers it; runs none of its code."""
        return hasattr(inspect.getattr_static(plugin, self.name, None), "hub_impl")

    def given(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The arguments of a call by name; raises TypeError when they do not fit."""
        return self.signature.bind(*args, **kwargs).arguments

    def described(self, function: _Function) -> _Function:
        """The function with the signature and the words of the spec."""
        update_wrapper(function, self.function, updated=())
        return function


HOOKS = {name: Hook(name, spec) for name, spec in vars(hookspecs.Hooks).items() if hasattr(spec, "hub_spec")}
"""Every hook of the spec by its name, in the spec's order."""


def answered(plugin: object) -> frozenset[str]:
    """The names of the hooks that an object or a module answers."""
    return frozenset(name for name, hook in HOOKS.items() if hook.answered_by(plugin))


def capabilities(part: object) -> frozenset[str]:
    """What an object or a module can do: its hooks without `hub_`."""
    return frozenset(HOOKS[name].capability for name in answered(part))
