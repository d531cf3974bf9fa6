"""Search and metadata: the services that look into the register (检索、证照信息)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecert import limits
from ecert.errors import UnknownLicenceError
from ecert.issuers.sharing import catalogue
from ecert.issuers.sharing.numbers import ShareStatus, numbers_of
from ecert.model.calendar import office_day
from ecert.workspace.sharing.answers import ShareAnswer, not_found, refused
from ecert.workspace.sharing.requests import ByIdRequest, ShareRefusal

if TYPE_CHECKING:
    from datetime import date

    from ecert.issuers.issuer import Issuer
    from ecert.issuers.queries import Wanted
    from ecert.model.holders import Holder
    from ecert.model.licence import Licence
    from ecert.workspace.sharing.answers import Call
    from ecert.workspace.sharing.requests import ByHolderRequest, TypeRequest


class Meant(NamedTuple):
    """The licences that a request means: those of one holder, or one by its id."""

    licences: tuple[Licence, ...]
    holder: Holder | None

    @property
    def ids(self) -> tuple[str, ...]:
        """The licence ids, for the log."""
        return tuple(str(one.id) for one in self.licences)


def meant(
    issuer: Issuer, request: ByIdRequest | ByHolderRequest, call: Call
) -> Meant | ShareAnswer:
    """Return the licences that a request means.

    Number, its kind and the name are all compared, and compared whole: another name has the
    same answer as another number.
    """
    if isinstance(request, ByIdRequest):
        try:
            return Meant((issuer.licence(request.cert_identifier),), None)
        except UnknownLicenceError:
            return not_found()
    asked = request.asked()
    if isinstance(asked, ShareRefusal):
        return refused(asked)
    found = held(issuer, asked, request.cert_type_code, request.cert_no, office_day(call.at))
    if isinstance(found, ShareAnswer):
        return found
    return Meant(found, asked) if found else not_found()


def held(
    issuer: Issuer, asked: Holder, type_code: str, number: str | None, on: date
) -> tuple[Licence, ...] | ShareAnswer:
    """Return what a holder has of a type, the newest first, or that it is too much to tell."""
    wanted: Wanted = {"holder_number": asked.number, "type_code": type_code}
    if number is not None:
        wanted["number"] = number
    page = issuer.archive.find(limit=limits.MAX_SHARE_FOUND, on=on, **wanted)
    if page.next_after is not None:
        return ShareAnswer(status=ShareStatus.TOO_MANY)
    return tuple(
        row.licence
        for row in reversed(page.rows)
        if any(catalogue.is_same(one, asked) for one in row.licence.holders)
    )


def search(meant: Meant, call: Call) -> ShareAnswer:
    """Return catalogue data, with the state of each licence."""
    on = office_day(call.at)
    asked = meant.holder or meant.licences[0].holder
    entries = [catalogue.entry(one, asked, on) for one in meant.licences]
    data = {"total": len(entries), "dataList": entries}
    return ShareAnswer(status=ShareStatus.DONE, data=data, licences=meant.ids)


def told(issuer: Issuer, meant: Meant, call: Call) -> ShareAnswer:
    """Return the metadata of licences, with the fields that are granted."""
    on, fields = office_day(call.at), call.grant.fields
    each = [
        catalogue.information(
            one, issuer.catalogue.get(one.type_code), fields, on, asked=meant.holder
        )
        for one in meant.licences
    ]
    data = {"certData": each[0] if meant.holder is None else each}
    return ShareAnswer(status=status_of(meant, on), data=data, licences=meant.ids)


def members(issuer: Issuer, request: TypeRequest, call: Call) -> ShareAnswer:
    """Return what the data of a type are called, as far as the caller may be told them."""
    known = issuer.catalogue.require(request.cert_type_code)
    if request.cert_name not in {None, known.name, *known.aliases}:
        return ShareAnswer(status=ShareStatus.TYPE_UNKNOWN)
    names = {
        "certNo": "证照编号【必填项】", "holder": "持证主体【必填项】",
        "holderCode": "持证主体代码【必填项】",
    }  # fmt: skip
    granted = call.grant.fields
    fields = {
        one.short: one.name
        for one in known.fields
        if catalogue.ALL_FIELDS in granted or one.name in granted
    }
    data = {"certTypeCode": known.code, "certData": names | fields}
    return ShareAnswer(status=ShareStatus.DONE, data=data)


def status_of(meant: Meant, on: date) -> ShareStatus:
    """Return the status of several licences: done if one is in force, else the newest's."""
    each = [numbers_of(one, on).status for one in meant.licences]
    return ShareStatus.DONE if ShareStatus.DONE in each else each[0]
