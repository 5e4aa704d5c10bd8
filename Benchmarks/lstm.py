#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One streaming LSTM step (32 units) with its read-out for 10 000 series, against onnxruntime's batch
inference of the same network, one thread each, by CPU
time. The results of both must agree. Needs
`scripts/bootstrap bench`.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
PYTHON = HERE.parent / ".venv-bench" / "bin" / "python"
REPETITIONS = 5
TARGET_RATIO = 2
# Single precision, sums of some fifty terms in another order.
TOLERANCE = 1e-4


def build():
    swift = ["swift", "build", "-c", "release", "--package-path", str(HERE)]
    jobs = os.environ.get("BENCH_JOBS", str(os.cpu_count()))
    subprocess.run(
        swift + ["-j", jobs, "--product", "LearnedModelsBenchmark"], check=True,
        stdout=sys.stderr)
    path = subprocess.run(
        swift + ["--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    return pathlib.Path(path) / "LearnedModelsBenchmark"


def run(*command):
    environment = dict(os.environ)
    for name in ("OMP", "OPENBLAS", "MKL"):
        environment[name + "_NUM_THREADS"] = "1"
    return json.loads(subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment).stdout)


def main():
    if not PYTHON.exists():
        sys.exit("lstm: no .venv-bench; run scripts/bootstrap bench")
    program = build()
    ours, theirs = [], []
    with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
        for _ in range(REPETITIONS):
            ours.append(run(program, "lstm", file.name))
            theirs.append(run(PYTHON, HERE / "peers" / "lstm_onnx.py", file.name))
    difference = max(result["largestDifference"] for result in theirs)
    if difference > TOLERANCE:
        sys.exit(f"lstm: results differ from onnxruntime's by {difference}")
    milliseconds = [statistics.median(r["medianSeconds"] for r in runs) * 1e3
                    for runs in (ours, theirs)]
    ratio = milliseconds[1] / milliseconds[0]
    print(f"{milliseconds[0]:.2f} ms, onnxruntime {milliseconds[1]:.2f} ms: ratio {ratio:.2f}",
          file=sys.stderr)
    print(json.dumps({
        "workload": "LSTM step and read-out, 18 inputs, 32 units, 33 outputs, 10 000 series",
        "repetitions": REPETITIONS, "cpuMillisecondsPerStep": round(milliseconds[0], 3),
        "onnxruntimeVersion": theirs[0]["version"],
        "onnxruntimeCpuMillisecondsPerStep": round(milliseconds[1], 3),
        "largestDifference": difference, "ratio": round(ratio, 2),
        "pairedRatioLeast": round(min(
            b["medianSeconds"] / a["medianSeconds"] for a, b in zip(ours, theirs)), 2),
        "targetRatio": TARGET_RATIO, "targetsMet": ratio >= TARGET_RATIO,
    }))


main()
