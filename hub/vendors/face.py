"""The hooks that get an account, as guarded methods: `open_case` asks `hub_open_case`.

The methods are made from the spec, and so are their types in face.pyi, which `make docs` writes.
"""

from hub.hooks import HOOKS
from hub.vendors.guard import guarded


class Face:
    """What can be asked of one vendor; a subclass has the guard of its plugin as `_guard`."""


for _hook in HOOKS.values():
    if _hook.of_account:
        setattr(Face, _hook.capability, guarded(_hook))
