"""The camera at the clerk's page: a film of a show code stands in for the device."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.pages.conftest import CHROMIUM, FLAGS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Playwright

    from tests.pages.conftest import Hall

_SIDE = (1280, 960)


def film(path: Path, picture: bytes) -> None:
    """Write a film of one frame that shows ``picture`` in its middle (YUV4MPEG2, grey)."""
    code = Image.open(io.BytesIO(picture)).convert("L")
    code = code.resize((800, 800), Image.Resampling.LANCZOS)
    frame = Image.new("L", _SIDE, 128)
    frame.paste(code, ((_SIDE[0] - 800) // 2, (_SIDE[1] - 800) // 2))
    colour = bytes([128]) * (_SIDE[0] * _SIDE[1] // 2)
    head = f"YUV4MPEG2 W{_SIDE[0]} H{_SIDE[1]} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + (b"FRAME\n" + frame.tobytes() + colour) * 2)


@pytest.mark.parametrize("compiled", [True, False], ids=["in the browser", "by the service"])
def test_a_code_before_the_camera_is_checked(
    playwright: Playwright, hall: Hall, tmp_path: Path, *, compiled: bool
) -> None:
    video = tmp_path / "code.y4m"
    film(video, hall.wallet.show(hall.licence.id).png())
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*FLAGS, f"--use-file-for-fake-video-capture={video}"]
    )
    try:
        page = browser.new_context(permissions=["camera"]).new_page()
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        if not compiled:
            # As in a browser that does not know 'wasm-unsafe-eval'.
            page.route("**/zxing_reader.wasm", lambda route: route.abort())
        page.goto(hall.address)
        page.fill("#token", hall.token)
        page.click("#sign-in button")
        page.fill("#matter", "机动车业务")
        page.keyboard.press("F2")
        page.wait_for_selector("#result.accepted .head", timeout=30_000)
        assert "张伟" in page.locator("#result").inner_text()
        assert page.locator("#camera").is_hidden()
        frames = [one for one in asked if "/picture" in one]
        assert bool(frames) is not compiled
        # While nothing is read, nothing is checked: no receipt a second.
        assert all("frame=true" in one for one in frames)
    finally:
        browser.close()
