"""``ecert inspect --diagnose``: why a foreign signature does not verify, and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecert.cli.terminal import read_bounded
from ecert.errors import FormatError, ParseError

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.cli.terminal import Terminal
    from ecert.sign.keys import PublicKey

_MAX_KEY_BYTES: Final = 16 * 1024


def tell(terminal: Terminal, data: bytes, key_file: Path | None, notice: str) -> None:
    """Print what is known about the signature of the token in ``data``.

    Args:
        terminal: Where to.
        data: A compact JWS or SD-JWT.
        key_file: The signer's public key, as JWK or PEM.
        notice: That nothing is proven by this; it heads the result.

    Raises:
        FormatError: No key was given, or key or token does not parse.
    """
    from ecert.sign.diagnose import diagnose

    if key_file is None:
        raise FormatError(
            "还需要签名方的公钥", "the signer's public key is needed", where="--key",
            fix_zh="请加 --key 公钥文件（JWK 或 PEM）", fix_en="Add --key FILE, a JWK or PEM",
        )  # fmt: skip
    key = _read_key(key_file)
    try:
        found = diagnose(data.decode("utf-8").strip(), key)
    except (UnicodeDecodeError, ParseError) as error:
        detail = error.en if isinstance(error, ParseError) else "not text"
        raise FormatError(
            "不是完整的签名令牌（JWS 或 SD-JWT）",
            f"not a whole signed token, JWS or SD-JWT ({detail})", where="ANYTHING",
            fix_zh="请给出三段、以点分开的令牌", fix_en="Give the three parts joined by dots",
        ) from error  # fmt: skip
    words = [one.wording(terminal.language) for one in found.fits]
    plain: dict[str, Any] = {
        "verified": False,
        "notice": notice,
        "kind": "diagnosis",
        "signature_right": found.right,
        "key": key.kid,
        "deviations": [one.value._asdict() for one in found.fits],
    }
    lines = [f"? {notice}", _headline(terminal, right=found.right, explained=bool(words))]
    for what, fix in words:
        lines += [f"  - {what}", f"    {fix}"]
    terminal.emit(plain, lines)


def _headline(terminal: Terminal, *, right: bool, explained: bool) -> str:
    if right:
        return terminal.words(
            "签名写法正确，与这把公钥相符；密钥是否可信、证照是否有效均未核验",
            "The signature fits this key; neither key nor licence was checked",
        )
    if explained:
        return terminal.words(
            "签名不合规范，仍按无效处理。签名方应改正：",
            "The signature is not as specified and stays invalid. The signer must mend:",
        )
    return terminal.words(
        "签名不对，没有已知的写法偏差能解释：多半不是这把密钥签的，或内容被改动过",
        "The signature is wrong and no known deviation explains it: "
        "most often another key made it, or the content was changed",
    )


def _read_key(path: Path) -> PublicKey:
    from ecert.sign.keys import PublicKey
    from ecert.sign.strict import bounded, parse_json_object

    data = bounded(read_bounded(path, _MAX_KEY_BYTES), _MAX_KEY_BYTES, where=str(path))
    try:
        if b"-----BEGIN" in data:
            return PublicKey.from_pem(data)
        return PublicKey.from_jwk(parse_json_object(data))
    except ParseError as error:
        raise FormatError(
            "不是公钥文件", f"not a public key ({error.en})", where=str(path),
            fix_zh="应为 JWK 或 PEM，P-256 或 SM2 的公钥，不含私钥",
            fix_en="A JWK or PEM of a P-256 or SM2 public key, without its private half",
        ) from error  # fmt: skip
