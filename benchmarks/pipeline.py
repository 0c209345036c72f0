"""Measure how long lesson 04's network waits for data: write results/pipeline.json.

    COURSE_DATA_DIR=… python benchmarks/pipeline.py

The pipeline is the lesson's (decode, cache as bytes, shuffle, batches of 32, prefetch), the network the source's.
Wanted: after the first epoch, which fills the cache, at most a tenth of an epoch is spent waiting.
"""

import json
import time
from pathlib import Path

from helpers import course, datasets

with course.quiet():
    import keras
    import tensorflow as tf

from cats_vs_dogs import SOURCE_SIZE, TRAINING, source_network

RESULTS = Path(__file__).resolve().parent.parent / "results" / "pipeline.json"
EPOCHS = 3


def pipelines() -> dict[str, tf.data.Dataset]:
    """Return the lesson's pipeline, and the same without a cache."""
    pictures = keras.utils.image_dataset_from_directory(
        datasets.cats_vs_dogs().path,
        validation_split=1 / 3,
        subset="both",
        seed=course.SEED,
        image_size=(SOURCE_SIZE, SOURCE_SIZE),
        batch_size=None,
    )[0].take(TRAINING)
    as_bytes = pictures.map(
        lambda picture, label: (tf.cast(picture, tf.uint8), label), num_parallel_calls=tf.data.AUTOTUNE
    )
    return {
        "cache": as_bytes.cache().shuffle(TRAINING, seed=course.SEED).batch(32).prefetch(tf.data.AUTOTUNE),
        "no cache": as_bytes.batch(32).prefetch(tf.data.AUTOTUNE),
    }


def main() -> None:
    """Measure, print, save."""
    keras.config.disable_interactive_logging()
    policy = course.use_fast_precision()
    rows = []
    for name, pipeline in pipelines().items():
        network = source_network(augmented=False)
        network.compile("rmsprop", "binary_crossentropy")
        for epoch in range(1, EPOCHS + 1):
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
            rows.append(
                course.ledger_row(
                    experiment=name,
                    epoch=epoch,
                    photographs=count,
                    waiting_share=round(waiting / (waiting + computing), 4),
                    seconds=round(waiting + computing, 1),
                    data=[],
                )
            )
            print(
                f"{name:9} epoch {epoch}: waiting {waiting / (waiting + computing):.1%} ({policy})",
                flush=True,
            )
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
