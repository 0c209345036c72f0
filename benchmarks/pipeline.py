"""Measure how long lesson 04's network waits for data: write results/pipeline.json.

    COURSE_DATA_DIR=… python -m benchmarks.pipeline

The pipeline is the lesson's (decode, cache as bytes, shuffle, batches of 32, prefetch), the network the tuned one.
Wanted: after the first epoch, which fills the cache, at most a tenth of an epoch is spent waiting.
"""

import json
import time

from benchmarks.cats_vs_dogs import lesson
from benchmarks.ledger import RESULTS
from helpers import course
from helpers.quiet import quiet
from tools import recipes

with quiet():
    import keras
    import tensorflow as tf

EPOCHS = 3
RECIPE = "04 load batches build_tuned_network"


def main() -> None:
    """Measure, print, save."""
    keras.config.disable_interactive_logging()
    policy = "float32"
    keras.config.set_dtype_policy(policy)
    recipe = lesson("04")
    pictures = recipe.load(recipe.SIDE)[0]
    pipelines = {
        "cache": recipe.batches(pictures, shuffle=True),
        "no cache": pictures.batch(recipe.BATCH).prefetch(tf.data.AUTOTUNE),
    }
    rows = []
    for name, pipeline in pipelines.items():
        network = recipe.build_tuned_network()
        network.compile("rmsprop", "binary_crossentropy")
        for epoch in range(1, EPOCHS + 1):
            waiting, computing, count = one_epoch(network, pipeline)
            share = waiting / (waiting + computing)
            rows.append(
                course.ledger_row(
                    experiment=name,
                    epoch=epoch,
                    photographs=count,
                    waiting_share=round(share, 4),
                    seconds=round(waiting + computing, 1),
                    data=[],
                    **recipes.mark(RECIPE),
                )
            )
            print(f"{name:9} epoch {epoch}: waiting {share:.1%} ({policy})", flush=True)
    text = json.dumps(rows, indent=1) + "\n"
    (RESULTS / "pipeline.json").write_text(text, encoding="utf-8")


def one_epoch(network: keras.Model, pipeline: tf.data.Dataset) -> tuple[float, float, int]:
    """Train for one epoch; return the seconds of waiting and of computing, and the number of pictures."""
    waiting = computing = 0.0
    count = 0
    start = time.perf_counter()
    for pictures, labels in pipeline:
        arrived = time.perf_counter()
        network.train_on_batch(pictures, labels)
        waiting += arrived - start
        start = time.perf_counter()
        computing += start - arrived
        count += len(labels)
    return waiting, computing, count


if __name__ == "__main__":
    main()
