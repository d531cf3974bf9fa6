"""The sharing desk: who asks, whether they may, what there is; and every call is written down."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import CustodyError, DocumentRefusedError
from ecert.issuers.sharing.access import Access, ShareGrant, ShareRates
from ecert.issuers.sharing.numbers import ShareStatus
from ecert.model.codes import last_four
from ecert.online.purpose import AccessPurpose
from ecert.workspace.drawing_fonts import fonts_of
from ecert.workspace.sharing import links, looking, verifying
from ecert.workspace.sharing.answers import Call, ShareAnswer, not_found, refused
from ecert.workspace.sharing.downloading import Downloads
from ecert.workspace.sharing.requests import (
    FETCH,
    INTERFACES,
    LINK,
    SEARCH,
    ByHolderRequest,
    ByIdRequest,
    DownloadByHolderRequest,
    DownloadByIdRequest,
    Interface,
    ShareRefusal,
    Stated,
    TypeRequest,
    VerifyCodeRequest,
    VerifyDataRequest,
    VerifyFileRequest,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ecert.issuers.issuer import Issuer
    from ecert.issuers.sharing.access import ShareStore
    from ecert.model.catalogue import Catalogue
    from ecert.show.fonts import FontChain
    from ecert.store.tokens import AccessToken
    from ecert.verify.verdict import Verdict
    from ecert.workspace import Workspace
    from ecert.workspace.sharing.answers import Verify
    from ecert.workspace.sharing.requests import AnyRequest

_BUSY: Final = ShareAnswer(status=ShareStatus.BUSY)


class SharingDesk:
    """The sharing interface of one workspace; may be called from several threads.

    Args:
        workspace: Whose register.
        store: Where grants and the access log are kept.
        verify: Judges files and codes as the window of this workspace does.
        rates: How often one caller may ask.
    """

    def __init__(
        self,
        workspace: Workspace,
        store: ShareStore,
        verify: Verify,
        *,
        rates: ShareRates | None = None,
    ) -> None:
        self._workspace = workspace
        self._store = store
        self._verify = verify
        self._rates = rates or ShareRates()
        self._publishing = threading.Lock()
        self._opening = threading.Lock()

    @property
    def _issuer(self) -> Issuer | None:
        # A window has no register of its own: it verifies and no more.
        if self._workspace.settings.code is None:
            return None
        with self._opening:
            return self._workspace.issuer

    def answer(
        self, name: str, data: Mapping[str, Any], token: AccessToken, *, at: datetime
    ) -> ShareAnswer:
        """Answer one call, and write it down before it is handed out.

        Args:
            name: The interface, a key of `INTERFACES`.
            data: What the caller sent.
            token: The caller's token, which is good.
            at: Now.

        Raises:
            StoreError: The database refuses; nothing may be handed out then.
        """
        interface = INTERFACES[name]
        # (1) Does the request have its form, and does it say what it is for?
        stated = _read(interface, data)
        access = _access(name, stated, token, at)
        # (2) May this caller ask now, and of this type?
        grant = self._grant(access, interface)
        granted = grant if isinstance(grant, ShareGrant) else None
        if self._store.is_busy(access, self._rates, granted):
            return _BUSY
        # (3) What is there?
        if isinstance(stated, ShareRefusal):
            answer = refused(stated)
        elif isinstance(grant, ShareRefusal):
            answer = refused(grant)
        else:
            call = Call(
                at=at, token=token, grant=grant, purpose=stated.purpose, verify=self._judge
            )  # fmt: skip
            answer = self._carried_out(name, stated.request, call)
        # (4) Nothing is handed out that is not written down.
        kept = replace(
            access, status=answer.status, result=answer.result, missed=answer.missed,
            licences=answer.licences, offered=links.offered(answer) if name == LINK else "",
        )  # fmt: skip
        number = self._store.record(kept, self._rates, granted)
        if not number:
            return _BUSY
        # (5) A link is known by the line of the log that it was given out in.
        return links.linked(answer, number, at) if name == LINK else answer

    def fetch(
        self, number: int, kind: str, day: str, token: AccessToken, *, at: datetime
    ) -> ShareAnswer:
        """Answer a link with its file, once; written down before it is handed out.

        Whatever is wrong with the link, another caller's among it, the answer is one.

        Args:
            number: Of the call that made the link.
            kind: The kind of file, and ``day`` its last day, as the link says.
            day: See ``kind``.
            token: The caller's token, which is good.
            at: Now.

        Raises:
            StoreError: The database refuses; nothing may be handed out then.
        """
        made = links.good(self._store.get(number), f"{kind}/{day}", token.id, at)
        begun = Access(
            at=at, token=token.id, caller=token.name, service=FETCH, status=ShareStatus.NOT_FOUND
        )
        access = begun if made is None else replace(
            begun, type_code=made.type_code, purpose=made.purpose
        )  # fmt: skip
        # (1) May this caller still ask?
        grant = self._grant(access, INTERFACES[LINK])
        granted = grant if isinstance(grant, ShareGrant) else None
        if self._store.is_busy(access, self._rates, granted):
            return _BUSY
        # (2) What does the link stand for, now?
        if made is None or self._store.is_link_used(number):
            answer = not_found()  # and nothing is signed for it
        elif isinstance(grant, ShareRefusal):
            answer = refused(grant)
        else:
            purpose = AccessPurpose.read(dict(made.purpose))
            call = Call(at=at, token=token, grant=grant, purpose=purpose, verify=self._judge)
            answer = self._carried_out(FETCH, links.request_of(made), call)
            if answer.status is ShareStatus.DONE:
                # (3) Once, whoever asks at the same moment; who must wait has not used it.
                kept = replace(access, status=answer.status, licences=answer.licences)
                used = self._store.record_use(
                    kept, self._rates, granted, link=number, until=links.end_of(made)
                )
                if used is not None:
                    return answer if used else _BUSY
                answer = replace(not_found(), licences=answer.licences)
        # (4) Nothing is handed out that is not written down.
        kept = replace(access, status=answer.status, missed=answer.missed, licences=answer.licences)
        return answer if self._store.record(kept, self._rates, granted) else _BUSY

    def _grant(self, access: Access, interface: Interface) -> ShareGrant | ShareRefusal:
        """Return what the caller may ask of the type; the same refusal whatever there is of it."""
        if access.type_code is None:
            return ShareRefusal(ShareStatus.NOT_GRANTED)
        if self._catalogue().get(access.type_code) is None:
            return ShareRefusal(ShareStatus.TYPE_UNKNOWN)
        for grant in self._store.grants(access.token):
            if grant.type_code == access.type_code and grant.is_good(access.at):
                if interface.service in grant.services:
                    return grant
                break
        return ShareRefusal(ShareStatus.NOT_GRANTED)

    def _catalogue(self) -> Catalogue:
        issuer = self._issuer
        return self._workspace.catalogue if issuer is None else issuer.catalogue

    def _carried_out(self, name: str, request: AnyRequest, call: Call) -> ShareAnswer:
        issuer = self._issuer
        if isinstance(request, VerifyFileRequest):
            return verifying.verify_file(issuer, request, call)
        if isinstance(request, VerifyCodeRequest):
            return verifying.verify_code(issuer, request, call)
        if issuer is None:
            return ShareAnswer(status=ShareStatus.NOT_OFFERED)
        if isinstance(request, VerifyDataRequest):
            return verifying.verify_data(issuer, request, call)
        if isinstance(request, TypeRequest):
            return looking.members(issuer, request, call)
        # What is left looks up licences: one by its id, or those of one holder.
        meant = looking.meant(issuer, request, call)
        if isinstance(meant, ShareAnswer):
            return meant
        if isinstance(request, DownloadByIdRequest | DownloadByHolderRequest):
            return Downloads(issuer, self._fonts).answer(meant, request, call)
        return looking.search(meant, call) if name == SEARCH else looking.told(issuer, meant, call)

    def _judge(self, scanned: str, *, clerk: str, matter: str | None) -> Verdict:
        issuer = self._issuer
        if issuer is not None:
            # Where the key is locked the lists at hand are as old as they are.
            with self._publishing, suppress(CustodyError):
                self._take_over(issuer)
        return self._verify(scanned, clerk=clerk, matter=matter)

    def _take_over(self, issuer: Issuer) -> None:
        """Take the own status lists as of now into what this workspace knows."""
        knowledge = self._workspace.knowledge
        if knowledge.trust.issuer(issuer.code) is None:
            return  # nothing could prove them
        for token in issuer.status_lists():
            # A new list waits for the next trust list to name it; the others do not wait.
            with suppress(DocumentRefusedError):
                knowledge.accept(token)

    def _fonts(self) -> FontChain:
        return fonts_of(self._workspace)


def _read(interface: Interface, data: Mapping[str, Any]) -> Stated | ShareRefusal:
    if interface.request is None:
        return ShareRefusal(ShareStatus.NOT_OFFERED)
    stated = read(interface.request, data)
    if isinstance(stated, Stated) and isinstance(stated.request, ByIdRequest):
        licence_id = stated.request.licence_id()
        return licence_id if isinstance(licence_id, ShareRefusal) else stated
    return stated


def _access(name: str, stated: Stated | ShareRefusal, token: AccessToken, at: datetime) -> Access:
    """Return what the log will say of a call, before it is known what it comes to."""
    begun = Access(
        at=at, token=token.id, caller=token.name, service=name, status=ShareStatus.MALFORMED
    )
    if isinstance(stated, ShareRefusal):
        return begun
    request, purpose = stated
    return replace(
        begun,
        type_code=request.type_code,
        subject=_subject(request),
        purpose={} if purpose is None else purpose.plain(),
    )


def _subject(request: AnyRequest) -> str:
    """Return the end of the holder's number that is asked for: all of it that is kept."""
    if isinstance(request, ByHolderRequest):
        return last_four(request.holder_code)
    if isinstance(request, VerifyDataRequest):
        code = request.cert_data.get("holderCode")
        if isinstance(code, str) and code.isascii() and code.isprintable():
            return last_four(code)
    return ""
