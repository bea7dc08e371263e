"""What generated programs need of the processor and Numba has no word for; imported by them alone."""

from __future__ import annotations

import os
from typing import Any, Callable, Tuple

from llvmlite import ir
from numba import types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic

Typed = Tuple[Any, Callable[..., Any]]  # a signature and what writes the instructions; Numba has no types


@intrinsic
def power_of_two(context: Any, number: Any) -> Typed:  # Numba's types
    """2^e of a float whose last bits are e, biased as an exponent is: they are moved to where an exponent stands."""
    width, digits = (32, 23) if number == types.float32 else (64, 52)

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        integer = ir.IntType(width)
        bits = builder.shl(builder.bitcast(arguments[0], integer), ir.Constant(integer, digits))
        return builder.bitcast(bits, arguments[0].type)

    return number(number), write


@intrinsic
def arrive(context: Any, counter: Any) -> Typed:
    """Add one to the first element of an array of int64 for all threads to see; what it was before."""

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        one = ir.Constant(ir.IntType(64), 1)
        return builder.atomic_rmw("add", _first(context, builder, signature, arguments), one, "acq_rel")

    return types.int64(counter), write


@intrinsic
def seen(context: Any, counter: Any) -> Typed:
    """The first element of an array of int64 as the other threads have left it."""

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_first(context, builder, signature, arguments), "acquire", 8, typ=ir.IntType(64))

    return types.int64(counter), write


@intrinsic
def rest(context: Any, spins: Any) -> Typed:
    """Leave the processor to another thread for a moment, or, every so many spins, altogether."""

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if os.name == "posix":
            often = builder.and_(arguments[0], ir.Constant(ir.IntType(64), SPINS - 1))
            with builder.if_then(builder.icmp_unsigned("==", often, ir.Constant(ir.IntType(64), SPINS - 1))):
                kind = ir.FunctionType(ir.IntType(32), [])
                builder.call(get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.none(spins), write


SPINS = 4096  # a power of two: some 10 us


def _first(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return array.data
