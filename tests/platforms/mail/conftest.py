"""Mail is tested on both kinds of loop: commands run on asyncio's, workers on uvloop's."""

from __future__ import annotations

import asyncio

import uvloop


def pytest_asyncio_loop_factories(config, item):
    """Each test runs once on each."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
