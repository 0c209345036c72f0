# %% [markdown]
# # 05 · Data augmentation
#
# **What you will do:** make one photograph into many, train lesson 04's network on them, and find out whether it really gets
# better.
#
# **What you will learn**
# - what flipping, turning, zooming, shifting and changing the contrast do, and in which units Keras measures them,
# - which changes you must not make, because they change the label,
# - where augmentation belongs: inside the model or in the pipeline, and never before the cache,
# - how to translate code that uses the old `ImageDataGenerator`,
# - how to tell a gain from noise: a third arm, several seeds, a standard error,
# - what augmentation teaches a network, and what it cannot teach.
#
# **What you need:** lesson 04.
#
# **Time:** 60–75 minutes in class. Running all cells takes about 4 min on 2 CPU cores.

# %%
from helpers import course, plots

course.start("Lesson 05", tensorflow=True)

# %%
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

from helpers import datasets
from helpers.training import progress

pets = datasets.cats_vs_dogs()
KIND = "drawn sample" if pets.source == "sample" else "photograph"
keras.config.disable_interactive_logging()
print(f"{len(pets.report.kept):,} {KIND}s of {' and '.join(pets.classes)}")

# %% [markdown]
# ## 1 · The idea: the same animal, never the same pixels
#
# Lesson 04's networks learned their training pictures by heart. No wonder: they saw **exactly the same numbers** in
# each epoch. But a cat that looks to the left is as much a cat as one that looks to the right. So change each picture
# a little at random, each time it is shown. The label stays, the pixels never repeat. That is **data augmentation**: regularization by
# more varied data instead of a penalty on the weights.
#
# Chelsea, a photograph that comes with scikit-image, serves as an example.

# %% tags=["cover"]
from skimage import data as photographs

chelsea = tf.image.resize(photographs.chelsea()[:, 75:375], (180, 180)).numpy()
augment = keras.Sequential(
    [
        layers.RandomFlip("horizontal", seed=1),
        layers.RandomRotation(0.1, seed=2),
        layers.RandomZoom(0.2, seed=3),
    ],
    name="augment",
)
nine = augment(np.stack([chelsea] * 9), training=True)
nine = np.clip(keras.ops.convert_to_numpy(nine).astype("float32"), 0, 255).astype("uint8")
plots.image_grid(list(nine), columns=3, cell=2.8)
plots.show(
    "Nine versions of a cat's face: mirrored or not, turned to either side, a little larger or smaller; the corners are "
    "filled with mirrored pixels."
)

# %% [markdown]
# **What to notice.** Nine pictures, one cat. Where turning or shrinking leaves empty corners, Keras continues the picture as in a
# mirror (`fill_mode="reflect"`); other choices are `"nearest"`, `"constant"` and `"wrap"`.
#
# An augmentation layer works **only in training**. At inference (`evaluate`, `predict`) it hands on its input unchanged:

# %% tags=["nbval-check-output"]
batch = chelsea[None].astype("float32")
in_use = keras.ops.convert_to_numpy(augment(batch, training=False)).astype("float32")
in_training = keras.ops.convert_to_numpy(augment(batch, training=True)).astype("float32")
print("unchanged at inference:", bool(np.abs(in_use - batch).max() < 1))
print("unchanged in training: ", bool(np.abs(in_training - batch).max() < 1))
assert np.abs(in_use - batch).max() < 1
assert np.abs(in_training - batch).max() > 1

# %% [markdown]
# ## 2 · One layer at a time
#
# Each layer has its own unit. Most factors are **shares**: 0.1 is 10 % of a full turn, of the height, of the contrast.
#
# | layer | what `factor` means | example |
# | --- | --- | --- |
# | `RandomFlip("horizontal")` | mirror left to right, or not | |
# | `RandomRotation(0.1)` | up to 0.1 of a full turn, either way | ±36° |
# | `RandomZoom(0.2)` | smaller or larger by up to 20 %, both axes alike | |
# | `RandomTranslation(0.1, 0.1)` | shift by up to 10 % of the height and of the width | ±18 of 180 pixels |
# | `RandomContrast((0.4, 0.4))` | differences from the mean × (1 − 0.4) … (1 + 0.4) | × 0.6 … 1.4 |
# | `RandomBrightness(0.2)` | add up to 20 % of the range | ±51 of 255 |


# %%
def both_ends(layer, factor, axes=1):
    """Return Chelsea changed by exactly −factor and by exactly +factor."""
    ends = []
    for value in (-factor, factor):
        exactly = layer(*[(value, value)] * axes, dtype="float32")
        ends.append(exactly(chelsea[None], training=True))
    return ends


means = chelsea.mean(axis=(0, 1))
changes = {
    "flip": (chelsea, chelsea[:, ::-1]),
    "rotation ± 0.1": both_ends(layers.RandomRotation, 0.1),
    "zoom ± 0.2": both_ends(layers.RandomZoom, 0.2),
    "shift ± 0.1": both_ends(layers.RandomTranslation, 0.1, axes=2),
    "contrast ± 0.4": [means + scale * (chelsea - means) for scale in (0.6, 1.4)],
    "brightness ± 0.2": both_ends(layers.RandomBrightness, 0.2),
}

# %%
versions, titles = [], []
for name, (low, high) in changes.items():
    three = [np.reshape(picture, chelsea.shape) for picture in (low, chelsea, high)]
    versions += [np.clip(picture, 0, 255).astype("uint8") for picture in three]
    titles += ["", name, ""]
plots.image_grid(versions, titles, columns=6, cell=2.3)
plots.show(
    "Six groups of three pictures of the same cat, two groups in a row. In each group the original stands in the middle, with the "
    "strongest change to either side: mirrored, turned by 36 degrees, zoomed, shifted, with less and more contrast, darker and brighter."
)

# %% [markdown]
# **What to notice.** The original is in the middle of each group, the two ends of the range beside it. In training, each picture gets a random value in between. A turn of
# 36° looks harmless in a table and is a lot on a cat. Look at the ends before you choose a factor.

# %% [markdown]
# Are the units as the table says? Turn a picture with a single bright point beside its center very often and measure the
# largest angle.

# %% tags=["nbval-check-output"]
point = np.zeros((65, 65, 1), dtype="float32")
point[32, 56] = 1000  # 24 pixels to the right of the center
turned = layers.RandomRotation(0.1, fill_mode="constant", seed=1, dtype="float32")(
    np.stack([point] * 500), training=True
)
turned = keras.ops.convert_to_numpy(turned)[..., 0]
rows, columns = np.indices((65, 65)) - 32
weights = turned / turned.sum(axis=(1, 2), keepdims=True)
angles = np.degrees(np.arctan2((weights * rows).sum((1, 2)), (weights * columns).sum((1, 2))))
print(f"rotation 0.1 turns by up to {np.abs(angles).max():.0f}°: 0.1 × 360° = 36°")
assert 34 < np.abs(angles).max() < 37.5
assert abs(angles.mean()) < 3  # as often to the left as to the right

# %% [markdown]
# And the contrast layer, recomputed by hand: for each picture and channel, the difference from the mean is multiplied by one
# random number.

# %% tags=["nbval-check-output"]
contrast = layers.RandomContrast((0.4, 0.4), seed=5, dtype="float32")
changed = keras.ops.convert_to_numpy(contrast(np.stack([chelsea] * 4), training=True))
for picture in changed:
    inside = (picture > 1) & (picture < 254)  # the rest was cut off at 0 or 255
    slope = np.sum(((picture - means) * (chelsea - means))[inside])
    slope /= np.sum(((chelsea - means) ** 2)[inside])
    by_hand = np.clip(means + slope * (chelsea - means), 0, 255)
    assert np.abs(by_hand - picture).max() < 1
    assert 0.6 <= slope <= 1.4
print("all four are  mean + c · (picture − mean)  with one c between 0.6 and 1.4 each")

# %% [markdown]
# Why two numbers? Keras' documentation says that `RandomContrast(0.4)` draws from 0.6 to 1.4 as well. **Believe nothing, measure:** gray pictures whose two halves
# differ by 10 show the number directly.

# %%
halves = np.concatenate(
    [np.full((500, 1, 2, 1), 100.0), np.full((500, 1, 2, 1), 110.0)], axis=1
)
for factor in (0.4, (0.4, 0.4)):
    layer = layers.RandomContrast(factor, seed=1, dtype="float32")
    changed = keras.ops.convert_to_numpy(layer(halves.astype("float32"), training=True))
    drawn = (changed[:, 1, 0, 0] - changed[:, 0, 0, 0]) / 10
    print(f"RandomContrast({factor}): from {drawn.min():.2f} to {drawn.max():.2f}")
assert drawn.min() < 0.61
assert drawn.max() > 1.39

# %% [markdown]
# **What to notice.** In the version of Keras that made this page (the first line above names it), a single number only ever **raises** the contrast, against its
# documentation. Two numbers do what they say.

# %% [markdown]
# ## 3 · What you must not change
#
# A change is allowed if **the label stays true** and the result **could have been photographed**. A mirrored cat is a cat.
# A mirrored `b` is a `d`; a `6` that stands on its head is a `9`. An X-ray image with the heart on the wrong side means an illness.

# %%
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def written(letter):
    """Return a picture of a letter, drawn with matplotlib."""
    figure = Figure(figsize=(1.2, 1.2), dpi=75)
    canvas = FigureCanvasAgg(figure)
    figure.text(0.5, 0.46, letter, fontsize=60, ha="center", va="center")
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


letter, digit, cat = written("b"), written("6"), chelsea.astype("uint8")
shown = [letter, letter[:, ::-1], digit, digit[::-1, ::-1], cat, cat[::-1]]
titles = ["b", "mirrored: d", "6", "half a turn: 9", "a cat", "a cat? rarely so"]
plots.image_grid(shown, titles, columns=6, cell=2.1)
plots.show(
    "Three pairs: the letter b and its mirror image, a d; the digit 6 and upside down a 9; a cat and the same cat upside down."
)

# %% [markdown]
# **What to notice.** The third pair keeps its label, but who photographs cats upside down? Such pictures use up the
# network's attention for nothing. Only the horizontal flip is used here, and turns of up to 18°: half of what source C allows, since few photographs are so tilted.
#
# Is a 9 really a turned 6 for a network? Take the digits of lesson 03 and find for each 6 its nearest neighbor among other
# digits, before and after half a turn.

# %% tags=["nbval-check-output"]
digits = datasets.mnist()
x_digits, y_digits = digits.x_train[:4000], digits.y_train[:4000]
pictures = x_digits.reshape(4000, -1).astype("float32")
sixes = x_digits[y_digits == 6][:100]
others = y_digits != 6


def share_of_nines(images):
    """Return for how many images the nearest training digit that is no 6 is a 9."""
    flat = images.reshape(len(images), -1).astype("float32")
    distances = (
        (flat**2).sum(1)[:, None]
        + (pictures[others] ** 2).sum(1)
        - 2 * flat @ pictures[others].T
    )
    return float(np.mean(y_digits[others][distances.argmin(axis=1)] == 9))


before, after = share_of_nines(sixes), share_of_nines(sixes[:, ::-1, ::-1])
print(f"of 100 sixes, {before:.0%} resemble a 9 most closely; after half a turn {after:.0%}")
assert after > before + 0.2

# %% [markdown]
# Two more rules:
#
# - **Validation and test pictures are never augmented**, since you want to know how the network does on real pictures.
# - The **strength** is a choice like any other: it is made with validation data.
#
# <!-- question mirror -->
#
# ## 4 · Where to put it
#
# There are two places, which make the same kind of pictures:
#
# - **Inside the model**, the layers are saved with it, run on the graphics card if there is one, and switch themselves off in prediction.
# - **In the pipeline** (`dataset.map`), they run on the processor's spare cores while the graphics card works.


# %% tags=["recipe"]
SIDE = 96
BATCH = 32
TRAINING = course.budget(full=2000, reduced=128)
HALF = course.budget(full=500, reduced=48)


def load(size):
    """Return training, validation and test pictures of size × size pixels, one by one."""
    parts = {pets.path: TRAINING, pets.validation_path: HALF, pets.test_path: HALF}
    return [
        keras.utils.image_dataset_from_directory(
            path, image_size=(size, size), batch_size=None, seed=course.SEED, verbose=False
        ).take(most)
        for path, most in parts.items()
    ]


def augmentation_layers():
    """Return this lesson's random changes: mirrored, turned by up to 18°, shifted by up to 6 %."""
    return [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.05),
        layers.RandomTranslation(0.06, 0.06),
    ]


# %%
training, validation, test = (
    part.map(lambda picture, label: (tf.cast(picture, tf.uint8), label)).cache()
    for part in load(SIDE)
)

# %%
in_pipeline = keras.Sequential(augmentation_layers())
augmented_batches = training.batch(32).map(
    lambda pictures, labels: (in_pipeline(pictures, training=True), labels),
    num_parallel_calls=tf.data.AUTOTUNE,
)
pictures, labels = next(iter(augmented_batches))
pictures = keras.ops.convert_to_numpy(pictures).astype("float32")
titles = [pets.classes[label] for label in labels[:8].numpy()]
axes = plots.image_grid(
    list(np.clip(pictures[:8], 0, 255).astype("uint8")), titles, columns=4, cell=2.9
)
axes[0].figure.suptitle(f"augmented training pictures ({KIND}s)")
plots.show(
    "Eight augmented pictures of cats and dogs from the pipeline: a little turned and shifted, some mirrored."
)

# %% [markdown]
# <!-- question at-inference -->
#
# ### A trap: augmenting before the cache
#
# The order of the steps decides whether anything is random at all. What comes **before** `cache` happens once. What comes
# after it happens in each epoch.


# %% tags=["nbval-check-output"]
def epochs_differ(dataset):
    """Return whether the first picture is another one in the second epoch."""
    first, second = (np.asarray(next(iter(dataset))[0], dtype="float32") for _ in range(2))
    return bool(np.abs(first - second).max() > 1)


def change(pictures, labels):
    """Augment a batch."""
    return in_pipeline(pictures, training=True), labels


few = training.take(32).batch(32)
frozen, fresh = few.map(change).cache(), few.cache().map(change)
print("augment, then cache: new pictures in each epoch?", epochs_differ(frozen))
print("cache, then augment: new pictures in each epoch?", epochs_differ(fresh))
assert not epochs_differ(frozen)
assert epochs_differ(fresh)

# %% [markdown]
# ### What it costs


# %%
def milliseconds(dataset):
    """Return the time for one picture, in the second of two epochs."""
    for _epoch in range(2):
        start, count = time.perf_counter(), 0
        for pictures, _labels in dataset:
            count += len(pictures)
        elapsed = time.perf_counter() - start
    return 1000 * elapsed / count


plain = milliseconds(training.batch(32))
for name, layer in zip(["flip", "rotation", "shift"], augmentation_layers()):
    changed = training.batch(32).map(
        lambda pictures, labels, layer=layer: (layer(pictures, training=True), labels)
    )
    print(f"{name:9} {milliseconds(changed) - plain:6.2f} ms for each picture")

# %% [markdown]
# **What to notice.** Turning and shifting by parts of a pixel compute each new pixel from four old ones, so they cost more than mirroring. On
# a processor, augmentation is a noticeable part of an epoch.
#
# ### If you meet old code
#
# Many tutorials, source B among them (the README lists the sources), use `ImageDataGenerator` and `model.fit_generator`. The second is gone from Keras 3, and the first is no longer
# part of its documented functions. The translation:
#
# | old | new |
# | --- | --- |
# | `ImageDataGenerator(rescale=1/255)` | `layers.Rescaling(1/255)` in the model |
# | `rotation_range=36` (degrees) | `layers.RandomRotation(36/360)` |
# | `width_shift_range=0.1, height_shift_range=0.1` | `layers.RandomTranslation(0.1, 0.1)` (height first) |
# | `zoom_range=0.2` | `layers.RandomZoom(0.2, 0.2)` (each axis by itself; with one number both zoom alike) |
# | `horizontal_flip=True` | `layers.RandomFlip("horizontal")` |
# | `fill_mode="nearest"` (the old default) | `fill_mode="nearest"` (the new default is `"reflect"`) |
# | `generator.flow_from_directory(folder, target_size=(180, 180))` | `keras.utils.image_dataset_from_directory(folder, image_size=(180, 180))` |
# | `model.fit_generator(generator, steps_per_epoch=63)` | `model.fit(dataset)` |

# %% tags=["nbval-check-output"]
print("fit_generator exists:", hasattr(keras.Model, "fit_generator"))
assert layers.RandomRotation(0.1).get_config()["fill_mode"] == "reflect"
assert 36 / 360 == 0.1

# %% [markdown]
# ### Stronger recipes
#
# Two names you will meet in every recent recipe, both in Keras. **RandAugment** picks a few changes at random from a long list and applies them one after the other, with one knob for
# the strength. **MixUp** goes further and averages two *pictures* and their *labels*: 70 % cat and 30 % dog.

# %%
randomly = [
    layers.RandAugment((0, 255), num_ops=2, factor=0.15, seed=seed)(
        chelsea[None], training=True
    )[0]
    for seed in (0, 1, 2, 6)
]
pair = next(iter(training.batch(16)))
first_of = [int(np.flatnonzero(pair[1].numpy() == label)[0]) for label in (0, 1)]
cat, dog = (tf.image.resize(pair[0][n], (180, 180)).numpy() for n in first_of)
mixtures = [0.7 * cat + 0.3 * dog, 0.5 * cat + 0.5 * dog]
shown = [
    np.clip(picture, 0, 255).astype("uint8") for picture in (*randomly, cat, dog, *mixtures)
]
titles = ["RandAugment", "", "", "", "a cat: 0", "a dog: 1"]
titles += ["MixUp: label 0.3", "MixUp: label 0.5"]
plots.image_grid(shown, titles, columns=4, cell=2.9)
plots.show(
    "Above, one cat's face changed at random in four ways. Below, a cat, a dog, and two mixtures of them with labels between 0 and 1."
)

# %% [markdown]
# **What to notice.** No such animal exists, and mixing often helps nevertheless: a network that has to answer 0.3 to 30 % of a dog draws a smoother line between the classes. This lesson stays with
# changes that a camera could have made.
#
# ## 5 · The experiment
#
# Lesson 04's tuned network, once as it was, once with the random changes in front. With augmentation no picture comes twice. Learning
# takes longer, so it gets 24 epochs instead of 12.


# %% tags=["recipe"]
EPOCHS = course.budget(full=24, reduced=3)


def build_network(augmented, side=SIDE):
    """Lesson 04's tuned network, behind random changes if wanted."""
    inputs = keras.Input((side, side, 3), name="picture")
    x = inputs
    for layer in augmentation_layers() if augmented else []:
        x = layer(x)
    x = layers.Rescaling(1 / 255)(x)
    for number, filters in enumerate((32, 64, 128, 256, 256), start=1):
        x = layers.Conv2D(filters, 3, padding="same")(x)
        if number < 5:
            x = layers.MaxPooling2D(2)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    outputs = layers.Dense(1, activation="sigmoid", name="is_dog")(x)
    return keras.Model(inputs, outputs)


# %% tags=["recipe"]
def compile_network(network, batches_per_epoch, epochs=EPOCHS):
    """Prepare the training as in lesson 04: AdamW along half a cosine, smoothed labels."""
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, epochs * batches_per_epoch)
    network.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=0.05),
        loss=keras.losses.BinaryCrossentropy(label_smoothing=0.1),
        metrics=["accuracy"],
    )


# %% tags=["nbval-check-output"]
counts = [build_network(augmented).count_params() for augmented in (False, True)]
print("parameters without and with augmentation:", *(f"{count:,}" for count in counts))
assert counts == [981_697, 981_697]  # the random layers learn nothing

# %%
arms = {"without": (False, course.budget(full=12, reduced=2)), "with": (True, EPOCHS)}
networks, histories = {}, {}
for name, (augmented, epochs) in arms.items():
    keras.utils.set_random_seed(course.SEED)
    networks[name] = build_network(augmented)
    shuffled = training.shuffle(TRAINING, seed=course.SEED).batch(BATCH)
    compile_network(networks[name], int(shuffled.cardinality()), epochs)
    histories[name] = (
        networks[name]
        .fit(
            shuffled.prefetch(tf.data.AUTOTUNE),
            epochs=epochs,
            validation_data=validation.batch(64),
            callbacks=progress(),
            shuffle=False,
            verbose=0,
        )
        .history
    )

# %%
plots.learning_curves(histories)
plots.show(
    "Loss and accuracy of the two networks: without augmentation training runs far ahead of validation; with it, the two stay closer together."
)

# %% [markdown]
# **What to notice.** Without augmentation the training accuracy races ahead, and what it learns there does not generalize. With it, training is harder, because no picture comes twice. The two
# curves stay closer together, and the network goes on learning when the other one has nothing left to learn from.

# %%
test_pictures, test_labels = (
    np.concatenate(part) for part in zip(*test.batch(64).as_numpy_iterator())
)
answers = {name: net.predict(test_pictures, verbose=0)[:, 0] for name, net in networks.items()}
right = {name: (values >= 0.5) == test_labels for name, values in answers.items()}
accuracy = {name: float(np.mean(values)) for name, values in right.items()}
for name, value in accuracy.items():
    print(f"{name:8} augmentation: {value:.1%} of {len(test_labels)} test pictures ({KIND}s)")
only_with = int((right["with"] & ~right["without"]).sum())
only_without = int((right["without"] & ~right["with"]).sum())
print(f"right only with it: {only_with}, right only without it: {only_without}")
print(
    f"difference: {only_with - only_without} ± {np.sqrt(only_with + only_without):.0f} pictures"
)

# %% tags=["ledger"]
# For the course's own records: what was measured, with what.
MEASURED = [
    course.ledger_row(
        experiment=f"{name} augmentation, {KIND}s",
        seed=course.SEED,
        accuracy=round(accuracy[name], 4),
        test_size=len(test_labels),
        recipe="05 load build_network augmentation_layers compile_network",
        epochs=arms[name][1],
        parameters=networks[name].count_params(),
        data=[test_pictures, test_labels],
    )
    for name in networks
]

# %% [markdown]
# **What to notice.** Is one of them better? Do not compare two percentages with the naked eye. Both networks judged the **same** pictures, so compare them in pairs: only the pictures count on which they disagree. If chance alone decided each of those, the
# difference would have a standard error of the square root of their number. A difference of more than twice that is hardly luck.
#
# ## 6 · Is it the augmentation?
#
# Two objections. First: *one run proves nothing; another seed might say the opposite.* Second: *the augmented network trained for 24 epochs, the other for 12. Perhaps the epochs
# did it.* A fair experiment has a **third arm**: no augmentation, but 24 epochs. Here are all three on the 2,000 photographs, with several seeds, recorded.


# %% tags=["nbval-check-output"]
def mean_and_error(values):
    """Return the mean over seeds and its standard error."""
    return np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))


rows = course.recorded("cats_vs_dogs_photos")
NAMES = {
    "tuned": "no augmentation, 12 epochs",
    "tuned, longer": "no augmentation, 24 epochs",
    "augmentation": "augmentation, 24 epochs",
}
recorded = {
    label: [row for row in rows if row["experiment"] == name] for name, label in NAMES.items()
}
summary = {}
for label, runs in recorded.items():
    values = [row["accuracy"] for row in runs]
    summary[label] = mean_and_error(values)
    each = ", ".join(f"{value:.1%}" for value in values)
    print(f"{label:27} {summary[label][0]:.1%} ± {summary[label][1]:.1%}   ({each})")
(before, error_before), (after, error_after) = list(summary.values())[1:]
gain, gain_error = after - before, np.hypot(error_before, error_after)
print(f"augmentation alone: {100 * gain:+.1f} ± {100 * gain_error:.1f} points")

# %%
figure, axis = plt.subplots(figsize=(10, 3.8), layout="constrained")
for place, runs in enumerate(recorded.values()):
    values = [100 * row["accuracy"] for row in runs]
    mean, spread = mean_and_error(values)
    axis.plot(
        values, [place] * len(values), "o", color="0.4", markersize=9, markerfacecolor="none"
    )
    axis.errorbar(mean, place + 0.15, xerr=spread, fmt="s", color="C0", capsize=8, markersize=9)
axis.set_yticks(range(len(recorded)), [label.replace(", ", ",\n") for label in recorded])
axis.set_ylim(len(recorded) - 0.5, -0.5)
axis.set_xlabel("test accuracy on 500 photographs (%)")
axis.set_title("circles: seeds · squares: mean ± standard error", fontsize=13)
plots.show(
    "Three arms of the experiment, one above the other: the accuracies of the seeds as circles and their mean with an error bar as a square."
)

# %%
figure, axis = plt.subplots(figsize=(10, 4), layout="constrained")
for color, line, (label, runs) in zip(("C2", "C0", "C1"), (":", "--", "-"), recorded.items()):
    for place, row in enumerate(runs):
        gap = np.subtract(row["history"]["accuracy"], row["history"]["val_accuracy"])
        axis.plot(
            range(1, len(gap) + 1), 100 * gap, line, color=color, label=None if place else label
        )
axis.axhline(0, color="0.5", linewidth=1)
axis.set(xlabel="epoch", ylabel="training − validation\naccuracy (points)")
axis.legend(fontsize=12)
plots.show(
    "The gap between training and validation accuracy over the epochs, one line for each run: it opens early without augmentation and stays small with it."
)

# %% [markdown]
# **What to notice.** The third arm answers the second objection: compare the two lines with 24 epochs. The seeds answer the first: a gain counts when it is larger than twice its standard error.
# (With two or three seeds that error is itself uncertain: two runs that happen to agree have an error of zero, which nobody believes.) The gap shows the mechanism: augmentation does not make the network better at its training
# pictures; it keeps it from memorizing them.
#
# For comparison: source C reports 71 % for its recipe without and 81.9 % with augmentation, on pictures of 180×180 pixels, from one run each.

# %% tags=["nbval-check-output"]
source = [row["accuracy"] for row in rows if row["experiment"] == "source"]
print(
    "source C's recipe without augmentation, measured here:",
    *(f"{value:.1%}" for value in source),
)
print(f"500 test photographs alone leave an uncertainty of ± {np.sqrt(0.82 * 0.18 / 500):.1%}")

# %% [markdown]
# <!-- question third-arm -->
#
# ### How far does it go without a pretrained network?
#
# With more pixels, one more block and more patience. And with stronger augmentation: zoom, MixUp, and **CutMix**, which pastes a square of one picture into another and mixes the labels by area. Two functions do the mixing, on a batch of pictures with labels of shape (batch, 1):


# %% tags=["recipe"]
def mixed(pictures, labels):
    """MixUp: average each picture of a batch with another one, and the labels, too."""
    count = tf.shape(labels)[0]
    share = tf.random.gamma([count, 1], 0.3)
    share = share / (share + tf.random.gamma([count, 1], 0.3) + 1e-8)  # often near 0 or 1
    share = tf.maximum(share, 1 - share)
    other = tf.random.shuffle(tf.range(count))
    wide = share[:, :, None, None]
    pictures = wide * pictures + (1 - wide) * tf.gather(pictures, other)
    return pictures, share * labels + (1 - share) * tf.gather(labels, other)


# %% tags=["recipe"]
def pasted(pictures, labels):
    """CutMix: paste a square of another picture into half of the pictures; mix labels by area."""
    count, side = tf.shape(labels)[0], pictures.shape[1]
    center = tf.random.uniform([2, count, 1])
    reach = tf.random.uniform([count, 1], 0.09, 0.3)  # half a square's side, as a share
    place = (tf.range(side, dtype="float32")[None] + 0.5) / side
    rows, columns = (
        tf.cast(tf.abs(place - middle) < reach, "float32") for middle in (center[0], center[1])
    )
    square = rows[:, :, None] * columns[:, None, :]
    square *= tf.cast(tf.random.uniform([count, 1, 1]) < 0.5, "float32")
    other = tf.random.shuffle(tf.range(count))
    area = tf.reduce_mean(square, [1, 2])[:, None]
    pictures += square[..., None] * (tf.gather(pictures, other) - pictures)
    return pictures, labels + area * (tf.gather(labels, other) - labels)


# %% tags=["recipe"]
LARGER_SIDE = 128
LARGER_EPOCHS = {False: 24, True: 60}


def build_larger_network(augmented, side=LARGER_SIDE):
    """One block more, behind stronger random changes if wanted."""
    inputs = keras.Input((side, side, 3), name="picture")
    x = inputs
    if augmented:
        x = layers.RandomFlip("horizontal")(x)
        x = layers.RandomRotation(0.05)(x)
        x = layers.RandomZoom((-0.3, 0.1))(x)  # negative: nearer
        x = layers.RandomTranslation(0.08, 0.08)(x)
    x = layers.Rescaling(1 / 255)(x)
    for number, filters in enumerate((32, 64, 128, 256, 256, 256), start=1):
        x = layers.Conv2D(filters, 3, padding="same")(x)
        if number < 6:
            x = layers.MaxPooling2D(2)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid", name="is_dog")(x))


# %% tags=["nbval-check-output"]
for name, label in {"larger": "as they are", "larger, augmentation": "mixed"}.items():
    runs = [row for row in rows if row["experiment"] == name]
    values = [row["accuracy"] for row in runs]
    minutes = np.mean([row["processor_seconds"] for row in runs]) / 60
    each = ", ".join(f"{value:.1%}" for value in values)
    print(
        f"128×128, {runs[0]['epochs']} epochs, {label:11} {np.mean(values):.1%} ({each}), "
        f"{minutes:.0f} minutes of one core"
    )

# %% [markdown]
# **What to notice.** The mixed pictures cannot be learned by heart, so the network can go on learning for 60 epochs. More data would help more. That is the subject of lesson 06: a network that has seen a million pictures.
#
# ## 7 · What augmentation taught the network
#
# If the network learned that a turned cat is a cat, it should cope better with turned **test** pictures. Turn them by known
# angles and evaluate. (This is not another choice made on test data; nothing is chosen here.)

# %%
from scipy import ndimage

angles = range(0, 91, 15)
by_angle = {name: [] for name in networks}
for angle in angles:
    turned = ndimage.rotate(
        test_pictures, angle, axes=(2, 1), reshape=False, mode="reflect", order=1
    )
    for name, network in networks.items():
        by_angle[name].append(network.evaluate(turned, test_labels, verbose=0)[1])

# %%
plt.figure(figsize=(10, 4), layout="constrained")
plt.axvspan(0, 18, color="0.92")
plt.text(1, 43, "turned so far in training", color="0.3")
for (name, values), line in zip(by_angle.items(), ["--", "-"]):
    plt.plot(angles, np.multiply(values, 100), f"o{line}", label=f"{name} augmentation")
plt.axhline(50, color="0.5", linewidth=1)
plt.xlabel("test pictures turned by (degrees)")
plt.ylabel("accuracy (%)")
plt.ylim(40, 102)
plt.xticks(angles)
plt.legend(loc="upper right")
plots.show(
    "Accuracy of the two networks against the angle by which the test pictures are turned: level at first, then both fall."
)

# %% [markdown]
# **What to notice.** Within the gray range, which training covered, nothing is lost. Beyond it, both fall. Augmentation teaches the variation you put in, and not much more.
# This is the same lesson as the shifted digits in 03.
#
# <!-- question more-data -->
#
# ### The pictures that are still wrong

# %%
wrong = np.flatnonzero(~right["with"])
cats = int(np.sum(test_labels[wrong] == 0))
print(
    f"{len(wrong)} wrong: {cats} cats taken for dogs, {len(wrong) - cats} dogs taken for cats"
)
hardest = wrong[np.argsort(-np.abs(answers["with"][wrong] - 0.5))][:8]
if len(hardest):
    kinds = [pets.classes[test_labels[n]] for n in hardest]
    titles = [f"{kind}, p(dog) = {answers['with'][n]:.2f}" for kind, n in zip(kinds, hardest)]
    axes = plots.image_grid(list(test_pictures[hardest]), titles, columns=4, cell=3)
    axes[0].figure.suptitle(f"wrong with augmentation, the surest first ({KIND}s)")
    plots.show(
        "Up to eight animals that the network with augmentation takes for the other kind, the surest mistakes first."
    )

# %% [markdown]
# **What to notice.** Read the line above the figure before the pictures: are the mistakes shared evenly between the kinds, or does the network lean towards one answer? Then look for what the surest
# mistakes have in common. Whatever it is, turning and mirroring will not add it: new breeds, poses and surroundings need **more pictures**, or a network that has seen millions
# of others before. That is lesson 06.
#
# ## Summary
#
# - Augmentation shows each picture in ever new versions whose label is still true; it works only in training.
# - Keras measures rotation in full turns, shift and zoom in shares of the picture; empty corners are filled by reflection.
# - What changes the label, or could never be photographed, is not augmentation but an error in the data.
# - Cache first, augment afterwards; inside the model the layers travel with it.
# - A gain counts when it exceeds the noise: several seeds, a mean, and a standard error.
#
# ## Try it
#
# **Question 1.** Old code says `rotation_range=40`. Which factor do you give to `RandomRotation`?
#
# <details><summary>Answer</summary>
# 40/360 = 0.111.
# </details>
#
# **Question 2.** Three seeds gave 80 %, 82 % and 84 %. What are the mean and its standard error?
#
# <details><summary>Answer</summary>
# 82 % ± 1.2 points: the standard deviation is 2 points, divided by √3.
# </details>
#
# **Question 3.** Another recipe gives 83 % ± 1.0. Is it better than the one of question 2?
#
# <details><summary>Answer</summary>
# You cannot tell: the difference is 1 point, its standard error √(1.2² + 1.0²) = 1.5 points.
# </details>
#
# **Question 4.** Which of these may you use for photographs of traffic signs: horizontal flip, brightness, rotation by 5°, rotation by 180°?
#
# <details><summary>Answer</summary>
# Brightness and the small rotation. A flip turns "left" into "right", and half a turn changes what many signs say.
# </details>
#
# **Question 5.** 800 pictures, 45 epochs, a flip that happens half of the time, and nothing else. How many different pictures does the network see at most?
#
# <details><summary>Answer</summary>
# 1,600: each one in two versions. Continuous changes such as rotation have no such limit.
# </details>

# %%
# The numbers in the answers, computed.
assert round(40 / 360, 3) == 0.111  # 1
mean, error = mean_and_error([80, 82, 84])  # 2
assert (mean, round(float(error), 1)) == (82, 1.2)
assert np.std([80, 82, 84], ddof=1) == 2
assert round(float(np.hypot(error, 1.0)), 1) == 1.5  # 3
assert 800 * 2 == 1_600  # 5

# %% [markdown]
# **Next:** [lab 05](labs/lab_05_augmentation.ipynb) has you write the changes by hand and judge a gain; lesson 06 borrows a network
# that has seen a million photographs.
