"""A dependency of FastAPI that lets a request pass only with licences recognised for a matter.

It fails closed: whatever is not accepted, and whatever could not be judged, ends the request here.
"""

from __future__ import annotations

from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio.to_thread
from fastapi import Depends, HTTPException, Request

from ecert.errors import EcertError, FormatError, ParseError
from ecert.limits import MAX_CHALLENGE_CHARS, MAX_REQUEST_BYTES, MAX_TOKEN_CHARS
from ecert.reasons import Outcome, Reason
from ecert.service.desk import Desk
from ecert.service.entered import Entered
from ecert.service.plain_desk import PlainDesk
from ecert.service.seat import clerk_of
from ecert.sign.strict import parse_json_object
from ecert.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecert.clock import Clock
    from ecert.interop.matters.matter import Matter
    from ecert.verify.recognised import RecognisedLicence
    from ecert.verify.signed_receipt import SignedReceipt
    from ecert.verify.verdict import Verdict
    from ecert.verify.verifier import Verifier

CODE_HEADER: Final = "x-ecert-code"
"""The header with the scanned code, for requests whose body is something else."""
CHALLENGE_HEADER: Final = "x-ecert-challenge"
_NOBODY: Final = object()
# What says nothing of a licence but of the scan: whoever sent it scans again.
_SCAN: Final = frozenset({
    Reason.UNREADABLE, Reason.SEVERAL_CODES, Reason.INCOMPLETE_SCAN, Reason.TOO_LARGE,
    Reason.MALFORMED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was shown and accepted (认可结果): nothing else ever gets to the application.

    Attributes:
        verdict: The verdict, with the lists that it rests on.
        licences: The licences, as they are called here.
        matter: For what they were accepted.
        receipt: The receipt; None where the workspace keeps none, or there is no workspace.
        case_copy: The case copy (存卷件) for the case file, where a case is named; it holds
            personal data.
    """

    verdict: Verdict
    licences: tuple[RecognisedLicence, ...]
    matter: str
    receipt: SignedReceipt | None = None
    case_copy: str | None = None

    def of_type(self, name: str) -> RecognisedLicence:
        """Return the licence of a type, by its local name or code.

        Raises:
            KeyError: None of this type was shown.
        """
        for one in self.licences:
            if name in {one.type_name, one.type_code}:
                return one
        raise KeyError(name)


class Recognised:
    """A dependency that demands licences recognised for a matter.

    ``Depends(Recognised(workspace, matter="开办理发店", types=["营业执照"]))`` reads the scanned
    code from the header ``X-Ecert-Code``, or from the member ``code`` of a JSON body, and returns
    `Accepted`.  Else the request ends: 403 with reason, number and both wordings where the code is
    refused or not recognised; 422 where a scan is incomplete, missing or another type is needed;
    503 where nothing can be said.  An accepted code is used up, whatever the application does
    next: the holder shows a fresh one for another request.

    Args:
        source: The window's workspace, or a verifier alone.
        matter: The matter or scene (事项或应用场景).
        types: The licence types that must be shown, by local name or code, each of them; where any
            one of several will do, a tuple of them.  None takes whatever is recognised.
        sign_in: A dependency that returns the name of who asks, as receipts tell it, and raises
            for whoever may not ask.
        clerk: Who asks, where there is no sign-in: the name of the program.
        case: Name of the path parameter with the case number (办件编号): then a receipt is kept,
            and the case copy made; where that cannot be done, nothing passes.
        clock: Where the time comes from; the source's by default.

    Raises:
        CatalogueError: A type is not known here.
    """

    def __init__(
        self,
        source: Workspace | Verifier,
        *,
        matter: str,
        types: Sequence[str | tuple[str, ...]] | None = None,
        sign_in: Callable[..., Any] | None = None,
        clerk: str = "",
        case: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        if not isinstance(source, Workspace) and case is not None:
            raise ValueError("receipts are a workspace's: without one there is no case to name")
        catalogue = (
            source.catalogue if isinstance(source, Workspace) else source.knowledge.catalogue
        )
        self.matter = matter
        self.needs = tuple(
            tuple(catalogue.require(name).code for name in ((one,) if type(one) is str else one))
            for one in types or ()
        )
        self._names = {code: catalogue.require(code).name for need in self.needs for code in need}
        self._clerk, self._case, self._source = clerk, case, source
        if isinstance(source, Workspace):
            self._desk: Desk | PlainDesk = Desk(source, clock or source.clock)
        else:
            self._desk = PlainDesk(source, clock or source.clock)
        # What FastAPI reads: the sign-in is this object's own.
        asked = [Parameter("request", Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)]
        if sign_in is not None:
            signed_in = Annotated[Any, Depends(sign_in)]
            asked.append(Parameter("who", Parameter.POSITIONAL_OR_KEYWORD, annotation=signed_in))
        self.__signature__ = Signature(asked)

    async def __call__(self, request: Request, who: object = _NOBODY) -> Accepted:
        """Return what was accepted.

        Raises:
            HTTPException: Nothing was.
        """
        clerk = self._clerk if who is _NOBODY else clerk_of(who)
        code, challenge = await _read(request)
        case = None if self._case is None else request.path_params[self._case]
        return await anyio.to_thread.run_sync(self._accept, code, challenge, clerk or None, case)

    def _accept(
        self, code: str, challenge: str | None, clerk: str | None, case: str | None
    ) -> Accepted:
        try:
            return self._judge(code, challenge, clerk, case)
        except FormatError as error:
            raise refusal(422, "malformed-request", error.zh, error.en) from error
        except EcertError as error:
            # A database or a key that is away: nothing is known, so nothing passes.
            raise refusal(503, "cannot-check", error.zh, error.en) from error

    def _judge(
        self, code: str, challenge: str | None, clerk: str | None, case: str | None
    ) -> Accepted:
        receipt = copy = None
        entered = Entered(self.matter, case, challenge)
        if isinstance(self._desk, Desk) and isinstance(self._source, Workspace):
            check = self._desk.check(code, entered, clerk=clerk, keep=case is not None)
            verdict, receipt = check.verdict, check.receipt
            if verdict.accepted and case is not None:
                if check.fault is not None:
                    raise check.fault  # what was promised for the file cannot be there
                copy = self._source.receipts.case_copy(check)
        else:
            verdict = self._desk.check(code, entered, clerk=clerk).verdict
        if not verdict.accepted:
            raise not_accepted(verdict)
        licences = tuple(part.licence for part in verdict.parts)
        self._require_types({one.type_code for one in licences})
        return Accepted(verdict, licences, self.matter, receipt, copy)

    def _require_types(self, shown: set[str]) -> None:
        missing = [
            "或".join(self._names[code] for code in need)
            for need in self.needs
            if shown.isdisjoint(need)
        ]
        if missing:
            raise refusal(
                422, "licence-missing", f"还需出示：{'、'.join(missing)}",
                f"also to be shown: {', '.join(missing)}", missing=missing,
            )  # fmt: skip


def types_of(matter: Matter) -> tuple[tuple[str, ...], ...]:
    """Return the licence types that a matter needs, for ``types=``: of each group any one.

    What it needs on paper is not among them.
    """
    groups = (tuple(one.type for one in need.licences) for need in matter.needs)
    return tuple(group for group in groups if group)


def not_accepted(verdict: Verdict) -> HTTPException:
    """Return the refusal of a verdict that is not accepted: its reason, and nothing personal."""
    reason, part = verdict.reason, verdict.worst
    status = 403
    if verdict.outcome is Outcome.UNDETERMINED:
        status = 422 if reason in _SCAN else 503
    return refusal(
        status, reason.value, reason.zh, reason.en,
        outcome=verdict.outcome.value, number=reason.number,
        headline={"zh": verdict.outcome.zh, "en": verdict.outcome.en},
        next={"zh": part.next_step("zh"), "en": part.next_step("en")},
        parts=[
            {"reason": one.reason.value, "number": one.reason.number,
             "type": None if one.about is None else one.about.type_name}
            for one in verdict.parts
        ],
    )  # fmt: skip


def refusal(status: int, reason: str, zh: str, en: str, **more: object) -> HTTPException:
    """Return the end of a request, told in both languages."""
    detail = {"type": f"urn:ecert:{reason}", "reason": reason, "zh": zh, "en": en} | more
    return HTTPException(status, detail, headers={"cache-control": "no-store"})


async def _read(request: Request) -> tuple[str, str | None]:
    """Return the code and the window's number that a request brings."""
    code: Any = request.headers.get(CODE_HEADER)
    challenge: Any = request.headers.get(CHALLENGE_HEADER)
    if code is None and _is_json(request):
        body = await _body(request)
        try:
            plain = parse_json_object(body, where="body")
        except ParseError as error:
            raise refusal(422, "malformed-request", "请求格式不对", "malformed") from error
        code, challenge = plain.get("code"), plain.get("challenge", challenge)
    if code is None or code == "":
        raise refusal(422, "code-missing", "请出示亮证码", "no code was sent")
    texts = isinstance(challenge, str | None) and isinstance(code, str)
    if not texts or len(code) > MAX_TOKEN_CHARS or len(challenge or "") > MAX_CHALLENGE_CHARS:
        raise refusal(422, "malformed-request", "请求格式不对", "malformed")
    return code, challenge


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json"


async def _body(request: Request) -> bytes:
    told = request.headers.get("content-length", "")
    # What came without its length told is in memory already where the application reads it too.
    if told.isdigit() and int(told[:20]) > MAX_REQUEST_BYTES:
        raise refusal(413, "too-large", "请求内容过大", "the request is too large")
    body = await request.body()
    if len(body) > MAX_REQUEST_BYTES:
        raise refusal(413, "too-large", "请求内容过大", "the request is too large")
    return body
