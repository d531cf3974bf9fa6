"""Which show services this machine speaks with: addresses by region, and a window's tokens.

In ``show-services.json``, for the owner's eyes only.  A code names a region and nothing else; the
address comes from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Self

import orjson

from ecert import limits
from ecert.errors import FormatError, ParseError, WorkspaceError
from ecert.model.regions import covers, parse_region
from ecert.sheets.atomic import atomic_file
from ecert.sign.strict import parse_json_object

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.client.fetching import Way
    from ecert.client.show_service import ShowServiceClient

FILE: Final = "show-services.json"
_MAX_BYTES: Final = 1024 * 1024
_KEYS: Final = {"region", "url", "token", "allow_http"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowServiceAddress:
    """One show service, as this machine reaches it.

    Attributes:
        region: Its region, six digits; it serves the regions below too.
        url: Its address, without a slash at its end.
        token: This window's token there; None for a holder.
        allow_http: Whether it may be reached without TLS.
    """

    region: str
    url: str
    token: str | None = field(default=None, repr=False)
    allow_http: bool = False

    def __post_init__(self) -> None:
        from ecert.client.addresses import require_address

        parse_region(self.region)
        require_address(self.url, allow_http=self.allow_http)
        if self.url.endswith("/"):
            raise FormatError("地址末尾不要斜杠", "no slash at the end", where=self.url[:80])


@dataclass(frozen=True, slots=True)
class ShowServices:
    """All show services that a folder names."""

    services: tuple[ShowServiceAddress, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what ``folder`` names; nothing if it has no such file.

        Raises:
            WorkspaceError: The file is damaged.
        """
        path = folder / FILE
        try:
            with path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return cls()
        try:
            rows = parse_json_object(data, where=FILE)["services"]
            return cls(tuple(_service(row) for row in rows))
        except (ParseError, FormatError, KeyError, TypeError) as error:
            raise WorkspaceError(
                "亮证服务设置有误", "the settings of show services are wrong", where=str(path),
                fix_zh="请删除后重新设置：ecert show-service use",
                fix_en="Delete it and set it anew: ecert show-service use",
            ) from error  # fmt: skip

    def write(self, folder: Path) -> None:
        """Write them, for the owner's eyes only.

        Raises:
            TableError: The folder refuses.
        """
        rows = [
            {"region": one.region, "url": one.url, "token": one.token, "allow_http": one.allow_http}
            for one in self.services
        ]
        with atomic_file(folder / FILE) as file:
            file.write(orjson.dumps({"services": rows}, option=orjson.OPT_INDENT_2))

    def using(self, service: ShowServiceAddress) -> ShowServices:
        """Return them with ``service`` in the place of what there was for its region.

        Raises:
            FormatError: There are too many.
        """
        others = tuple(one for one in self.services if one.region != service.region)
        if len(others) >= limits.MAX_SOURCES:
            raise FormatError(
                f"亮证服务不超过 {limits.MAX_SOURCES} 个",
                f"at most {limits.MAX_SOURCES} show services", where="region",
            )  # fmt: skip
        return replace(self, services=(*others, service))

    def without(self, region: str) -> ShowServices:
        """Return them without that of ``region``."""
        return replace(
            self, services=tuple(one for one in self.services if one.region != region)
        )  # fmt: skip

    def get(self, region: str) -> ShowServiceAddress | None:
        """Return the service of exactly this region: what a code names; None if there is none."""
        return next((one for one in self.services if one.region == region), None)

    def for_licence(self, region: str) -> ShowServiceAddress:
        """Return the service that takes licences of ``region``: the nearest above it.

        Raises:
            WorkspaceError: None is set.
        """
        fitting = [one for one in self.services if covers(one.region, region)]
        if not fitting:
            raise WorkspaceError(
                "没有设置颁发地区的亮证服务", "no show service is set for the issuing region",
                where=region,
                fix_zh=f"请先设置：ecert show-service use {region} https://…",
                fix_en=f"Set it first: ecert show-service use {region} https://…",
            )  # fmt: skip
        return max(fitting, key=lambda one: len(one.region.rstrip("0")))


def client_of(service: ShowServiceAddress, way: Way | None = None) -> ShowServiceClient:
    """Return what speaks with a service; ``way`` says how others are reached."""
    from ecert.client.fetching import Way as AnyWay
    from ecert.client.show_service import ShowServiceClient

    given = way or AnyWay()
    reached = AnyWay(allow_http=service.allow_http, proxy=given.proxy, ca_file=given.ca_file)
    return ShowServiceClient(url=service.url, way=reached, token=service.token)


def _service(row: Any) -> ShowServiceAddress:
    if not isinstance(row, dict) or row.keys() != _KEYS:
        raise ParseError("not a show service", where=FILE)
    return ShowServiceAddress(**row)
