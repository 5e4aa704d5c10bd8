#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flow events of 500 concurrent migrations among 10 000 hosts, recomputation included.

A flow event is the start or end of a migration or a change of its cap. The program checks at the end
that no link is exceeded and that every flow has a bottleneck. Run by scripts/bench.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
HOSTS, FLOWS, EVENTS = 10_000, 500, 200_000
TARGET_EVENTS_PER_SECOND = 100_000
REPETITIONS = 3


def main():
    swift = ["swift", "build", "-c", "release", "--package-path", str(HERE)]
    jobs = os.environ.get("BENCH_JOBS", str(os.cpu_count()))
    subprocess.run(
        swift + ["-j", jobs, "--product", "NetworkBenchmark"], check=True, stdout=sys.stderr)
    bin_path = subprocess.run(
        swift + ["--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    program = pathlib.Path(bin_path) / "NetworkBenchmark"
    cases = []
    for oversubscription in (1, 3, 20):
        command = [program, str(HOSTS), str(FLOWS), str(EVENTS), str(oversubscription)]
        runs = [
            json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            for _ in range(REPETITIONS)]
        rate = statistics.median(run["eventsPerSecond"] for run in runs)
        print(f"oversubscription {oversubscription}: {rate / 1e3:.0f} k events/s", file=sys.stderr)
        cases.append({
            "hosts": HOSTS, "flows": FLOWS, "oversubscription": oversubscription,
            "eventsPerSecond": round(rate),
            "rateChangesPerEvent": round(runs[0]["rateChangesPerEvent"], 3),
            "targetMet": rate >= TARGET_EVENTS_PER_SECOND,
        })
    print(json.dumps({
        "workload": "migrations between random hosts of a leaf-spine network",
        "targetEventsPerSecond": TARGET_EVENTS_PER_SECOND, "cases": cases,
        "targetsMet": all(case["targetMet"] for case in cases),
    }))


main()
