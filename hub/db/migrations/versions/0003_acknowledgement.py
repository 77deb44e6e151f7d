"""how far a case is acknowledged, and when a customer was first answered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for table, name in (
        ("bond", "delivered_at"),
        ("bond", "stored_at"),
        ("bond", "answered_at"),
        ("ticket", "answered_at"),
    ):
        op.add_column(table, sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    # What is known of what is here already: by the rule until now, what was not marked as automatic was an answer.
    op.execute(
        """
        UPDATE bond SET delivered_at = o.settled_at FROM operation o
        WHERE o.bond_id = bond.id AND o.kind = 'open_case' AND o.state = 'done'
        """
    )
    op.execute(
        """
        UPDATE bond SET answered_at = c.at FROM (
            SELECT bond_id, min(created_at) AS at FROM comment
            WHERE origin = 'vendor' AND visibility = 'vendor' AND NOT automatic GROUP BY bond_id
        ) c WHERE c.bond_id = bond.id
        """
    )
    op.execute(
        """
        UPDATE ticket SET answered_at = j.at FROM (
            SELECT chain, min(at) AS at FROM journal
            WHERE kind = 'commented' AND data->>'visibility' = 'public' GROUP BY chain
        ) j WHERE j.chain = ticket.number
        """
    )
