"""The table of requirements is whole, and no line of it is claimed without a test that exists."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent.parent
TABLE = Path(__file__).with_name("requirements.toml")
LINES = {0: 29, 1: 54, 2: 29, 3: 18, 4: 32}  # how many each of the five documents has
STATES = {"done", "later", "optional"}


def table() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(TABLE.read_text())["line"]
    return found


@cache
def functions(file: Path) -> frozenset[str]:
    """Names of the test functions of a file; of those in a class as "Class::test_…"."""
    if not file.exists():
        return frozenset()
    tree = ast.parse(file.read_text())
    inside = [(cls.name, node) for cls in tree.body if isinstance(cls, ast.ClassDef) for node in cls.body]
    found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    found |= {f"{name}::{node.name}" for name, node in inside if isinstance(node, ast.FunctionDef)}
    return frozenset(found)


def exists(test: str) -> bool:
    file, _, name = test.partition("::")
    return name.rpartition("::")[2].startswith("test_") and name in functions(TESTS / file)


def test_every_line_of_the_documents_is_in_the_table_once_and_in_order() -> None:
    wanted = [f"S{document}.{number}" for document, count in LINES.items() for number in range(1, count + 1)]
    assert [line["id"] for line in table()] == wanted


@pytest.mark.parametrize("line", table(), ids=lambda line: line["id"])
def test_a_line_that_is_claimed_has_tests_that_exist(line: dict[str, Any]) -> None:
    assert line["state"] in STATES
    assert line["text"]
    tests = line.get("tests", [])
    assert bool(tests) == (line["state"] == "done"), "a line that is done has tests, another has none"
    assert [test for test in tests if not exists(test)] == []


def test_the_check_sees_what_is_missing() -> None:
    assert exists("acceptance/test_requirements.py::test_the_check_sees_what_is_missing")
    assert not exists("acceptance/test_requirements.py::test_that_nobody_wrote")
    assert not exists("acceptance/test_nowhere.py::test_the_check_sees_what_is_missing")
    assert not exists("acceptance/test_requirements.py::table")
