"""`python -m hub.cli` is the program `hub`."""

from __future__ import annotations

from hub.cli import main

main()
