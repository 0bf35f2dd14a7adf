"""Weights to an int8 ONNX graph, with ONNX Runtime's fused operators. Needed only when a model is trained."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LAYERS, HEADS, WIDTH = 6, 12, 384
FUSED = "com.microsoft"  # operator domain of ONNX Runtime
EPSILON = 1e-12  # of BERT's layer normalisation


class _Graph:
    """Collects nodes and constants; every node has one output that is named like the node."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self._weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str, transposed: bool = False) -> str:
        value = self._weights[name].astype(np.float32)
        return self.constant(name, value.T if transposed else value)

    def node(self, operator: str, name: str, inputs: list[str], outputs: int = 1, **attributes: Any) -> str:
        names = [name, *(f"{name}_{number}" for number in range(1, outputs))]
        self.nodes.append(helper.make_node(operator, inputs, names, name, domain=FUSED, **attributes))
        return name

    def matmul(self, name: str, values: str, weight: str) -> str:
        self.nodes.append(helper.make_node("MatMul", [values, self.weight(weight, transposed=True)], [name], name))
        return name

    def normalise(self, name: str, values: str, skip: str, prefix: str, bias: str) -> str:
        inputs = [values, skip, self.weight(f"{prefix}.weight"), self.weight(f"{prefix}.bias"), self.weight(bias)]
        return self.node("SkipLayerNormalization", name, inputs, epsilon=EPSILON)


def write_graph(weights: dict[str, np.ndarray], path: Path) -> None:
    """Write the quantised graph of BERT weights by their published names.

    Inputs: `ids` int32 (1, tokens) and `length` int32 (1); output: float32 (1, tokens, 384).
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = _Graph(weights)
    hidden = _embeddings(graph)
    for number in range(LAYERS):
        hidden = _layer(graph, number, hidden)
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        onnx.save(_model(graph, hidden), str(exact))
        # reduce_range: 7-bit weights do not overflow on processors without VNNI
        quantize_dynamic(
            exact,
            path,
            weight_type=QuantType.QInt8,
            reduce_range=True,
            per_channel=True,  # without it cosines move by 0.16 from the original's, with it by 0.03
            extra_options={"DefaultTensorType": TensorProto.FLOAT},  # fused operators have no shape inference
        )


def _embeddings(graph: _Graph) -> str:
    inputs = [
        "ids",
        "",
        graph.weight("embeddings.word_embeddings.weight"),
        graph.weight("embeddings.position_embeddings.weight"),
        # one sentence only, so the segment is always the first: it is added to every position
        "",
        graph.weight("embeddings.LayerNorm.weight"),
        graph.weight("embeddings.LayerNorm.bias"),
    ]
    segment = graph._weights["embeddings.token_type_embeddings.weight"][0].astype(np.float32)
    positions = next(item for item in graph.constants if item.name == "embeddings.position_embeddings.weight")
    positions.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(positions) + segment, positions.name))
    return graph.node("EmbedLayerNormalization", "embedded", inputs, outputs=2, epsilon=EPSILON)


def _layer(graph: _Graph, number: int, hidden: str) -> str:
    prefix, name = f"encoder.layer.{number}", f"layer{number}"
    parts = [graph._weights[f"{prefix}.attention.self.{part}.weight"].T for part in ("query", "key", "value")]
    biases = [graph._weights[f"{prefix}.attention.self.{part}.bias"] for part in ("query", "key", "value")]
    weight = graph.constant(f"{name}.qkv", np.concatenate(parts, axis=1).astype(np.float32))
    bias = graph.constant(f"{name}.qkv_bias", np.concatenate(biases).astype(np.float32))
    attention = graph.node("Attention", f"{name}.attention", [hidden, weight, bias, "length"], num_heads=HEADS)
    projected = graph.matmul(f"{name}.projected", attention, f"{prefix}.attention.output.dense.weight")
    attended = graph.normalise(
        f"{name}.attended",
        projected,
        hidden,
        f"{prefix}.attention.output.LayerNorm",
        f"{prefix}.attention.output.dense.bias",
    )
    wide = graph.matmul(f"{name}.wide", attended, f"{prefix}.intermediate.dense.weight")
    active = graph.node("BiasGelu", f"{name}.active", [wide, graph.weight(f"{prefix}.intermediate.dense.bias")])
    narrow = graph.matmul(f"{name}.narrow", active, f"{prefix}.output.dense.weight")
    return graph.normalise(
        f"{name}.output", narrow, attended, f"{prefix}.output.LayerNorm", f"{prefix}.output.dense.bias"
    )


def _model(graph: _Graph, output: str) -> onnx.ModelProto:
    inputs = [
        helper.make_tensor_value_info("ids", TensorProto.INT32, [1, "tokens"]),
        helper.make_tensor_value_info("length", TensorProto.INT32, [1]),
    ]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, "tokens", WIDTH])]
    body = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=8)
