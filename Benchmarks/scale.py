#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time and memory of a simulated day with 1 000, 10 000 and 100 000 VMs on a tenth as many hosts.

Five-minute samples, cooling, an HDF5 run file; PVMS with exponential smoothing, and no policy. CPU
and wall seconds and the peak memory of `foreshadow run`, and the exponents by which they grow.
FORESHADOW_SCALE=1000,10000 measures fewer. Run by scripts/bench.
"""
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from common.program import build

HERE = pathlib.Path(__file__).parent
SCENARIO = HERE / "scale.yaml"
SIZES = [int(size) for size in os.environ.get("FORESHADOW_SCALE", "1000,10000,100000").split(",")]
VMS_PER_HOST, HOSTS_PER_RACK = 10, 25
POLICIES = ["ses", "none"]
# At 100 000 VMs with exponential smoothing.
TARGET_SECONDS, TARGET_GIGABYTES = 60, 4 * 1.073741824
# Time and memory shall grow linearly; a start that costs the same for all sizes makes them less.
TARGET_EXPONENT = 1.05


def measure(program, policy, size, folder):
    hosts = size // VMS_PER_HOST
    start = time.monotonic()
    process = subprocess.Popen(
        [program, "run", SCENARIO, "--policy", policy, "--output", folder / f"{policy}-{size}.h5",
         "--set", f"workload.synthetic.vms={size}",
         "--set", f"dataCenter.racks.count={hosts // HOSTS_PER_RACK}", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    summary = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"scale: {policy} with {size} VMs failed with status {process.returncode}")
    metrics = json.loads(summary)["metrics"]
    # Nothing fast and wrong: all VMs lived for a day, and no load got lost.
    degraded = metrics["degradedMinutesPerVmDay"] * 60 * size
    lost = metrics["offeredCoreSeconds"] - metrics["servedCoreSeconds"] - metrics["unservedCoreSeconds"]
    if not math.isclose(degraded, metrics["degradedVmSeconds"], rel_tol=1e-9) or \
            abs(lost) > 1e-6 * metrics["offeredCoreSeconds"]:
        sys.exit(f"scale: wrong result {metrics}")
    output = folder / f"{policy}-{size}.h5"
    result = {
        "policy": policy, "vms": size, "hosts": hosts,
        "cpuSeconds": usage.ru_utime + usage.ru_stime, "wallSeconds": time.monotonic() - start,
        "peakMemoryMegabytes": usage.ru_maxrss / 1000,
        "fileMegabytes": output.stat().st_size / 1e6,
    }
    output.unlink()
    print("scale:", json.dumps(result), file=sys.stderr)
    return result


def exponent(rows, key):
    first, last = rows[0], rows[-1]
    if first is last:
        return None
    return math.log(last[key] / first[key]) / math.log(last["vms"] / first["vms"])


def main():
    program = build()
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(program, policy, size, pathlib.Path(folder))
                for policy in POLICIES for size in SIZES]
    growth = {
        policy: {key: exponent([r for r in rows if r["policy"] == policy], key)
                 for key in ("cpuSeconds", "peakMemoryMegabytes")}
        for policy in POLICIES}
    large = next((r for r in rows if r["vms"] == 100_000 and r["policy"] == "ses"), None)
    targets = {
        "linear": all(value is None or value <= TARGET_EXPONENT
                      for exponents in growth.values() for value in exponents.values()),
        "seconds": large is None or large["wallSeconds"] < TARGET_SECONDS,
        "memory": large is None or large["peakMemoryMegabytes"] < TARGET_GIGABYTES * 1000,
    }
    print(json.dumps({
        "workload": "a day, 5-minute samples, 10 VMs a host, cooling, run file",
        "rows": rows, "exponents": growth, "targets": targets,
        "targetsMet": all(targets.values()),
    }))


main()
