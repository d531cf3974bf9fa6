"""A PostgreSQL cluster of the tests' own, in a temporary folder and on a socket of its own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import make_url

if TYPE_CHECKING:
    from collections.abc import Iterator

# The server refuses to run as root; on Debian the package has made this user.
_USERS: Final = ("postgres", "nobody")
_PLACES: Final = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt")
_TEMPLATE: Final = "ecert_template"
_SETTINGS: Final = (
    "listen_addresses=''",
    "max_connections=100",
    "shared_buffers=32MB",
    "max_wal_size=256MB",
    "log_min_messages=fatal",
)


def binaries() -> Path | None:
    """Return the folder of the newest server's programs; None if there is no server."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    folders = [path.parent for place in _PLACES for path in Path(place).glob("**/bin/initdb")]
    return max(folders, key=_version, default=None)


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster in a folder; `start` and `stop` may be called by different processes.

    Attributes:
        folder: Its data, log and socket.
        bin: Where the server's programs are.
        user: Whom it runs as; None is the user of the tests.
        superuser: The database user, who needs no password.
    """

    folder: Path
    bin: Path
    user: str | None = None
    superuser: str = field(default="ecert")

    @classmethod
    def make(cls, bin_folder: Path) -> Cluster:
        """Make a cluster, not started."""
        # Not pytest's folder, which is for root's eyes only; and a socket's path must be short.
        folder = Path(tempfile.mkdtemp(prefix="ecert-pg-"))
        user = None
        if os.geteuid() == 0:
            user = next(name for name in _USERS if _exists(name))
            shutil.chown(folder, user)
        cluster = cls(folder, bin_folder, user)
        cluster._run(
            "initdb", "-D", str(folder / "data"), "-U", cluster.superuser, "-A", "trust",
            "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions",
        )  # fmt: skip
        return cluster

    def start(self, *settings: str) -> None:
        """Start the server, with settings beside the usual, and wait until it takes connections."""
        options = " ".join(f"-c {setting}" for setting in (*_SETTINGS, *settings))
        self._control("start", "-l", str(self.folder / "log"), "-o", f"-k {self.folder} {options}")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; ``immediate`` is what a power cut looks like to its clients."""
        self._control("stop", "-m", mode)

    def remove(self) -> None:
        """Stop the server if it runs, and remove the folder."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder)

    def url(self, database: str, *, user: str | None = None) -> str:
        """Return the address of a database."""
        return f"postgresql://{user or self.superuser}@/{database}?host={self.folder}"

    def execute(self, *statements: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run statements, each by itself, and return the rows of the last."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def make_template(self) -> None:
        """Make the database that `new_database` copies, with our tables."""
        from ecert.store.engine import open_engine

        self.new_database(_TEMPLATE, empty=True)
        open_engine(self.url(_TEMPLATE)).close()

    def new_database(self, name: str | None = None, *, empty: bool = False) -> str:
        """Make a database and return its name."""
        name = name or f"t{secrets.token_hex(8)}"
        template = "template0" if empty else _TEMPLATE
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is still in it."""
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def copied(self, url: str) -> Iterator[str]:
        """Copy the database at ``url``, which nobody has open; drop the copy afterwards."""
        source, copy = make_url(url).database, f"t{secrets.token_hex(8)}"
        self.execute(f"CREATE DATABASE {copy} TEMPLATE {source}")
        try:
            yield self.url(copy)
        finally:
            self.drop_database(copy)

    def to_json(self) -> str:
        """Return what another process needs to use this cluster."""
        return json.dumps([str(self.folder), str(self.bin), self.user])

    @classmethod
    def from_json(cls, text: str) -> Cluster:
        """Return the cluster that another process made."""
        folder, bin_folder, user = json.loads(text)
        return cls(Path(folder), Path(bin_folder), user)

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-s", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        account: dict[str, Any] = {}
        if self.user is not None:
            account = {"user": self.user, "group": _group(self.user), "extra_groups": []}
        # Its output goes to files: a server that inherits a pipe would keep its reader waiting.
        with (self.folder / f"{program}.out").open("wb") as output:
            done = subprocess.run(
                [self.bin / program, *arguments], check=False, cwd=self.folder, stdout=output,
                stderr=subprocess.STDOUT, timeout=120, stdin=subprocess.DEVNULL, **account,
            )  # fmt: skip
        if done.returncode:
            told = (self.folder / f"{program}.out").read_text(errors="replace")
            raise RuntimeError(f"{program} {arguments} failed: {told}")


def shared_cluster(folder: Path, bin_folder: Path) -> Cluster:
    """Return the one cluster of all of a run's processes; the first that asks starts it.

    Args:
        folder: What the processes of one run share.
        bin_folder: Where the server's programs are.
    """
    import fcntl

    with (folder / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = folder / "postgres.json"
        if note.exists():
            return Cluster.from_json(note.read_text())
        cluster = Cluster.make(bin_folder)
        # Noted before it is started, so that it is stopped whatever happens next.
        note.write_text(cluster.to_json())
        cluster.start()
        cluster.make_template()
        return cluster


def stop_shared_cluster(folder: Path) -> None:
    """Stop the cluster that a run's processes share, if they made one."""
    note = folder / "postgres.json"
    if note.exists():
        Cluster.from_json(note.read_text()).remove()
        note.unlink()


def _exists(user: str) -> bool:
    import pwd

    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def databases_of(cluster: Cluster, *, empty: bool = False) -> Iterator[str]:
    """Yield the address of a new database, and drop it afterwards."""
    name = cluster.new_database(empty=empty)
    yield cluster.url(name)
    cluster.drop_database(name)
