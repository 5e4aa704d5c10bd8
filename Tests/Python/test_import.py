# SPDX-License-Identifier: Apache-2.0
"""`foreshadow import` from the command line: what it writes is what a scenario can import."""
import h5py

from test_schema import ROOT, load, run

EXAMPLE = ROOT / "docs" / "examples" / "opendc-topology.json"
SCENARIO = """\
version: 1
import: hosts.yaml
name: imported
duration: 1 h
workload: { synthetic: { vms: 20 }, sizing: { basis: run } }
policies: [none]
"""


def test_opendc_topology_becomes_the_hosts_of_a_run(tmp_path):
    result = run("import", "opendc-topology", EXAMPLE, "--hosts-per-rack", "10")
    assert (result.returncode, result.stderr) == (0, "")
    racks = load(result.stdout)["dataCenter"]["racks"]
    # Two clusters of 24 general and 4 fast hosts.
    assert [(rack["count"], rack["hosts"]) for rack in racks] == [(4, 10), (2, 4), (2, 4)]
    (tmp_path / "hosts.yaml").write_text(result.stdout)
    (tmp_path / "scenario.yaml").write_text(SCENARIO)
    result = run("run", tmp_path / "scenario.yaml", "--output", tmp_path / "run.h5")
    assert result.returncode == 0, result.stderr[-2000:]
    with h5py.File(tmp_path / "run.h5") as file:
        assert len(file["hosts/host"]) == 2 * (24 + 4)


def test_what_has_no_counterpart_is_named_on_standard_error(tmp_path):
    file = tmp_path / "topology.json"
    file.write_text(EXAMPLE.read_text().replace('"name": "fast"', '"gpu": { "coreCount": 1 }'))
    result = run("import", "opendc-topology", file)
    assert (result.returncode, result.stdout) == (65, "")
    assert result.stderr == (
        f"{file}:15:11 clusters[0].hosts[1].gpu  has no counterpart: GPUs are not modelled\n"
        "1 problem\n")
    assert run("import", "opendc-topology", tmp_path / "nowhere.json").returncode == 66
