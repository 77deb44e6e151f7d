"""A simulated help desk of Mobile Reach for this plugin: fields, articles and releases."""

from __future__ import annotations

from hub.simulators import zendesk

_DAY = 86_400
SEEDS = zendesk.Seeds(
    fields=(360001234567, 360001234568, 360001234569),
    articles=(
        zendesk.Article(
            title="Collect a crash log from the scanner app",
            body="<p>Open the menu, choose Diagnostics, then attach the archive.</p>",
            age_seconds=40 * _DAY,
        ),
        zendesk.Article(
            title="Pair a Bluetooth scanner",
            body="<p>Hold the trigger for five seconds.</p>",
            labels=("android",),
            age_seconds=30 * _DAY,
        ),
        zendesk.Article(
            title="Release notes 7.4.1",
            body="<p>Fixes offline sync.</p>",
            labels=("release-notes", "android"),
            age_seconds=9 * _DAY,
        ),
        zendesk.Article(title="Draft: kiosk mode", draft=True, age_seconds=2 * _DAY),
    ),
)


class HelpDesk(zendesk.Zendesk):
    """The simulated help desk, which also says how an account reaches it."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit this help desk at its address, secrets included."""
        known = {"mobile_os": 360001234567, "app_version": 360001234568, "back_end": 360001234569}
        return {**super().account(url), "platform": "zendesk", "field_ids": known}


def simulator(options: zendesk.Options | None = None, *, seed: int = 0) -> HelpDesk:
    """A fresh help desk with this vendor's data."""
    return HelpDesk(seeds=SEEDS, options=options, seed=seed)
