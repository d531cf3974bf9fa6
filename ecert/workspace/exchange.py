"""What a workspace gives to partners and takes from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecert.clock import Clock
    from ecert.issuers.issuer import Issuer
    from ecert.verify.knowledge import Knowledge
    from ecert.workspace.bundle import Addition, Bundle
    from ecert.workspace.settings import Settings


class Exchange:
    """The part of a `Workspace` that is about documents given and taken."""

    settings: Settings
    _clock: Clock

    if TYPE_CHECKING:

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
