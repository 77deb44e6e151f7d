"""`hub restored`: the first command after a backup was restored."""

from __future__ import annotations

from hub.bonding.repair.after_restore import restored as put_in_doubt
from hub.cli.shared.options import As, AsJson
from hub.cli.shared.output import print_line, print_result
from hub.cli.shared.runtime import acting_user, with_hub
from hub.cli.shared.text import count_of


def restored(as_name: As = "", as_json: AsJson = False) -> None:
    """Tell the hub that its database was restored from a backup.

    Run it before a worker starts. Operations that the backup shows as unsent may have been sent since, so the hub marks
    them as in doubt and looks for them at the vendors before it sends them. It does the same for the case of any older
    ticket that is escalated again.
    """
    count = with_hub(lambda hub: put_in_doubt(hub.context, who=acting_user(as_name)))
    message = f"{count_of(count, 'operation')} marked as in doubt; next: `hub reconcile --report`, then `hub worker`"
    print_result({"in_doubt": count}, lambda: print_line(message), as_json=as_json)
