# SPDX-License-Identifier: Apache-2.0
"""Policies in other programs: the Python one orders what the built-in one orders, every line fits
the published schema, and a program that goes wrong ends the run cleanly."""
import json
import os
import pathlib
import signal
import subprocess
import time

import h5py
import jsonschema
import numpy as np
import pytest

from test_schema import ROOT, binary, run

SCENARIO = ROOT / "Scenarios" / "external-policy.yaml"
EXAMPLES = ROOT / "docs" / "examples"
HELLO = "import json, sys\nsys.stdin.readline()\nprint('{\"protocol\": 1}', flush=True)\n"
# Far longer than any machine needs; only a hang lasts so long.
PATIENCE = 300


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("external")
    for jobs in ("1", "2"):
        result = run("compare", SCENARIO, "--seeds", "2", "--jobs", jobs, "--output", folder / jobs)
        assert result.returncode == 0, result.stderr[-2000:]
    return folder


def contents(path, group):
    with h5py.File(path) as file:
        return {name: data[()] for name, data in file[group].items() if hasattr(data, "shape")}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("group", ["summary", "events", "vms", "hosts", "racks"])
def test_python_and_swift_do_the_same(compared, seed, group):
    """Every figure, every event with its reason, and every series."""
    python, swift = (contents(compared / "1" / f"{name}-seed{seed}.h5", group)
                     for name in ("python", "reactive-shadow"))
    assert python.keys() == swift.keys() and len(python) > 0
    for name, values in python.items():
        np.testing.assert_array_equal(values, swift[name], err_msg=name)


def test_there_was_something_to_do(compared):
    python, none = (contents(compared / "1" / f"{name}-seed1.h5", "summary")
                    for name in ("python", "none"))
    assert python["shadowsCreated"] > 10
    assert python["degradedVmSeconds"] < 0.9 * none["degradedVmSeconds"]


def test_parallel_runs_have_a_program_each(compared):
    for name in ("python-seed1.h5", "python-seed2.h5"):
        assert (compared / "1" / name).read_bytes() == (compared / "2" / name).read_bytes()


def scenario(folder, program, **keys):
    (folder / "policy.py").write_text(program)
    keys = {"command": ["python3", "policy.py"], "replyTimeout": "60 s", **keys}
    text = SCENARIO.read_text().split("policies:")[0].replace("6 h", "2 h")
    path = folder / "scenario.yaml"
    path.write_text(text + f"policies: [{{ external: {json.dumps(keys)} }}]\n")
    return path


def test_the_shortest_program_orders_nothing(tmp_path):
    """The one that the page shows, as it stands there."""
    page = (ROOT / "Sources/ExternalPolicy/ExternalPolicy.docc/ExternalPolicy.md").read_text()
    path = scenario(tmp_path, page.split("```python\n")[1].split("```")[0])
    for policy in ("external", "none"):
        result = run("run", path, "--policy", policy, "-o", tmp_path / f"{policy}.h5")
        assert result.returncode == 0, result.stderr
    mine, none = (contents(tmp_path / f"{name}.h5", "summary") for name in ("external", "none"))
    for name, value in none.items():
        np.testing.assert_array_equal(mine[name], value, err_msg=name)


TEE = """
import subprocess, sys, threading
child = subprocess.Popen([sys.executable, sys.argv[1]], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True)
with open("log", "w") as log:
    for line in sys.stdin:
        log.write(line)
        child.stdin.write(line)
        child.stdin.flush()
        answer = child.stdout.readline()
        log.write(answer)
        sys.stdout.write(answer)
        sys.stdout.flush()
child.stdin.close()
sys.exit(child.wait())
"""


def test_every_line_fits_the_schema(tmp_path):
    schema = json.loads((EXAMPLES / "policy-protocol.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    path = scenario(
        tmp_path, TEE,
        command=["python3", "policy.py", str(EXAMPLES / "reactive_policy.py")])
    result = run("run", path, "-o", tmp_path / "run.h5",
                 "--set", "faults.events=[{ what: managementRestart, at: 20 min, duration: 5 min }, "
                 "{ what: { hostCrash: { hosts: [r1h02] } }, at: 30 min, duration: 20 min }]")
    assert result.returncode == 0, result.stderr
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    for line in lines:
        validator.validate(line)
    told = [line for line in lines if "type" in line]
    assert [line["type"] for line in told[:2] + told[-1:]] == ["hello", "round", "bye"]
    assert {line["reason"] for line in told[1:-1]} == {"decision", "outcome", "incident"}
    assert any(line.get("commands") for line in lines)
    # The schema is not one that takes anything.
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"commands": [{"command": "createShadow"}]})


def test_schema_and_program_know_the_same_commands(tmp_path):
    schema = json.loads((EXAMPLES / "policy-protocol.schema.json").read_text())
    named = [form["properties"]["command"] for form in schema["definitions"]["command"]["oneOf"]]
    known = {name for form in named for name in form.get("enum", [form.get("const")])}
    program = HELLO + "sys.stdin.readline(); print('{\"commands\":[{\"command\":\"?\"}]}')"
    result = run("run", scenario(tmp_path, program), "-o", tmp_path / "run.h5")
    listed = result.stderr.split("expected one of ")[1].split(", found")[0]
    assert set(listed.split(", ")) == known


@pytest.mark.parametrize(
    "program, status, message",
    [
        ("raise SystemExit('no model')", 69, "no model"),
        (HELLO + "sys.stdin.readline(); raise ValueError('at line 4')", 69, "ValueError: at line 4"),
        (HELLO + "sys.stdin.readline(); print('hello')", 65, "reply 2: expected one JSON object"),
        (HELLO + "sys.stdin.readline(); print('{\"commands\":[{\"command\":\"migrat\"}]}')", 65,
         'reply 2, commands[0].command: expected one of'),
        ("print('{\"protocol\": 9}')", 65, "reply 1, protocol: expected 1"),
        ("print('{}')", 65, "reply 1, protocol: missing"),
        # The next line goes into a closed pipe.
        ("import os, sys, time; sys.stdin.readline(); os.close(0); "
         "print('{\"protocol\": 1}', flush=True); time.sleep(3600)", 69, "closed its standard input"),
        (HELLO + "[sys.stderr.write('x' * 10**6) for _ in range(9)]; sys.exit(1)", 69, "status 1"),
    ],
)
def test_failures(tmp_path, program, status, message):
    path = scenario(tmp_path, program)
    result = run("run", path, "-o", tmp_path / "run.h5")
    assert result.returncode == status, result.stderr
    assert message in result.stderr and "internal error" not in result.stderr
    assert len(result.stderr) < 10_000
    assert not list(tmp_path.glob("run.h5*"))


def test_silence(tmp_path):
    path = scenario(tmp_path, HELLO + "import time; time.sleep(3600)", replyTimeout="0.3 s")
    result = run("compare", path, "--seeds", "2", "--jobs", "2", "--no-files")
    assert result.returncode == 69, result.stderr
    assert "reply 2: has not answered within 0.3 seconds" in result.stderr


def test_no_such_program(tmp_path):
    result = run("run", scenario(tmp_path, "", command=["no-such-program"]), "-o", tmp_path / "a.h5")
    assert result.returncode == 69 and "no-such-program" in result.stderr
    empty = run("validate", scenario(tmp_path, "", command=[]))
    assert empty.returncode == 65 and "names no program" in empty.stderr


def alive(number):
    try:
        state = pathlib.Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interruption_ends_the_program(tmp_path, number, status):
    """Even one that ignores signals and the end of its input."""
    stubborn = HELLO + (
        "import os, signal, time\n"
        "for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(n, signal.SIG_IGN)\n"
        "open('started.part', 'w').write(str(os.getpid())); os.rename('started.part', 'started')\n"
        "while True: time.sleep(3600)\n")
    path = scenario(tmp_path, stubborn, replyTimeout="1 h")
    process = subprocess.Popen(
        [binary(), "run", path, "-o", tmp_path / "run.h5"], stderr=subprocess.PIPE, cwd=ROOT)
    until = time.monotonic() + PATIENCE
    while not (tmp_path / "started").exists() and time.monotonic() < until:
        time.sleep(0.05)
    program = int((tmp_path / "started").read_text())
    assert alive(program)
    os.kill(process.pid, number)
    assert process.wait(PATIENCE) == status
    while alive(program) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(program)
    assert not list(tmp_path.glob("run.h5*"))
