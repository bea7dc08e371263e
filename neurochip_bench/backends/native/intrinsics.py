"""What generated programs need of the processor and Numba has no word for; imported by them alone."""

from __future__ import annotations

import os
from typing import Callable, Tuple

from llvmlite import ir
from numba import types
from numba.core.cgutils import alloca_once, get_or_insert_function
from numba.extending import intrinsic

from neurochip_bench.backends.libraries import Handle

Typed = Tuple[Handle, Callable[..., Handle]]  # a signature and what writes the instructions; Numba has no types


@intrinsic
def power_of_two(context: Handle, number: Handle) -> Typed:
    """2^e of a float whose last bits are e, biased as an exponent is: they are moved to where an exponent stands."""
    width, digits = (32, 23) if number == types.float32 else (64, 52)

    def write(context: Handle, builder: Handle, signature: Handle, arguments: Handle) -> Handle:
        integer = ir.IntType(width)
        bits = builder.shl(builder.bitcast(arguments[0], integer), ir.Constant(integer, digits))
        return builder.bitcast(bits, arguments[0].type)

    return number(number), write


@intrinsic(prefer_literal=True)
def on_stack(context: Handle, like: Handle, size: Handle) -> Typed:
    """A pointer to so many numbers of an array's type, on the stack: no other array's, as the compiler knows."""

    def write(context: Handle, builder: Handle, signature: Handle, arguments: Handle) -> Handle:
        number = context.get_value_type(like.dtype)
        place = alloca_once(builder, ir.ArrayType(number, size.literal_value))
        place.align = 64
        return builder.bitcast(place, number.as_pointer())

    return types.CPointer(like.dtype)(like, size), write


@intrinsic
def arrive(context: Handle, counter: Handle) -> Typed:
    """Add one to the first element of an array of int64 for all threads to see; what it was before."""

    def write(context: Handle, builder: Handle, signature: Handle, arguments: Handle) -> Handle:
        one = ir.Constant(ir.IntType(64), 1)
        return builder.atomic_rmw("add", _first(context, builder, signature, arguments), one, "acq_rel")

    return types.int64(counter), write


@intrinsic
def seen(context: Handle, counter: Handle) -> Typed:
    """The first element of an array of int64 as the other threads have left it."""

    def write(context: Handle, builder: Handle, signature: Handle, arguments: Handle) -> Handle:
        return builder.load_atomic(_first(context, builder, signature, arguments), "acquire", 8, typ=ir.IntType(64))

    return types.int64(counter), write


@intrinsic
def rest(context: Handle, spins: Handle) -> Typed:
    """Leave the processor to another thread for a moment, or, every so many spins, altogether."""

    def write(context: Handle, builder: Handle, signature: Handle, arguments: Handle) -> Handle:
        if os.name == "posix":
            often = builder.and_(arguments[0], ir.Constant(ir.IntType(64), SPINS - 1))
            with builder.if_then(builder.icmp_unsigned("==", often, ir.Constant(ir.IntType(64), SPINS - 1))):
                kind = ir.FunctionType(ir.IntType(32), [])
                builder.call(get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.none(spins), write


SPINS = 4096  # a power of two: some 10 us


def _first(context: Handle, builder: Handle, signature: Handle, arguments: Handle) -> Handle:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return array.data
