"""``ecert.toml``: what is written is read back, and what is wrong with it is told."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import FormatError, USCCError, WorkspaceError
from ecert.workspace.settings import FILE, SCHEMA, Settings

GOOD = 'region = "511600"\nname = "广安市公安局"\ndemo = true\nschema = 1\n'
# Letters, digits, punctuation and symbols of any script.
NAMES = st.text(
    st.characters(categories=("L", "N", "P", "S"), exclude_characters="\u115f\u1160\u3164\uffa0"),
    min_size=1,
    max_size=40,
)


@given(NAMES)
@settings(max_examples=200, deadline=None)
def test_any_name_survives_the_file(name: str) -> None:
    original = Settings(region="511600", name=name, demo=True, status_base="https://a.invalid/1")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_text(original.to_toml(), "utf-8")
        assert Settings.read(Path(folder)) == original


def test_what_is_none_is_left_out_of_the_file() -> None:
    text = Settings(region="500000", name="窗口").to_toml()
    assert "code" not in text
    assert "status_base" not in text


def test_sources_survive_the_file_and_older_programs_read_one_without(tmp_path: Path) -> None:
    plain = Settings(region="500000", name="窗口")
    assert "sources" not in plain.to_toml()
    assert "allow_http" not in plain.to_toml()
    full = Settings(
        region="500000", name="窗口", sources=(("https://a.example/x/", "http://b:8080/"),),
        allow_http=True, proxy="http://proxy.example:3128", ca_file="/etc/ca.pem",
    )  # fmt: skip
    (tmp_path / FILE).write_text(plain.to_toml(), "utf-8")
    full.write(tmp_path)
    assert Settings.read(tmp_path) == full


def _read(folder: Path, text: str | bytes) -> Settings:
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    (folder / FILE).write_bytes(data)
    return Settings.read(folder)


def test_a_hand_written_file_is_read(tmp_path: Path) -> None:
    read = _read(tmp_path, GOOD)
    assert (read.region, read.demo, read.code, read.schema) == ("511600", True, None, SCHEMA)
    assert read.alg == "ES256", "a file that says nothing of it is older than the choice"


def test_the_suite_is_kept(tmp_path: Path) -> None:
    original = Settings(region="511600", name="公安局", alg="SGD_SM3_SM2")
    assert _read(tmp_path, original.to_toml()) == original
    with pytest.raises(FormatError) as caught:
        Settings(region="511600", name="公安局", alg="SM2")  # the short name is the user's
    assert caught.value.where == "alg"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("region = ", "TOML"),
        (b"\xff\xfe", "TOML"),
        (GOOD.replace("region", "regoin"), "regoin"),
        (GOOD.replace('name = "广安市公安局"\n', ""), "缺少 name"),
        (GOOD.replace('"511600"', "511600"), "region 的写法不对"),
        (GOOD.replace("true", '"yes"'), "demo 的写法不对"),
        (GOOD.replace("schema = 1", "schema = true"), "schema 的写法不对"),
        (GOOD + 'alg = "RS256"\n', "没有这种签名算法"),
        (GOOD + "alg = 1\n", "alg 的写法不对"),
        (GOOD + 'sources = "https://a/"\n', "sources 的写法不对"),
        (GOOD + 'sources = ["https://a/"]\n', "sources 的写法不对"),
        (GOOD + "sources = [[]]\n", "每个 1 至"),
        (GOOD + 'sources = [["https://a/?x=1"]]\n', "来源的地址写法不对"),
        (GOOD + 'allow_http = "yes"\n', "allow_http 的写法不对"),
        (GOOD + 'proxy = "proxy:3128"\n', "proxy"),
        (GOOD.replace("511600", "51160"), "应为6位数字"),
        (GOOD.replace("广安市公安局", "广安\u200b公安局"), "U+200B"),
    ],
)
def test_a_damaged_file_is_told_with_its_place(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    with pytest.raises(WorkspaceError) as caught:
        _read(tmp_path, text)
    assert said in caught.value.zh
    assert caught.value.where == str(tmp_path / FILE)
    assert caught.value.fix_en


def test_a_newer_layout_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        _read(tmp_path, GOOD.replace("schema = 1", "schema = 2"))
    assert "升级" in caught.value.fix_zh


def test_a_folder_without_the_file_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        Settings.read(tmp_path)
    assert "不是工作区" in caught.value.zh
    assert "ecert init" in caught.value.fix_zh


def test_names_and_codes_have_their_form() -> None:
    with pytest.raises(FormatError) as caught:
        Settings(region="511600", name=" 公安局")
    assert caught.value.where == "name"
    with pytest.raises(FormatError):
        Settings(region="511600", name="局" * 201)
    assert len(Settings(region="511600", name="局" * 200).name) == 200
    with pytest.raises(USCCError):
        Settings(region="511600", name="公安局", code="115116003189451949")


@pytest.mark.parametrize(
    "base",
    ["linshui.gov.cn", "ftp://a.cn", "https://a.cn/x?y=1", "https://a.cn/#x", "https://a.cn/ x",
     f"https://a.cn/{'x' * 255}"],
)  # fmt: skip
def test_a_status_address_is_one_that_a_trust_list_may_register(base: str) -> None:
    with pytest.raises(FormatError) as caught:
        Settings(region="511600", name="公安局", status_base=base)
    assert caught.value.where == "status_base"
    assert Settings(region="511600", name="公安局", status_base="https://a.cn/x").status_base


@pytest.mark.parametrize(
    "url", ["postgresql://clerk@db.gov.cn:5433/ecert?sslmode=verify-full", "sqlite:////srv/a.db"]
)
def test_the_address_of_a_database_is_kept(tmp_path: Path, url: str) -> None:
    original = Settings(region="511600", name="公安局", database=url)
    assert _read(tmp_path, original.to_toml()) == original
    assert original.database_in(tmp_path) == url
    assert Settings(region="511600", name="公安局").database_in(tmp_path) == tmp_path / "ecert.db"


@pytest.mark.parametrize(
    ("url", "zh"),
    [
        ("postgresql://clerk:hunter2@host/ecert", "不能写口令"),
        ("postgresql://clerk@host/ecert?password=hunter2", "不能写口令"),
        ("postgresql://clerk@host/ecert?sslpassword=hunter2", "不能写口令"),
        ("postgresql://clerk:hunter2@host", "地址不对"),
        ("sqlite:///hunter2.db", "绝对路径"),
        ("hunter2.db", "地址不对"),
    ],
)
def test_a_password_is_never_kept_and_an_address_must_mean_one_place(url: str, zh: str) -> None:
    with pytest.raises(FormatError, match=zh) as caught:
        Settings(region="511600", name="公安局", database=url)
    assert caught.value.where == "database"
    assert "hunter2" not in str(caught.value)
    if "口令" in zh:
        assert all(way in caught.value.fix_en for way in ("PGPASSFILE", "PGPASSWORD", "~/.pgpass"))
