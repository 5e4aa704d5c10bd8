# SPDX-License-Identifier: Apache-2.0
"""The peer of `LearnedModelsBenchmark lstm`: the same LSTM step and head in onnxruntime.

Needs numpy, onnx and onnxruntime (a virtual environment is enough). Reads the network and the
inputs that the Swift side wrote (a safetensors file), runs single-threaded and prints, as
JSON, the median CPU time of a step and the largest difference of the outputs from the Swift side's.

    python lstm_onnx.py FILE.safetensors [repetitions]
"""
import json
import struct
import sys
import time

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    kinds = {"F32": np.float32, "F64": np.float64}
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], kinds[entry["dtype"]])
        .reshape(entry["shape"]).astype(np.float32)
        for name, entry in header.items() if name != "__metadata__"
    }


def onnx_order(rows):
    """PyTorch stacks the gates i, f, g, o; ONNX stacks i, o, f, c (c is g)."""
    i, f, g, o = np.split(rows, 4)
    return np.concatenate([i, o, f, g])


def build(tensors):
    hidden = tensors["weight_hh_l0"].shape[1]
    inputs = tensors["weight_ih_l0"].shape[1]
    outputs = tensors["out.weight"].shape[0]
    sees_inputs = tensors["out.weight"].shape[1] > hidden
    constants = {
        "W": onnx_order(tensors["weight_ih_l0"])[None],
        "R": onnx_order(tensors["weight_hh_l0"])[None],
        "B": np.concatenate(
            [onnx_order(tensors["bias_ih_l0"]), onnx_order(tensors["bias_hh_l0"])])[None],
        "HW": np.ascontiguousarray(tensors["out.weight"].T),
        "HB": tensors["out.bias"],
        "axes": np.array([0], dtype=np.int64),
    }
    value = lambda name, *shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(
        [
            helper.make_node(
                "LSTM", ["x", "W", "R", "B", "", "h", "c"], ["", "h1", "c1"], hidden_size=hidden),
            helper.make_node("Squeeze", ["h1", "axes"], ["hs"]),
            helper.make_node("Squeeze", ["x", "axes"], ["xs"]),
            helper.make_node("Concat", ["hs", "xs"], ["hx"], axis=1),
            helper.make_node("Gemm", ["hx" if sees_inputs else "hs", "HW", "HB"], ["out"]),
        ],
        "step",
        [value("x", 1, "n", inputs), value("h", 1, "n", hidden), value("c", 1, "n", hidden)],
        [value("out", "n", outputs), value("h1", 1, "n", hidden), value("c1", 1, "n", hidden)],
        [numpy_helper.from_array(np.ascontiguousarray(v), k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model.SerializeToString()


def main():
    tensors = read_safetensors(sys.argv[1])
    repetitions = int(sys.argv[2]) if len(sys.argv) > 2 else 51
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(build(tensors), options, ["CPUExecutionProvider"])
    feed = {"x": tensors["x"][None], "h": tensors["h"][None], "c": tensors["c"][None]}
    seconds = []
    for _ in range(repetitions):
        start = time.process_time()
        out, h1, c1 = session.run(["out", "h1", "c1"], feed)
        seconds.append(time.process_time() - start)
    error = max(
        np.abs(out - tensors["expected_out"]).max(), np.abs(h1[0] - tensors["expected_h"]).max())
    median, best = sorted(seconds)[repetitions // 2], min(seconds)
    print(json.dumps({
        "version": ort.__version__, "series": feed["x"].shape[1], "medianSeconds": median,
        "bestSeconds": best, "largestDifference": float(error)}))


if __name__ == "__main__":
    main()
