"""The benchmarks, in the order in which they run: a new one is a module and a line here."""

from __future__ import annotations

from benchmarks import (
    approvals,
    audit_full,
    closing,
    evidence,
    freshness,
    import_bulk,
    intake,
    integrity_kafka,
    rebuild_postgresql,
    worklist_scale,
)
from benchmarks.measure import Benchmark

BENCHMARKS = (
    Benchmark("intake_sqlite", 0.4, intake.on_sqlite),
    Benchmark("intake_kafka", 0.5, intake.on_kafka),
    Benchmark("audit_full", 2.0, audit_full.audit_full),
    Benchmark("rebuild_postgresql", 0.3, rebuild_postgresql.rebuild_postgresql),
    Benchmark("import_bulk", 0.15, import_bulk.import_bulk),
    Benchmark("worklist_scale", 0.67, worklist_scale.worklist_scale),
    Benchmark("freshness", None, freshness.freshness),
    Benchmark("integrity_kafka", 0.5, integrity_kafka.integrity_kafka),
    Benchmark("notary_rate", 2.0, evidence.notary_rate),
    Benchmark("encryption", 0.85, intake.encryption),
    Benchmark("proof_flat", None, evidence.proof_flat),
    Benchmark("approvals_kafka", None, approvals.approvals),
    Benchmark("month_close", 0.77, closing.month_close),
)
