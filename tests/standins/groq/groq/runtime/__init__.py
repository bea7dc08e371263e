"""`groq.runtime`: programs of a package, their buffers, and a device that keeps what the programs share."""

import base64
import json

import numpy as np
import onnx
import onnxruntime
from onnx import helper

__all__ = ["BufferArray", "Driver", "IOProgram"]


class Tensor:
    """An input or output of an entry point, in the type and shape that it was compiled for."""

    def __init__(self, value):
        self.name = value.name
        self._dtype = np.dtype(helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type))
        self._shape = tuple(size.dim_value for size in value.type.tensor_type.shape.dim)

    def allocate_numpy_array(self):
        return np.empty(self._shape, self._dtype)

    def from_host(self, array, buffer):
        buffer.values[self.name] = self._checked(array).copy()

    def to_host(self, buffer, array):
        self._checked(array)[...] = buffer.values[self.name]

    def _checked(self, array):
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{self.name} is {type(array).__name__}: expected an ndarray")
        if array.dtype != self._dtype or array.shape != self._shape:
            raise ValueError(f"{self.name} is {array.dtype} {array.shape}: expected {self._dtype} {self._shape}")
        return array


class Side:
    """What an entry point takes from the host, or gives to it: not what stays on the chip."""

    def __init__(self, program, values):
        self.program = program
        self.tensors = [Tensor(value) for value in values if value.name not in program.tied]


class EntryPoint:
    def __init__(self, program):
        graph = program.model.graph
        self.input, self.output = Side(program, graph.input), Side(program, graph.output)


class Program:
    def __init__(self, saved):
        self.name, self.tied = saved["name"], saved["tied"]
        self.model = onnx.load_from_string(base64.b64decode(saved["onnx"]))
        options = onnxruntime.SessionOptions()
        options.enable_mem_pattern = False  # with it version 1.15.1 is wrong from the second run on
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            self.model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self.entry_points = [EntryPoint(self)]


class IOProgram:
    """A package, read from a file."""

    def __init__(self, path):
        with open(path) as file:
            self._programs = [Program(saved) for saved in json.load(file)["programs"]]

    def __getitem__(self, index):
        return self._programs[index]

    def __len__(self):
        return len(self._programs)


class Buffer:
    def __init__(self, side):
        self.side, self.values = side, {}


class BufferArray:
    """So many buffers for one side of an entry point."""

    def __init__(self, side, count):
        self._buffers = [Buffer(side) for _ in range(count)]

    def __getitem__(self, index):
        return self._buffers[index]


class Device:
    def __init__(self, driver):
        self._driver, self._open, self._loaded, self._kept = driver, False, [], None

    def open(self):
        self._open = True

    def close(self):
        self._open, self._loaded = False, []
        self._driver.free.append(self)

    def __enter__(self):
        self.open()
        return self

    def __exit__(self, *error):
        self.close()

    def load(self, program, unsafe_keep_entry_points=False):
        """Load a program; those loaded before can be called only if their entry points are kept."""
        self._insist(self._open, "the device is not open")
        if not unsafe_keep_entry_points:
            self._loaded, self._kept = [], None
        self._loaded.append(program)

    def load_all(self, programs, unsafe_keep_entry_points=False):
        for program in programs:
            self.load(program, unsafe_keep_entry_points)

    def invoke(self, inputs, outputs):
        program = inputs.side.program
        self._insist(self._open, "the device is not open")
        self._insist(program in self._loaded, f"program {program.name} is not loaded")
        entries = [(entry.input, entry.output) for entry in program.entry_points]
        self._insist((inputs.side, outputs.side) in entries, "these are not the buffers of one entry point")
        absent = [tensor.name for tensor in inputs.side.tensors if tensor.name not in inputs.values]
        self._insist(not absent, f"nothing was put into {', '.join(absent)}")
        self._run(program, inputs, outputs)

    def _run(self, program, inputs, outputs):
        """Run by ONNX Runtime; a tied tensor is read from what is kept, or written there."""
        feeds = dict(inputs.values)
        for value in program.model.graph.input:
            if value.name in program.tied:
                shape = [size.dim_value for size in value.type.tensor_type.shape.dim]
                feeds[value.name] = np.full(shape, np.nan, np.float32) if self._kept is None else self._kept
        names = [value.name for value in program.model.graph.output]
        for name, array in zip(names, program.session.run(names, feeds)):
            if name in program.tied:
                self._kept = array
            else:
                outputs.values[name] = array

    @staticmethod
    def _insist(held, sentence):
        if not held:
            raise RuntimeError(sentence)


class Driver:
    """The cards of this machine: one."""

    def __init__(self):
        self.free = [Device(self)]

    def next_available_device(self):
        if not self.free:
            raise RuntimeError("no device is available")
        return self.free.pop()
