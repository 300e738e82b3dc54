"""The benchmarks, in the order in which they run: a new one is a module and a line here."""

from __future__ import annotations

from benchmarks import audit_full, freshness, import_bulk, intake, rebuild_postgresql, worklist_scale
from benchmarks.measure import Benchmark

BENCHMARKS = (
    Benchmark("intake_sqlite", 0.4, intake.on_sqlite),
    Benchmark("intake_kafka", 0.5, intake.on_kafka),
    Benchmark("audit_full", 2.0, audit_full.audit_full),
    Benchmark("rebuild_postgresql", 0.3, rebuild_postgresql.rebuild_postgresql),
    Benchmark("import_bulk", 0.15, import_bulk.import_bulk),
    Benchmark("worklist_scale", 0.67, worklist_scale.worklist_scale),
    Benchmark("freshness", None, freshness.freshness),
)
