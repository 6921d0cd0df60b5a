"""Reading Python 2's pickles of arrays of bytes, and nothing else that a pickle could hold or do."""

import io
import pickle
from typing import Any, ClassVar

import numpy as np
from jaxtyping import UInt8

from tinylens.errors import DataError


class StoredType:
    """Stands for numpy's dtype while a pickle is read: the type of one byte, and no other."""

    def __init__(self, kind: object, *flags: object) -> None:
        if kind not in (b"u1", "u1"):
            raise DataError(f"pixels of type {kind!r} are not what was published")

    def __setstate__(self, state: object) -> None:
        """Nothing of a byte type's state matters."""


class StoredArray:
    """Stands for a numpy array while a pickle is read: numpy itself would build anything that the file asks for, even
    arrays of pointers into nowhere.
    """

    values: UInt8[np.ndarray, "rows columns"]

    def __init__(self, *arguments: object) -> None:
        """numpy's own call for an empty array, which the state then fills."""

    def __setstate__(self, state: Any) -> None:
        """Take the bytes and their shape."""
        _, (rows, columns), kind, by_column, data = state
        if not isinstance(kind, StoredType) or not isinstance(data, bytes):
            raise DataError("an array of something other than bytes")
        flat = np.frombuffer(data, dtype=np.uint8)
        self.values = flat.reshape((rows, columns), order="F" if by_column else "C")


# The interpreter's own unpickler, not the one in C: that one takes as much memory as a file of ten bytes asks for.
class ArrayUnpickler(pickle._Unpickler):
    """Reads Python 2's pickles of byte strings, numbers, lists, dicts and arrays of bytes; refuses anything else."""

    ALLOWED: ClassVar[dict[tuple[str, str], Any]] = {
        ("numpy.core.multiarray", "_reconstruct"): StoredArray,
        ("numpy._core.multiarray", "_reconstruct"): StoredArray,
        ("numpy", "ndarray"): "ndarray",  # only ever an argument of the call above
        ("numpy", "dtype"): StoredType,
    }

    def find_class(self, module: str, name: str) -> Any:
        """What stands for one of the four names that a numpy array needs."""
        if (module, name) not in self.ALLOWED:
            raise DataError(f"refused to load {module}.{name} from a pickle: this file is not what it says")
        return self.ALLOWED[module, name]


def unpickled(data: bytes) -> dict[bytes, Any]:
    """The dictionary in one official pickle. Raises DataError for anything else."""
    try:
        value = ArrayUnpickler(io.BytesIO(data), encoding="bytes").load()
    except DataError:
        raise
    except Exception as error:  # a broken pickle can raise anything
        raise DataError(f"a damaged pickle ({' '.join(str(error).split()) or type(error).__name__})") from None
    if not isinstance(value, dict):
        raise DataError("a pickle without the official dictionary in it")
    return value
