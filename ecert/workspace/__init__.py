"""The workspace (工作区): a folder with settings, database, keys and knowledge, put together.

Adapters are chosen here and above, nowhere else.  `settings` is ``ecert.toml``, `keyfiles` the
folder ``keys``, `creation` makes it all, `bundle` is what one region hands to another, and
`workspace` is what the command line, the service and scripts use.
"""

from __future__ import annotations

from ecert.workspace.workspace import Workspace

__all__ = ["Workspace"]
