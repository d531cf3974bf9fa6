"""Writes the licences of many rows and their file credentials, all but the signatures.

The same bytes as `ecert.issuers.credential.prepare_file` and `Licence.content` write one by one, in
less than half the time: what a type's licences have in common is written once (`FileForm`), and
what many credentials hide is hashed and encoded together.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from ecert.issuers.bulk.file_form import FileForm
from ecert.issuers.credential import end_of, start_of
from ecert.issuers.drafting import days_of, licence_of
from ecert.model.calendar import office_day
from ecert.model.identifiers import LicenceId
from ecert.sign.concealment import (
    Salts,
    disclosure_digests,
    encode_disclosures,
    json_texts,
    require_unreserved,
    write_disclosures,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from ecert.issuers.application import Application
    from ecert.issuers.bulk.rows import GrantRow
    from ecert.issuers.drafting import Office
    from ecert.model.catalogue import LicenceType
    from ecert.model.licence import Licence

_SALTS_AT_ONCE: Final = 1_000
_HOLDER_TEXTS: Final = 3


class WrittenFile(NamedTuple):
    """A licence and its file credential, which lacks only the signature."""

    licence: Licence
    content: bytes
    """`Licence.content`."""
    payload: bytes
    """The claims as JSON."""
    plain: bytes
    """The disclosures as JSON, a line each."""


class FileWriter:
    """Writes the licences of one office and their file credentials.

    One process's own, because of its salts.

    Args:
        office: Who issues.
        types: The types by code.
    """

    def __init__(self, office: Office, types: Mapping[str, LicenceType]) -> None:
        self._office = office
        self._types = types
        self._salts = Salts(_SALTS_AT_ONCE)
        self._fields = {code: _FieldNames(one) for code, one in types.items()}
        self._forms: dict[tuple[str, int, bool], FileForm] = {}

    def write(
        self,
        rows: Sequence[GrantRow],
        serials: Sequence[str],
        places: Sequence[tuple[int, int]],
        uris: Mapping[int, str],
        at: datetime,
    ) -> Iterator[WrittenFile]:
        """Yield what is to be signed for ``rows``, which were checked when they were planned.

        Args:
            rows: A few dozen at a time, so that all that is made stays in the processor's cache.
            serials: A serial for each.
            places: A list's number and an index for each.
            uris: The addresses of the lists by their numbers.
            at: When they are issued.

        Raises:
            FormatError: A licence would end before it begins.
            TypeError: A value is not text.
        """
        today = office_day(at)
        parts = zip(rows, serials, strict=True)
        drafts = [self._draft(row.application, serial, today) for row, serial in parts]
        names, values = self._take_apart(drafts)
        lines = write_disclosures(self._salts.take(len(names)), names, values)
        digests = disclosure_digests(encode_disclosures(lines))
        moment, lists = (
            b"%d" % int(at.timestamp()),
            {number: orjson.dumps(uri) for number, uri in uris.items()},
        )
        start = 0
        for draft, (listed, index) in zip(drafts, places, strict=True):
            end = start + draft.hidden
            place = (moment, b"%d" % index, lists[listed])
            yield draft.written(place, lines[start:end], digests[start:end])
            start = end

    def _draft(self, asked: Application, serial: str, today: date) -> _Draft:
        code = asked.type_name
        licence_id = LicenceId.make(code, self._office.code, serial)
        key = (code, len(asked.holders), asked.valid_until is None)
        form = self._forms.get(key)
        if form is None:
            licence_type = self._types[code]
            licence = licence_of(asked, licence_type, self._office, licence_id, today)
            form = self._forms[key] = FileForm.cut(licence, licence_type)
        # Canonical since the plan: all of them text.
        fields: dict[str, str] = asked.fields  # type: ignore[assignment]
        licence = form.specimen.alike(
            licence_id, asked.number, asked.holders, fields, days_of(asked, today)
        )
        return _Draft(licence, form)

    def _take_apart(self, drafts: Sequence[_Draft]) -> tuple[list[bytes], list[bytes]]:
        """Return names and values of all that is hidden; leave with each draft what is not."""
        told = json_texts([text for draft in drafts for text in draft.texts()])
        names: list[bytes] = []
        values: list[bytes] = []
        start = 0
        for draft in drafts:
            licence, form, before = draft.licence, draft.form, len(names)
            known = self._fields[licence.type_code]
            fields = start + len(form.names)
            texts = draft.told = told[start:fields]
            start = fields + len(licence.fields)
            names.append(form.names[0])
            values.append(texts[0])
            for name, value in zip(licence.fields, told[fields:start], strict=True):
                hidden, encoded = known[name]
                if hidden:
                    names.append(encoded)
                    values.append(value)
                else:
                    draft.shown.append(b"%b:%b" % (encoded, value))
            names += form.names[1:]
            values += texts[1:]
            draft.hidden = len(names) - before
        return names, values


class _FieldNames(dict[str, tuple[bool, bytes]]):
    """Whether each field of a type is hidden, and its name as JSON."""

    def __init__(self, licence_type: LicenceType) -> None:
        self._type = licence_type

    def __missing__(self, name: str) -> tuple[bool, bytes]:
        require_unreserved([name])
        _, kept_back = self._type.split({name: ""})
        known = self[name] = (bool(kept_back), orjson.dumps(name))
        return known


class _Draft:
    """A licence on its way to a credential.

    Attributes:
        licence: The licence.
        form: How it is written.
        told: Its texts without the fields', as JSON.
        shown: The fields that are not hidden, as JSON.
        hidden: How much is hidden.
    """

    __slots__ = ("form", "hidden", "licence", "shown", "told")

    def __init__(self, licence: Licence, form: FileForm) -> None:
        self.licence = licence
        self.form = form
        self.told: Sequence[bytes] = ()
        self.shown: list[bytes] = []
        self.hidden = 0

    def texts(self) -> list[str]:
        """Return all that must be written as JSON."""
        licence = self.licence
        texts = [licence.number]
        for holder in licence.holders:
            texts += (holder.name, holder.number, holder.number_type)
        texts += licence.fields.values()
        return texts

    def written(
        self, place: tuple[bytes, bytes, bytes], lines: list[bytes], digests: list[bytes]
    ) -> WrittenFile:
        """Return it whole; ``digests`` are of the number, the fields, and the holders."""
        licence, form, shown = self.licence, self.form, self.shown
        holders = len(digests) - len(form.names) + 1
        if holders > 1:
            shown.append(b'"_sd":["%b"]' % b'","'.join(sorted(digests[1:holders])))
        in_order: list[bytes] = []
        for start in range(holders, len(digests), _HOLDER_TEXTS):
            in_order += sorted(digests[start : start + _HOLDER_TEXTS])
        seconds, days = _days(licence.issued_on, licence.valid_from, licence.valid_until)
        told = (str(licence.id).encode("ascii"), *days)
        fields = b'"fields":{%b}' % b",".join(shown)
        payload = form.payload.fill((*place, *seconds, *told, fields, *in_order, digests[0]))
        fields = b'"fields":%b' % orjson.dumps(dict(licence.fields))
        content = form.content.fill((*told, fields, *self.told))
        return WrittenFile(licence, content, payload, b"\n".join(lines))


# Licences of one day's work share most of their days.
@lru_cache(maxsize=4_096)
def _days(
    issued: date, start: date, until: date | None
) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes, bytes]]:
    """Return first and last second, and the three days, as a form takes them."""
    days = (issued.isoformat(), start.isoformat(), "" if until is None else until.isoformat())
    issued_on, valid_from, valid_until = (day.encode("ascii") for day in days)
    last = b"" if until is None else b"%d" % end_of(until)
    return (b"%d" % start_of(start), last), (issued_on, valid_from, valid_until)
