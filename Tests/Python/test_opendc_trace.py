# SPDX-License-Identifier: Apache-2.0
"""docs/examples/opendc_trace.py: both forms of OpenDC's traces become the same plain CSV."""
import csv
import datetime
import os
import pathlib
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from test_schema import ROOT, run

PROGRAM = ROOT / "docs" / "examples" / "opendc_trace.py"
SHARED = pathlib.Path(os.environ.get("FORESHADOW_SHARED", ROOT.parent / "shared"))
EPOCH = datetime.datetime(2026, 1, 5, tzinfo=datetime.timezone.utc)
# Two VMs of 2 and 4 cores of 1000 MHz for a day in fragments of (seconds, MHz); the second has one
# across the border of two intervals.
FRAGMENTS = {
    1: [(300, 500.0)] * 2 + [(600, 1000.0)] + [(86_400 - 1200, 2000.0)],
    2: [(450, 4000.0), (86_400 - 450, 400.0)],
}
CORES = {1: 2, 2: 4}


def write_tasks(folder):
    folder.mkdir()
    parquet.write_table(pa.table({
        "id": pa.array(CORES, pa.int32()),
        "submission_time": [int(EPOCH.timestamp() * 1000)] * 2,
        "duration": [86_400_000] * 2, "cpu_count": pa.array(CORES.values(), pa.int32()),
        "cpu_capacity": [1000.0 * c for c in CORES.values()], "mem_capacity": [4096, 8192],
    }), folder / "tasks.parquet")
    rows = [(i, s * 1000, u) for i, parts in FRAGMENTS.items() for s, u in parts]
    parquet.write_table(pa.table({
        "id": pa.array([r[0] for r in rows], pa.int32()), "duration": [r[1] for r in rows],
        "cpu_usage": [r[2] for r in rows]}), folder / "fragments.parquet")


def write_meta(folder):
    folder.mkdir()
    end = EPOCH + datetime.timedelta(days=1)
    parquet.write_table(pa.table({
        "id": [str(i) for i in CORES], "start_time": pa.array([EPOCH] * 2, pa.timestamp("ms", "UTC")),
        "stop_time": pa.array([end] * 2, pa.timestamp("ms", "UTC")),
        "cpu_count": pa.array(CORES.values(), pa.int32()),
        "cpu_capacity": [1000.0 * c for c in CORES.values()], "mem_capacity": [4096, 8192],
    }), folder / "meta.parquet")
    rows = []
    for name, parts in FRAGMENTS.items():
        time = EPOCH
        for seconds, usage in parts:
            time += datetime.timedelta(seconds=seconds)
            rows.append((str(name), time, seconds * 1000, usage))
    parquet.write_table(pa.table({
        "id": [r[0] for r in rows], "timestamp": pa.array([r[1] for r in rows], pa.timestamp("ms", "UTC")),
        "duration": [r[2] for r in rows], "cpu_usage": [r[3] for r in rows]}), folder / "trace.parquet")


def convert(*arguments):
    return subprocess.run([sys.executable, PROGRAM, *map(str, arguments)], capture_output=True, text=True)


def test_both_forms_say_the_same(tmp_path):
    write_tasks(tmp_path / "new")
    write_meta(tmp_path / "old")
    texts = []
    for form in ("new", "old"):
        result = convert(tmp_path / form, "--output", tmp_path / f"{form}.csv", "--days", 1)
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith("2 of 2 VMs, 288 intervals")
        texts.append((tmp_path / f"{form}.csv").read_text())
    assert texts[0] == texts[1]
    rows = list(csv.DictReader(texts[0].splitlines()))
    assert len(rows) == 2 * 288
    load = {(r["vm"], int(r["time"])): float(r["cpu"]) for r in rows}
    # MHz over 1000 MHz a core; 300 … 600 s of VM 2 is half 4 and half 0.4 cores.
    assert [load["1", t] for t in (0, 300, 600, 900, 1200)] == [0.5, 0.5, 1, 1, 2]
    assert [load["2", t] for t in (0, 300, 600)] == [4, pytest.approx(2.2), pytest.approx(0.4)]
    assert {r["memory_bytes"] for r in rows} == {"4096000000", "8192000000"}
    work = sum(load[key] for key in load if key[0] == "1") * 300
    assert work == pytest.approx(sum(s * u / 1000 for s, u in FRAGMENTS[1]), rel=1e-6)
    info = run("trace", "info", tmp_path / "new.csv")
    assert info.returncode == 0 and "VMs             2" in info.stdout


def test_what_cannot_be_read(tmp_path):
    result = convert(tmp_path, "--output", tmp_path / "x.csv")
    assert result.returncode == 1 and "neither tasks.parquet nor meta.parquet" in result.stderr
    write_tasks(tmp_path / "new")
    result = convert(tmp_path / "new", "--output", tmp_path / "x.csv", "--days", 3)
    assert result.returncode == 1 and "--partial" in result.stderr
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.skipif(not (SHARED / "data" / "opendc").exists(), reason="skipped: no shared data")
def test_public_trace(tmp_path):
    """Fifty Bitbrains VMs as OpenDC ships them; the work in them is that of the fragments."""
    folder = SHARED / "data" / "opendc" / "bitbrains-small"
    result = convert(folder, "--output", tmp_path / "day.csv", "--from-day", 10, "--days", 1,
                     "--partial", "--memory-unit", "kB")
    assert result.returncode == 0, result.stderr
    info = run("trace", "info", tmp_path / "day.csv")
    assert info.returncode == 0, info.stderr
    assert "288 × 00:05:00" in info.stdout
