"""A simulated Thales portal for this plugin: its articles and its downloads."""

from __future__ import annotations

from hub.simulators.servicenow import Article, Options, Seeds, ServiceNow

_DAY = 86_400
SEEDS = Seeds(
    articles=(
        Article(
            number="KB0021016",
            title="Luna BYOK tool",
            age_seconds=40 * _DAY,
            body="<p>Tool and documentation for bringing your own key from a Luna HSM.</p>",
        ),
        Article(
            number="KB0019789",
            title="Required patch for Luna firmware",
            age_seconds=25 * _DAY,
            body="<p>Install the patch before the next restart of the appliance.</p>",
        ),
        Article(number="KB0017162", title="Withdrawn utility", state="retired", age_seconds=300 * _DAY),
        Article(number="KB0027738", title="Draft: driver installer", state="draft", age_seconds=2 * _DAY),
        Article(
            number="DOW0000123",
            title="CipherTrust Manager 2.17.1 update",
            age_seconds=9 * _DAY,
            body="<p>Update package; the checksum is shown beside the download.</p>",
            fields={"u_product": "CipherTrust Manager", "u_version": "2.17.1"},
        ),
    )
)


class Portal(ServiceNow):
    """The simulated portal, which also says how an account reaches it."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit this portal at its address, secrets included."""
        return {**super().account(url), "platform": "portal", "resolution_code": "Solved by customer"}


def simulator(options: Options | None = None, *, seed: int = 0) -> Portal:
    """A fresh portal with this vendor's data, for an integration user unless the options say otherwise."""
    return Portal(seeds=SEEDS, options=options, seed=seed)
