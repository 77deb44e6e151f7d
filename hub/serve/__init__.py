"""The receiver: accepts vendors' webhook deliveries, and reports liveness and readiness."""

from hub.serve.app import make_app

__all__ = ["make_app"]
