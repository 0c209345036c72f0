"""What every lesson does first: fix the seeds, set the plot style, say in one line what is in use."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from helpers import datasets
from helpers.quiet import quiet

SEED = 1337
_Value = TypeVar("_Value")


def start(lesson: str, tensorflow: bool = False) -> None:
    """Prepare a lesson and print its banner line.

    Seeds Python and NumPy (and Keras, if used) with ``SEED``, sets a plot style that is legible at a
    projector and safe for color-blind readers, and prints the versions, the device, the budget and the data.

    Args:
        lesson: for example ``"Lesson 03"``; the banner begins with it.
        tensorflow: whether the lesson uses Keras from the beginning; importing it takes seconds.
    """
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 - Keras and student code use the global generator
    _plot_style()
    parts = [lesson, f"Python {platform.python_version()}", f"NumPy {np.__version__}"]
    if tensorflow:
        with quiet():
            import keras
            import tensorflow as tf
        tf.get_logger().setLevel("ERROR")  # it warns when several networks are in use, as in every comparison
        keras.utils.set_random_seed(SEED)
        device = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
        parts.append(f"TensorFlow {tf.__version__}, Keras {keras.__version__} on {device}")
        parts.append(keras.config.dtype_policy().name)
    parts += [f"{_budget()} budget", _data_in_use()]
    print(" · ".join(parts))


def use_fast_precision() -> str:
    """Let Keras compute in 16 bits where this machine is built for it; print and return the policy's name.

    Weights stay in float32 either way. Chosen are ``mixed_bfloat16`` on a processor with matrix units for that
    format (Intel AMX or AVX-512 BF16) and on recent GPUs, ``mixed_float16`` on the GPUs before those (compute
    capability 7), and ``float32`` everywhere else, where 16 bits would be slower. A model's last layer should
    be given ``dtype="float32"``. Call it before you build a model.
    """
    import keras
    import tensorflow as tf

    policy, reason = "float32", "no fast 16-bit arithmetic found"
    if gpus := tf.config.list_physical_devices("GPU"):
        major = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0,))[0]
        if major >= 7:
            policy = "mixed_bfloat16" if major >= 8 else "mixed_float16"
            reason = f"GPU of compute capability {major}"
    elif fast := [name for name in ("amx_bf16", "avx512_bf16") if name in _processor_flags()]:
        policy, reason = "mixed_bfloat16", f"the processor has {fast[0]}"
    keras.config.set_dtype_policy(policy)
    print(f"precision: {policy} ({reason})")
    return policy


def _processor_flags() -> set[str]:
    """Return what the processor can do, less what oneDNN, which computes for TensorFlow, is told not to use."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return set()
    flags = set(next((line for line in lines if line.startswith("flags")), "").split())
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA", "ALL").upper()
    if limit in ("ALL", "DEFAULT") or "AMX" in limit:
        return flags
    return flags - ({"amx_bf16"} if limit.endswith(("BF16", "FP16")) else {"amx_bf16", "avx512_bf16"})


def budget(full: _Value, reduced: _Value) -> _Value:
    """Return ``full``, or ``reduced`` where the environment variable ``COURSE_BUDGET`` is ``reduced``.

    The full budget takes minutes on a laptop; the reduced one takes seconds and serves automatic tests.

    Raises:
        ValueError: if ``COURSE_BUDGET`` is set to anything else.
    """
    return full if _budget() == "full" else reduced


def ledger_row(*, data: Sequence[np.ndarray], **figures: object) -> dict[str, object]:
    """Return one measured result with everything needed to compare it later.

    Args:
        data: the arrays that were used; a digest of them is recorded.
        **figures: what was measured, for example ``experiment``, ``seed``, ``accuracy``, ``seconds``.

    Returns:
        ``figures`` plus the versions, the hardware, the precision and the digest of the data. A lesson
        collects such rows in a list ``MEASURED``, and ``make notebooks`` writes it to ``results/``.
    """
    import keras
    import tensorflow as tf

    digest = hashlib.sha256()
    for array in data:
        digest.update(np.ascontiguousarray(array).tobytes())
    gpus = tf.config.list_physical_devices("GPU")
    names = {"python": platform.python_version(), "numpy": np.__version__}
    return {
        **figures,
        "versions": {**names, "tensorflow": tf.__version__, "keras": keras.__version__},
        "hardware": f"{len(gpus)} GPU" if gpus else f"{os.cpu_count()} CPU cores, {platform.machine()}",
        "precision": keras.config.dtype_policy().name,
        "data_sha256": digest.hexdigest(),
    }


def recorded(name: str) -> list[dict]:
    """Return the rows of ``results/NAME.json``: what was measured before, often on photographs you may not have.

    Raises:
        ValueError: if there is no such record.
    """
    folder = Path(__file__).resolve().parent.parent / "results"
    try:
        return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        names = ", ".join(sorted(path.stem for path in folder.glob("*.json")))
        raise ValueError(f"There is no record {name!r}. There are: {names}.") from error


def _budget() -> str:
    value = os.environ.get("COURSE_BUDGET", "full")
    if value not in ("full", "reduced"):
        raise ValueError(f'COURSE_BUDGET is {value!r}: set it to "full" or "reduced", or remove it.')
    return value


def _data_in_use() -> str:
    if datasets.only_built_in():
        return "built-in data"
    real = datasets.real_sets()
    return f"real data found: {', '.join(real)}" if real else "real data where it can be fetched"


def _plot_style() -> None:
    from cycler import cycler
    from matplotlib import rcParams

    rcParams.update(
        {
            # from matplotlib's style tableau-colorblind10, without its pale grays
            "axes.prop_cycle": cycler(color=["#006BA4", "#FF800E", "#595959", "#5F9ED1", "#C85200"]),
            "figure.figsize": (8, 4.5),
            "figure.dpi": 90,
            "font.size": 14,
            "axes.titlesize": 14,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "lines.linewidth": 2.5,
            "image.interpolation": "nearest",
            "legend.frameon": False,
            "savefig.dpi": 90,
        }
    )
