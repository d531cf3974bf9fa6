"""The case copy (存卷件): what a clerk files with a case, so that nobody has to hand in paper.

It holds the receipt, the recognised licences as they were shown, and the code, which is used and
has run out.  It is the only thing of this room that holds personal data, and nobody can use it as
a licence: what proves no holder, a printed code or a file, is left out of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from ecert import limits
from ecert.errors import ParseError
from ecert.sign import jws
from ecert.trust.document import RegionCode, VisibleName  # noqa: TC001 - as the next
from ecert.verify.presentation import presented_code
from ecert.verify.receipt import CaseNumber, Instant  # noqa: TC001 - pydantic reads them at run time
from ecert.verify.signed_receipt import SignedReceipt, open_receipt, require_header
from ecert.verify.spelling import SpeltOnce

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey
    from ecert.verify.presentation import Presented
    from ecert.verify.verdict import Verdict

TYP: Final = "ecert-case-copy+jwt"
_Text = Annotated[str, Field(min_length=1)]


class CaseCopy(SpeltOnce):
    """What is filed with a case.

    Attributes:
        format: Version of the format.
        matter: What it may be used for: the service matter or scene.
        case: The case number (办件编号) that it belongs to.
        window: Who made it.
        region: The window's region.
        made: When.
        receipt: The signed receipt of the check.
        presentation: The digits of the show code; absent for what proves no holder.
        licences: Each recognised licence as the clerk was shown it.
    """

    called: ClassVar[str] = "case copy"

    format: Literal[1] = 1
    matter: VisibleName | None = None
    case: CaseNumber
    window: VisibleName
    region: RegionCode
    made: Instant
    receipt: _Text
    presentation: _Text | None = None
    licences: Annotated[
        tuple[dict[str, Any], ...], Field(min_length=1, max_length=limits.MAX_PARTS_OF_CHECK)
    ]

    def signed_receipt(self) -> SignedReceipt:
        """Return the receipt; unproven until it was verified.

        Raises:
            ParseError: It is damaged.
        """
        return open_receipt(self.receipt)

    def verify(self, token: str, keys: Sequence[PublicKey]) -> SignedReceipt:
        """Return the receipt, if copy and receipt are both the window's and belong together.

        Args:
            token: This copy as it was signed.
            keys: The window's.

        Raises:
            ParseError: Copy and receipt are of two checks.
            SignatureError: A signature does not fit.
        """
        parsed = jws.parse(token, max_chars=limits.MAX_CASE_COPY_CHARS)
        kid = require_header(parsed.header, TYP)
        parsed.verify([key for key in keys if key.kid == kid])
        signed = self.signed_receipt()
        signed.verify(keys)
        said = signed.receipt
        if (said.window, said.region, said.at, said.matter, said.case) != (
            self.window, self.region, self.made, self.matter, self.case,
        ):  # fmt: skip
            raise ParseError("copy and receipt are of two checks", where="receipt")
        if self.presentation is not None:
            shown = presented_code(self.presentation)
            if (shown.text, shown.digest) != (self.presentation, said.presentation):
                raise ParseError("the code is not the receipt's", where="presentation")
        return signed


def make_case_copy(
    verdict: Verdict, signed: SignedReceipt, presented: Presented, signer: Signer
) -> str:
    """Return the signed case copy of an accepted check that has a case number.

    Raises:
        NotAcceptedError: The verdict is not `accepted`: nothing personal leaves it.
        ValueError: The receipt names no case.
    """
    verdict.require_accepted()
    said, licences = signed.receipt, [part["licence"] for part in verdict.to_dict()["parts"]]
    if said.case is None:
        raise ValueError("a case copy belongs to a case")
    # Whoever got hold of a printed code or a file could show it elsewhere.
    bearer = any(part.licence.bearer for part in verdict.parts)
    copy = CaseCopy(
        matter=said.matter, case=said.case, window=said.window, region=said.region, made=said.at,
        receipt=signed.token, presentation=None if bearer else presented.text,
        licences=tuple(licences),
    )  # fmt: skip
    signing_input = jws.typed_input(TYP, copy.to_payload(), signer.public)
    return jws.with_signature(signing_input, signer.sign(signing_input)).decode("ascii")


def open_case_copy(token: str) -> CaseCopy:
    """Take a case copy apart; nothing in it is proven.

    Raises:
        ParseError: Too long, malformed, or something else.
    """
    parsed = jws.parse(token, max_chars=limits.MAX_CASE_COPY_CHARS)
    require_header(parsed.header, TYP)
    return CaseCopy.from_payload(parsed.payload)
