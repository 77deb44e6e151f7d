"""Guards the calls of one plugin's hooks: bounded in time, checked in shape, and only HubErrors come out."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from hub.errors import CaseRefused, HubError, PluginError, VendorError, VendorUnavailable
from hub.hooks import HOOKS, Hook
from hub.http import watch_writes
from hub.model import AnyAccount
from hub.vendors.shape import wrong

log = logging.getLogger("hub.hooks")

Caller = Callable[..., Any]
"""Calls one hook of one plugin with the spec's arguments, by name, and gives its answer."""

_END = object()


@dataclass(frozen=True)
class Deadlines:
    """How long a hook may take, in seconds."""

    call: float = 60.0
    file: float = 600.0
    """For hooks that stream a file; when reading one, only the time that the vendor takes counts."""


class Guard:
    """The hooks of one plugin, made safe to call."""

    def __init__(self, plugin: str, callers: Mapping[str, Caller], deadlines: Deadlines, *, trace: bool) -> None:
        self.plugin = plugin
        self.hooks = frozenset(callers)
        self._callers = callers
        self._deadlines = deadlines
        self._trace = trace

    def tell(self, hook: str, /, **given: Any) -> Any:
        """The answer of a plain hook; raises the plugin's HubError, or PluginError."""
        with self._traced(hook, given):
            try:
                answer = self._callers[hook](**given)
            except HubError:
                raise
            except (Exception, SystemExit) as error:
                raise self._fault(hook, error) from error
            return self._checked(hook, answer)

    async def ask(self, hook: str, /, account: AnyAccount, **given: Any) -> Any:
        """The answer of a hook that may wait.

        Raises the plugin's HubError (a VendorError with vendor, account and operation filled in), PluginError
        for anything else that goes wrong, VendorUnavailable past the deadline. Each says in `in_doubt` if a
        write may have been stored: True when the plugin says so or when one was sent and not refused.
        """
        caller = self._offered(hook, account)
        with self._traced(hook, {"account": account, **given}), watch_writes() as writes:
            try:
                answer = await self._bounded(hook, lambda: caller(account=account, **given), self._seconds(hook))
                return self._checked(hook, answer)
            except HubError as error:
                self._complete(error, hook, account, stored=writes.in_doubt)
                raise

    async def stream(self, hook: str, /, account: AnyAccount, **given: Any) -> AsyncIterator[bytes]:
        """The chunks of a hook that gives a file; raises as `ask` does, at any chunk."""
        caller = self._offered(hook, account)
        left = self._seconds(hook)
        iterator: Any = None
        with self._traced(hook, {"account": account, **given}):
            try:
                source = await self._bounded(hook, lambda: caller(account=account, **given), left)
                if not isinstance(source, AsyncIterator):
                    raise self._nonsense(hook, f" is {type(source).__name__}, not AsyncIterator")
                iterator = source
                while True:
                    began = time.monotonic()
                    chunk = await self._bounded(hook, lambda: anext(iterator, _END), left)
                    left -= time.monotonic() - began
                    if chunk is _END:
                        return
                    if not isinstance(chunk, bytes):
                        raise self._nonsense(hook, f" has a chunk that is {type(chunk).__name__}, not bytes")
                    yield chunk
            except HubError as error:
                self._complete(error, hook, account, stored=False)
                raise
            finally:
                if hasattr(iterator, "aclose"):
                    with suppress(HubError):
                        await self._bounded(hook, iterator.aclose, self._deadlines.call)

    def _offered(self, hook: str, account: AnyAccount) -> Caller:
        caller = self._callers.get(hook)
        if caller is not None:
            return caller
        operation = hook.removeprefix("hub_")
        raise CaseRefused(
            f"{self.plugin} does not offer {operation}",
            next_step="do it in the vendor's own system, or set the operation aside",
            vendor=self.plugin,
            account=account.name,
            operation=operation,
        )

    def _seconds(self, hook: str) -> float:
        return self._deadlines.file if HOOKS[hook].carries_file else self._deadlines.call

    async def _bounded(self, hook: str, call: Callable[[], Any], seconds: float) -> Any:
        try:
            async with asyncio.timeout(seconds) as bound:
                answer = call()
                return await answer if inspect.isawaitable(answer) else answer
        except HubError:
            raise
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise self._fault(hook, error) from error  # nobody cancelled us: the plugin lost a task of its own
        except (Exception, SystemExit) as error:
            if isinstance(error, TimeoutError) and bound.expired():
                raise VendorUnavailable(f"{self.plugin}: {hook} took longer than {seconds:g} s") from error
            inner: BaseException = error
            while isinstance(inner, BaseExceptionGroup) and len(inner.exceptions) == 1:
                inner = inner.exceptions[0]
            if isinstance(inner, HubError):
                raise inner from error
            raise self._fault(hook, inner) from error

    def _checked(self, hook: str, answer: Any) -> Any:
        if inspect.iscoroutine(answer):
            answer.close()
        if problem := wrong(answer, HOOKS[hook].result):
            raise self._nonsense(hook, problem)
        return answer

    def _nonsense(self, hook: str, problem: str) -> PluginError:
        return PluginError(f"plugin {self.plugin}: the answer of {hook}{problem}", next_step="tell the plugin's author")

    def _fault(self, hook: str, error: BaseException) -> PluginError:
        # Its text may carry what a customer wrote, or a secret; the cause keeps it for a debugger.
        return PluginError(
            f"plugin {self.plugin}: {hook} raised {type(error).__name__}", next_step="tell the plugin's author"
        )

    def _complete(self, error: HubError, hook: str, account: AnyAccount, *, stored: bool) -> None:
        if isinstance(error, VendorError):
            error.vendor = error.vendor or self.plugin
            error.account = error.account or account.name
            error.operation = error.operation or hook.removeprefix("hub_")
        # A fault of the plugin after its write arrived leaves as much doubt as a cut connection.
        vars(error)["in_doubt"] = bool(stored or getattr(error, "in_doubt", False))

    @contextmanager
    def _traced(self, hook: str, given: Mapping[str, Any]) -> Iterator[None]:
        if not self._trace:
            yield
            return
        began, outcome = time.monotonic(), "ok"
        try:
            yield
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            named = ", ".join(_named(name, value) for name, value in given.items())
            log.info("%s.%s(%s): %s, %.0f ms", self.plugin, hook, named, outcome, 1e3 * (time.monotonic() - began))


def guarded(hook: Hook) -> Callable[..., Any]:
    """A method that asks the hook of the plugin behind the object's `_guard`, with the spec's arguments and words."""
    if hook.streams:

        def stream(self: Any, *args: Any, **kwargs: Any) -> AsyncIterator[bytes]:
            guard: Guard = self._guard
            return guard.stream(hook.name, **hook.given(*args, **kwargs))

        return hook.described(stream)

    async def ask(self: Any, *args: Any, **kwargs: Any) -> Any:
        guard: Guard = self._guard
        return await guard.ask(hook.name, **hook.given(*args, **kwargs))

    return hook.described(ask)


def _named(name: str, value: Any) -> str:
    """An argument by its name and what identifies its value; never a text."""
    if name == "account":
        return f"account={value.name}"
    for identity in ("number", "key", "id"):
        if found := getattr(value, identity, None):
            return f"{name}={found}"
    return name
