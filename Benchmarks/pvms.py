#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One decision of PVMS for many VMs on one core, without the forecasts.

Two hours in which far more changes than in real life: one VM in five is at risk in each interval, one
host in ten is too full. A decision is one call of `decide` on a new frame: closing an interval,
learning from it, planning, orders, checkpoint. Figures are CPU time of the thread; run by scripts/bench.
"""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent

# VMs, hosts, rack power, seconds allowed for the slowest decision (None: measured only).
CASES = [
    (1000, 100, "predictive", None), (10_000, 1000, "none", 0.05), (10_000, 1000, "predictive", 0.05)]


def build():
    swift = ["swift", "build", "-c", "release", "--package-path", str(HERE)]
    jobs = os.environ.get("BENCH_JOBS", str(os.cpu_count()))
    subprocess.run(swift + ["-j", jobs, "--product", "PVMSBenchmark"], check=True, stdout=sys.stderr)
    bin_path = subprocess.run(swift + ["--show-bin-path"], check=True, capture_output=True, text=True)
    return pathlib.Path(bin_path.stdout.strip()) / "PVMSBenchmark"


def measure(program, vms, hosts, mode, limit):
    output = subprocess.run(
        [program, str(vms), str(hosts), mode], check=True, capture_output=True, text=True)
    result = json.loads(output.stdout)
    if result["orders"] < vms:
        sys.exit(f"{vms} VMs, {mode}: only {result['orders']} orders, nothing was decided")
    print(
        f"{vms} VMs, rack power {mode}: median {1000 * result['medianSeconds']:.1f} ms, "
        f"worst {1000 * result['worstSeconds']:.1f} ms a decision", file=sys.stderr)
    return {
        "vms": vms, "hosts": hosts, "rackPower": mode, **result, "limitSeconds": limit,
        "targetMet": limit is None or result["worstSeconds"] <= limit,
    }


def main():
    program = build()
    cases = [measure(program, *case) for case in CASES]
    print(json.dumps({"cases": cases, "targetsMet": all(c["targetMet"] for c in cases)}))


if __name__ == "__main__":
    main()
