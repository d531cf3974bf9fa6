"""One workspace, opened: issuer, verifier and knowledge on one database and one set of keys."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ecert.clock import system_clock
from ecert.workspace.checking import Checking
from ecert.workspace.exchange import Exchange
from ecert.workspace.keyfiles import DEMO_PASSPHRASE, FOLDER, KeyFolder
from ecert.workspace.settings import Settings, require_database
from ecert.workspace.unlocking import KeyOpener, no_prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from ecert.clock import Clock
    from ecert.issuers.issuer import Issuer
    from ecert.issuers.register import Register
    from ecert.model.catalogue import Catalogue
    from ecert.store.engine import Engine
    from ecert.verify.knowledge import Knowledge
    from ecert.verify.verifier import Verifier
    from ecert.workspace.bulk import BulkDesk
    from ecert.workspace.desk import LicenceDesk
    from ecert.workspace.keyfiles import KeyEntry
    from ecert.workspace.matters import MatterDesk


class Workspace(Exchange, Checking):
    """A workspace; `init` makes one, `open` opens it.

    Leaving it as a context manager closes the database.

    Attributes:
        path: The folder.
        settings: Whose workspace it is.
    """

    def __init__(
        self,
        path: Path,
        settings: Settings,
        *,
        prompt: Callable[[str], str],
        clock: Clock,
        known: Iterable[str] = (),
    ) -> None:
        self.path = path
        self.settings = settings
        self._clock = clock
        self._opener = KeyOpener((lambda _: DEMO_PASSPHRASE) if settings.demo else prompt, known)

    @classmethod
    def init(
        cls,
        path: str | Path,
        *,
        region: str,
        name: str,
        code: str | None = None,
        demo: bool = False,
        passphrase: str = "",
        status_base: str | None = None,
        alg: str = "ES256",
        database: str | None = None,
        clock: Clock = system_clock,
    ) -> Self:
        """Make a workspace and open it; wholly, or nothing is left behind.

        Args:
            path: A folder that is absent or empty.
            region: The region, six digits (GB/T 2260).
            name: Name of the authority or window.
            code: The authority's USCC.  Without it, a demonstration invents one, and a real
                workspace only verifies.
            demo: Use the published demonstration keys of the region's province.
            passphrase: Of the keys, at least eight characters; not for a demonstration.
            status_base: Address below which status lists are published; only ever compared.
            alg: Suite of its keys and of its demonstration's, ``ES256`` or ``SGD_SM3_SM2``.
            database: Address of an empty database; without one, a file in the folder.
            clock: Where the time comes from.

        Raises:
            WorkspaceError: Folder or database is taken, or the passphrase too short.
            StoreError: The database cannot be made.
            FormatError: There is no such region now, or another value lacks its form.
            CustodyError: This machine cannot make keys of the suite.
        """
        from ecert.workspace.creation import create, new_settings

        at = clock()
        settings = new_settings(
            region=region, name=name, code=code, demo=demo, status_base=status_base,
            alg=alg, database=database, at=at,
        )  # fmt: skip
        folder = Path(path).resolve()
        create(folder, settings, passphrase, at=at)
        return cls(folder, settings, prompt=lambda _: passphrase, clock=clock)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        prompt: Callable[[str], str] = no_prompt,
        clock: Clock = system_clock,
        known: Iterable[str] = (),
    ) -> Self:
        """Open the workspace in the folder ``path``.

        Args:
            path: The folder.
            prompt: Asked for a key's passphrase when something is signed, not before.
            clock: Where the time comes from.
            known: Passphrases that are tried before anybody is asked.

        Raises:
            WorkspaceError: It is not a workspace, or a part of it is absent or damaged.
        """
        folder = Path(path).resolve()
        settings = Settings.read(folder)
        require_database(folder, settings)
        return cls(folder, settings, prompt=prompt, clock=clock, known=known)

    def close(self) -> None:
        """Close the database."""
        if "engine" in self.__dict__:
            self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the parts ----------------------------------------------------------------------------

    @cached_property
    def engine(self) -> Engine:
        """The database."""
        from ecert.store.engine import open_engine

        # Never made anew: an empty one has forgotten every version seen.
        return open_engine(self.settings.database_in(self.path), make=False)

    @cached_property
    def keys(self) -> KeyFolder:
        """The keys, locked until something is signed."""
        return KeyFolder(self.path / FOLDER, self._opener)

    @cached_property
    def register(self) -> Register:
        """The register of licences."""
        from ecert.store.register import SQLRegister

        return SQLRegister(self.engine)

    @cached_property
    def knowledge(self) -> Knowledge:
        """What this workspace knows of others."""
        from ecert.store.knowledge import SQLKnowledgeStore
        from ecert.verify.knowledge import Knowledge

        store = SQLKnowledgeStore(self.engine)
        return Knowledge(self.settings.region, store=store, clock=self._clock)

    @property
    def catalogue(self) -> Catalogue:
        """The licence types: those that come along, partners' own, and this office's own.

        Raises:
            CatalogueError: A definition in ``types`` is not sound.
        """
        from ecert.workspace.own_types import with_own_types

        return with_own_types(self.path, self.knowledge.catalogue)

    @cached_property
    def verifier(self) -> Verifier:
        """The window's verifier; used codes and challenges are remembered in the database."""
        from ecert.workspace.window import window_verifier

        return window_verifier(self)

    @property
    def clock(self) -> Clock:
        """Where the time comes from."""
        return self._clock

    def verifier_at(self, moment: datetime, *, policy: str | None = None) -> Verifier:
        """Return a verifier that knows what was in force here at a moment in the past.

        It looks back: no code is refused as used, and none becomes used by it.  The rules are
        the window's, or those of ``policy`` as in `window_verifier`.
        """
        from ecert.verify.verifier import Verifier
        from ecert.workspace.window import policy_of

        past = self.knowledge.as_of(moment)
        return Verifier(
            self.settings.region, knowledge=past, policy=policy_of(self.settings, policy),
            clock=lambda: moment,
        )  # fmt: skip

    @cached_property
    def issuer(self) -> Issuer:
        """The issuing authority.

        Raises:
            WorkspaceError: The workspace only verifies.
        """
        return self.issuer_on(self.register)

    @cached_property
    def bulk(self) -> BulkDesk:
        """Bulk work (批量): whole files of applications or moves.

        Raises:
            WorkspaceError: The workspace only verifies.
        """
        from ecert.workspace.bulk import BulkDesk

        return BulkDesk(self, self._clock)

    @cached_property
    def licences(self) -> LicenceDesk:
        """The licences of the register, as a clerk names them."""
        from ecert.workspace.desk import LicenceDesk

        return LicenceDesk(self.register)

    @cached_property
    def matters(self) -> MatterDesk:
        """The service matters (事项) of this office, and what they need."""
        from ecert.workspace.matters import MatterDesk

        return MatterDesk(self)

    def issuer_on(self, register: Register) -> Issuer:
        """Return the issuing authority on another register, for trying something out.

        Raises:
            WorkspaceError: The workspace only verifies.
        """
        from ecert.workspace.assembly import assemble_issuer

        return assemble_issuer(
            self.path,
            self.settings,
            self.keys,
            register,
            catalogue=self.catalogue,
            clock=self._clock,
        )

    @property
    def alg(self) -> str:
        """The suite of the key that signs licences now; of the settings if there is none."""
        from ecert.workspace.assembly import licence_key

        key = licence_key(self.keys, self._clock())
        return self.settings.alg if key is None else key.public.alg

    @property
    def passphrases(self) -> tuple[str, ...]:
        """The passphrases given so far, for a process that opens the same workspace."""
        return self._opener.known

    def unlock_licence_key(self) -> None:
        """Open the key that signs licences now, so that a wrong passphrase is found first.

        Raises:
            CustodyError: None is in force, or it cannot be opened.
        """
        from ecert.workspace.assembly import unlock_licence_key

        unlock_licence_key(self.keys, self._clock())

    def new_licence_key(
        self, *, valid_from: datetime | None = None, alg: str | None = None
    ) -> KeyEntry:
        """Make the next key for licences, of the same suite; the one in force ends when it begins.

        Raises:
            FormatError: ``valid_from`` has passed, or is not after the newest key's.
            CustodyError: The newest key cannot be opened, or the new one not made or written.
        """
        new = self.keys.roll_over("licence", valid_from=valid_from, at=self._clock(), alg=alg)
        self.__dict__.pop("issuer", None)  # it holds the keys of before
        return new
