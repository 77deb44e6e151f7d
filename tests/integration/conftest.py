"""What the integration tests share beyond the database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from desk_kit import Desk, open_desk


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    """A hub with one account at a simulated vendor; no worker runs."""
    async with open_desk(database_url) as opened:
        yield opened
