# SPDX-License-Identifier: Apache-2.0
"""The example that trains a forecaster outside, and its file: what it writes is what is used, and
NumPy computes what `foreshadow forecast` says, inputs and all."""
import importlib.util
import json
import struct
import subprocess
import sys

import numpy as np
import pytest

from test_model_files import forward
from test_schema import ROOT, run

EXAMPLE = ROOT / "docs" / "examples" / "torch_forecaster.py"
HORIZONS, DAY = [1, 12, 288], 288
# Loads are about 1: some roundings of 32 bits on the way through inputs, network and scale.
TOLERANCE = 1e-6

spec = importlib.util.spec_from_file_location("torch_forecaster", EXAMPLE)
example = importlib.util.module_from_spec(spec)
spec.loader.exec_module(example)


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    """In per cent of a core. Two VMs with a day, noise and spikes, a little more than a week, so that all inputs are used."""
    random = np.random.default_rng(3)
    step = np.arange(7 * DAY + 100)
    loads = [
        0.6 + 0.3 * np.sin(2 * np.pi * step / DAY) + 0.05 * random.normal(size=len(step)),
        0.2 + 1.5 * (random.random(len(step)) < 0.02) + 0.02 * random.random(len(step)),
    ]
    path = tmp_path_factory.mktemp("trace") / "trace.csv"
    path.write_text("".join(
        f"vm-{i}," + ",".join(f"{100 * v:.4f}" for v in np.maximum(load, 0)) + "\n"
        for i, load in enumerate(loads)))
    return path


def write_safetensors(path, tensors, metadata):
    """The format in full: the header's length, the header, the bytes."""
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in tensors.items():
        raw = tensor.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def random_model(folder, seed, hidden=8, horizons=HORIZONS):
    random = np.random.default_rng(seed)
    names = example.names(horizons)
    shapes = {"weight_ih_l0": (4 * hidden, len(names)), "weight_hh_l0": (4 * hidden, hidden),
              "bias_ih_l0": (4 * hidden,), "bias_hh_l0": (4 * hidden,),
              "out.weight": (len(horizons) * 3, hidden + len(names)),
              "out.bias": (len(horizons) * 3,)}
    tensors = {name: random.normal(0, 0.3, shape).astype(np.float32)
               for name, shape in shapes.items()}
    header = {"version": 1, "kind": "lstm", "features": names, "stepsPerDay": DAY,
              "scaling": "95th percentile", "targets": [f"at-{h}" for h in horizons],
              "levels": [0.05, 0.5, 0.95], "scores": {}, "trainedSeries": 0, "trainedSamples": 0}
    folder.mkdir(exist_ok=True)
    write_safetensors(folder / "mine.safetensors", tensors, {"foreshadow": json.dumps(header)})
    return tensors


@pytest.mark.parametrize("vm", [0, 1])
def test_numpy_computes_inputs_network_and_quantiles(trace, tmp_path, vm):
    tensors = random_model(tmp_path / "models", seed=vm)
    result = run("forecast", trace, "--vm", f"vm-{vm}", "--registry", tmp_path / "models",
                 "--model", "lstm", "--json", "--horizons", ",".join(map(str, HORIZONS)))
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["answeringModel"] == "lstm"
    percent = np.array(trace.read_text().splitlines()[vm].split(",")[1:], np.float32)
    load = (percent / np.float32(100)).astype(float)
    scale = example.scale(load)
    x, level, spread = example.inputs(load / scale, HORIZONS, DAY)
    # Every input takes part, with a value of its own.
    assert np.all(np.ptp(x, axis=0) > 0) and np.all(x[-1] != 0)
    output = forward({name: t.astype(float) for name, t in tensors.items()}, x)
    quantiles = np.maximum((level[-1] + spread[-1] * output.reshape(len(HORIZONS), 3)) * scale, 0)
    quantiles = np.maximum.accumulate(quantiles, axis=1)
    for step, wanted in zip(found["forecasts"], quantiles):
        for at, value in zip(("0.05", "0.5", "0.95"), wanted):
            assert step["quantiles"][at] == pytest.approx(value, abs=TOLERANCE), (step["horizon"], at)


@pytest.fixture(scope="module")
def trained(trace, tmp_path_factory):
    """What the example writes as it is called from a shell."""
    folder = tmp_path_factory.mktemp("trained")
    result = subprocess.run(
        [sys.executable, EXAMPLE, trace, "--output", folder, "--steps", "200"],
        capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "cpu-lstm.safetensors" in result.stdout
    return folder


def test_the_example_learns(trace, trained):
    """In an hour the daily curve has moved on: better than the last value, by the same measure."""
    result = run("forecast", trace, "--vm", "vm-0", "--registry", trained, "--model", "lstm",
                 "--json", "--horizons", "1,12")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["answeringModel"] == "lstm"
    from safetensors.numpy import load_file
    tensors = {name: t.astype(float) for name, t in
               load_file(trained / "cpu-lstm.safetensors").items()}
    load = np.array(trace.read_text().splitlines()[0].split(",")[1:], float)
    x, level, spread = example.inputs(load / example.scale(load), [1, 12], DAY)
    wanted = example.targets(load / example.scale(load), level, spread, [1, 12])[DAY:-12, 1]
    hidden = example.recurrent(tensors, x[:, None, :])[:, 0]
    said = (np.concatenate([hidden, x], axis=1) @ tensors["out.weight"].T
            + tensors["out.bias"])[DAY:-12]
    median = said[:, len(example.LEVELS) + example.LEVELS.index(0.5)]
    last = x[DAY:-12, 0]
    assert np.abs(wanted - median).mean() < 0.8 * np.abs(wanted - last).mean()


SCENARIO = ["--set", "duration=2 h", "--set", "workload.synthetic.vms=10",
            "--set", "workload.history=1 d"]


def forecasts(tmp_path, name, registry):
    import h5py
    policy = f"policies=[{{ pvms: {{ risk: forecast, forecaster: {{ model: lstm, registry: {registry} }} }} }}]"
    path = tmp_path / f"{name}.h5"
    result = run("run", "Scenarios/quickstart.yaml", *SCENARIO, "--set", policy, "-o", path)
    assert result.returncode == 0, result.stderr
    with h5py.File(path) as file:
        return {key: data[()] for key, data in file["forecasts"].items() if key != "issueTime"}


def test_a_policy_uses_the_file(tmp_path):
    """The same file gives the same forecasts, another one others: it is the file that forecasts."""
    random_model(tmp_path / "a", seed=1, horizons=[1, 12])
    random_model(tmp_path / "b", seed=2, horizons=[1, 12])
    first, again, other = (forecasts(tmp_path, name, tmp_path / name[0])
                           for name in ("a1", "a2", "b1"))
    upper = next(name for name in first if "upper" in name.lower())
    assert np.isfinite(first[upper]).any()
    np.testing.assert_array_equal(first[upper], again[upper])
    assert not np.array_equal(first[upper], other[upper], equal_nan=True)


def test_what_is_wrong_with_a_file_is_said(trace, tmp_path):
    random_model(tmp_path / "narrow", seed=1, hidden=5)
    result = run("forecast", trace, "--vm", "vm-0", "--registry", tmp_path / "narrow",
                 "--model", "lstm")
    assert result.returncode == 65 and "a multiple of 8" in result.stderr
    empty = run("forecast", trace, "--vm", "vm-0", "--registry", tmp_path / "none", "--model", "lstm")
    assert empty.returncode == 65 and "it is empty" in empty.stderr
