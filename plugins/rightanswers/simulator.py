"""The simulated systems of this vendor, with its data."""

from __future__ import annotations

from hub.simulators import zendesk
from hub.simulators.rightanswers import RightAnswers, Seeds, Solution

_DAY = 86_400

SEEDS = Seeds(
    solutions=(
        Solution(
            title="VPN drops after 5 minutes",
            summary="Idle timeout",
            keywords="vpn,timeout",
            fields=(("Cause", "<p>Gateway idle timeout</p>"), ("Resolution", "<p>Raise it to 30 minutes.</p>")),
            age_seconds=90 * _DAY,
        ),
        Solution(
            title="Reset a password by self-service",
            template="How To",
            fields=(("Steps", '<p>Open the portal. <img src="/portal/img/1.png?linkToken=eyJ.a.b"></p>'),),
            age_seconds=30 * _DAY,
        ),
        Solution(
            title="Réinitialiser un mot de passe",
            language="French",
            fields=(("Étapes", "<p>Ouvrir le portail libre-service.</p>"),),
            age_seconds=29 * _DAY,
        ),
        Solution(
            title="Scheduled maintenance of the search service",
            template="Alert",
            fields=(("Details", "<p>Sunday, 02:00 to 04:00.</p>"),),
            age_seconds=2 * _DAY,
        ),
        Solution(title="Draft: slow reports", status="Draft", fields=(("Cause", "<p>Unknown.</p>"),)),
    )
)
DESK = zendesk.Seeds(
    articles=(
        zendesk.Article(
            title="Search with the REST interface", body="<p>Ask for ten hits at a time.</p>", age_seconds=60 * _DAY
        ),
        zendesk.Article(
            title="RightAnswers 2026.2 release notes",
            body="<p>Hybrid search in French.</p>",
            labels=("release-notes",),
            age_seconds=20 * _DAY,
        ),
    )
)


class Tenant(RightAnswers):
    """The simulated tenant, which also says how an account reaches it."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit it at its address, secrets included."""
        known = {"platform": "knowledge", "languages": ("English", "French"), "alert_template": "Alert"}
        return {**super().account(url), **known}


class HelpDesk(zendesk.Zendesk):
    """The simulated help desk of Upland, which also says how an account reaches it."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit it at its address, secrets included."""
        return {**super().account(url), "platform": "desk"}


def desk(options: zendesk.Options | None = None, *, seed: int = 0) -> HelpDesk:
    """A fresh help desk with this vendor's data, for a customer's login."""
    return HelpDesk(seeds=DESK, options=options or zendesk.Options(profile="enduser"), seed=seed)


def tenant(*, seed: int = 0) -> Tenant:
    """A fresh tenant with this vendor's data; log in as rjr_hub with password s3cret."""
    return Tenant(seeds=SEEDS, seed=seed)
