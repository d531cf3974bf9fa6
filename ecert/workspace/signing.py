"""Signing recognition lists and withdrawal notices in a workspace: by this office, on its keys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ecert.demo import demo_region
from ecert.errors import CustodyError, DocumentRefusedError, FormatError
from ecert.faults import DocumentFault
from ecert.interop.change import compare
from ecert.interop.entry import Withdrawal
from ecert.interop.recognition import RecognitionList
from ecert.interop.signing import Paper, Signable, require_fitting, tally
from ecert.interop.withdrawal import WithdrawalNotice, WithdrawnEntry, require_applicable
from ecert.model.calendar import office_day
from ecert.model.regions import covers
from ecert.sign.custody import open_signer
from ecert.trust.roots import Role
from ecert.trust.succession import check_dates, check_not_older, check_predecessor
from ecert.workspace.signing_look import Look, require_signable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from ecert.clock import Clock
    from ecert.interop.decision import ListInForce
    from ecert.interop.signing import Signatures
    from ecert.sign.custody import Signer
    from ecert.verify.knowledge import Knowledge
    from ecert.workspace import Workspace
    from ecert.workspace.keyfiles import KeyFolder

NOTICE_LIFE: Final = timedelta(days=30)
"""By then the next version of the list is due; the notice withholds longer if it must."""


class SigningDesk:
    """The signing of one workspace.

    Args:
        workspace: Whose keys sign, and whose pinned roots say who may.
        clock: Where the time comes from.
        keys: The workspace's keys, opened in another way than the workspace itself opens them.
    """

    def __init__(self, workspace: Workspace, clock: Clock, keys: KeyFolder | None = None) -> None:
        self._workspace = workspace
        self._clock = clock
        self._keys = keys

    @property
    def _knowledge(self) -> Knowledge:
        return self._workspace.knowledge

    def tally(self, paper: Paper) -> tuple[Signatures, ...]:
        """Return how far each party has signed, by the roots pinned here."""
        return tally(paper, self._knowledge.trust)

    def look(self, paper: Paper, name: str) -> Look:
        """Return what a signer must see, if this office may sign it at all.

        Raises:
            DocumentRefusedError: It breaks a rule, cannot come into force here, carries a wrong
                signature, or is not this region's to sign.
        """
        document = paper.document
        document.check_content()
        party = self._party(paper)
        self._require_acceptable(paper)
        current = self._knowledge.recognition.get(document.slot)
        # What is in force already does not follow itself: a key holder may add a signature to it.
        follows = None if current == document else current
        doubts = require_signable(
            document, catalogue=self._workspace.catalogue, previous=follows, at=self._clock()
        )
        require_fitting(paper, self._knowledge.trust, name)
        change = None
        if isinstance(document, RecognitionList):
            change = compare(current, document, digest=paper.digest)
        restores = self._restores(document, party)
        return Look(paper, change, self.tally(paper), party, restores, doubts)

    def _party(self, paper: Paper) -> str:
        region = self._workspace.settings.region
        named = [party for party in paper.signing_parties if covers(party, region)]
        if not named:
            raise DocumentRefusedError(
                DocumentFault.OVERSTEPS,
                f"本地区（{region}）不是缔约方", f"{region} is no party to it", where="parties",
            )  # fmt: skip
        return max(named, key=lambda party: len(party.rstrip("0")))

    def _require_acceptable(self, paper: Paper) -> None:
        document, knowledge = paper.document, self._knowledge
        check_dates(document, self._clock())
        mark = knowledge.recognition.marks.get(document.slot)
        if mark is not None:
            check_not_older(document, paper.digest, mark)
            if document.version == mark.version + 1:
                check_predecessor(document, mark)
        if isinstance(document, WithdrawalNotice):
            require_applicable(document, knowledge.recognition.get(document.list_slot))

    def _restores(self, document: Signable, party: str) -> tuple[str, ...]:
        if not isinstance(document, RecognitionList):
            return ()
        gone = {entry.id for entry in document.entries if entry.withdrawn is not None}
        kept = {entry.id for entry in document.entries} - gone
        return tuple(
            line.entry
            for notice in self._knowledge.recognition.notices
            if notice.list_slot == document.slot and covers(notice.owner, party)
            if not notice.speaks_over(document)
            for line in notice.withdrawals
            if line.entry in kept
        )

    def require_fitting(self, paper: Paper, name: str) -> None:
        """Require that no signature in the file ``name`` is wrong; see `interop.signing`.

        Raises:
            DocumentRefusedError: Fault `signature`.
        """
        require_fitting(paper, self._knowledge.trust, name)

    # -- keys ---------------------------------------------------------------------------------

    def signers(self, paper: Paper, uri: str | None, prompt: Callable[[str], str]) -> list[Signer]:
        """Return the keys that sign for this office.

        Args:
            paper: What is to be signed.
            uri: One key elsewhere (``file:``, ``env:``, ``pkcs11:``); by default those in the
                workspace for recognition lists, of a demonstration the published ones.
            prompt: Asked for the passphrase of the key at ``uri``.

        Raises:
            CustodyError: There is none, or a key may not sign recognition lists for this party.
        """
        found = self._own() if uri is None else [open_signer(uri, prompt=prompt)]
        party = self._party(paper)
        roots = self._knowledge.trust.require_roots(party, at=self._clock())
        allowed = set(roots.keys_for(Role.RECOGNITION_LIST))
        # Of its own keys an office uses those that count; a key that was named must count.
        fitting = [signer for signer in found if signer.public in allowed]
        if not fitting or (uri is not None and len(fitting) < len(found)):
            raise CustodyError(
                "密钥不在根密钥文件的互认清单角色中",
                "the key is not one that the root set names for recognition lists",
                where=", ".join(signer.public.kid[:16] for signer in found) or party,
                fix_zh=f"{roots.owner} 的互认清单密钥须由其根密钥文件列明",
                fix_en=f"The root set of {roots.owner} names the keys for recognition lists",
            )  # fmt: skip
        return fitting

    def _own(self) -> list[Signer]:
        settings, keys = self._workspace.settings, self._keys or self._workspace.keys
        if settings.demo:
            demo = demo_region(settings.region, settings.alg)
            return list(demo.signers[Role.RECOGNITION_LIST])
        at = self._clock()
        return [
            keys.signer(entry)
            for entry in keys.of("recognition-list")
            if entry.state(at) == "active"
        ]

    # -- withdrawing --------------------------------------------------------------------------

    def next_version(
        self, name: str, entries: Sequence[str], *, on: date | None, basis: str, note: str = ""
    ) -> RecognitionList:
        """Return the next version of a list in force as a draft, with those entries withdrawn.

        What notices withhold is carried too, and by that they have done their work.

        Raises:
            FormatError: No list in force has this id, several have, or it has no such entry.
        """
        held, at = self._list(name), self._clock()
        document = held.document
        gone = {
            id_: Withdrawal(on=found.line.on, basis=found.line.basis, note=found.line.note)
            for id_, found in held.withheld.items()
        }
        for entry in entries:
            _require_entry(document, entry)
            gone[entry] = Withdrawal(on=on or office_day(at), basis=basis, note=note)
        draft = document.model_copy(update={
            "version": document.version + 1,
            "previous": held.digest,
            "issued": at.replace(microsecond=0),
            "entries": tuple(
                one if one.id not in gone else one.model_copy(update={"withdrawn": gone[one.id]})
                for one in document.entries
            ),
        })  # fmt: skip
        return RecognitionList.from_payload(draft.to_payload())

    def notice(
        self, name: str, entries: Sequence[str], *, on: date | None, basis: str, note: str = ""
    ) -> WithdrawalNotice:
        """Return this office's notice that withdraws entries, besides what it withheld before.

        Raises:
            FormatError: No list in force has this id, several have, or it has no such entry.
            DocumentRefusedError: The entry is not this region's to withdraw.
        """
        held, at = self._list(name), self._clock()
        document = held.document
        owner = self._party(Paper(document, document.to_payload()))
        day = on or office_day(at)
        lines = {line.entry: line for line in self._standing(document, owner)}
        for entry in entries:
            _require_entry(document, entry)
            earlier = lines.get(entry)
            if earlier is None or day < earlier.on:
                lines[entry] = WithdrawnEntry(entry=entry, on=day, basis=basis, note=note)
        draft = WithdrawalNotice(
            owner=owner,
            audience=tuple(dict.fromkeys((*document.audience, *document.parties))),
            version=1,
            issued=at,
            expires=at + NOTICE_LIFE,
            list_owner=document.owner,
            list_id=document.list_id,
            withdrawals=tuple(lines.values()),
        )
        mark = self._knowledge.recognition.marks.get(draft.slot)
        if mark is not None:
            head = {"version": mark.version + 1, "previous": mark.digest}
            draft = draft.model_copy(update=head)
        require_applicable(draft, document)
        return draft

    def _standing(self, document: RecognitionList, owner: str) -> tuple[WithdrawnEntry, ...]:
        for notice in self._knowledge.recognition.notices:
            if notice.owner == owner and notice.speaks_over(document):
                listed = {entry.id for entry in document.entries}
                return tuple(line for line in notice.withdrawals if line.entry in listed)
        return ()

    def _list(self, name: str) -> ListInForce:
        found = [
            held
            for held in self._knowledge.recognition.lists
            if name in {held.document.list_id, held.document.slot, held.document.title}
        ]
        if len(found) != 1:
            raise FormatError(
                "没有这份现行清单，或不止一份", "no list in force has this id, or several have",
                where=name, fix_zh="用 ecert recognition show 查看，写清单编号",
                fix_en="See ecert recognition show, and give the list's id",
            )  # fmt: skip
        return found[0]


def _require_entry(document: RecognitionList, entry: str) -> None:
    if entry not in {one.id for one in document.entries}:
        raise FormatError(
            "清单中没有此条目", "the list has no such entry", where=entry,
            fix_zh="用 ecert recognition show 查看条目编号", fix_en="See ecert recognition show",
        )  # fmt: skip
