"""Electronic licences (电子证照) that one region issues and another trusts, in one scan, off line.

The front door: three actors and what passes between them.  Nothing heavy is loaded until it is
used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecert.demo import demo_roots, fixture
    from ecert.errors import EcertError
    from ecert.issuers.issuer import Issuer
    from ecert.model.catalogue import Catalogue, LicenceType
    from ecert.model.holders import Holder
    from ecert.model.identifiers import LicenceId
    from ecert.model.licence import Licence
    from ecert.reasons import Outcome, Reason
    from ecert.show.code import ShowCode
    from ecert.verify.knowledge import Knowledge
    from ecert.verify.policy import Policy
    from ecert.verify.verdict import Verdict
    from ecert.verify.verifier import Verifier
    from ecert.wallet.wallet import Wallet
    from ecert.workspace import Workspace

__version__ = "0.1.0"

_HOMES = {
    "Catalogue": "ecert.model.catalogue",
    "EcertError": "ecert.errors",
    "Holder": "ecert.model.holders",
    "Issuer": "ecert.issuers.issuer",
    "Knowledge": "ecert.verify.knowledge",
    "Licence": "ecert.model.licence",
    "LicenceId": "ecert.model.identifiers",
    "LicenceType": "ecert.model.catalogue",
    "Outcome": "ecert.reasons",
    "Policy": "ecert.verify.policy",
    "Reason": "ecert.reasons",
    "ShowCode": "ecert.show.code",
    "Verdict": "ecert.verify.verdict",
    "Verifier": "ecert.verify.verifier",
    "Wallet": "ecert.wallet.wallet",
    "Workspace": "ecert.workspace",
    "demo_roots": "ecert.demo",
    "fixture": "ecert.demo",
}

__all__ = [
    "Catalogue",
    "EcertError",
    "Holder",
    "Issuer",
    "Knowledge",
    "Licence",
    "LicenceId",
    "LicenceType",
    "Outcome",
    "Policy",
    "Reason",
    "ShowCode",
    "Verdict",
    "Verifier",
    "Wallet",
    "Workspace",
    "__version__",
    "demo_roots",
    "fixture",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ecert' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
