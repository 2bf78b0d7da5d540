#!/usr/bin/env python3
"""Merges the reports of several rounds: `table.py REPORT.json...` prints the median of every figure
and how many times the first system's it is."""
import json
import statistics
import sys

COLUMNS = {
    "wall p50": ("wall_ms", "p50"),
    "wall p99": ("wall_ms", "p99"),
    "CPU p50": ("cpu_ms", "p50"),
    "CPU p99": ("cpu_ms", "p99"),
    "load": ("load_ms",),
    "peak MiB": ("peak_rss_mib",),
}


def figure(report, path):
    for key in path:
        report = report and report.get(key)
    return report


def main():
    rounds = {}
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as lines:
            for name, report in json.load(lines).items():
                rounds.setdefault(name, []).append(report)
    table = {}
    for name, reports in rounds.items():
        values = {column: [figure(r, path) for r in reports] for column, path in COLUMNS.items()}
        table[name] = {
            column: None if None in found else statistics.median(found)
            for column, found in values.items()
        }
    print("| ms | rounds | " + " | ".join(COLUMNS) + " |")
    print("|---|" + "---|" * (1 + len(COLUMNS)))
    first = next(iter(table.values()), {})
    for name, row in table.items():
        cells = []
        for column, value in row.items():
            base = first[column]
            ratio = f" ({value / base:.2f}x)" if value is not None and base else ""
            cells.append("?" if value is None else f"{value:.3g}{ratio}")
        print(f"| {name} | {len(rounds[name])} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
