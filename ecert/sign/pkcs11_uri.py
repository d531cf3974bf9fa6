"""``pkcs11:`` addresses of keys (RFC 7512), as far as signing needs them.

``pkcs11:token=…;object=…;id=…?module-path=…&pin-source=file:/…``

They come from the operator's own settings, never from anything received: a module is a program
that gets loaded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from ecert.errors import CustodyError

_PATH: Final = frozenset({"token", "serial", "object", "id", "type"})
# `sm2-mechanism` is our own, as RFC 7512 §2.3 leaves room for: PKCS #11 has no number for SM2.
_QUERY: Final = frozenset({"module-path", "pin-source", "sm2-mechanism"})
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FILE: Final = re.compile(r"file:(?://)?(/[^/].*)", re.DOTALL)
# CKM_VENDOR_DEFINED: below it PKCS #11 has given every number a meaning, none of which is SM2.
_VENDOR: Final = range(0x80000000, 0x100000000)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenURI:
    """Which key on which token.

    Attributes:
        module: The token's driver, a shared library.
        token: The token's label.
        serial: Its serial number.
        object: The key's label (CKA_LABEL).
        id: The key's id (CKA_ID).
        pin_source: The file with the PIN; None to ask a person.
        sm2_mechanism: The vendor's mechanism that signs a given SM2 digest.
    """

    module: str
    token: str | None
    serial: str | None
    object: str | None
    id: bytes | None
    pin_source: Path | None
    sm2_mechanism: int | None

    @property
    def place(self) -> str:
        """The token and key, as errors name them."""
        names = {"token": self.token, "serial": self.serial, "object": self.object}
        if self.id is not None:
            names["id"] = self.id.hex()
        return ";".join(f"{name}={value}" for name, value in names.items() if value is not None)


def parse(rest: str) -> TokenURI:
    """Parse what follows ``pkcs11:``.

    Raises:
        CustodyError: An unknown, repeated, missing or ill-formed attribute, or the PIN itself.
    """
    path_text, _, query_text = rest.partition("?")
    path = _attributes(path_text, ";", _PATH)
    query = _attributes(query_text, "&", _QUERY)
    if path.get("type", b"private") != b"private":
        raise _wrong("type", "只能是 private", "only private keys sign", "type=private")
    module = _text(query, "module-path")
    if module is None or not module.startswith("/"):
        raise _wrong(
            "module-path", "须写明驱动库的绝对路径", "the driver's absolute path is needed",
            "?module-path=/usr/lib/softhsm/libsofthsm2.so",
        )  # fmt: skip
    uri = TokenURI(
        module=module,
        token=_text(path, "token"),
        serial=_text(path, "serial"),
        object=_text(path, "object"),
        id=path.get("id"),
        pin_source=_pin_source(_text(query, "pin-source")),
        sm2_mechanism=_mechanism(_text(query, "sm2-mechanism")),
    )
    if uri.token is None and uri.serial is None:
        raise _wrong("token", "没有写明哪个令牌", "which token is not said", "token=…")
    if uri.object is None and uri.id is None:
        raise _wrong("object", "没有写明哪把密钥", "which key is not said", "object=… / id=%01")
    return uri


def _attributes(text: str, separator: str, known: frozenset[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in text.split(separator) if text else []:
        name, equals, value = part.partition("=")
        if name == "pin-value":
            # It would stand in settings, process lists and shell histories (RFC 7512 §5).
            raise CustodyError(
                "密钥地址里不得写 PIN", "the PIN must not stand in the address", where="pin-value",
                fix_zh="请改用 pin-source=file:/…，或删去后按提示输入；写出过的 PIN 应更换",
                fix_en="Use pin-source=file:/…, or leave it out and be asked; change that PIN",
            )  # fmt: skip
        if name not in known:
            listed = " ".join(sorted(known))
            # Not the text itself: what is not an attribute may be a PIN with a slip in front.
            raise _wrong("pkcs11", "有不认识的属性", "an attribute is unknown", listed)
        if not equals or not value or name in found or _BROKEN_ESCAPE.search(value):
            raise _wrong(
                name, "写了两次、为空或编码不对", "twice, empty or ill-encoded", f"{name}=…"
            )
        found[name] = unquote_to_bytes(value)
    return found


def _text(attributes: dict[str, bytes], name: str) -> str | None:
    try:
        text = attributes[name].decode("utf-8") if name in attributes else None
    except UnicodeDecodeError:
        text = "\0"
    if text is not None and not text.isprintable():
        raise _wrong(name, "含有不可见字符", "it has characters that cannot be seen", f"{name}=…")
    return text


def _pin_source(text: str | None) -> Path | None:
    if text is None:
        return None
    found = _FILE.fullmatch(text)
    if found is None:
        # RFC 7512 also knows "|program": a setting that runs programs is more than is needed.
        raise _wrong("pin-source", "只能是文件", "only a file is taken", "pin-source=file:/run/pin")
    return Path(found[1])


def _mechanism(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"0x[0-9A-Fa-f]{8}", text) or int(text, 16) not in _VENDOR:
        raise _wrong(
            "sm2-mechanism", "不是厂商机制编号", "not a vendor's mechanism number",
            "sm2-mechanism=0x80008105",
        )  # fmt: skip
    return int(text, 16)


def _wrong(where: str, zh: str, en: str, example: str) -> CustodyError:
    return CustodyError(
        zh, en, where=where, fix_zh=f"应写成：{example}", fix_en=f"Write: {example}"
    )
