# %% [markdown]
# # 05 · Data augmentation
#
# **What you will do:** make one photograph into many, train the network of lesson 04 on them, and find out whether it really got
# better.
#
# **What you will learn**
# - what flipping, turning, zooming, shifting and changing the contrast do, and in which units Keras measures them,
# - which changes you must not make, because they change the label,
# - where augmentation belongs: inside the model or in the pipeline, and never before the cache,
# - how to translate code that uses the old `ImageDataGenerator`,
# - how to decide with several seeds and a standard error whether a gain is larger than the noise.
#
# **What you need:** lesson 04.
#
# **Time:** 60–75 minutes in class. Running all cells takes about 6 min on 2 CPU cores.

# %%
from helpers import course, plots

course.start("Lesson 05", tensorflow=True)
precision = course.use_fast_precision()

# %%
import sys
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

from helpers import datasets

pets = datasets.cats_vs_dogs(download="google.colab" in sys.modules)
KIND = "drawn sample" if pets.source == "sample" else "photograph"
keras.config.disable_interactive_logging()
print(f"{len(pets.report.kept):,} {KIND}s of {' and '.join(pets.classes)}")

# %% [markdown]
# ## 1 · The idea: the same animal, never the same pixels
#
# Lesson 04 ended with a network that knew its training pictures by heart. No wonder: it saw **exactly the same numbers** in
# each epoch. But a cat that looks to the left is as much a cat as one that looks to the right. So change each picture
# a little at random, each time it is shown. The label stays, the pixels never repeat. That is **data augmentation**.
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
# An augmentation layer works **only in training**. In `evaluate` and `predict` it hands on its input unchanged:

# %% tags=["nbval-check-output"]
batch = chelsea[None].astype("float32")
in_use = keras.ops.convert_to_numpy(augment(batch, training=False)).astype("float32")
in_training = keras.ops.convert_to_numpy(augment(batch, training=True)).astype("float32")
print(
    "unchanged when predicting:", bool(np.abs(in_use - batch).max() < 1)
)  # 16 bits round a little
print("unchanged in training:    ", bool(np.abs(in_training - batch).max() < 1))
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
# | `RandomZoom(0.2)` | smaller or larger by up to 20 % | |
# | `RandomTranslation(0.1, 0.1)` | shift by up to 10 % of the height and of the width | ±18 of 180 pixels |
# | `RandomContrast((0.4, 0.4))` | differences from the mean × (1 − 0.4) … (1 + 0.4) | × 0.6 … 1.4 |
# | `RandomBrightness(0.2)` | add up to 20 % of the range | ±51 of 255 |

# %%
one_at_a_time = {
    "flip": layers.RandomFlip("horizontal", seed=10, dtype="float32"),
    "rotation 0.1": layers.RandomRotation(0.1, seed=2, dtype="float32"),
    "zoom 0.2": layers.RandomZoom(0.2, seed=4, dtype="float32"),
    "shift 0.1": layers.RandomTranslation(0.1, 0.1, seed=5, dtype="float32"),
    "contrast 0.4": layers.RandomContrast((0.4, 0.4), seed=5, dtype="float32"),
    "brightness 0.2": layers.RandomBrightness(0.2, seed=3, dtype="float32"),
}
versions, titles = [], []
for name, layer in one_at_a_time.items():
    changed = keras.ops.convert_to_numpy(layer(np.stack([chelsea] * 3), training=True))
    versions += list(np.clip(changed, 0, 255).astype("uint8"))
    titles += [name, "", ""]

# %%
plots.image_grid(versions, titles, columns=6, cell=2.3)
plots.show(
    "Six groups of three versions of the same cat: flipped, turned, zoomed, shifted, with more or less contrast, and "
    "brighter or darker."
)

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
means = chelsea.mean(axis=(0, 1))
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
# network's attention for nothing. Only the horizontal flip is used here, and turns up to 36°.
#
# Is a 9 really a turned 6 for a network? Take the digits of lesson 03 and find for each 6 its nearest neighbor among other
# digits, before and after half a turn.

# %% tags=["nbval-check-output"]
digits = datasets.mnist()
pictures = digits.x_train.reshape(len(digits.x_train), -1).astype("float32")
sixes = digits.x_train[digits.y_train == 6][:100]
others = digits.y_train != 6


def share_of_nines(images):
    """Return for how many images the nearest training digit that is no 6 is a 9."""
    flat = images.reshape(len(images), -1).astype("float32")
    distances = (
        (flat**2).sum(1)[:, None]
        + (pictures[others] ** 2).sum(1)
        - 2 * flat @ pictures[others].T
    )
    return float(np.mean(digits.y_train[others][distances.argmin(axis=1)] == 9))


before, after = share_of_nines(sixes), share_of_nines(sixes[:, ::-1, ::-1])
print(f"of 100 sixes, {before:.0%} resemble a 9 most closely; after half a turn {after:.0%}")
assert after > before + 0.2

# %% [markdown]
# Two more rules:
#
# - **Validation and test pictures are never augmented**, since you want to know how the network does on real pictures.
# - The **strength** is a choice like any other: it is made with validation data.
#
# ## 4 · Where to put it
#
# There are two places, which make the same kind of pictures:
#
# - **Inside the model**, the layers are saved with it, run on the graphics card if there is one, and switch themselves off in prediction.
# - **In the pipeline** (`dataset.map`), they run on the processor's spare cores while the graphics card works.


# %% tags=["recipe"]
SIDE = 64

# %%
TRAINING = course.budget(full=2000, reduced=128)
HALF = min(len(pets.report.kept) // 6, course.budget(full=500, reduced=48))
TWO_THIRDS = min(TRAINING, len(pets.report.kept) * 2 // 3)

parts = keras.utils.image_dataset_from_directory(
    pets.path,
    validation_split=1 / 3,
    subset="both",
    seed=course.SEED,
    image_size=(SIDE, SIDE),
    batch_size=None,
)
as_bytes = [
    part.map(lambda picture, label: (tf.cast(picture, tf.uint8), label)).cache()
    for part in (parts[0].take(TWO_THIRDS), parts[1].take(HALF), parts[1].skip(HALF).take(HALF))
]
training, validation, test = as_bytes


# %% tags=["recipe"]
def augmentation_layers():
    """Return source C's three random changes."""
    return [layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.2)]


# %%
in_pipeline = keras.Sequential(augmentation_layers())
augmented_batches = training.batch(32).map(
    lambda pictures, labels: (in_pipeline(pictures, training=True), labels),
    num_parallel_calls=tf.data.AUTOTUNE,
)
pictures, labels = next(iter(augmented_batches))
pictures = keras.ops.convert_to_numpy(pictures).astype("float32")
titles = [f"{pets.classes[label]} ({KIND})" for label in labels[:8].numpy()]
plots.image_grid(
    list(np.clip(pictures[:8], 0, 255).astype("uint8")), titles, columns=4, cell=2.9
)
plots.show(
    "Eight augmented pictures of cats and dogs from the pipeline: turned, zoomed, some mirrored."
)

# %% [markdown]
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
for name, layer in zip(["flip", "rotation", "zoom"], augmentation_layers()):
    changed = training.batch(32).map(
        lambda pictures, labels, layer=layer: (layer(pictures, training=True), labels)
    )
    print(f"{name:9} {milliseconds(changed) - plain:6.2f} ms for each picture")

# %% [markdown]
# **What to notice.** Turning and zooming compute each new pixel from four old ones, so they cost more than mirroring. On
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
# | `zoom_range=0.2` | `layers.RandomZoom(0.2)` |
# | `horizontal_flip=True` | `layers.RandomFlip("horizontal")` |
# | `fill_mode="nearest"` (the old default) | `fill_mode="nearest"` (the new default is `"reflect"`) |
# | `generator.flow_from_directory(folder, target_size=(180, 180))` | `keras.utils.image_dataset_from_directory(folder, image_size=(180, 180))` |
# | `model.fit_generator(generator, steps_per_epoch=63)` | `model.fit(dataset)` |

# %% tags=["nbval-check-output"]
print("fit_generator exists:", hasattr(keras.Model, "fit_generator"))
assert layers.RandomRotation(0.1).get_config()["fill_mode"] == "reflect"
assert 36 / 360 == 0.1

# %% [markdown]
# ## 5 · With and without, three times each
#
# Now the experiment: a smaller relative of source C's network from lesson 04, once without, once with the three augmentation
# layers in front and dropout at the end, as in the source. Batch normalization makes
# each run start at once, and the pictures are 64×64, so that **six** trainings take minutes: with three seeds each you can tell a
# gain from noise. With augmentation there are 45 epochs instead of 25: no picture comes twice, so learning takes longer. Without
# it, more epochs would only repeat pictures that are already known by heart. So the two **recipes** differ in three things that belong together: augmentation, dropout and
# the number of epochs. What you measure is the gain of all three.


# %% tags=["recipe"]
def build_network(augmented):
    """Four convolutions for small pictures, with or without augmentation and dropout."""
    inputs = keras.Input((SIDE, SIDE, 3), name="picture")
    x = inputs
    for layer in augmentation_layers() if augmented else []:
        x = layer(x)
    x = layers.Rescaling(1 / 255)(x)
    for filters in (32, 64, 128, 256):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    x = layers.Flatten()(x)
    if augmented:
        x = layers.Dropout(0.5)(x)
    outputs = layers.Dense(1, activation="sigmoid", dtype="float32", name="is_dog")(x)
    return keras.Model(inputs, outputs)


# %% tags=["nbval-check-output"]
counts = {name: build_network(name == "with").count_params() for name in ("without", "with")}
print(f"parameters without augmentation {counts['without']:,}, with {counts['with']:,}")
assert counts["with"] == counts["without"]  # the layers learn nothing

# %% tags=["recipe"]
EPOCHS = course.budget(full={False: 25, True: 45}, reduced={False: 2, True: 3})
SEEDS = course.budget(full=(0, 1, 2), reduced=(0, 1))


def train(augmented, seed):
    """Train one network from scratch; return it and its history."""
    keras.utils.set_random_seed(seed)
    network = build_network(augmented)
    steps = EPOCHS[augmented] * -(-TWO_THIRDS // 32)  # -(-a // b) divides and rounds up
    network.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps)),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    shuffled = training.shuffle(TWO_THIRDS, seed=seed).batch(32).prefetch(tf.data.AUTOTUNE)
    history = network.fit(
        shuffled,
        epochs=EPOCHS[augmented],
        validation_data=validation.batch(64),
        shuffle=False,
        verbose=0,
    )
    return network, history.history


# %%
networks, histories, seconds = {}, {}, {}
for augmented, name in [(False, "without"), (True, "with")]:
    for seed in SEEDS:
        start = time.perf_counter()
        networks[name, seed], histories[name, seed] = train(augmented, seed)
        seconds[name, seed] = time.perf_counter() - start
    mean = np.mean([seconds[name, seed] for seed in SEEDS])
    print(f"{name:8} augmentation: {mean:.0f} s for {EPOCHS[augmented]} epochs")

# %%
plots.learning_curves({name: histories[name, SEEDS[0]] for name in ("without", "with")})
plots.show(
    "Loss and accuracy of the two recipes, first seed: without augmentation the training loss drops to zero and the validation "
    "loss stays far above it; with augmentation the two curves stay closer together."
)

# %% [markdown]
# **What to notice.** Without augmentation, the training accuracy reaches 100 % and there is nothing left to learn from. With it, training is
# harder, because no picture comes twice, and the gap between training and validation is smaller. Learning also takes longer: augmentation
# needs **more epochs**.
#
# The gap itself, for all seeds: validation loss minus training loss.

# %%
plt.figure(figsize=(9, 3.8), layout="constrained")
for (name, seed), history in histories.items():
    gap = np.subtract(history["val_loss"], history["loss"])
    style = {"without": ("C0", "--"), "with": ("C1", "-")}[name]
    label = f"{name} augmentation" if seed == SEEDS[0] else None
    plt.plot(range(1, len(gap) + 1), gap, style[1], color=style[0], label=label)
plt.axhline(0, color="0.5", linewidth=1)
plt.xlabel("epoch")
plt.ylabel("validation − training loss")
plt.ylim(-0.5, 1.5)
plt.gca().xaxis.get_major_locator().set_params(integer=True)
plt.legend()
plots.show(
    "Validation loss minus training loss over the epochs, one line for each seed: the lines without augmentation end "
    "higher than those with it."
)

# %% [markdown]
# ## 6 · Is the gain larger than the noise?
#
# The one look at the test set, for all six networks. Each recipe has a mean over its seeds and a **standard error**: the spread of the
# seeds divided by the square root of their number. A difference of two means has the error $\sqrt{e_1^2 + e_2^2}$.


# %%
def mean_and_error(values):
    """Return the mean over seeds and its standard error."""
    return np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))


accuracy = {
    key: network.evaluate(test.batch(64), verbose=0)[1] for key, network in networks.items()
}
summary = {
    name: mean_and_error([accuracy[name, seed] for seed in SEEDS])
    for name in ("without", "with")
}
for name, (mean, error) in summary.items():
    each = ", ".join(f"{accuracy[name, seed]:.1%}" for seed in SEEDS)
    print(f"{name:8} augmentation: {mean:.1%} ± {error:.1%}   ({each})")
gain = summary["with"][0] - summary["without"][0]
gain_error = np.hypot(summary["with"][1], summary["without"][1])
verdict = "more" if gain > 2 * gain_error else "not more"
print(f"the gain is {verdict} than two standard errors:")
print(
    f"gain: {100 * gain:.1f} ± {100 * gain_error:.1f} points on {HALF} test pictures ({KIND}s)"
)

# %% tags=["ledger"]
# For the course's own records: what was measured, with what.
test_pictures, test_labels = (
    np.concatenate(part) for part in zip(*test.batch(64).as_numpy_iterator())
)
MEASURED = [
    course.ledger_row(
        experiment=f"{name} augmentation, {KIND}s",
        seed=seed,
        accuracy=round(float(accuracy[name, seed]), 4),
        test_size=HALF,
        recipe="05 build_network train",
        epochs=EPOCHS[name == "with"],
        seconds=round(seconds[name, seed]),
        parameters=counts[name],
        data=[test_pictures, test_labels],
    )
    for name, seed in networks
]

# %%
figure, axis = plt.subplots(figsize=(8, 3.6), layout="constrained")
for place, (name, (mean, error)) in enumerate(summary.items()):
    values = [100 * accuracy[name, seed] for seed in SEEDS]
    axis.plot(
        [place] * len(values), values, "o", color="0.4", markersize=9, markerfacecolor="none"
    )
    axis.errorbar(
        place + 0.12, 100 * mean, 100 * error, fmt="s", color="C0", capsize=8, markersize=9
    )
axis.set_xticks([0, 1], ["without augmentation", "with augmentation"])
axis.set_xlim(-0.5, 1.5)
axis.set_ylabel("test accuracy (%)")
axis.set_title(f"circles: seeds · squares: mean ± standard error ({KIND}s)", fontsize=13)
plots.show(
    "Test accuracy of the six networks as circles, three for each recipe, with the two means and their error bars as squares."
)

# %% [markdown]
# **What to notice.** A gain of more than two standard errors is a good sign; a smaller one may well be chance. With three seeds the standard error itself is uncertain, so two
# of them are no proof. With a single run each, a lucky seed could have told you anything.
#
# **On real photographs**, 2,000 for training and 500 for testing, the networks of lesson 04 in their full size (180×180 for the
# source's, 128×128 for the tuned one) came out as follows. Source C itself reports 71 % without and 81.9 % with augmentation.

# %% tags=["nbval-check-output"]
rows = course.recorded("cats_vs_dogs_photos")
ladder = {}
for row in rows:
    ladder.setdefault(row["experiment"], []).append(row["accuracy"])
for name, values in sorted(ladder.items()):
    epochs = next(row["epochs"] for row in rows if row["experiment"] == name)
    mean, error = mean_and_error(values)
    print(f"{name:24} {epochs} epochs: {mean:.1%} ± {error:.1%}, {len(values)} seeds")
(before, error_before), (after, error_after) = (
    mean_and_error(ladder[name]) for name in ("tuned", "tuned with augmentation")
)
gain, error = after - before, np.hypot(error_before, error_after)
print(f"augmentation gains {100 * gain:.1f} ± {100 * error:.1f} points with the tuned recipe")
test_error = np.sqrt(0.87 * 0.13 / 500)
print(f"500 test photographs alone leave an uncertainty of ± {test_error:.1%}")

# %%
figure, axis = plt.subplots(figsize=(11, 3.2), layout="constrained")
for place, (name, values) in enumerate(sorted(ladder.items())):
    mean = 100 * np.mean(values)
    hatch = "//" if "augmentation" in name else ""
    axis.barh(
        place, mean, color="C0" if "tuned" in name else "C1", hatch=hatch, edgecolor="white"
    )
    axis.plot(np.multiply(values, 100), [place] * len(values), "o", color="black", markersize=6)
    axis.text(100 * max(values) + 1.5, place, f"{mean:.1f} %", va="center")
axis.set_yticks(range(len(ladder)), sorted(ladder))
axis.axvline(50, color="0.3", linestyle="--")
axis.set_xlim(40, 100)
axis.set_xlabel("accuracy on 500 real test photographs (%), dots: seeds, dashed: guessing")
plots.show(
    "Bars with the accuracy on real photographs: the source's recipe is far below the tuned one; with augmentation the "
    "tuned one is hardly higher."
)

# %% [markdown]
# **What to notice.** On the photographs adding augmentation to the tuned recipe shows **no gain that exceeds the uncertainty** (the last two lines);
# the tuned recipe beats the source's by far without it. On the drawn sample, with a network that
# ends in `Flatten`, there was a gain. **How much a remedy gains can depend on the rest of the recipe and on the data.** So measure it
# for yours, with several seeds.
#
# ## 7 · What augmentation taught the network
#
# If the network learned that a turned cat is a cat, it should bear turned **test** pictures better. Turn them by known
# angles and evaluate. (This is not another choice made on test data; nothing is chosen here.)

# %%
from scipy import ndimage

angles = range(0, 91, 15)
by_angle = {name: [] for name in ("without", "with")}
for angle in angles:
    turned = ndimage.rotate(
        test_pictures, angle, axes=(2, 1), reshape=False, mode="reflect", order=1
    )
    for name in by_angle:
        values = [
            networks[name, seed].evaluate(turned, test_labels, verbose=0)[1] for seed in SEEDS
        ]
        by_angle[name].append(mean_and_error(values))

# %%
plt.figure(figsize=(10, 4), layout="constrained")
plt.axvspan(0, 36, color="0.92")
plt.text(1, 43, "turned so far in training", color="0.3")
for (name, values), line in zip(by_angle.items(), ["--", "-"]):
    means, errors = 100 * np.transpose(values)
    plt.errorbar(angles, means, errors, fmt=f"o{line}", capsize=4, label=f"{name} augmentation")
plt.axhline(50, color="0.5", linewidth=1)
plt.xlabel("test pictures turned by (degrees)")
plt.ylabel("accuracy (%)")
plt.ylim(40, 102)
plt.xticks(angles)
plt.legend(loc="upper right")
plots.show(
    "Accuracy against the angle by which the test pictures are turned, mean and standard error over the seeds: both fall, the "
    "network without augmentation earlier."
)

# %% [markdown]
# **What to notice.** Within the gray range, which training covered, the augmented networks lose little. Beyond it their advantage shrinks step by step: learning to
# bear 36° helps some way further, but not everywhere. This is the same lesson as the shifted digits in 03.
#
# ### The pictures that are still wrong

# %%
probability = networks["with", SEEDS[0]].predict(test_pictures, verbose=0)[:, 0]
before = networks["without", SEEDS[0]].predict(test_pictures, verbose=0)[:, 0]
wrong_now = (probability >= 0.5) != test_labels
wrong_before = (before >= 0.5) != test_labels
print(
    f"wrong without augmentation: {wrong_before.sum()}, of these right with it: {(wrong_before & ~wrong_now).sum()}"
)
print(
    f"wrong with augmentation:    {wrong_now.sum()}, of these right without it: {(wrong_now & ~wrong_before).sum()}"
)

# %%
wrong = np.flatnonzero(wrong_now)
hardest = wrong[np.argsort(-np.abs(probability[wrong] - 0.5))][:8]
if len(hardest):
    titles = [f"{pets.classes[test_labels[n]]}, p(dog) = {probability[n]:.2f}" for n in hardest]
    axes = plots.image_grid(list(test_pictures[hardest]), titles, columns=4, cell=3)
    axes[0].figure.suptitle(f"wrong with augmentation, the surest first ({KIND}s)")
    plots.show(
        "Up to eight animals that the network with augmentation takes for the other kind, the surest mistakes first."
    )

# %% [markdown]
# **What to notice.** Better on average does not mean better on each picture: some that were right are wrong now. And augmentation cannot make
# everything: new breeds, new poses, new surroundings need **more real pictures**, or a network
# that has seen millions of others before: lesson 06.
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
