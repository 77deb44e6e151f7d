"""What Mobile Reach's own texts look like, as far as is assumed: versions of its apps. Pure."""

from __future__ import annotations

VERSION = r"\d+(?:\.\d+){1,3}"
"""A version of two to four numbers, such as 7.4 or 7.4.1; a convention of ours until a release note is seen."""
