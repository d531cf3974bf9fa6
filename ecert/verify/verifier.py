"""The verifier: one scan in, one verdict out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ecert.clock import Clock, system_clock
from ecert.errors import ParseError, PictureError, TrustError
from ecert.model.regions import parse_region
from ecert.reasons import Reason
from ecert.show import offline
from ecert.sign.sdjwt import KeyBinding
from ecert.verify import files, judging
from ecert.verify.audience import Asked, ask
from ecert.verify.challenges import MemoryChallenges
from ecert.verify.knowledge import Knowledge
from ecert.verify.mandates import shown_mandate
from ecert.verify.policy import COUNTER, Policy
from ecert.verify.presentations import ProvenPresentation, prove
from ecert.verify.proof import prove_issuer, unproven
from ecert.verify.replay import MemoryReplay, ReplayMemory
from ecert.verify.verdict import Finding, Part, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from ecert.show.compact import CompactClaims
    from ecert.show.offline import HolderProof
    from ecert.trust.index import IssuerKey
    from ecert.verify.challenges import ChallengeBook, HeldChallenge
    from ecert.verify.checks import Case
    from ecert.verify.mandates import ShownMandate
    from ecert.verify.presentations import PresentedProof


class Verifier:
    """A window's verifier (核验方).

    Args:
        region: The window's region, six digits.
        knowledge: What it knows off line; empty and in memory by default.
        policy: What it asks for.
        replay: Memory of codes already accepted.
        window: This window's number in its hall, if it shows challenges.
        challenges: Memory of the challenges that were shown.
        clock: Where ``at`` comes from when it is left out.
    """

    def __init__(
        self,
        region: str,
        *,
        knowledge: Knowledge | None = None,
        policy: Policy = COUNTER,
        replay: ReplayMemory | None = None,
        window: int | None = None,
        challenges: ChallengeBook | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self.region = parse_region(region)
        self.knowledge = knowledge or Knowledge(self.region, clock=clock)
        self.policy = policy
        self.window = window
        self._replay = replay or MemoryReplay()
        self._challenges = challenges or MemoryChallenges()
        self._clock = clock

    @property
    def clock(self) -> Clock:
        """Where the time comes from."""
        return self._clock

    def challenge(self, *, at: datetime | None = None) -> HeldChallenge:
        """Give out a number for this window to show; the next code answers it, once.

        Raises:
            ValueError: This verifier has no ``window``.
            FormatError: ``window`` is out of range.
        """
        if self.window is None:
            raise ValueError("only a numbered window shows challenges")
        return self._challenges.issue(self.window, at=at or self._clock())

    def verify(
        self,
        code: str,
        *,
        matter: str | None = None,
        challenge: str | None = None,
        at: datetime | None = None,
    ) -> Verdict:
        """Judge a scanned code, from what this verifier knows.

        Touches no network, file or clock but the one handed in.  Never raises for what is in
        the code: every refusal is a finding.

        Args:
            code: The scanned text: digits, as they come from the scanner.
            matter: The service matter or scene (事项或应用场景).
            challenge: The number that this window showed; without it, any that `challenge` gave
                out and that is open at this window is taken.
            at: The time of the check; now by the verifier's clock.
        """
        at = at or self._clock()
        # (1) Take the code apart; nothing in it is believed yet.
        try:
            shown = offline.read(code)
        except (ParseError, TrustError) as error:
            return self._verdict((unproven("code", error.reason, error.en),), matter, at)
        # (2) The signatures come first and alone: the issuer's, then the holder's; for an agent
        # the mandate's by the holder, then the agent's own.
        proven = judging.prove(shown, self.knowledge.trust, at)
        # (3) What did this window ask for?
        asked = self._ask(shown.proof, challenge, proven, at)
        # (4) Of what is proven every check runs, so that all reasons are heard.
        mandate = shown_mandate(shown, self.knowledge, matter)
        parts = tuple([
            self._judge(self._case(credential.claims, shown.proof, key, asked, at, mandate), matter)
            if not isinstance(key, Part)
            else key
            for credential, key in zip(shown.credentials, proven, strict=True)
        ])  # fmt: skip
        # (5) A code is accepted once.
        if shown.proof is not None and any(part.accepted for part in parts):
            parts = self._accept_once(parts, shown.proof, asked, at)
        # (6) The verdict is as good as its worst part.
        demo = any(key.roots.demo for key in proven if not isinstance(key, Part))
        return self._verdict(parts, matter, at, demo=demo)

    def verify_file(
        self,
        token: str,
        *,
        matter: str | None = None,
        challenge: str | None = None,
        at: datetime | None = None,
    ) -> Verdict:
        """Judge a file credential (电子证照文件), an SD-JWT VC that is bound to no wallet.

        It proves no holder, so the verdict tells the clerk to check the identity document.
        Only what is disclosed in it is looked at and shown.  No file answers a ``challenge``:
        where one is named, it is refused.
        """
        at = at or self._clock()
        # (1) Take it apart; a wallet's credential is not a file.
        try:
            file = files.read(token)
        except (ParseError, TrustError) as error:
            return self._verdict((unproven("file", error.reason, error.en),), matter, at)
        # (2) The issuer's signature comes first and alone.
        key = prove_issuer(
            self.knowledge.trust, kid=file.kid, issuer_code=file.issuer_code,
            region=file.region, verify=file.verify, at=at,
        )  # fmt: skip
        if isinstance(key, Part):
            return self._verdict((key,), matter, at)
        # (3) Then the same checks as for a code.
        try:
            claims = file.claims(self.knowledge.catalogue, key.issuer, at=at)
            purpose, portrait = file.purpose_copy(), file.portrait()
        except (ParseError, TrustError) as error:
            return self._verdict((unproven("file", error.reason, error.en),), matter, at)
        asked = ask(None, self.window, challenge, None)
        case = self._case(claims, None, key, asked, at)
        case = case._replace(
            licence_type=file.read_with(case.licence_type), purpose=purpose, portrait=portrait
        )
        part = self._judge(case, matter)
        return self._verdict((part,), matter, at, demo=key.roots.demo)

    def verify_presentation(
        self,
        tokens: str | Sequence[str],
        *,
        audience: str,
        nonce: str,
        matter: str | None = None,
        at: datetime | None = None,
    ) -> Verdict:
        """Judge what a show service handed over for an online code; otherwise as `verify`.

        Args:
            tokens: SD-JWT+KB, one for each licence.
            audience: For whom the holder made it: see `ecert.show.online.audience_of`.
            nonce: What the holder bound it to: see `OnlineCode.nonce`.
            matter: The service matter or scene (事项或应用场景).
            at: The time of the check; now by the verifier's clock.
        """
        at = at or self._clock()
        # (1) The signatures come first and alone: the issuers', then the holder's.
        some = (tokens,) if isinstance(tokens, str) else tuple(tokens)
        shown = prove(some, KeyBinding(audience, nonce), self.knowledge, at=at)
        if not isinstance(shown, ProvenPresentation):
            return self._verdict(shown, matter, at)
        # (2) Then the same checks as for a code, and it is accepted once.
        cases = []
        for one in shown.licences:
            case = self._case(one.claims, shown.proof, one.key, Asked(), at)
            cases.append(
                case._replace(
                    licence_type=one.file.read_with(case.licence_type),
                    portrait=one.file.portrait(),
                )
            )
        parts = tuple([self._judge(case, matter) for case in cases])
        if any(part.accepted for part in parts):
            parts = self._accept_once(parts, shown.proof, Asked(), at)
        demo = any(one.key.roots.demo for one in shown.licences)
        return self._verdict(parts, matter, at, demo=demo)

    def verify_picture(
        self,
        picture: bytes | Path,
        *,
        matter: str | None = None,
        challenge: str | None = None,
        at: datetime | None = None,
    ) -> Verdict:
        """Judge the one code in a picture (PNG, JPEG, …); otherwise as `verify`.

        Raises:
            ScannerMissingError: The extra ``scan`` is not installed.
            OSError: The file cannot be read.
        """
        from ecert.show import scan  # noqa: PLC0415 - the decoder is loaded when used

        at = at or self._clock()
        try:
            code = scan.read(picture)
        except PictureError as error:
            return self.judge_unread(error, matter=matter, at=at)
        return self.verify(code, matter=matter, challenge=challenge, at=at)

    def judge_unread(
        self, error: PictureError, *, matter: str | None = None, at: datetime | None = None
    ) -> Verdict:
        """Judge a picture in which no code was read; ``error`` says why."""
        part = unproven("picture", error.reason, error.en)
        return self._verdict((part,), matter, at or self._clock())

    def _ask(
        self,
        proof: HolderProof | None,
        challenge: str | None,
        proven: Sequence[IssuerKey | Part],
        at: datetime,
    ) -> Asked:
        """Return what the window asked of this code; a wrong guess is counted."""
        if all(isinstance(one, Part) for one in proven):
            return Asked()  # nothing unproven is looked up or counted
        asked = ask(self._challenges, self.window, challenge, proof)
        if asked.guessed and asked.window is not None:
            self._challenges.miss(asked.window, at=at)
        return asked

    def _case(
        self,
        claims: CompactClaims,
        proof: HolderProof | PresentedProof | None,
        key: IssuerKey,
        asked: Asked,
        at: datetime,
        mandate: ShownMandate | None = None,
    ) -> Case:
        return judging.case_of(self.knowledge, self.policy, claims, proof, key, asked, at, mandate)

    def _judge(self, case: Case, matter: str | None) -> Part:
        return judging.judge(case, self.knowledge, region=self.region, matter=matter)

    def _accept_once(
        self,
        parts: tuple[Part, ...],
        proof: HolderProof | PresentedProof,
        asked: Asked,
        at: datetime,
    ) -> tuple[Part, ...]:
        until = proof.expires + self.policy.max_late
        keys = proof.replay_keys
        if not all(self._replay.claim(key, until=until, at=at) for key in keys):
            used = Finding("replay", Reason.REPLAYED, {"made": proof.made})
        elif asked.held is None or self._challenges.use(asked.held.challenge, code=keys[0], at=at):
            return parts
        else:
            # Another code was faster since the challenge was looked up.
            used = Finding("audience", Reason.AUDIENCE, {"answered_before": True})
        return tuple(
            replace(part, findings=(*part.findings, used), _licence=None) for part in parts
        )

    def _verdict(
        self, parts: tuple[Part, ...], matter: str | None, at: datetime, *, demo: bool = False
    ) -> Verdict:
        return Verdict(parts=parts, at=at, region=self.region, matter=matter, demo=demo)
