"""What a caller's platform sends in ``data``, read strictly, and what is told if it is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from ecert import limits
from ecert.errors import EcertError, FormatError
from ecert.issuers.sharing.access import ShareService
from ecert.issuers.sharing.numbers import ShareStatus
from ecert.model.characters import require_visible
from ecert.model.holders import HOLDER_ID_TYPES, Holder, holder_faults
from ecert.model.identifiers import LicenceId
from ecert.online.purpose import AccessPurpose

if TYPE_CHECKING:
    from collections.abc import Mapping

# As other interfaces of the same systems spell them.
_ALSO: Final[Mapping[str, str]] = {
    "userName": "username",
    "certificateIdentifier": "certIdentifier",
    "certificateCopyCause": "useCause",
    "certificateCopyExpiringTime": "expiryTime",
}
_WORDS: Final = tuple(
    field.alias or name for name, field in AccessPurpose.model_fields.items()
)  # fmt: skip
_MOST: Final = limits.MAX_NAME_CHARS


def _visible(text: str) -> str:
    try:
        require_visible(text, FormatError, where="data")
    except FormatError as error:
        # For pydantic; nothing of the text stands in it.
        raise ValueError(error.en) from None
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=_MOST), AfterValidator(_visible)]
TypeCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{21}$")]
Content = Annotated[str, StringConstraints(min_length=1, max_length=limits.MAX_REQUEST_BYTES)]


class ShareRefusal(NamedTuple):
    """Why a call comes to nothing: the number, and the member that is meant."""

    status: ShareStatus
    where: str = ""
    detail: str = ""


class ShareRequest(BaseModel):
    """What a caller sends beside the purpose."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", hide_input_in_errors=True,
    )  # fmt: skip


class ByTypeRequest(ShareRequest):
    """A request that names its licence type."""

    cert_type_code: TypeCode = Field(alias="certTypeCode")

    @property
    def type_code(self) -> str:
        """The type that must be granted."""
        return self.cert_type_code


class ByIdRequest(ShareRequest):
    """One licence by its id (按证照标识)."""

    cert_identifier: Text = Field(alias="certIdentifier")

    @property
    def type_code(self) -> str | None:
        """The type that must be granted; None if the id is none."""
        licence_id = self.licence_id()
        return None if isinstance(licence_id, ShareRefusal) else licence_id.type_code

    def licence_id(self) -> LicenceId | ShareRefusal:
        """Return the id, or why it is none."""
        try:
            return LicenceId.parse(self.cert_identifier)
        except FormatError as error:
            return ShareRefusal(ShareStatus.WRONG_VALUE, "certIdentifier", error.zh)


class ByHolderRequest(ByTypeRequest):
    """The licences of one type of one holder (按持证主体): number and name, both exact."""

    holder: Text
    holder_code: Text = Field(alias="holderCode")
    holder_type_code: Text = Field(alias="holderTypeCode")
    cert_no: Text | None = Field(default=None, alias="certNo")

    def asked(self) -> Holder | ShareRefusal:
        """Return the holder who is meant, or why that is nobody."""
        return holder_meant(self.holder, self.holder_code, self.holder_type_code)


class DownloadByIdRequest(ByIdRequest):
    """A file of one licence by its id."""

    file_type: Text | None = Field(default=None, alias="fileType")
    expiry_time: Text | None = Field(default=None, alias="expiryTime")


class DownloadUrlRequest(DownloadByIdRequest):
    """A link for one download of one licence's file by its id (下载地址)."""


class DownloadByHolderRequest(ByHolderRequest):
    """The files of one holder's licences of one type."""

    file_type: Text | None = Field(default=None, alias="fileType")
    expiry_time: Text | None = Field(default=None, alias="expiryTime")


class VerifyDataRequest(ByTypeRequest):
    """Data that somebody claims of a licence (验证证照信息)."""

    cert_data: dict[Text, Any] = Field(alias="certData", max_length=limits.MAX_SHARE_MEMBERS)


class VerifyFileRequest(ByTypeRequest):
    """A licence file (验证证照文件)."""

    content_type: Text = Field(alias="contentType")
    content: Content


class VerifyCodeRequest(ByTypeRequest):
    """A show code that a holder presents (验证亮证码)."""

    qrcode: Annotated[str, StringConstraints(min_length=1, max_length=limits.MAX_TOKEN_CHARS)]


class TypeRequest(ByTypeRequest):
    """What a type's data are called (照面字段解析)."""

    cert_name: Text | None = Field(default=None, alias="certName")


AnyRequest = (
    ByIdRequest | ByHolderRequest | DownloadByIdRequest | DownloadUrlRequest
    | DownloadByHolderRequest | VerifyDataRequest | VerifyFileRequest | VerifyCodeRequest
    | TypeRequest
)  # fmt: skip


class Interface(NamedTuple):
    """One path of the interface.

    Attributes:
        zh: What it is called.
        service: What must be granted for it.
        request: What it takes; None for what is not offered.
    """

    zh: str
    service: ShareService
    request: type[AnyRequest] | None


INTERFACES: Final[Mapping[str, Interface]] = {
    "queryCert": Interface("证照检索", ShareService.QUERY, ByHolderRequest),
    "queryCertInfo": Interface("按证照标识获取证照信息", ShareService.DATA, ByIdRequest),
    "queryCertInfoByHolderCode": Interface(
        "按持证主体获取证照信息", ShareService.DATA, ByHolderRequest
    ),
    "downloadFile": Interface("按证照标识下载证照文件", ShareService.DOWNLOAD, DownloadByIdRequest),
    "downloadFileByHolderCode": Interface(
        "按持证主体下载证照文件", ShareService.DOWNLOAD, DownloadByHolderRequest
    ),
    "verifyCertInfo": Interface("验证证照信息", ShareService.VERIFY, VerifyDataRequest),
    "verifyFile": Interface("验证证照文件", ShareService.VERIFY, VerifyFileRequest),
    "verifyQRcode": Interface("验证亮证码", ShareService.VERIFY, VerifyCodeRequest),
    "getCertRemarkInfo": Interface("照面字段解析", ShareService.VERIFY, TypeRequest),
    "downloadUrl": Interface("获取一次性下载地址", ShareService.DOWNLOAD, DownloadUrlRequest),
    "getDateByQRcode": Interface("按二维码获取证照数据（未提供）", ShareService.DATA, None),
}
"""The paths, in the order of the format page."""
SEARCH: Final = "queryCert"
LINK: Final = "downloadUrl"
FETCH: Final = "file"
"""What the log calls the use of a link."""


class Stated(NamedTuple):
    """A request that has its form, and what it is for."""

    request: AnyRequest
    purpose: AccessPurpose | None
    """None where nothing of any licence is asked for."""


def read(kind: type[AnyRequest], data: Mapping[str, Any]) -> Stated | ShareRefusal:
    """Read ``data`` of a request; a member that is empty or null counts as left out."""
    filled: dict[str, Any] = {}
    for name, value in data.items():
        if value is None or value == "":
            continue
        known = _ALSO.get(name, name)
        if known in filled:
            return ShareRefusal(ShareStatus.WRONG_VALUE, known, "同一参数写了两次")
        filled[known] = value
    words = {name: filled.pop(name, None) for name in _WORDS}
    free = kind is TypeRequest and not any(words.values())
    purpose = None if free else _purpose(words)
    if isinstance(purpose, ShareRefusal):
        return purpose
    try:
        return Stated(kind.model_validate(filled), purpose)
    except ValidationError as error:
        return _refused(error)


def holder_meant(name: str, number: str, number_type: str) -> Holder | ShareRefusal:
    """Return the holder of that name and number, or why there can be none."""
    if number_type not in HOLDER_ID_TYPES:
        return ShareRefusal(ShareStatus.WRONG_HOLDER_TYPE, "holderTypeCode")
    for fault in holder_faults(name, number, number_type):
        of_name = fault.where == "持证主体"
        # A masked number has no check character, and a wildcard is no digit.
        return ShareRefusal(
            ShareStatus.WRONG_VALUE, "holder" if of_name else "holderCode", fault.zh
        )
    return Holder(name, number, number_type)


def _purpose(words: Mapping[str, Any]) -> AccessPurpose | ShareRefusal:
    missing = [
        name for name, word in words.items()
        if word is None or (isinstance(word, str) and not word.strip())
    ]  # fmt: skip
    if missing:
        # The use cause before all else: it is what a caller most often forgets.
        return ShareRefusal(
            ShareStatus.MISSING, "useCause" if "useCause" in missing else missing[0]
        )
    try:
        return AccessPurpose.read(dict(words))
    except EcertError as error:
        return ShareRefusal(ShareStatus.WRONG_VALUE, error.where, error.zh)


def _refused(error: ValidationError) -> ShareRefusal:
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    absent = [fault for fault in faults if fault["type"] == "missing"]
    first = (absent or faults)[0]
    if absent:
        return ShareRefusal(ShareStatus.MISSING, str(first["loc"][0]))
    if first["type"] == "extra_forbidden":
        # What a stranger calls a member may be anything; it is not repeated.
        return ShareRefusal(ShareStatus.WRONG_VALUE, "data", "有本接口没有的参数")
    return ShareRefusal(ShareStatus.WRONG_VALUE, str(first["loc"][0]))
