"""when an item in quarantine is fetched again"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("quarantine", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_quarantine_due", "quarantine", ["account", "kind", "due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )
