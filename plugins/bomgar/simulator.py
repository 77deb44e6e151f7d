"""The simulated Remote Support site, and the simulated customer portal with its articles."""

from __future__ import annotations

from hub.simulators import beyondtrust
from hub.simulators.servicenow import Article, Options, Seeds, ServiceNow

_DAY = 86_400
PORTAL = Seeds(
    user="rjr.contact",
    name="RjR Contact",
    articles=(
        Article(
            number="KB0020338",
            title="Jump Client does not come back after an update",
            age_seconds=40 * _DAY,
            body="<p>Let outgoing connections to port 443 pass, then start the client once by hand.</p>",
        ),
        Article(
            number="KB0016542",
            title="How to collect a support package",
            age_seconds=90 * _DAY,
            body="<p>In /appliance, Support, Utilities, choose Support Package.</p>",
        ),
        Article(
            number="KB0021107",
            title="Remote Support 24.3.2 release notes",
            age_seconds=9 * _DAY,
            body="<p>Corrects the order of customers in a team's queue.</p>",
        ),
        Article(number="KB0021200", title="Draft: vault", state="draft", age_seconds=2 * _DAY),
    ),
)


class Portal(ServiceNow):
    """The simulated portal, which also says how an account reaches it."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit this portal at its address, secrets included."""
        return {**super().account(url), "platform": "portal", "patch_source": "articles"}


class Site(beyondtrust.Appliance):
    """The simulated Remote Support site, which also says how an account reaches it."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit this site at its address, secrets included."""
        return {**super().account(url), "platform": "appliance"}


def appliance() -> Site:
    """A Remote Support site with two teams, as `hub simulate bomgar` serves it."""
    return Site()


def portal(options: Options | None = None, *, seed: int = 0) -> Portal:
    """A fresh portal with this vendor's data, for a contact's login unless the options say otherwise."""
    return Portal(seeds=PORTAL, options=options or Options(profile="external"), seed=seed)
