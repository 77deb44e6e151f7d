"""How a download's record at the support portal becomes a patch."""

from __future__ import annotations

PATCH_FIELDS = {
    "title": "short_description",
    "body": "text",
    "product": "u_product",
    "version": "u_version",
    "published_at": "published",
}
"""The fields of products and versions are a convention of ours: the portal's own are not published."""
