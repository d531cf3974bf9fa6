"""A recognition list proposed by one person at the page, accepted by another, signed, in force.

Who has done what stands in the audit trail, each act in one transaction with what it changes.
The signature comes after the decision and can be tried again: a crash between the two leaves an
accepted list that is not signed yet, never a signed one that nobody has accepted.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError
from ecert.interop.change import compare
from ecert.interop.recognition import RecognitionList
from ecert.interop.signing import Paper, combine, read_paper, require_same
from ecert.issuers.records import OfficeEvent
from ecert.limits import MAX_PROPOSALS_SHOWN
from ecert.model.people import person_key
from ecert.store.knowledge import SQLKnowledgeStore
from ecert.store.list_proposals import OPEN, ListProposal, ProposalState, SQLListProposals
from ecert.workspace.keyfiles import FOLDER, KeyFolder
from ecert.workspace.lists import refusals
from ecert.workspace.signing import SigningDesk
from ecert.workspace.unlocking import KeyOpener, no_prompt

if TYPE_CHECKING:
    from ecert.clock import Clock
    from ecert.interop.change import Change
    from ecert.interop.decision import ListInForce
    from ecert.interop.signing import Signatures
    from ecert.store.tokens import AccessToken
    from ecert.workspace import Workspace
    from ecert.workspace.lists.checking import ListCheck

PROPOSE: Final = "draft-propose"
ACCEPT: Final = "draft-accept"
SIGN: Final = "draft-sign"
ENFORCE: Final = "draft-in-force"
END: Final = {
    ProposalState.WITHDRAWN: "draft-withdraw",
    ProposalState.REJECTED: "draft-reject",
}
_ID_BYTES: Final = 8


class ListDesk:
    """The proposals of one workspace.

    Args:
        workspace: The workspace.
        clock: Where the time comes from.
        passphrase: Of its keys for recognition lists; None where only people sign, off line.
    """

    def __init__(
        self, workspace: Workspace, clock: Clock, *, passphrase: str | None = None
    ) -> None:
        self._workspace = workspace
        self._clock = clock
        self._passphrase = passphrase
        self._store = SQLListProposals(workspace.engine)
        self._knowledge_store = SQLKnowledgeStore(workspace.engine)
        self._marks = dict(self._knowledge_store.marks())

    @property
    def signs(self) -> bool:
        """Whether the service signs by itself; otherwise people do, with `ecert`."""
        return self._workspace.settings.demo or self._passphrase is not None

    def look_up(self) -> None:
        """Take over what other programs have brought into force meanwhile."""
        marks = dict(self._knowledge_store.marks())
        if marks != self._marks:
            self._workspace.knowledge.reload()
            self._marks = marks

    # -- reading ------------------------------------------------------------------------------

    def newest(self) -> tuple[ListProposal, ...]:
        """Return the proposals, the newest first."""
        return self._store.newest(MAX_PROPOSALS_SHOWN)

    def get(self, key: str) -> ListProposal:
        """Return one.

        Raises:
            FormatError: There is none of that id.
        """
        found = self._store.get(key)
        if found is None:
            raise FormatError(
                "没有这份提案", "there is no such proposal", fix_zh="请刷新", fix_en="Look again"
            )
        return found

    def document(self, proposal: ListProposal) -> RecognitionList:
        """Return the list that was proposed."""
        return RecognitionList.from_payload(proposal.draft)

    def held(self, proposal: ListProposal) -> ListInForce | None:
        """Return the list in force in its place."""
        lists = self._workspace.knowledge.recognition.lists
        return next((one for one in lists if one.document.slot == proposal.slot), None)

    def change(self, proposal: ListProposal) -> Change:
        """Return what it would change now."""
        held = self.held(proposal)
        before = None if held is None or held.digest == proposal.digest else held.document
        return compare(before, self.document(proposal), digest=proposal.digest)

    def is_outdated(self, proposal: ListProposal) -> bool:
        """Tell whether another list is in force than the one it was compared with."""
        held = self.held(proposal)
        now = "" if held is None else held.digest
        return now not in {proposal.base, proposal.digest}

    def tally(self, proposal: ListProposal) -> tuple[Signatures, ...]:
        """Return how far each party has signed it."""
        return SigningDesk(self._workspace, self._clock).tally(_paper(proposal))

    # -- deciding -----------------------------------------------------------------------------

    def propose(
        self, check: ListCheck, by: AccessToken, *, digest: str, base: str, file: str
    ) -> ListProposal:
        """Keep a list that was looked through, for a second person.

        Args:
            check: The workbook, looked through just now.
            by: Who proposes it.
            digest: What that person has seen: the digest of the list,
            base: and that of the list in force, empty for none.
            file: The workbook's name.

        Raises:
            ProposalError: There are errors, it is not what that person has seen, or it waits
                already.
            DocumentRefusedError: It cannot come into force here.
        """
        # (1) It is without errors, and what that person has seen.
        document = check.reading.document
        if document is None or not check.is_clean:
            raise check.blocked or refusals.errors_left()
        if check.base != base:
            raise refusals.outdated()
        if check.digest != digest:
            raise refusals.another_content()
        # (2) It does not wait already.
        if any(one.state in OPEN and one.digest == digest for one in self.newest()):
            raise refusals.proposed_already()
        # (3) It is kept with its line in the audit trail.
        proposal = ListProposal(
            id=secrets.token_hex(_ID_BYTES), state=ProposalState.PROPOSED, slot=document.slot,
            title=document.title, version=document.version, digest=digest, base=base,
            draft=document.to_payload(), file=file, source=check.source().model_dump_json(),
            proposer=by.name, proposer_token=by.id, proposed=self._clock(),
        )  # fmt: skip
        self._store.add(proposal, self._act(PROPOSE, proposal, by.name))
        return proposal

    def accept(self, key: str, by: AccessToken, *, digest: str, base: str) -> ListProposal:
        """Accept it as the second person; then it is signed, if the service signs.

        Args:
            key: Its id.
            by: Who accepts it.
            digest: What that person has seen: the digest of the list,
            base: and that of the list in force.

        Raises:
            ProposalError: That person has proposed it, or another list is in force by now.
            DocumentRefusedError: It may not be signed any more.
            RegisterError: Somebody else was quicker.
        """
        # (1) It is open, this is another person, and both have seen the same.
        proposal = self.get(key)
        if proposal.state is not ProposalState.PROPOSED:
            raise refusals.decided_already()
        _require_other(proposal, by)
        if proposal.digest != digest or proposal.base != base or self.is_outdated(proposal):
            raise refusals.outdated()
        # (2) It may still be signed.
        SigningDesk(self._workspace, self._clock).look(_paper(proposal), proposal.title)
        # (3) Accepted, of several who try the first alone; then signed, if the service signs.
        accepted = self._store.change(
            proposal, self._act(ACCEPT, proposal, by.name), state=ProposalState.ACCEPTED,
            decider=by.name, decider_token=by.id, decided=self._clock(),
        )  # fmt: skip
        return self.sign(accepted.id, by) if self.signs else accepted

    def sign(self, key: str, by: AccessToken) -> ListProposal:
        """Sign an accepted list with the workspace's key; in force if nobody else must sign.

        Raises:
            CustodyError: The key is not the service's to open.
            ProposalError: It is not accepted.
            DocumentRefusedError: It may not be signed any more.
        """
        proposal = self._accepted(key)
        if not self.signs:
            raise refusals.no_key()
        desk, paper = self._signing(), _paper(proposal)
        desk.look(paper, proposal.title)
        signed = paper.signed(desk.signers(paper, None, no_prompt))
        return self._keep(proposal, signed, by)

    def take_signed(self, key: str, data: bytes, by: AccessToken) -> ListProposal:
        """Add the signatures of a file to an accepted list; in force if they are all there.

        Raises:
            ProposalError: It is not accepted, or there is no new signature of a party.
            DocumentRefusedError: Another list, a wrong signature, or it may not come into force.
        """
        proposal = self._accepted(key)
        paper, given = _paper(proposal), read_paper(data)
        require_same(paper, given)
        desk = SigningDesk(self._workspace, self._clock)
        desk.require_fitting(given, proposal.title)
        signed = combine([paper, given])
        before = {kid for one in desk.tally(paper) for kid in one.valid}
        after = {kid for one in desk.tally(read_paper(signed)) for kid in one.valid}
        if after == before and proposal.signed:
            raise refusals.nothing_new()
        if not after:
            raise refusals.strange_key()
        return self._keep(proposal, signed, by)

    def end(self, key: str, by: AccessToken) -> ListProposal:
        """Withdraw it, if it is one's own, or reject it; what is in force stays.

        Raises:
            ProposalError: It has ended already.
        """
        proposal = self.get(key)
        if proposal.state not in OPEN:
            raise refusals.decided_already()
        own = proposal.proposer_token == by.id or _same_name(proposal, by)
        state = ProposalState.WITHDRAWN if own else ProposalState.REJECTED
        return self._store.change(
            proposal, self._act(END[state], proposal, by.name), state=state, ended_by=by.name,
            ended=self._clock(),
        )  # fmt: skip

    # -- keeping ------------------------------------------------------------------------------

    def _keep(self, proposal: ListProposal, signed: bytes, by: AccessToken) -> ListProposal:
        kept = self._store.change(proposal, self._act(SIGN, proposal, by.name), signed=signed)
        if not all(one.complete for one in self.tally(kept)):
            return kept
        return self._enforce(kept, by)

    def _enforce(self, proposal: ListProposal, by: AccessToken) -> ListProposal:
        if self.is_outdated(proposal):
            raise refusals.outdated()
        held = self.held(proposal)
        if held is None or held.digest != proposal.digest:
            # Two people have decided, however large the change is.
            self._workspace.knowledge.accept_all([proposal.signed], confirmed=True)
        return self._store.change(
            proposal, self._act(ENFORCE, proposal, by.name), state=ProposalState.IN_FORCE,
            ended_by=by.name, ended=self._clock(),
        )  # fmt: skip

    def _accepted(self, key: str) -> ListProposal:
        proposal = self.get(key)
        if proposal.state is not ProposalState.ACCEPTED:
            raise refusals.not_accepted()
        return proposal

    def _signing(self) -> SigningDesk:
        if self._workspace.settings.demo or self._passphrase is None:
            return SigningDesk(self._workspace, self._clock)
        # Opened for this one signature, and forgotten with this folder.
        opener = KeyOpener(no_prompt, (self._passphrase,))
        keys = KeyFolder(self._workspace.path / FOLDER, opener)
        return SigningDesk(self._workspace, self._clock, keys)

    def _act(self, act: str, proposal: ListProposal, by: str) -> OfficeEvent:
        detail = f"{proposal.slot} {proposal.version}"
        return OfficeEvent(act, f"list-draft:{proposal.digest}", self._clock(), by, detail)


def _paper(proposal: ListProposal) -> Paper:
    return read_paper(proposal.signed or proposal.draft)


def _same_name(proposal: ListProposal, by: AccessToken) -> bool:
    return person_key(proposal.proposer) == person_key(by.name)


def _require_other(proposal: ListProposal, by: AccessToken) -> None:
    if proposal.proposer_token == by.id or _same_name(proposal, by) or not person_key(by.name):
        raise refusals.same_person(proposal.proposer)
