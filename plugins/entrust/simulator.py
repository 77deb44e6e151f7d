"""A simulated TrustedCare and Digital Card desk for this plugin: words, articles and patches."""

from __future__ import annotations

from hub.simulators import freshdesk
from hub.simulators.salesforce import Article, Field, Options, Salesforce, Seeds
from hub.simulators.salesforce.keys import private_key

_DAY = 86_400

SEEDS = Seeds(
    statuses={
        "New": False,
        "Working": False,
        "Escalated": False,
        "Waiting for Customer": False,
        "Solution Provided": False,
        "Closed": True,
    },
    waiting="Waiting for Customer",
    resolved="Solution Provided",
    case_fields=(Field("Product__c", "string", 120),),
    articles=(
        Article(
            title="Import the new root certificate of the notification service",
            summary="What to do before the cut-over date.",
            body="<p>Import the root into the trust store of the Self-Service Module, then restart it.</p>",
            age_seconds=40 * _DAY,
        ),
        Article(
            title="Collect logs of Identity Enterprise",
            summary="Which logs support asks for.",
            body="<p>Run the log collector as administrator and attach its archive.</p>",
            age_seconds=25 * _DAY,
        ),
        Article(
            title="Security notice: replay of one-time codes",
            summary="Affected versions and what mends it.",
            body="<p>Install the patch of the Self-Service Module; there is no way around it.</p>",
            record_type="Security_Notice",
            age_seconds=9 * _DAY,
        ),
        Article(title="Withdrawn: old connector guide", status="Archived", age_seconds=300 * _DAY),
        Article(title="Draft: rollover of the issuing CA", status="Draft", age_seconds=2 * _DAY),
        Article(
            title="Importer la nouvelle racine du service",
            summary="Avant la date de bascule.",
            language="fr",
            body="<p>Importer la racine, puis relancer le module.</p>",
            age_seconds=39 * _DAY,
        ),
    ),
    patches=(
        {
            "Name": "Self-Service Module - new notification root certificate",
            "Product__c": "Identity Enterprise",
            "Product_Version__c": "Self-Service Module 13.0",
            "Release_Date__c": "2026-08-17",
            "Severity__c": "High",
            "Summary__c": "Import before the cut-over date.",
            "Detail_Url__c": "https://trustedcare.example/s/patch/1",
        },
    ),
)

DIGITAL_CARD = freshdesk.Seeds(
    statuses={6: ("Assigned", "Assigned"), 7: ("Dev-scheduled", "Development planned")},
    folders=(
        freshdesk.Folder(
            name="Mobile SDK",
            category="Digital Card",
            articles=(
                freshdesk.Article(
                    title="Wallet enrolment fails after an update of the SDK",
                    body="<p>Renew the certificate that the application pins, then enrol the card again.</p>",
                    age_seconds=40 * _DAY,
                ),
                freshdesk.Article(title="Draft: push provisioning", published=False, age_seconds=2 * _DAY),
            ),
        ),
        freshdesk.Folder(
            name="Release notes",
            category="Digital Card",
            articles=(
                freshdesk.Article(
                    title="Mobile SDK 3.4 release notes",
                    body="<p>Corrects the renewal of keys in the background.</p>",
                    age_seconds=9 * _DAY,
                ),
            ),
        ),
    ),
)


class TrustedCare(Salesforce):
    """The simulated org, which also says how an account reaches it."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit this org at its address, secrets included."""
        return {
            "platform": "trustedcare",
            "base_url": url,
            "consumer_key": SEEDS.consumer_key,
            "username": SEEDS.user,
            "private_key": private_key(),
            "product_field": "Product__c",
            "statuses": {"Waiting for Customer": "waiting_on_us", "Solution Provided": "resolved"},
            "status_words": {"waiting_on_us": "Waiting for Customer", "resolved": "Solution Provided"},
            "kb_body_fields": ("Answer__c",),
            "patch_source": "object",
        }


def simulator(options: Options | None = None, *, seed: int = 0) -> TrustedCare:
    """A fresh org with this vendor's data; log in with the key pair of the simulated app."""
    return TrustedCare(seeds=SEEDS, options=options, seed=seed)


class DigitalCard(freshdesk.Freshdesk):
    """The simulated desk, which also says how an account reaches it."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit this desk at its address, secrets included."""
        return {**super().account(url), "platform": "digital_card"}


def digital_card(*, seed: int = 0) -> DigitalCard:
    """A fresh desk with this vendor's data, where a closed ticket is final."""
    return DigitalCard(seeds=DIGITAL_CARD, options=freshdesk.Options(closed_is_final=True), seed=seed)
