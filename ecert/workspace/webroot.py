"""A folder that any web server can serve: one file per published document, whole at any time.

A file's modification time is its document's time of issue, and what has not changed is not written
again; so the server's Last-Modified and ETag tell a client rightly that it has the newest.
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from ecert import limits
from ecert.errors import ParseError
from ecert.model.regions import covers
from ecert.sign import envelope, jws
from ecert.sign.strict import parse_json_object
from ecert.status.status_list import TYP
from ecert.workspace.knowledge_file import write_knowledge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ecert.workspace.workspace import Workspace

INDEX: Final = "index.json"
TRUST_LIST: Final = "trust-list.json"
CATALOGUE: Final = "catalogue.json"
ROOTS: Final = "roots.json"
MANIFEST: Final = "manifest.json"
RECOGNITION: Final = "recognition-lists.jsonl"
"""Recognition lists and notices in force to which the region is a party, as a knowledge file."""
OF_ALL: Final = (TRUST_LIST, CATALOGUE, ROOTS, MANIFEST)
"""What is published beside the status lists, if everything is."""
_LIST_NAME: Final = re.compile(r"([1-9][0-9]{0,8})\.jwt")


@dataclass(frozen=True, slots=True)
class WebFile:
    """One published document as a file.

    Attributes:
        name: Its name in the folder.
        data: Its bytes.
        issued: When it was issued; None for what has no time of its own.
        uri: The address under which others know it; empty if they are told it otherwise.
    """

    name: str
    data: bytes
    issued: datetime | None = None
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the folder.

    Attributes:
        written: Files that are new or changed, by name.
        kept: Files that were there as they are.
        removed: Lists of this issuer that are no longer in use.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]


def documents(workspace: Workspace, *, everything: bool = False) -> tuple[WebFile, ...]:
    """Sign what is published and return it as files.

    Args:
        workspace: Whose documents.
        everything: Also trust list, catalogue, roots and manifest, not the status lists alone.

    Raises:
        WorkspaceError: The workspace only verifies.
        CustodyError: A key cannot be opened.
    """
    issuer = workspace.issuer
    # (1) All of one moment, if everything is wanted: the manifest names what stands beside it.
    bundle = workspace.bundle() if everything else None
    # (2) The lists, before whatever names them.
    tokens = workspace.status_lists() if bundle is None else bundle.status_lists
    files = [_status_file(token) for token in tokens]
    files.append(WebFile(INDEX, issuer.status_aggregation()))
    # (3) What the lists are proven with, and last the manifest.
    if bundle is not None:
        files += [
            _envelope_file(TRUST_LIST, bundle.trust_list),
            _envelope_file(CATALOGUE, bundle.catalogue),
            _envelope_file(ROOTS, bundle.roots),
        ]
        if bundle.manifest is not None:
            files.append(_envelope_file(MANIFEST, bundle.manifest))
        files += recognition_file(workspace)
    return tuple(files)


def write(folder: Path, files: Iterable[WebFile], *, dry_run: bool = False) -> Written:
    """Bring a folder up to date.

    Lists of this issuer that are no longer in use are removed; nothing else is touched.

    Args:
        folder: The folder; made if absent.
        files: What belongs there.
        dry_run: Tell what would be done, and do nothing.
    """
    files = tuple(files)
    changed = {one.name for one in files if not _is_there(folder / one.name, one)}
    removed = tuple(_leftovers(folder, files))
    if not dry_run:
        folder.mkdir(parents=True, exist_ok=True)
        for one in files:
            if one.name in changed:
                _write_whole(folder / one.name, one)
        # Last, so that a reader of the old index still finds what it names.
        for name in removed:
            (folder / name).unlink(missing_ok=True)
    return Written(
        tuple(one.name for one in files if one.name in changed),
        tuple(one.name for one in files if one.name not in changed),
        removed,
    )


def _status_file(token: str) -> WebFile:
    claims = status_claims(token)
    uri = str(claims["sub"])
    issued = datetime.fromtimestamp(claims["iat"], UTC)
    return WebFile(f"{uri.rpartition('/')[2]}.jwt", token.encode("ascii"), issued, uri)


def status_claims(token: str) -> dict[str, Any]:
    """Return what a status list says of itself; nothing is proven.

    Raises:
        ParseError: It is none.
    """
    opened = jws.parse(token, max_chars=limits.MAX_STATUS_TOKEN_CHARS)
    if opened.header.get("typ") != TYP:
        raise ParseError("not a status list")
    return parse_json_object(opened.payload)


def _envelope_file(name: str, data: bytes) -> WebFile:
    payload = orjson.loads(envelope.parse(data).unverified_payload)
    return WebFile(name, data, datetime.fromisoformat(payload["issued"]))


def recognition_file(workspace: Workspace) -> Iterator[WebFile]:
    """Yield the recognition lists and notices in force that this region is a party to, if any."""
    book, region = workspace.knowledge.recognition, workspace.settings.region
    own = {
        held.document.slot
        for held in book.lists
        if any(covers(party, region) for party in held.document.parties)
    }
    own |= {notice.slot for notice in book.notices if notice.list_slot in own}
    if documents := [data for slot, data in sorted(book.documents.items()) if slot in own]:
        yield WebFile(RECOGNITION, write_knowledge(documents))


def _is_there(path: Path, file: WebFile) -> bool:
    try:
        status = path.stat()
        if file.issued is not None and status.st_mtime != file.issued.timestamp():
            return False
        return status.st_size <= limits.MAX_ENVELOPE_BYTES and _is_same(path.read_bytes(), file)
    except FileNotFoundError:
        return False


def _is_same(data: bytes, file: WebFile) -> bool:
    if data == file.data or file.name not in OF_ALL:
        return data == file.data
    try:
        there, new = envelope.parse(data), envelope.parse(file.data)
    except ParseError:
        return False
    # The same keys sign the same document in other bytes each time.
    signers = [{one.kid for one in opened.signatures} for opened in (there, new)]
    return there.digest == new.digest and signers[0] == signers[1]


def _leftovers(folder: Path, files: Iterable[WebFile]) -> Iterator[str]:
    """Yield the names of lists that say themselves to be this issuer's, and are not in use."""
    names = {one.name for one in files}
    bases = {one.uri.rpartition("/")[0] for one in files if one.uri}
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        number = _LIST_NAME.fullmatch(path.name)
        if number is None or path.name in names or path.is_symlink() or not path.is_file():
            continue
        if _uri_in(path) in {f"{base}/{number[1]}" for base in bases}:
            yield path.name


def _uri_in(path: Path) -> str | None:
    with path.open("rb") as file:
        data = file.read(limits.MAX_STATUS_TOKEN_CHARS + 1)
    try:
        return str(status_claims(data.decode("ascii")).get("sub"))
    except (ParseError, UnicodeDecodeError):
        return None  # whatever it is, it is not ours to remove


def _write_whole(path: Path, file: WebFile) -> None:
    """Write a file wholly or not at all, readable by the web server, with its time of issue."""
    half = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with half.open("wb") as opened:
            opened.write(file.data)
            opened.flush()
            os.fsync(opened.fileno())
        half.chmod(0o644)
        if file.issued is not None:
            moment = file.issued.timestamp()
            os.utime(half, (moment, moment))
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
