#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Throughput of a sweep of 1000 runs against what the cores could do at best.

At best every core simulates all the time: the runs' own time on one core, measured by a sweep with
one worker of the first quarter of the points, times the runs, divided by the cores. Only wall time can tell, so
other jobs disturb it; run it alone. FORESHADOW_SWEEP=100 measures fewer. Run by scripts/bench.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from common.program import ROOT, build

RUNS = int(os.environ.get("FORESHADOW_SWEEP", "1000"))
SEEDS = 5
TARGET_SHARE = 0.9


def sweep(program, folder, points, jobs):
    """Wall seconds of a sweep of `points` × SEEDS runs, and its table."""
    def call(*arguments):
        return subprocess.run([program, "sweep", *arguments], check=True, capture_output=True,
                              text=True, cwd=ROOT).stdout
    call("plan", "Scenarios/quickstart.yaml", "--output", folder, "--design", "sobol",
         "--points", str(points), "--axis", "synthetic.vms=20..40", "--set", "duration=1 d",
         "--set", "workload.history=1 d", "--policies", "reactive-shadow", "--seeds", str(SEEDS))
    start = time.monotonic()
    call("run", folder, "--jobs", str(jobs))
    seconds = time.monotonic() - start
    rows = call("collect", folder).count("\n") - 1
    if rows != points * SEEDS:
        sys.exit(f"sweep: {rows} rows, expected {points * SEEDS}")
    return seconds


def main():
    program = build()
    cores = os.cpu_count()
    points = RUNS // SEEDS
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        few = max(1, points // 4)
        one_run = sweep(program, folder / "one", few, 1) / (few * SEEDS)
        seconds = sweep(program, folder / "all", points, cores)
    share = one_run * points * SEEDS / cores / seconds
    print(json.dumps({
        "workload": f"{points * SEEDS} runs of a day of 20-40 VMs", "cores": cores,
        "secondsOfOneRun": one_run, "seconds": seconds, "runsPerSecond": points * SEEDS / seconds,
        "shareOfIdeal": share, "targetsMet": share >= TARGET_SHARE,
    }))


main()
