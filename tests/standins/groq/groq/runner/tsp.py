"""`groq.runner.tsp`: a package of one program as a function that copies in and out."""

from groq import runtime


def create_tsp_runner(path):
    """A function of the inputs by name that returns the outputs by name."""
    (program,) = runtime.IOProgram(path)
    entry = program.entry_points[0]
    inputs, outputs = runtime.BufferArray(entry.input, 1)[0], runtime.BufferArray(entry.output, 1)[0]

    def run(**arrays):
        with runtime.Driver().next_available_device() as device:
            device.load(program)
            for tensor in entry.input.tensors:
                tensor.from_host(arrays[tensor.name], inputs)
            device.invoke(inputs, outputs)
        return {tensor.name: outputs.values[tensor.name] for tensor in entry.output.tensors}

    return run
