"""to whom a notice is told, and in which message"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for name in ("recipient", "message"):
        op.add_column("notice", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.create_index(
        "ix_notice_recipient", "notice", ["recipient", "settled_at"], postgresql_where=sa.text("recipient <> ''")
    )
    op.create_index("ix_notice_message", "notice", ["message"], postgresql_where=sa.text("message <> ''"))
    op.create_index("ix_notice_parked", "notice", ["id"], postgresql_where=sa.text("state = 'parked'"))
