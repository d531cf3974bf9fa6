"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

import pytest

from ecert import errors
from ecert.reasons import Outcome, Reason
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAX_MODULE_LINES = 300
MAX_FUNCTION_LINES = 60
# Closed tables of wording: rows, not logic.
TABLES = {"ecert/reasons.py"}
# Here, and nowhere else, the clock may be read: the edges, and the actors' faces, whose
# `clock=` fills in an `at` that was not given.
THE_CLOCK = "ecert/clock.py"
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}
BAD_NAMES = {"utils", "util", "common", "helpers", "helper", "manager", "misc", "base", "core"}
EXTRAS = {
    "PIL",
    "alembic",
    "fastapi",
    "fontTools",
    "httpx",
    "jinja2",
    "matplotlib",
    "openpyxl",
    "pkcs11",
    "procrastinate",
    "psycopg",
    "python_calamine",
    "qrcode",
    "reportlab",
    "rich",
    "sqlalchemy",
    "typer",
    "uvicorn",
    "zxingcpp",
}

MODULES = sorted((ROOT / "ecert").rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _against(rule: Callable[[Path], object]) -> dict[str, object]:
    """Return what ``rule`` finds in each module, by its name; nothing where it holds."""
    return {_name(path): found for path in MODULES if (found := rule(path))}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _span(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_a_module_has_one_subject_and_fits_three_hundred_lines() -> None:
    lines = {_name(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert "ecert/verify/verifier.py" in lines
    too_long = {name for name, count in lines.items() if count > MAX_MODULE_LINES}
    assert too_long <= TABLES


def test_a_function_fits_one_screen() -> None:
    def too_long(path: Path) -> list[str]:
        return [one.name for one in _functions(_tree(path)) if _span(one) > MAX_FUNCTION_LINES]

    assert _against(too_long) == {}


def test_a_module_is_named_for_its_subject() -> None:
    def bad(path: Path) -> set[str]:
        return set(path.relative_to(ROOT / "ecert").with_suffix("").parts) & BAD_NAMES

    assert _against(bad) == {}


def _clock_reads(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if (name, node.func.attr) in CLOCKS:
                yield f"line {node.lineno}: {name}.{node.func.attr}()"


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_time_is_an_argument_below_the_faces() -> None:
    reads = _against(lambda path: list(_clock_reads(_tree(path))))
    assert reads.keys() == {THE_CLOCK}


def test_chance_comes_from_secrets() -> None:
    assert _against(lambda path: "random" in set(_imports(_tree(path)))) == {}


def test_the_clock_rule_sees_every_way_of_asking() -> None:
    source = "datetime.now(UTC); dt.datetime.now(); date.today(); time.time(); licence.now()"
    assert len(list(_clock_reads(ast.parse(source)))) == 4


def test_every_reason_has_a_number_of_its_own() -> None:
    numbers = [reason.number for reason in Reason]
    assert len(set(numbers)) == len(numbers)
    # 000 is acceptance; E… can be read out over the telephone.
    assert all(number[-3:].isdigit() for number in numbers)


@pytest.mark.parametrize("reason", Reason, ids=str)
def test_every_reason_says_what_and_what_next_in_both_languages(reason: Reason) -> None:
    wording = reason.wording
    assert isinstance(reason.outcome, Outcome)
    assert all((wording.zh, wording.en, wording.next_zh, wording.next_en))
    assert any("\u4e00" <= character <= "\u9fff" for character in wording.zh)
    assert any("\u4e00" <= character <= "\u9fff" for character in wording.next_zh)
    assert wording.en.isascii()
    assert wording.next_en.isascii()


def test_every_error_class_stands_in_the_drawn_tree() -> None:
    drawn = set(re.findall(r"\w+Error", errors.__doc__ or ""))
    classes = {
        name
        for name, value in inspect.getmembers(errors, inspect.isclass)
        if issubclass(value, errors.EcertError)
    }
    # ValueError, TypeError and RuntimeError are Python's own, and named as such below the tree.
    assert drawn - {"ValueError", "TypeError", "RuntimeError"} == classes


def test_errors_are_defined_in_the_errors_module_alone() -> None:
    def defined(path: Path) -> set[str]:
        names = {node.name for node in ast.walk(_tree(path)) if isinstance(node, ast.ClassDef)}
        return {name for name in names if name.endswith(("Error", "Exception"))}

    assert _against(defined).keys() == {"ecert/errors.py"}


def test_importing_ecert_loads_none_of_the_extras() -> None:
    program = "import ecert, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT
    )
    assert set(done.stdout.split()) & EXTRAS == set()
