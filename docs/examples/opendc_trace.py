#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a workload trace of OpenDC into the plain CSV that Foreshadow reads.

    opendc_trace.py FOLDER --output week.csv [--interval 300] [--from-day 0] [--days 14]

FOLDER has `tasks.parquet` and `fragments.parquet` (OpenDC's present form: the fragments of a task
follow each other from its submission on), or `meta.parquet` and `trace.parquet` (the older one: each
fragment has its end as a time stamp). Fragments are averaged over the interval, weighted by time; in
cores, usage over the capacity of one core. Only VMs that are there for the whole period are taken
unless --partial is given. What a fragment cannot say (memory use, network, disk) is not written; the
memory a VM has is, in the unit of --memory-unit (OpenDC's MB; its Bitbrains traces have kB there).

Needs pyarrow and NumPy.
"""
import argparse
import csv
import pathlib
import sys

import numpy as np
import pyarrow.parquet as parquet

DAY = 86_400_000  # ms
UNITS = {"kB": 1e3, "KiB": 1024, "MB": 1e6, "MiB": 1024**2}


def column(table, name):
    """A column as numbers; times in milliseconds."""
    values = table[name].to_numpy()
    return values.astype("datetime64[ms]").astype("int64") if values.dtype.kind == "M" else values


def read(folder):
    """VMs (id → cores, capacity in MHz, memory) and fragments (id, begin, end, usage), in ms."""
    if (folder / "tasks.parquet").exists():
        tasks = parquet.read_table(folder / "tasks.parquet")
        begins = "submission_time" if "submission_time" in tasks.column_names else "start_time"
        table = parquet.read_table(folder / "fragments.parquet")
        ids, durations = column(table, "id"), column(table, "duration").astype("int64")
        start = dict(zip(column(tasks, "id"), column(tasks, begins)))
        # The fragments of one task need not stand together, but they are in order.
        order = np.argsort(ids, kind="stable")
        ids, durations, usage = ids[order], durations[order], column(table, "cpu_usage")[order]
        first = np.r_[True, ids[1:] != ids[:-1]]
        passed = np.cumsum(durations) - durations
        base = np.maximum.accumulate(np.where(first, np.arange(len(ids)), 0))
        begin = np.array([start[i] for i in ids], dtype="int64") + passed - passed[base]
        end = begin + durations
    elif (folder / "meta.parquet").exists():
        tasks = parquet.read_table(folder / "meta.parquet")
        table = parquet.read_table(folder / "trace.parquet")
        ids, usage = column(table, "id"), column(table, "cpu_usage")
        end = column(table, "timestamp")
        begin = end - column(table, "duration").astype("int64")
    else:
        sys.exit(f"{folder}: neither tasks.parquet nor meta.parquet is there")
    vms = {i: (int(c), float(m), float(b)) for i, c, m, b in zip(
        column(tasks, "id"), column(tasks, "cpu_count"), column(tasks, "cpu_capacity"),
        column(tasks, "mem_capacity"))}
    return vms, ids, begin, end, usage


def binned(begin, end, usage, start, interval, count):
    """Mean usage in each interval, and the part of each that fragments cover."""
    work, covered = np.zeros(count), np.zeros(count)
    for first, last, value in zip(begin - start, end - start, usage):
        first, last = max(first, 0), min(last, count * interval)
        if last <= first:
            continue
        low, high = first // interval, (last - 1) // interval
        edges = np.r_[first, np.arange(low + 1, high + 1) * interval, last]
        parts = np.diff(edges)
        work[low:high + 1] += value * parts
        covered[low:high + 1] += parts
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(covered > 0, work / covered, np.nan), covered / interval


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--interval", type=int, default=300, help="seconds (default 300)")
    parser.add_argument("--from-day", type=float, default=0, help="days after the first fragment")
    parser.add_argument("--days", type=float, default=14)
    parser.add_argument("--partial", action="store_true", help="also VMs that come or go meanwhile")
    parser.add_argument("--memory-unit", choices=UNITS, default="MB")
    options = parser.parse_args()
    if options.interval <= 0 or options.days <= 0:
        parser.error("--interval and --days are positive")
    vms, ids, begin, end, usage = read(options.folder)
    interval = options.interval * 1000
    start = int(begin.min() + options.from_day * DAY)
    count = int(options.days * DAY // interval)
    stop = start + count * interval
    if options.output.exists():
        sys.exit(f"{options.output} exists")
    taken = 0
    with options.output.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time", "vm", "cpu", "vcpus", "memory_bytes"])
        order = np.argsort(ids, kind="stable")
        names, first = np.unique(ids[order], return_index=True)
        for vm, own in zip(names, np.split(order, first[1:])):
            # Idle stretches have no fragments in some traces: who is there before and after is there.
            is_whole = begin[own].min() < start + interval and end[own].max() > stop - interval
            if not (is_whole or options.partial):
                continue
            mean, covered = binned(begin[own], end[own], usage[own], start, interval, count)
            if not (covered > 0).any():
                continue
            cores, capacity, memory = vms[vm]
            cores = max(cores, 1)
            taken += 1
            for step in np.flatnonzero(covered > 0):
                load = min(mean[step] * cores / capacity, cores) if capacity > 0 else 0
                rows.writerow([step * options.interval, vm, f"{load:.6g}", cores,
                               round(memory * UNITS[options.memory_unit])])
    if not taken:
        options.output.unlink()
        sys.exit(f"{options.folder}: no VM is there for the whole period; see --partial and --days")
    print(f"{taken} of {len(vms)} VMs, {count} intervals: {options.output}")


if __name__ == "__main__":
    main()
