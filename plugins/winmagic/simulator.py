"""A simulated help desk, documentation and mailbox of WinMagic for this plugin: fields, articles and releases."""

from __future__ import annotations

from hub.simulators import document360, email, freshdesk

_DAY = 86_400
HELPDESK = freshdesk.Seeds(
    custom_fields=("cf_rjr_ticket_id", "cf_product_version", "cf_os", "cf_encryption_state"),
    folders=(
        freshdesk.Folder(
            name="Pre-boot",
            category="SecureDoc",
            articles=(
                freshdesk.Article(
                    title="Pre-boot login loops after a firmware update",
                    body="<p>Update the boot loader from the console, then log in once with the network unplugged.</p>",
                    age_seconds=40 * _DAY,
                ),
                freshdesk.Article(title="Draft: smart cards", published=False, age_seconds=2 * _DAY),
            ),
        ),
        freshdesk.Folder(
            name="Release notes",
            category="SecureDoc",
            articles=(
                freshdesk.Article(
                    title="SecureDoc Enterprise Server 9.2 SR1 release notes",
                    body="<p>Corrects the synchronisation of users from several forests.</p>",
                    age_seconds=9 * _DAY,
                ),
            ),
        ),
    ),
)
DOCUMENTATION = document360.Seeds(
    articles=(
        document360.Article(
            title="Boot loaders and firmware",
            slug="boot-loaders-and-firmware",
            age_seconds=40 * _DAY,
            html="<p>Which boot loader fits which firmware, and how to change it.</p>",
        ),
        document360.Article(
            title="9.2 SR1 SES Release Notes",
            slug="ses-release-notes-9-2-sr1",
            age_seconds=9 * _DAY,
            html="<p>Corrects the synchronisation of users from several forests.</p>",
        ),
        document360.Article(title="Draft: smart cards", html="<p>Draft.</p>", status=0, age_seconds=2 * _DAY),
    )
)

MAILBOX = email.Seeds(vendor_address="support@winmagic.example", vendor_name="WinMagic Support")
STATUSES = {
    "Open": "open",
    "In Progress": "in_progress",
    "Pending": "waiting_on_us",
    "Resolved": "resolved",
    "Closed": "closed",
}
"""Words of the simulated desk's mails, and what they mean."""


class HelpDesk(freshdesk.Freshdesk):
    """The simulated help desk, which also says how an account reaches it."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit this help desk at its address, secrets included."""
        return {**super().account(url), "platform": "freshdesk", "knowledge": "solutions"}


def helpdesk(options: freshdesk.Options | None = None, *, seed: int = 0) -> HelpDesk:
    """A fresh help desk with this vendor's data."""
    return HelpDesk(seeds=HELPDESK, options=options, seed=seed)


class Documentation(document360.Document360):
    """The simulated documentation, which also says how an account reaches it."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit this documentation at its address, secrets included."""
        return {**super().account(url), "platform": "documentation"}


def documentation(*, seed: int = 0) -> Documentation:
    """A fresh documentation with this vendor's data."""
    return Documentation(seeds=DOCUMENTATION, seed=seed)


class Mailbox(email.Email):
    """The simulated mailbox and the desk behind it, which also says how an account reads that desk's mails."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit this mailbox at its address, secrets included."""
        known = {
            "platform": "email",
            "case_number_pattern": r"\[(CS-\d+)\]",
            "status_pattern": r"^Status: (.+)$",
            "statuses": STATUSES,
        }
        return {**super().account(url), **known}


def mailbox(options: email.Options | None = None, *, seed: int = 0) -> Mailbox:
    """A fresh mailbox with this vendor's desk behind it."""
    return Mailbox(seeds=MAILBOX, options=options, seed=seed)
