# SPDX-License-Identifier: Apache-2.0
"""A sweep as a Slurm job array gives what it gives here, also when Slurm loses tasks on the way."""
import json
import os
import re
import signal
import subprocess
import time

import pytest

import slurm_cluster
from test_schema import ROOT, binary, run

TASKS = 50
UNITS = 150
# Seconds for what takes a few on an idle machine.
PATIENCE = 300


@pytest.fixture(scope="module")
def cluster():
    if reason := slurm_cluster.obstacle():
        pytest.skip(f"skipped: {reason}")
    with slurm_cluster.running() as cluster:
        yield cluster


def plan(folder, points, *options):
    axis = ",".join(str(20 + point) for point in range(points))
    result = run(
        "sweep", "plan", "Scenarios/quickstart.yaml", "--output", folder, "--seeds", "3", "--axis",
        f"synthetic.vms={axis}", "--policies", "reactive-shadow,none", *options)
    assert result.returncode == 0, result.stderr


def collected(folder):
    result = run("sweep", "collect", folder)
    assert result.returncode == 0, result.stderr
    return result.stdout


def local(folder, *arguments):
    plan(folder, *arguments)
    assert run("sweep", "run", folder).returncode == 0
    return collected(folder)


class Sweep:
    """`sweep run --engine slurm` on a folder."""

    def __init__(self, cluster, folder, *options):
        self.cluster = cluster
        self.folder = folder
        self.process = subprocess.Popen(
            [binary(), "sweep", "run", folder, "--engine", "slurm", *options], cwd=ROOT,
            env=cluster.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self):
        try:
            output, self.messages = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode, output

    def job(self):
        """Number of the job, once there is one."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if jobs := set(self.cluster.call("squeue", "-h", "-o", "%F").split()):
                assert len(jobs) == 1
                return jobs.pop()
            time.sleep(0.02)
        raise AssertionError("there is no job")

    def state(self, job, task):
        return self.cluster.call("squeue", "-h", "-t", "all", "-j", f"{job}_{task}", "-o", "%T")


def units(folder):
    """Names of the result files in the plan's order, seeds before points."""
    document = json.loads((folder / "plan.json").read_text())
    seeds = range(document["firstSeed"], document["firstSeed"] + document["seedCount"])
    return [f"point{point}-seed{seed}.json"
            for point in range(len(document["points"])) for seed in seeds]


def stamps(folder):
    """Which results there are, and which file each one is: a second result would be another."""
    found = {}
    for path in (folder / "results").glob("point*.json"):
        status = path.stat()
        found[path.name] = (status.st_ino, status.st_mtime_ns)
    return found


def requeue_a_running_task(sweep, job):
    """Has Slurm kill and requeue a task in its work; gives its number and the results it had."""
    parts = [units(sweep.folder)[task::TASKS] for task in range(TASKS)]
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done = stamps(sweep.folder)
        begun = [task for task, part in enumerate(parts)
                 if 0 < sum(name in done for name in part) < len(part)]
        for task in begun[-1:]:
            sweep.cluster.call("scontrol", "requeue", f"{job}_{task}")
            while sweep.state(job, task) not in ("PENDING", "COMPLETED"):
                time.sleep(0.05)
            had = [name for name in parts[task] if name in stamps(sweep.folder)]
            # It may have been faster than the kill.
            if len(had) < len(parts[task]):
                return task, had
        time.sleep(0.01)
    raise AssertionError("no task could be killed in its work")


def test_array_with_a_task_that_is_killed_and_requeued(cluster, tmp_path):
    slow = ["--set", "duration=12 h"]
    expected = local(tmp_path / "local", UNITS // 3, *slow)
    folder = tmp_path / "slurm"
    plan(folder, UNITS // 3, *slow)
    begin = time.monotonic()
    sweep = Sweep(cluster, folder, "--tasks", str(TASKS))
    job = sweep.job()
    victim, had = requeue_a_running_task(sweep, job)
    before = stamps(folder)
    status, _ = sweep.end()
    print(f"{TASKS} tasks in {time.monotonic() - begin:.1f} s; killed: {victim}, it had {had}")
    assert status == 0, sweep.messages
    assert f"job {job}: {UNITS} units in {TASKS} tasks" in sweep.messages

    # All is there, and the same as without Slurm.
    assert sorted(stamps(folder)) == sorted(units(folder))
    assert collected(folder) == expected

    # The task was really killed by Slurm and begun again.
    while sweep.state(job, victim) != "COMPLETED":
        time.sleep(0.05)
    log = (folder / "slurm" / f"{job}_{victim}.log").read_text()
    assert "DUE TO JOB REQUEUE" in log
    assert "Restarts=1" in cluster.call("scontrol", "-o", "show", "job", f"{job}_{victim}")

    # Nothing was computed twice but the unit at which it was killed.
    after = stamps(folder)
    assert before.items() <= after.items()
    logs = sorted((folder / "slurm").glob("*.log"))
    assert len(logs) == TASKS
    run_by = {path.name: sum(map(int, re.findall(r"^(\d+) units run", path.read_text(), re.M)))
              for path in logs}
    assert run_by.pop(f"{job}_{victim}.log") == UNITS // TASKS - len(had)
    assert set(run_by.values()) == {UNITS // TASKS}

    # Once more: there is nothing to submit.
    again = Sweep(cluster, folder)
    assert again.end() == (0, "") and "0 units to run" in again.messages
    assert stamps(folder) == after


def test_a_task_that_stays_dead_is_named_and_can_be_made_good(cluster, tmp_path):
    slow = ["--set", "duration=2 d"]
    expected = local(tmp_path / "local", 4, *slow)
    folder = tmp_path / "slurm"
    plan(folder, 4, *slow)
    sweep = Sweep(cluster, folder, "--units-per-task", "4", "--time", "10:00",
                  "--sbatch-option", "--comment=a \"test\"")
    job = sweep.job()
    while sweep.state(job, 1) != "RUNNING":
        time.sleep(0.02)
    cluster.call("scancel", "--signal=KILL", "--batch", f"{job}_1")
    status, _ = sweep.end()
    assert status == 1, sweep.messages
    log = folder / "slurm" / f"{job}_1.log"
    assert f"task 1 was ended by signal 9: {log}" in sweep.messages
    assert re.search(r"\d of 12 units are not done", sweep.messages)
    before = stamps(folder)
    assert 8 <= len(before) < 12
    assert "TimeLimit=00:10:00" in cluster.call("scontrol", "-o", "show", "job", f"{job}_0")

    again = Sweep(cluster, folder, "--units-per-task", "4")
    assert again.end()[0] == 0, again.messages
    assert f"{12 - len(before)} units in 1 tasks" in again.messages
    assert "#SBATCH --array=1\n" in (folder / "sweep.sbatch").read_text()
    assert before.items() <= stamps(folder).items()
    assert collected(folder) == expected


def test_an_interrupted_wait_leaves_the_job_and_finds_it_again(cluster, tmp_path):
    folder = tmp_path / "slurm"
    plan(folder, 8, "--set", "duration=1 d")
    submitted = Sweep(cluster, folder, "--tasks", "6", "--submit-only")
    status, output = submitted.end()
    assert status == 0 and output.strip().isdigit(), submitted.messages
    job = output.strip()

    waiting = Sweep(cluster, folder)
    # It has begun to wait when it says so.
    said = waiting.process.stderr.readline()
    assert f"job {job} works on this sweep already" in said
    waiting.process.send_signal(signal.SIGINT)
    status, _ = waiting.end()
    assert status == 128 + signal.SIGINT
    assert f"scancel {job}" in waiting.messages

    again = Sweep(cluster, folder)
    assert again.end()[0] == 0, again.messages
    assert f"job {job} works on this sweep already" in again.messages
    # One job, whose tasks ran each unit once.
    logs = list((folder / "slurm").glob("*.log"))
    assert {path.name.split("_")[0] for path in logs} == {job} and len(logs) == 6
    assert len(collected(folder).splitlines()) == 1 + 8 * 3 * 2


@pytest.mark.parametrize("points, options, words", [
    (1, ["--partition", "nowhere"], "invalid partition specified: nowhere"),
    # Slurm's default takes 1001 at most.
    (400, ["--tasks", "1200"], "MaxArraySize"),
])
def test_what_slurm_refuses_is_said_in_its_words(cluster, tmp_path, points, options, words):
    plan(tmp_path / "s", points)
    sweep = Sweep(cluster, tmp_path / "s", *options)
    assert sweep.end()[0] == 69
    assert words in sweep.messages
    assert not cluster.call("squeue", "--noheader")


def test_without_slurm(tmp_path):
    plan(tmp_path / "s", 1)
    result = subprocess.run(
        [binary(), "sweep", "run", tmp_path / "s", "--engine", "slurm"], cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)}, capture_output=True, text=True)
    assert result.returncode == 69
    assert "sbatch" in result.stderr and "--engine local" in result.stderr


@pytest.mark.parametrize("options, word", [
    (["--engine", "slurmm"], "slurm"),
    (["--engine", "slurm", "--part", "0/2"], "--part goes with --engine local"),
    (["--tasks", "3"], "--tasks goes with --engine slurm"),
    (["--submit-only"], "--submit-only goes with --engine slurm"),
    (["--engine", "slurm", "--tasks", "3", "--units-per-task", "2"], "not both"),
    (["--engine", "slurm", "--tasks", "0"], "number of tasks"),
    (["--engine", "slurm", "--units-per-task", "0"], "number of units"),
    (["--engine", "slurm", "--time", "soon"], "time limit"),
    (["--engine", "slurm", "--sbatch-option", "--array=0-9"], "--array is set by the sweep"),
    (["--engine", "slurm", "--sbatch-option", "account=x"], "not an option"),
    (["--engine", "slurm", "--jobs", "0"], "--jobs"),
])
def test_wrong_use(tmp_path, options, word):
    plan(tmp_path / "s", 1)
    result = run("sweep", "run", tmp_path / "s", *options)
    assert result.returncode == 64, result.stderr
    assert word in result.stderr
