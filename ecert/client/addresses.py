"""Which addresses may be fetched."""

from __future__ import annotations

from ecert.errors import FetchError, ParseError
from ecert.faults import FetchFault
from ecert.trust.trust_list import MAX_URI_CHARS, require_uri


def require_address(url: str, *, allow_http: bool = False) -> str:
    """Require an address that may be fetched, and return it.

    Args:
        url: An ``https`` address without user, query or fragment.
        allow_http: Whether ``http`` will do too; signatures decide about content all the same.

    Raises:
        FetchError: Fault `address`.
    """
    try:
        if len(url) > MAX_URI_CHARS:
            raise ParseError(f"longer than {MAX_URI_CHARS} characters", where="uri")
        require_uri(url)
    except ParseError as error:
        raise FetchError(
            FetchFault.ADDRESS, "写法不对", error.en, where=url[:MAX_URI_CHARS],
            fix_zh="请写成 https://域名/路径，不带用户名、问号和井号",
            fix_en="Write https://host/path, without a user, a query or a fragment",
        ) from error  # fmt: skip
    if not url.startswith("https://") and not allow_http:
        raise FetchError(
            FetchFault.ADDRESS, "不是 https", "it is not https", where=url,
            fix_zh="请改用 https；内网确无 https 的，设置地址时请加 --allow-http",
            fix_en="Use https; where an intranet has none, set the address with --allow-http",
        )  # fmt: skip
    return url
