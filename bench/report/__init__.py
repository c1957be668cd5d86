"""The published report: figures -> verdicts, charts -> docs/benchmarks.md. The same figures give the same bytes."""
