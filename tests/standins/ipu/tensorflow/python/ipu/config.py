"""`IPUConfig`: nested categories whose fields exist, have a type and are checked when they are set."""

import os
from typing import Any

ACTIVE: list = []  # the configuration of this process, once there is one


def running_on_ipu_model():
    return "--use_ipu_model" in os.environ.get("TF_POPLAR_FLAGS", "")


class Category:
    """Fields by name with their defaults; a dict is a category of its own."""

    path: str
    types: dict

    def __init__(self, path, fields):
        categories = {name: Category(f"{path}{name}.", value) for name, value in fields.items() if type(value) is dict}
        vars(self).update(path=path, types={name: type(value) for name, value in fields.items()})
        vars(self).update(fields, **categories)

    def __setattr__(self, name, value):
        kind = self.types.get(name)
        if kind is None:
            raise ValueError(f"IPUConfig has no field {self.path}{name}")
        if kind is dict:
            raise TypeError(f"{self.path}{name} is a category: expected one of its fields")
        kinds = (int, list, tuple) if name in ("auto_select_ipus", "select_ipus") else (kind,)
        if type(value) not in kinds:
            raise TypeError(f"{self.path}{name} is {value!r}: expected {kind.__name__}")
        vars(self)[name] = value


class IPUConfig(Category):
    auto_select_ipus: Any
    select_ipus: Any
    io_tiles: Any

    def __init__(self):
        fields = {
            "auto_select_ipus": [],
            "select_ipus": [],
            "optimizations": {
                "math": {"fast": False, "dot_strength": True},
                "enable_fast_math": False,
                "enable_gather_simplifier": True,
            },
            "io_tiles": {"num_io_tiles": 0, "place_ops_on_io_tiles": False, "available_memory_proportion": 0.9},
            "ipu_model": {"compile_ipu_code": True, "tiles_per_ipu": 0, "version": "ipu2"},
        }
        super().__init__("", fields)

    def configure_ipu_system(self, device="cpu"):
        if self.auto_select_ipus and self.select_ipus:
            raise ValueError("both auto_select_ipus and select_ipus are set: expected one of them")
        if self.io_tiles.place_ops_on_io_tiles and not self.io_tiles.num_io_tiles:
            raise ValueError("place_ops_on_io_tiles is True, but num_io_tiles is 0")
        ACTIVE[:] = [self]


def reset_ipu_configuration():
    ACTIVE.clear()


def replicas():
    """Copies in which a program that is not sharded runs."""
    (config,) = ACTIVE
    chosen = config.auto_select_ipus
    return chosen if isinstance(chosen, int) else sum(chosen)
