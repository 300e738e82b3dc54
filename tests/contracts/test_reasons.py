"""Every reason that the sources give is explained, and every explained reason is given."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from contracts.reasons import REASONS, UNREADABLE

ROOT = Path(__file__).parents[2]
SOURCES = [path for folder in ("contracts", "runtime", "services") for path in (ROOT / folder).rglob("*.py")]
TREES = [ast.parse(path.read_text(), path.name) for path in SOURCES]
ANSWERS = {"Refused", "NoOp"}


def calls(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    """The calls of these names, or of attributes so named."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in names:
                yield node


def texts(node: ast.AST) -> set[str]:
    """The text literals in an expression."""
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def choosers(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Functions that answer with a reason which they choose: from a mapping, or from what they were given."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            not texts(call.args[0]) for call in calls(node, ANSWERS)
        ):
            yield node


def chosen(function: ast.FunctionDef) -> set[str]:
    """What such a function may choose: the values of its mappings, and the texts that its callers give."""
    mappings = [node for node in ast.walk(function) if isinstance(node, ast.Dict)]
    inside = {text for mapping in mappings for value in mapping.values for text in texts(value)}
    names = {function.name, f"_{function.name}"}
    called = [call for tree in TREES for call in calls(tree, names)]
    given = {text for call in called for argument in call.args for text in texts(argument)}
    return inside | given


def reasons_given() -> set[str]:
    """Every reason that some code path answers with, or that a form looks up."""
    given: set[str] = set()
    for tree in TREES:
        for call in calls(tree, ANSWERS):
            given |= texts(call.args[0])
        for function in choosers(tree):
            given |= chosen(function)
    return given


def test_every_reason_given_is_explained() -> None:
    """No command is refused, and nothing is a no-op, for a reason without a sentence."""
    assert reasons_given() - REASONS.keys() == set()


def test_every_explained_reason_is_given() -> None:
    """No sentence stands for a reason that no code path gives."""
    assert REASONS.keys() - reasons_given() == set()


def test_every_unreadable_reason_is_explained_and_given() -> None:
    """The reasons for unreadable records in the sources are those that are explained."""
    given = set()
    for tree in TREES:
        for call in calls(tree, {"UnreadableError"}):
            given |= texts(call.args[0])
        for call in calls(tree, {"_unreadable"}):
            given |= texts(call.args[1])
    assert given == UNREADABLE.keys()


def test_reasons_are_sentences_that_end() -> None:
    """Every reason has a code in snake case and at least one whole sentence; no code is used twice."""
    for code, sentence in {**REASONS, **UNREADABLE}.items():
        assert code.isascii()
        assert code.replace("_", "").islower()
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert not REASONS.keys() & UNREADABLE.keys()
