"""Pictures of codes: another decoder reads them, and ours reads them after hard use."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageFilter

import ecert
from ecert.show import render, scan
from ecert.show.code import ShowCode
from tests.conformance.office import CHONGQING, MATTER, Office, open_office

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from tests.interop.conftest import Oracle


@pytest.fixture
def office(tmp_path: Path, at: datetime) -> Office:
    return open_office(tmp_path, at)


def _png_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize("profile", ["minimal", "full"])
def test_another_decoder_reads_the_same_digits(
    qr_read: Oracle, office: Office, profile: str
) -> None:
    code = ShowCode(office.code(profile))
    answer = qr_read(png=_png_text(code.png(scale=4)))
    assert answer == {
        "ok": True,
        "text": code.text,
        "version": code.qr_version,
        # Numeric mode alone: nothing else costs so few modules.
        "modes": ["numeric"],
    }


def test_the_budget_of_the_smallest_profile_holds(office: Office) -> None:
    assert ShowCode(office.code()).qr_version <= 15


def test_the_largest_code_that_we_draw_is_read_there(qr_read: Oracle) -> None:
    text = "1" + "0123456789" * 218 + "1234567"
    assert len(text) == 2188
    assert render.qr_version(text) == 24
    answer = qr_read(png=_png_text(render.png(text, scale=4)))
    assert (answer["text"], answer["version"]) == (text, 24)


@pytest.mark.parametrize("drawn_by", ["_draw_with_zxing", "_draw_with_qrcode"])
def test_both_ways_of_drawing_are_read_there(
    qr_read: Oracle, office: Office, drawn_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = office.code()
    rows = getattr(render, drawn_by)(code, render.qr_version(code))
    drawn = render.Matrix(render.qr_version(code), rows)
    monkeypatch.setattr(render, "matrix", lambda _: drawn)
    assert qr_read(png=_png_text(render.png(code, scale=3)))["text"] == code


def test_what_is_no_code_is_not_read_there(qr_read: Oracle) -> None:
    blank = io.BytesIO()
    Image.new("L", (300, 300), 255).save(blank, "PNG")
    assert qr_read(png=_png_text(blank.getvalue())) == {"ok": False, "error": "no QR code found"}


# -- after hard use ---------------------------------------------------------------------------


def _scaled(picture: Image.Image) -> Image.Image:
    # From eight pixels a module down to about three, across the grid.
    size = round(picture.width * 3.1 / 8)
    return picture.resize((size, size), Image.Resampling.BILINEAR)


def _rotated(picture: Image.Image) -> Image.Image:
    return picture.rotate(10, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def _blurred(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(4))


def _saved_as_jpeg(picture: Image.Image) -> Image.Image:
    half = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)
    out = io.BytesIO()
    half.save(out, "JPEG", quality=30)
    return Image.open(io.BytesIO(out.getvalue()))


def _faint(picture: Image.Image) -> Image.Image:
    return picture.point([150 + value // 5 for value in range(256)])


def _everything(picture: Image.Image) -> Image.Image:
    return _saved_as_jpeg(_faint(_rotated(picture)).filter(ImageFilter.GaussianBlur(2)))


@pytest.mark.parametrize("profile", ["minimal", "full"])
@pytest.mark.parametrize("use", [_scaled, _rotated, _blurred, _saved_as_jpeg, _faint, _everything])
def test_a_picture_after_hard_use_still_gives_an_accepted_licence(
    office: Office, profile: str, use: Callable[[Image.Image], Image.Image]
) -> None:
    code = office.code(profile)
    drawn = Image.open(io.BytesIO(render.png(code, scale=8))).convert("L")
    out = io.BytesIO()
    use(drawn).save(out, "PNG")
    # (1) the picture gives the digits, (2) the digits give an accepted licence
    read = scan.read(out.getvalue())
    assert read == code
    window = ecert.Verifier(CHONGQING, clock=lambda: office.at)
    window.knowledge.pin(ecert.demo_roots())
    for document in (
        office.issuer.trust_list(),
        office.issuer.status_list(),
        ecert.fixture("川渝互认清单"),
    ):
        window.knowledge.accept(document)
    verdict = window.verify(read, matter=MATTER)
    assert verdict.accepted, verdict.explain()
    assert verdict.licence.fields["准驾车型"] == "C1"
