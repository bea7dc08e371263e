"""`repeat`: a loop of a constant number of turns."""

import tensorflow as tf

TURNS: list = []  # of the loops around what is being traced


def repeat(n, body, inputs=None, infeed_queue=None, use_while_v1=True):
    if infeed_queue is not None:
        raise NotImplementedError("the stand-in has no infeed")
    inputs = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    inputs = [tf.convert_to_tensor(value) for value in inputs]
    TURNS.append(int(n))
    try:
        results = tf.while_loop(lambda *_: True, _turn(body, inputs), inputs, maximum_iterations=int(n))
    finally:
        TURNS.pop()
    return results[0] if len(inputs) == 1 else list(results)


def _turn(body, inputs):
    """The body as `tf.while_loop` takes it: what it returns are tensors as they came, then operations."""

    def turn(*values):
        results = body(*values)
        results = list(results) if isinstance(results, (list, tuple)) else [results]
        tensors, operations = results[: len(inputs)], results[len(inputs) :]
        if any(not isinstance(operation, tf.Operation) for operation in operations):
            raise ValueError(f"the body returns more than {len(inputs)} values: expected operations after them")
        tensors = [tf.convert_to_tensor(value) for value in tensors]
        for before, after in zip(inputs, tensors):
            if before.dtype != after.dtype or before.shape != after.shape:
                raise TypeError(f"the body turns {before.dtype} {before.shape} into {after.dtype} {after.shape}")
        with tf.control_dependencies(operations):
            return [tf.identity(value) for value in tensors]

    return turn
