"""The family `guided-residual-unet` as an ONNX graph, from the same weights: crates/nets/src/unet.rs says what it is.

The graph is written as a person would write it for onnxruntime: what folds into weights is folded, so that the peer is
at its best.
"""

import tomllib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

RESIDUAL_SCALE = 0.1
CORRECTION_MAX = 4.0
STAGES = ["down_full", "down_half", "bottom", "up_half", "up_full"]


class Graph:
    def __init__(self, weights):
        self.weights, self.nodes, self.constants, self.count = weights, [], [], 0

    def name(self):
        self.count += 1
        return f"t{self.count}"

    def constant(self, values):
        name = self.name()
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind, inputs, **attributes):
        name = self.name()
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def conv(self, x, layer, scale=1.0):
        """A 3 × 3 convolution; the scale of its result goes into its weights."""
        weight = self.constant(self.weights[f"{layer}.weight"] * np.float32(scale))
        bias = self.constant(self.weights[f"{layer}.bias"] * np.float32(scale))
        return self.node("Conv", [x, weight, bias], kernel_shape=[3, 3], pads=[1, 1, 1, 1])

    def down(self, x, layer):
        """Squares of pixels into channels and a 1 × 1 convolution: together a 2 × 2 convolution with stride 2."""
        weight = self.weights[f"{layer}.weight"]
        weight = weight.reshape(len(weight), -1, 2, 2)
        inputs = [x, self.constant(weight), self.constant(self.weights[f"{layer}.bias"])]
        return self.node("Conv", inputs, kernel_shape=[2, 2], strides=[2, 2])

    def up(self, x, layer, beside):
        weight = self.weights[f"{layer}.weight"][:, :, None, None]
        small = self.node("Conv", [x, self.constant(weight), self.constant(self.weights[f"{layer}.bias"])],
                          kernel_shape=[1, 1])
        scales = self.constant(np.array([1, 1, 2, 2], np.float32))
        large = self.node("Resize", [small, "", scales], mode="nearest", nearest_mode="floor",
                          coordinate_transformation_mode="asymmetric")
        return self.node("Add", [large, beside])

    def stage(self, x, name, blocks):
        for block in range(blocks):
            inner = self.node("Relu", [self.conv(x, f"{name}.{block}.first")])
            x = self.node("Add", [x, self.conv(inner, f"{name}.{block}.second", RESIDUAL_SCALE)])
        return x


def export(folder):
    """Gives (bytes of the ONNX model, number of input slices); what goes in is `guide.features`."""
    architecture = tomllib.loads((folder / "model.toml").read_text())["architecture"]
    slices, blocks = architecture["slices"], architecture["blocks"]
    graph = Graph(load_file(folder / "weights.safetensors"))
    full = graph.stage(graph.conv("x", "head"), STAGES[0], blocks[0])
    half = graph.stage(graph.down(full, "down0"), STAGES[1], blocks[1])
    bottom = graph.stage(graph.down(half, "down1"), STAGES[2], blocks[2])
    half = graph.stage(graph.up(bottom, "up1", half), STAGES[3], blocks[3])
    full = graph.stage(graph.up(half, "up0", full), STAGES[4], blocks[4])
    heads = graph.conv(full, "tail")
    lower, middle, upper = (graph.node("Slice", [heads, *(graph.constant(np.array([n], np.int64))
                                                          for n in (head, head + 1, 1))]) for head in range(3))
    bound = graph.constant(np.array(CORRECTION_MAX, np.float32))
    middle = graph.node("Mul", [graph.node("Tanh", [graph.node("Div", [middle, bound])]), bound])
    graph.nodes.append(helper.make_node("Concat", [lower, middle, upper], ["y"], axis=1))
    made = helper.make_graph(
        graph.nodes, "guided-residual-unet",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2 * slices, "height", "width"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, "height", "width"])],
        graph.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString(), slices
