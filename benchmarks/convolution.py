"""Compare the speed of helpers.convolution with SciPy and TensorFlow, as ratios in one run.

    python -m benchmarks.convolution       prints a table, writes results/convolution_speed.json

All contenders take turns within each round, so that a busy machine slows all of them alike; the
figure for each is the median over the rounds.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time

import numpy as np
import scipy
from scipy import signal

from benchmarks import ledger
from helpers.convolution import conv2d, correlate2d
from helpers.quiet import quiet

with quiet():
    import tensorflow as tf

RESULTS = ledger.RESULTS / "convolution_speed.json"
ROUNDS = 40


def medians(contenders: dict) -> dict[str, float]:
    """Return the median milliseconds of each contender; all run once in every round."""
    times = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in times.items()}


def one_channel() -> dict[str, float]:
    """512×512 pixels, one 3×3 kernel without zeros."""
    generator = np.random.default_rng(0)
    image = generator.normal(size=(512, 512)).astype("float32")
    kernel = generator.normal(size=(3, 3)).astype("float32")
    batch, weights = tf.constant(image[None, :, :, None]), tf.constant(kernel[:, :, None, None])
    return medians(
        {
            "helpers": lambda: correlate2d(image, kernel),
            "scipy.signal": lambda: signal.correlate2d(image, kernel, mode="valid"),
            "TensorFlow": lambda: tf.nn.conv2d(batch, weights, 1, "VALID").numpy(),
        }
    )


def layer() -> dict[str, float]:
    """8 images of 64×64 pixels, from 32 to 64 channels."""
    generator = np.random.default_rng(0)
    images = generator.normal(size=(8, 64, 64, 32)).astype("float32")
    kernels = generator.normal(size=(3, 3, 32, 64)).astype("float32")
    batch, weights = tf.constant(images), tf.constant(kernels)
    return medians(
        {
            "helpers": lambda: conv2d(images, kernels),
            "TensorFlow": lambda: tf.nn.conv2d(batch, weights, 1, "VALID").numpy(),
        }
    )


def import_seconds() -> float:
    """The median time of ``import helpers`` beyond starting Python."""
    code = "import time; s = time.perf_counter(); import helpers; print(time.perf_counter() - s)"
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout for _ in range(7)
    ]
    return statistics.median(map(float, runs))


def main() -> None:
    """Measure, print, save."""
    single, several, seconds = one_channel(), layer(), import_seconds()
    rows = [
        (
            "correlate2d, 512×512, 3×3: times faster than scipy.signal",
            single["scipy.signal"] / single["helpers"],
            ">= 3",
        ),
        (
            "correlate2d, 512×512, 3×3: time relative to TensorFlow",
            single["helpers"] / single["TensorFlow"],
            "<= 2",
        ),
        (
            "conv2d, 8×64×64×32→64: time relative to TensorFlow",
            several["helpers"] / several["TensorFlow"],
            "<= 2.5",
        ),
        ("import helpers: seconds", seconds, "< 0.2"),
    ]
    for text, value, goal in rows:
        print(f"{text:60} {value:7.3g}   goal {goal}")
    report = {
        "rows": [{"what": text, "value": round(value, 4), "goal": goal} for text, value, goal in rows],
        "milliseconds": {"one channel": single, "layer": several},
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__,
                     "tensorflow": tf.__version__},
        "hardware": f"{os.cpu_count()} CPU cores, {platform.machine()}",
    }  # fmt: skip
    RESULTS.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"written to results/{RESULTS.name}")


if __name__ == "__main__":
    main()
