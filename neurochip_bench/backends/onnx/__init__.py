"""ONNX: a step exported as a file, and ONNX Runtime and its providers, which run such files."""
