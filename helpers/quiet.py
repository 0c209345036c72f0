"""Keep TensorFlow's start-up messages off the page."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep start-up messages of TensorFlow's C++ code off the page: ``with quiet(): import tensorflow``.

    They go to the process' standard error directly, so that is redirected while the block runs; a Python
    exception inside the block still reaches you.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
            if "tensorflow" in sys.modules:  # looking for GPUs is what prints most, so do it in here
                sys.modules["tensorflow"].config.list_physical_devices()
    finally:
        os.dup2(saved, 2)
        os.close(saved)
