"""Vectors in the format of the transparency-dev/merkle project: one JSON file for each probe.

The probes that come with this test were made by `naive_merkle`; those of the project itself run where
BAROGRAPH_MERKLE_VECTORS names its `testdata` folder.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from ledger.merkle import ProofError, verify_consistency, verify_inclusion

OWN = Path(__file__).parent / "merkle_vectors"


def probes(kind: str) -> list[Any]:
    """Every probe of a kind, `inclusion` or `consistency`, each a test of its own."""
    folders = (OWN, Path(os.environ.get("BAROGRAPH_MERKLE_VECTORS", os.devnull)))
    return [
        pytest.param(json.loads(file.read_text()), id=str(file.relative_to(folder)))
        for folder in folders
        for file in sorted((folder / kind).rglob("*.json"))
    ]


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


@pytest.mark.parametrize("probe", probes("inclusion"))
def test_an_inclusion_is_judged_as_the_vector_says(probe: dict[str, Any]) -> None:
    """Accepted, or refused where `wantErr`."""
    proof = [_bytes(hash_) for hash_ in probe["proof"] or ()]
    told = (_bytes(probe["leafHash"]), probe["leafIdx"], probe["treeSize"], proof, _bytes(probe["root"]))
    if probe["wantErr"]:
        with pytest.raises(ProofError):
            verify_inclusion(*told)
    else:
        verify_inclusion(*told)


@pytest.mark.parametrize("probe", probes("consistency"))
def test_a_consistency_is_judged_as_the_vector_says(probe: dict[str, Any]) -> None:
    """Accepted, or refused where `wantErr`."""
    proof = [_bytes(hash_) for hash_ in probe["proof"] or ()]
    told = (probe["size1"], probe["size2"], proof, _bytes(probe["root1"]), _bytes(probe["root2"]))
    if probe["wantErr"]:
        with pytest.raises(ProofError):
            verify_consistency(*told)
    else:
        verify_consistency(*told)
