"""What is special about Mobile Reach: versions in titles, and answers that have no field yet."""

from __future__ import annotations

import re

import pytest

from hub.errors import FieldRefused
from hub.model import CaseDraft, Severity
from hub.platforms.form import IntakeForm
from hub.platforms.zendesk import WORDS, cases
from plugins.mobile_reach.mapping import VERSION
from plugins.mobile_reach.settings import ZendeskSettings

FORM = IntakeForm("plugins.mobile_reach")
DRAFT = CaseDraft(
    key="RJR-000042-7F3KQ",
    title="Scanner stops",
    description="On sync.",
    severity=Severity.S1,
    ticket_number="RJR-000042",
    answers={"ticket_type": "problem", "mobile_os": "Android 15", "back_end": "ServiceNow"},
)


def _settings(**values):
    known = {
        "vendor": "mobile_reach",
        "base_url": "http://desk.example/api/v2",
        "email": "a@b.example",
        "api_token": "k",
    }
    return ZendeskSettings(**(known | values))


def test_versions_are_found_in_titles():
    """Two to four numbers are a version; one alone is none."""
    titles = ("Release notes 7.4.1", "Asset scanner 10.2.0.17 (Android)", "What is new in 7.4", "Android 15")
    found = [re.search(VERSION, title) for title in titles]
    assert [one and one[0] for one in found] == ["7.4.1", "10.2.0.17", "7.4", None]


def test_answers_stand_in_the_description_until_they_have_fields():
    """An answer without a number of a field is told by its question; with one it goes there alone."""
    values = cases.new_values(DRAFT, _settings(), WORDS, FORM)
    assert values["type"] == "problem"
    assert "Device and system: Android 15\nBack end: ServiceNow" in values["comment"]["body"]
    values = cases.new_values(DRAFT, _settings(field_ids={"mobile_os": 36}), WORDS, FORM)
    assert values["custom_fields"] == [{"id": 36, "value": "Android 15"}]
    assert "Android" not in values["comment"]["body"]


def test_a_type_that_the_desk_lacks_is_refused():
    """The kinds of a case are the platform's."""
    with pytest.raises(FieldRefused):
        cases.new_values(DRAFT.evolve(answers={"ticket_type": "wish"}), _settings(), WORDS, FORM)
