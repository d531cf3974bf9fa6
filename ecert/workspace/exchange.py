"""What a workspace gives to partners and takes from them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ecert.clock import Clock
    from ecert.issuers.issuer import Issuer
    from ecert.store.engine import Engine
    from ecert.verify.knowledge import Knowledge
    from ecert.workspace.bundle import Addition, Bundle
    from ecert.workspace.intake import Intake
    from ecert.workspace.settings import Settings
    from ecert.workspace.sync import FetchAll, SyncRow


class Exchange:
    """The part of a `Workspace` that is about documents given and taken."""

    path: Path
    settings: Settings
    _clock: Clock

    if TYPE_CHECKING:

        @property
        def engine(self) -> Engine: ...  # noqa: D102

        @property
        def issuer(self) -> Issuer: ...  # noqa: D102

        @property
        def knowledge(self) -> Knowledge: ...  # noqa: D102

    def bundle(self) -> Bundle:
        """Sign and return what partners need to know; this workspace then knows it too.

        Raises:
            WorkspaceError: The workspace only verifies.
            CustodyError: A key cannot be opened.
        """
        from ecert.workspace.bundle import Bundle

        issuer = self.issuer
        trust_list, catalogue = issuer.trust_list(), issuer.catalogue_document()
        lists = issuer.status_lists()
        manifest = issuer.manifest((trust_list, catalogue, *lists))
        bundle = Bundle(issuer.roots(), trust_list, catalogue, lists, manifest)
        self.knowledge.accept_all(bundle.documents)
        return bundle

    def status_lists(self) -> tuple[str, ...]:
        """Sign and return the status lists; this workspace then knows them too.

        Raises:
            WorkspaceError: The workspace only verifies.
            CustodyError: The key cannot be opened.
        """
        lists = self.issuer.status_lists()
        # Without a trust list of its own here, nothing could prove them.
        if self.knowledge.trust.issuer(self.issuer.code) is not None:
            for token in lists:
                self.knowledge.accept(token)
        return lists

    def sync(self, *, fetch: FetchAll | None = None) -> tuple[SyncRow, ...]:
        """Fetch from the sources in the settings, and bring into force what may come.

        Args:
            fetch: How addresses are fetched; over the network, as the settings say, if left out.

        Raises:
            StoreError: The database refuses.
        """
        from ecert.client import Way, fetch_all
        from ecert.workspace.sync import Sync

        settings = self.settings
        way = Way(allow_http=settings.allow_http, proxy=settings.proxy, ca_file=settings.ca_file)
        get = fetch or (lambda requests: fetch_all(requests, way=way))
        return Sync(self.path, settings, self.knowledge, fetch=get, at=self._clock()).run()

    def set_sources(
        self, sources: Iterable[Iterable[str]], *, allow_http: bool | None = None
    ) -> None:
        """Write other sources into the settings.

        Raises:
            FormatError: An address is none, or there are too many.
            TableError: The folder refuses.
        """
        self.settings = replace(
            self.settings,
            sources=tuple(tuple(one) for one in sources),
            allow_http=self.settings.allow_http if allow_http is None else allow_http,
        )
        self.settings.write(self.path)

    def knowledge_file(self) -> bytes:
        """Return everything that is in force here as one file, for a window off line."""
        from ecert.workspace.knowledge_file import write_knowledge

        return write_knowledge(self.knowledge.documents.values())

    def import_knowledge(
        self, data: bytes, *, confirmed: bool = False, dry_run: bool = False
    ) -> tuple[Intake, ...]:
        """Take in documents that came as a file; what a manifest binds wholly or not at all.

        Args:
            data: A knowledge file, a bundle or one document.
            confirmed: Whether a second person has confirmed large changes.
            dry_run: Try it on a copy; nothing changes.

        Raises:
            DocumentRefusedError: It is none of these; single refusals are in what is returned.
        """
        from ecert.store.knowledge import SQLKnowledgeStore
        from ecert.verify.knowledge import Knowledge
        from ecert.verify.storage import RehearsalStore
        from ecert.workspace.intake import take_in, unpack

        knowledge = self.knowledge
        if dry_run:
            copy = RehearsalStore(SQLKnowledgeStore(self.engine))
            knowledge = Knowledge(self.settings.region, store=copy, clock=self._clock)
        return take_in(unpack(data), knowledge, at=self._clock(), confirmed=confirmed)

    def propose_bundle(self, data: bytes, *, allow_demo: bool = False) -> Addition:
        """Say what a bundle would bring, if all of it may come into force.  Changes nothing.

        Raises:
            DocumentRefusedError: It may not, or it has demonstration keys and this has not.
        """
        from ecert.workspace.bundle import rehearse

        demo_allowed = self.settings.demo or allow_demo
        return rehearse(data, self.knowledge, at=self._clock(), demo_allowed=demo_allowed)

    def accept_bundle(self, data: bytes, *, allow_demo: bool = False) -> Addition:
        """Bring a bundle into force; its roots are pinned on the caller's word.

        Raises:
            DocumentRefusedError: As `propose_bundle`; nothing has changed then.
        """
        from ecert.workspace.bundle import Bundle, add

        self.propose_bundle(data, allow_demo=allow_demo)
        return add(Bundle.from_bytes(data), self.knowledge, at=self._clock())
