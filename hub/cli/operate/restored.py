"""`hub restored`: the first thing to say after a backup was put back."""

from __future__ import annotations

from hub.cli.shared.options import As, AsJson


def restored(as_name: As = "", as_json: AsJson = False) -> None:
    """Say that the database was restored from a backup, before a worker starts.

    What the hub holds for unsent may have been sent since: all of it is put in doubt, and looked for at the vendors
    before it is sent. So is the case of any older ticket that is escalated again.
    """
    from hub.bonding.repair.after_restore import restored as put_in_doubt
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import who, with_hub

    doubted = with_hub(lambda hub: put_in_doubt(hub.context, who=who(as_name)))
    tell(
        {"in_doubt": doubted},
        lambda: line(f"{doubted} operations are in doubt now; next: `hub reconcile --report`, then `hub worker`"),
        as_json=as_json,
    )
