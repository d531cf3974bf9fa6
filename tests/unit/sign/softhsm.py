"""Tokens of SoftHSM in a folder of their own, and what the tests keep on them."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PIN: Final = "271828"
_DRIVERS: Final = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)


@contextmanager
def tokens(folder: Path, *labels: str) -> Iterator[str]:
    """Make a token for each label; gives the driver's path.  Skips where SoftHSM is missing."""
    pytest.importorskip("pkcs11", reason="python-pkcs11 (extra hsm) is not installed")
    tool = shutil.which("softhsm2-util")
    driver = next((path for path in _DRIVERS if Path(path).exists()), None)
    if tool is None or driver is None:
        pytest.skip("SoftHSM is not installed (Debian: apt-get install softhsm2)")
    import pkcs11

    settings = folder / "softhsm2.conf"
    (folder / "tokens").mkdir()
    settings.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    try:
        for label in labels:
            command = [tool, "--init-token", "--free", "--label", label, "--pin", PIN]
            subprocess.run([*command, "--so-pin", "31415926"], check=True, capture_output=True)
        yield driver
    finally:
        pkcs11.lib(driver).finalize()
        os.environ.pop("SOFTHSM2_CONF")
        if before is not None:
            os.environ["SOFTHSM2_CONF"] = before


def generate(session: Any, label: str, key_id: bytes, **private: object) -> None:
    """Make a P-256 key on the token; ``private`` are attributes of the private half."""
    from pkcs11 import Attribute, KeyType, Mechanism
    from pkcs11.util.ec import encode_named_curve_parameters

    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
    parameters = session.create_domain_parameters(KeyType.EC, curve, local=True)
    parameters.generate_keypair(
        store=True,
        id=key_id,
        label=label,
        mechanism=Mechanism.EC_KEY_PAIR_GEN,
        private_template={Attribute[name]: value for name, value in private.items()},
    )


def put(session: Any, label: str, key_id: bytes, curve: str, point: bytes, value: bytes) -> None:
    """Store both halves of a key from outside; ``curve`` is CKA_EC_PARAMS in hex."""
    from pkcs11 import Attribute, KeyType, ObjectClass

    shared = {
        Attribute.KEY_TYPE: KeyType.EC,
        Attribute.EC_PARAMS: bytes.fromhex(curve),
        Attribute.LABEL: label,
        Attribute.ID: key_id,
        Attribute.TOKEN: True,
    }
    private = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.SIGN: True}
    session.create_object({**shared, **private, Attribute.VALUE: value})
    public = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.VERIFY: True}
    octets = b"\x04\x41" + point
    session.create_object({**shared, **public, Attribute.EC_POINT: octets})
