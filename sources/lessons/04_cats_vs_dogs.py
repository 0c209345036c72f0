# %% [markdown]
# # 04 · Cats vs dogs from scratch
#
# **What you will do:** turn a folder of color photographs, some of them damaged, into a network that tells cats from dogs.
#
# **What you will learn**
# - how to find damaged files before they stop your training,
# - every argument of `image_dataset_from_directory`, and how a careless split lets validation pictures leak into training,
# - how to build an input pipeline and measure whether it keeps the network waiting,
# - two published networks, counted layer by layer, and what is wrong with their proportions,
# - checkpoints, TensorBoard, and how to read overfitting from learning curves,
# - how to look at wrong answers, and how to save a model in two formats.
#
# **What you need:** lesson 03.
#
# **Time:** 75–90 minutes in class. Running all cells takes about 5 min on 2 CPU cores.

# %%
from helpers import course, plots

course.start("Lesson 04", tensorflow=True)
precision = course.use_fast_precision()

# %% [markdown]
# The first line names Keras' usual precision, 32 bits for each number; the last line says what is used from here on. Where the processor has units for
# 16-bit arithmetic, training can be several times as fast (`mixed_bfloat16`; lesson 06 explains it). If a loss ever becomes `nan` ("not a number"), leave out
# `course.use_fast_precision()`: 32 bits are slower and safer.

# %%
import shutil
import sys
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

from helpers import datasets

files = Path("files/04")  # everything this lesson writes
shutil.rmtree(files, ignore_errors=True)
files.mkdir(parents=True)

# %% [markdown]
# ## 1 · A folder of photographs, some damaged
#
# The set was published by Microsoft for a contest: 25,000 photographs in two folders, `PetImages/Cat` and `PetImages/Dog`. It
# is 825 MB, so the course brings a **drawn sample** of 1,200 pictures with the same folders, file names and kinds of damage.
# In Colab, or with `download=True`, the real photographs are fetched; if they are in your data folder, they are used.

# %%
pets = datasets.cats_vs_dogs(download="google.colab" in sys.modules)
KIND = "drawn sample" if pets.source == "sample" else "photograph"
print(f"{pets.name}: {KIND}s, classes {', '.join(pets.classes)}, licence: {pets.licence}")

# %% [markdown]
# `cats_vs_dogs()` has decoded **every** file completely, the way TensorFlow will. It moved and deleted nothing; it made a
# second folder (`pets.path`) with links to the readable photographs. This is its report:

# %%
print(pets.report)

# %% tags=["nbval-check-output"]
print("readable:", len(pets.report.kept), "  not readable:", len(pets.report.rejected))
assert not set(pets.report.kept) & set(pets.report.rejected)
assert all(
    (pets.path / name).suffix.lower() in (".jpg", ".jpeg", ".png", ".gif", ".bmp")
    for name in pets.report.kept
)

# %% [markdown]
# Public notebooks on this set use a shortcut: they delete every file that does not have the letters `JFIF` in its first ten
# bytes. JFIF is one way to begin a JPEG file. Apply the shortcut to the same files and compare.

# %% tags=["nbval-check-output"]
originals = (
    datasets.data_dir() / "PetImages"
    if pets.source == "real"
    else datasets.SAMPLES / "cats_vs_dogs" / "PetImages"
)
if not originals.is_dir():  # the official archive was unpacked for you
    originals = datasets.data_dir() / "unpacked" / "kagglecatsanddogs_5340" / "PetImages"
counts = {}
for name in (*pets.report.kept, *pets.report.rejected):
    if name.endswith(".jpg"):
        jfif = b"JFIF" in (originals / name).read_bytes()[:10]
        readable = "readable" if name in pets.report.kept else "damaged"
        key = (readable, "kept by the shortcut" if jfif else "deleted by the shortcut")
        counts[key] = counts.get(key, 0) + 1
for (readable, verdict), count in sorted(counts.items()):
    print(f"{count:6,} {readable:9} {verdict}")

# %% [markdown]
# **What to notice.** The shortcut is wrong in both directions. It **keeps** files that are cut off in the middle, because
# their beginning is fine; one of them in a batch stops the training. And it **deletes** readable pictures that begin in another
# way. On the full set the shortcut deletes 1,590 files and leaves the 23,410 that source A reports (the README lists the sources A to E). Its other
# figures follow from that one:

# %% tags=["nbval-check-output"]
left = 25_000 - 1_590
validation = int(0.2 * left)
print(f"{left:,} files: {left - validation:,} for training, {validation:,} for validation")
# -(-a // b) divides and rounds up: the last batch may be smaller
batches_of_128 = [-(-count // 128) for count in (left - validation, validation)]
print("batches of 128:", *batches_of_128)
assert (left, left - validation, validation) == (23_410, 18_728, 4_682)
assert batches_of_128 == [147, 37]

# %% [markdown]
# ## 2 · From files to batches
#
# `keras.utils.image_dataset_from_directory` turns a folder into a dataset that reads, decodes and resizes pictures as you
# ask for them. It has many arguments; each answers a question.
#
# | argument | the question it answers | default |
# | --- | --- | --- |
# | `directory` | which folder? It holds one subfolder for each class | |
# | `labels` | where do labels come from? `"inferred"`: from the subfolders; a list: from you; `None`: no labels | `"inferred"` |
# | `label_mode` | what does a label look like? `"int"` 0, 1, …; `"binary"` 0.0 or 1.0; `"categorical"` one-hot; `None` | `"int"` |
# | `class_names` | in which order are the classes numbered? Otherwise alphabetically | `None` |
# | `color_mode` | how many channels? `"grayscale"` 1, `"rgb"` 3, `"rgba"` 4 | `"rgb"` |
# | `batch_size` | how many pictures at a time? `None`: one by one | 32 |
# | `image_size` | (height, width) that every picture is brought to | (256, 256) |
# | `shuffle` | mix the files? Otherwise all cats come before all dogs | `True` |
# | `seed` | which mixture? Fix it, or the split differs each time | `None` |
# | `validation_split` | what share is set aside for validation? | `None` |
# | `subset` | which part do you want? `"training"`, `"validation"` or `"both"` | `None` |
# | `interpolation` | how are new pixels computed in resizing? | `"bilinear"` |
# | `follow_links` | look into subfolders that are links? | `False` |
# | `crop_to_aspect_ratio` | cut off what does not fit, instead of distorting? | `False` |
# | `pad_to_aspect_ratio` | or add black borders, instead of distorting? | `False` |
# | `data_format` | channels last or first? | `None`: Keras' setting |
# | `format` | what is returned? `"tf"`: a `tf.data.Dataset` | `"tf"` |
# | `verbose` | print how many files were found? | `True` |

# %%
import inspect

explained = """directory, labels, label_mode, class_names, color_mode, batch_size, image_size, shuffle,
    seed, validation_split, subset, interpolation, follow_links, crop_to_aspect_ratio,
    pad_to_aspect_ratio, data_format, format, verbose"""
for name in inspect.signature(keras.utils.image_dataset_from_directory).parameters:
    assert name in explained, f"your Keras has the argument {name}, which the table lacks"

# %% [markdown]
# As the source does it: batches of 128 pictures of 180×180 pixels, a fifth set aside.

# %% tags=["nbval-check-output"]
first_training, first_validation = keras.utils.image_dataset_from_directory(
    pets.path,
    validation_split=0.2,
    subset="both",
    seed=course.SEED,
    image_size=(180, 180),
    batch_size=128,
)
images, labels = next(iter(first_training))
print(first_training.class_names, images.shape, images.dtype.name, labels.dtype.name)
assert images.shape == (128, 180, 180, 3)
assert set(labels.numpy()) == {0, 1}  # 0 is the cat: C comes before D
assert images.numpy().min() >= 0
assert 1 < images.numpy().max() <= 255  # not yet 0–1
keras.config.disable_interactive_logging()  # it would repeat the count of files at each call

# %% tags=["cover"]
titles = [f"{pets.classes[label]} ({KIND})" for label in labels[:9].numpy()]
plots.image_grid(images[:9].numpy().astype("uint8"), titles, columns=3, cell=3.2)
plots.show(
    "Nine pictures of cats and dogs in different poses, light and surroundings, with their labels."
)

# %% [markdown]
# **What to notice.** The animals are large or small, whole or cut off, in front of anything. Colors do not tell the two
# apart: both come in the same ones. A network has to find ears, muzzles and whiskers, wherever they are.
#
# ### What resizing does to a picture
#
# Few photographs are square. By default Keras squeezes them; the two `…_to_aspect_ratio` arguments avoid that at a price. Here with
# a photograph of a real cat, Chelsea, that comes with scikit-image.

# %%
from skimage import data as photographs

chelsea = photographs.chelsea()
size = (180, 180)
versions = {
    f"as taken, {chelsea.shape[1]}×{chelsea.shape[0]}": chelsea,
    "squeezed (the default)": tf.image.resize(chelsea, size),
    "cropped": keras.utils.img_to_array(
        keras.utils.array_to_img(chelsea).crop((75, 0, 375, 300)).resize(size)
    ),
    "padded": tf.image.resize_with_pad(chelsea, *size),
}
pictures = [np.asarray(picture).astype("uint8") for picture in versions.values()]
plots.image_grid(pictures, list(versions), columns=4, cell=3.4)
plots.show(
    "A cat's face four times: as taken, squeezed so that it looks narrow, cropped at both sides, and with black bars "
    "above and below."
)

# %% [markdown]
# **What to notice.** Squeezing makes every animal narrower, in training and later alike, so a network gets used to it. Cropping
# may cut off an ear; padding wastes pixels. Any of the three is fine. What is not fine is one way in training and another one later.
#
# ### A split that leaks
#
# With `subset="training"` and `subset="validation"` you call the function twice, and both calls must get the **same** seed.
# Otherwise they mix the files differently, and what one call calls validation the other uses for training. How bad is it?


# %% tags=["nbval-check-output"]
def share_of_validation_in_training(training_seed, validation_seed):
    """Return the share of validation files that are also in the training part."""
    paths = {}
    for part, seed in {"training": training_seed, "validation": validation_seed}.items():
        dataset = keras.utils.image_dataset_from_directory(
            pets.path, validation_split=0.2, subset=part, seed=seed, verbose=False
        )
        paths[part] = set(dataset.file_paths)
    return len(paths["validation"] & paths["training"]) / len(paths["validation"])


print(
    f"same seed:       {share_of_validation_in_training(1, 1):.0%} of the validation set is in training"
)
leak = share_of_validation_in_training(1, 2)
print(f"different seeds: about {round(leak, 1):.0%}")
assert share_of_validation_in_training(1, 1) == 0
assert abs(leak - 0.8) < 0.06

# %% [markdown]
# **What to notice.** Four out of five: the validation accuracy would then mostly measure memory. `subset="both"` makes the
# mistake impossible. Use it.
#
# ### The three parts of this lesson
#
# Two thirds are for training, the rest is halved: **validation**, to make choices with, and **test**, for one single look. At most 2,000
# pictures are used for training, as in source C, so that the lesson takes minutes with the 25,000 real photographs, too.

# %% tags=["recipe"]
BATCH = 32
TRAINING = course.budget(full=2000, reduced=96)
HALF = min(len(pets.report.kept) // 6, course.budget(full=500, reduced=48))


def load(size):
    """Return training, validation and test pictures of size × size pixels, one by one."""
    training, held_out = keras.utils.image_dataset_from_directory(
        pets.path,
        validation_split=1 / 3,
        subset="both",
        seed=course.SEED,
        image_size=(size, size),
        batch_size=None,
        verbose=False,
    )
    return training.take(TRAINING), held_out.take(HALF), held_out.skip(HALF).take(HALF)


# %% [markdown]
# ## 3 · Small numbers, inside the model
#
# Pixels are numbers from 0 to 255, but weights like inputs around 1. You could divide in the pipeline. Better is a layer **inside the
# model**, `Rescaling(1/255)`: whoever uses your model later cannot forget it.

# %% tags=["nbval-check-output"]
rescale = layers.Rescaling(1 / 255, dtype="float32")
small_numbers = rescale(images[:8]).numpy()
print(
    f"before: within 0–255, after: from {small_numbers.min():.1f} to {small_numbers.max():.1f}"
)
assert np.allclose(small_numbers, images[:8].numpy() / 255, atol=1e-6)

# %% [markdown]
# ## 4 · A pipeline that keeps up
#
# Before the network can take a step, somebody has to read 32 files, decode and resize them. If that takes longer than the step itself,
# the network waits. Four tools of `tf.data`:
#
# - **parallel `map`**: several pictures are decoded at the same time; `AUTOTUNE` lets TensorFlow choose how many,
# - **`prefetch`**: the next batches are prepared *while* the network works on this one,
# - **`cache`**: keep the decoded pictures in memory, so that the second epoch decodes nothing. Cached as bytes they take a quarter
#   of what float32 numbers take,
# - **`shuffle`**: a new order in each epoch. It comes *after* `cache`; before it, the first epoch's order would be frozen.


# %%
def decode(path, label):
    """Read one file and return a picture of 180×180 bytes, and the label."""
    picture = tf.io.decode_image(tf.io.read_file(path), channels=3, expand_animations=False)
    picture.set_shape((None, None, 3))
    return tf.cast(tf.image.resize(picture, (180, 180)), tf.uint8), label


count = course.budget(full=480, reduced=64)
paths = [str(pets.path / name) for name in pets.report.kept[:count]]
names = tf.data.Dataset.from_tensor_slices((paths, [0] * len(paths)))
one_by_one = names.map(decode)
parallel = names.map(decode, num_parallel_calls=tf.data.AUTOTUNE)
pipelines = {
    "one by one": one_by_one.batch(32),
    "parallel": parallel.batch(32),
    "parallel, prefetch": parallel.batch(32).prefetch(tf.data.AUTOTUNE),
    "cache, prefetch": parallel.cache().shuffle(count).batch(32).prefetch(tf.data.AUTOTUNE),
}

# %% [markdown]
# The consumer is a small network (it is section 5's). Measure for each pipeline, in the second epoch, how long the network computes
# and how long it **waits** for its next batch.


# %%
def build_first_network():
    """Source A's network for 180×180 pictures."""
    inputs = keras.Input((180, 180, 3), name="picture")
    x = layers.Rescaling(1 / 255, name="rescale")(inputs)
    x = layers.Conv2D(16, 3, activation="relu", name="conv_1")(x)
    x = layers.MaxPooling2D(2, name="pool_1")(x)
    x = layers.MaxPooling2D(2, name="pool_2")(x)
    x = layers.Conv2D(16, 3, activation="relu", name="conv_2")(x)
    x = layers.MaxPooling2D(2, name="pool_3")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(64, activation="relu", name="dense")(x)
    outputs = layers.Dense(1, activation="sigmoid", dtype="float32", name="is_dog")(x)
    return keras.Model(inputs, outputs, name="first_network")


# %% slideshow={"slide_type": "skip"}
import time


def waiting_and_computing(dataset, network):
    """Return (seconds waiting for batches, seconds computing) in the second epoch."""
    for _epoch in range(2):
        waiting = computing = 0.0
        start = time.perf_counter()
        for pictures, targets in dataset:
            arrived = time.perf_counter()
            network.train_on_batch(pictures, targets)
            waiting += arrived - start
            start = time.perf_counter()
            computing += start - arrived
    return waiting, computing


# %%
consumer = build_first_network()
consumer.compile("adam", "binary_crossentropy")
seconds = {}
for name, pipeline in pipelines.items():
    seconds[name] = waiting_and_computing(pipeline, consumer)
    waiting, computing = seconds[name]
    print(
        f"{name:19} waiting {waiting / (waiting + computing):4.0%} of {waiting + computing:.2f} s"
    )

# %%
waiting, computing = np.transpose(list(seconds.values()))
plt.figure(figsize=(11, 3.6), layout="constrained")
plt.barh(list(seconds), computing, color="C0", label="computing")
plt.barh(
    list(seconds), waiting, left=computing, color="C1", hatch="//", label="waiting for data"
)
plt.gca().invert_yaxis()
plt.xlabel(f"seconds for {count} {KIND}s, second epoch")
plt.legend(loc="upper left", bbox_to_anchor=(1, 1))
plots.show(
    "Four horizontal bars, one for each pipeline, divided into computing and waiting: waiting is a small part of each."
)

# %% [markdown]
# **What to notice.** The network computes most of the time, whatever the pipeline: on two cores, without a graphics card, decoding these small pictures is not what
# training waits for. (The lengths of the bars vary with whatever else the computer is doing.) **Measure before you
# optimize.** What the four tools gain shows when nothing else is running, which is nearer to a computer whose network sits on a graphics card:

# %%
speed = {}
for name, pipeline in pipelines.items():
    for _epoch in range(2):
        start = time.perf_counter()
        for _pictures, _targets in pipeline:
            pass
        speed[name] = count / (time.perf_counter() - start)
    print(f"{name:19} {speed[name]:6.0f} pictures per second in the second epoch")

# %% [markdown]
# **What to notice.** From the cache, pictures come fastest, since nothing is decoded any more. With larger photographs, a faster network, or a set too large for memory, you
# need all four tools.


# %% tags=["recipe"]
def batches(pictures, shuffle=False):
    """Cache as bytes, shuffle if wanted, and prepare batches of 32 ahead of time."""
    as_bytes = pictures.map(
        lambda picture, label: (tf.cast(picture, tf.uint8), label),
        num_parallel_calls=tf.data.AUTOTUNE,
    ).cache()
    if shuffle:
        as_bytes = as_bytes.shuffle(TRAINING, seed=course.SEED)
    return as_bytes.batch(BATCH).prefetch(tf.data.AUTOTUNE)


# %% slideshow={"slide_type": "skip"}
training, validation, test = load(180)
training, validation, test = batches(training, shuffle=True), batches(validation), batches(test)

# %% [markdown]
# ## 5 · A first network, and where its parameters are
#
# Source A's network has two convolutions with 16 filters. The last layer has **one** output with the **sigmoid**
# activation, $1/(1+e^{-s})$: the probability that it is a dog. That is enough for two classes.


# %% tags=["nbval-check-output"]
def table(network):
    """Print each layer's output shape and parameters."""
    for layer in network.layers[1:]:
        shape = " × ".join(str(side) for side in layer.output.shape[1:])
        print(f"{layer.name:10} {shape:16} {layer.count_params():9,}")
    print(f"{'total':27} {network.count_params():9,}")


first_network = build_first_network()
table(first_network)

# %% tags=["nbval-check-output"]
names = ["conv_1", "pool_1", "pool_2", "conv_2", "pool_3"]
sides = [first_network.get_layer(name).output.shape[1] for name in names]
assert sides == [178, 89, 44, 42, 21]
assert first_network.get_layer("flatten").output.shape[1] == 21 * 21 * 16 == 7_056
parameters = {layer.name: layer.count_params() for layer in first_network.layers}
assert parameters["conv_1"] == (3 * 3 * 3 + 1) * 16 == 448
assert parameters["conv_2"] == (3 * 3 * 16 + 1) * 16 == 2_320
assert parameters["dense"] == (7_056 + 1) * 64 == 451_648
assert parameters["is_dog"] == 65
share = parameters["dense"] / first_network.count_params()
print(f"the dense layer holds {share:.1%} of all parameters")

# %% [markdown]
# **What to notice.** Nearly all parameters sit in one dense layer that has a separate weight for every *place*. The part that sees,
# the convolutions, has less than 1 %. Such a network can memorize a thousand pictures. Train it for a few epochs and see. The loss
# for one sigmoid output is **binary cross-entropy**: $-\log p$ for a dog, $-\log(1-p)$ for a cat.

# %%
first_network.compile(
    optimizer=keras.optimizers.Adam(1e-3), loss="binary_crossentropy", metrics=["accuracy"]
)
epochs = course.budget(full=25, reduced=2)
first_history = first_network.fit(  # shuffle=False: the pipeline shuffles already
    training, epochs=epochs, validation_data=validation, shuffle=False, verbose=0
).history
plots.learning_curves({"": first_history})
plots.show(
    "Loss and accuracy of the first network for training and validation; the two pairs of curves part."
)

# %%
print(f"training accuracy   {first_history['accuracy'][-1]:.0%}")
print(f"validation accuracy {first_history['val_accuracy'][-1]:.0%}")

# %% [markdown]
# **What to notice.** The curves part: what the network learns about the training pictures helps little with new ones. A coin would
# give 50 %, and on a few hundred validation pictures ± 3.5 points are chance.
#
# ## 6 · A deeper network
#
# Source C (after Chollet's book) puts the parameters where they see: five convolutions with 32 to 256 filters, and no hidden
# dense layer.


# %% tags=["recipe"]
SOURCE_EPOCHS = course.budget(full=30, reduced=2)


def build_source_network():
    """Source C's network for 180×180 pictures."""
    inputs = keras.Input((180, 180, 3), name="picture")
    x = layers.Rescaling(1 / 255, name="rescale")(inputs)
    for number, filters in enumerate((32, 64, 128, 256), start=1):
        x = layers.Conv2D(filters, 3, activation="relu", name=f"conv_{number}")(x)
        x = layers.MaxPooling2D(2, name=f"pool_{number}")(x)
    x = layers.Conv2D(256, 3, activation="relu", name="conv_5")(x)
    x = layers.Flatten(name="flatten")(x)
    outputs = layers.Dense(1, activation="sigmoid", dtype="float32", name="is_dog")(x)
    return keras.Model(inputs, outputs, name="source_network")


def compile_source(network):
    """Prepare the source's training: RMSprop with one learning rate throughout."""
    network.compile(
        optimizer=keras.optimizers.RMSprop(1e-3),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )


# %% tags=["nbval-check-output"]
keras.utils.set_random_seed(course.SEED)
source_network = build_source_network()
table(source_network)
sides = [layer.output.shape[1] for layer in source_network.layers[2:11]]
assert sides == [178, 89, 87, 43, 41, 20, 18, 9, 7]
before, after = [3, 32, 64, 128, 256], [32, 64, 128, 256, 256]
convolutions = [(9 * channels + 1) * filters for channels, filters in zip(before, after)]
assert convolutions == [896, 18_496, 73_856, 295_168, 590_080]
assert source_network.count_params() == sum(convolutions) + 7 * 7 * 256 + 1 == 991_041

# %% [markdown]
# ### Two callbacks: keep the best, write a log
#
# A **callback** is called by `fit` after each epoch. `ModelCheckpoint` with `save_best_only=True` saves the model whenever the validation loss is
# lower than ever before, so that a late, overfitted epoch does no harm. `TensorBoard` writes everything `fit` measures into a log.


# %%
def callbacks(name):
    """Return a checkpoint and a log for one network."""
    return [
        keras.callbacks.ModelCheckpoint(
            files / f"{name}.keras", monitor="val_loss", save_best_only=True
        ),
        keras.callbacks.TensorBoard(files / "logs" / name),
    ]


# %%
compile_source(source_network)
start = time.perf_counter()
source_history = source_network.fit(
    training,
    epochs=SOURCE_EPOCHS,
    validation_data=validation,
    callbacks=callbacks("source"),
    shuffle=False,
    verbose=0,
).history
print(f"{SOURCE_EPOCHS} epochs in {time.perf_counter() - start:.0f} s")

# %%
best = int(np.argmin(source_history["val_loss"]))
axes = plots.learning_curves({"": source_history})
for axis in axes:
    axis.axvline(best + 1, color="0.5", linestyle=":", linewidth=2)
axes[0].set_title(f"the checkpoint is of epoch {best + 1} (dotted)")
plots.show(
    "Loss and accuracy of the deeper network over the epochs. Training goes on improving, validation loss turns upward; a "
    "dotted line marks the epoch with the lowest validation loss."
)

# %% [markdown]
# **What to notice.** The training loss falls further and further, while the validation loss jumps up and down and ends above its lowest point: **overfitting**. The
# checkpoint is from the dotted line, the lowest of these ragged values; in another run it would be another epoch. One picture more or less is half a percent
# here; swings of ten points mean that the network itself changes that much from epoch to epoch.
#
# ### TensorBoard, in the page
#
# TensorBoard is a small web server that draws the logs, live while you train. The next cell starts it inside this notebook's process and shows it
# here. In Colab it uses the magic commands `%load_ext tensorboard` and `%tensorboard --logdir files/04/logs`; in a terminal
# the command is `tensorboard --logdir files/04/logs`. (Reading this as a web page? You see nothing here: the server is gone. The figure below it is
# drawn from the same logs.)

# %% tags=["live"]
from IPython import get_ipython
from IPython.display import IFrame, display
from tensorboard import program

if "google.colab" in sys.modules:
    get_ipython().run_line_magic("load_ext", "tensorboard")
    get_ipython().run_line_magic("tensorboard", f"--logdir {files / 'logs'}")
else:
    board = program.TensorBoard()
    board.configure(
        argv=[None, "--logdir", str(files / "logs"), "--port", "0", "--load_fast", "false"]
    )
    address = board.launch()
    display(IFrame(address, width="100%", height=500))

# %% tags=["nbval-check-output"]
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def logged(name, part, tag):
    """Return the values that TensorBoard's log holds for one curve."""
    log = EventAccumulator(str(files / "logs" / name / part), size_guidance={"tensors": 0})
    log.Reload()
    return [float(tf.make_ndarray(event.tensor_proto)) for event in log.Tensors(tag)]


for part, key in {"train": "accuracy", "validation": "val_accuracy"}.items():
    same = np.allclose(logged("source", part, "epoch_accuracy"), source_history[key], atol=1e-6)
    print(f"{part:10} accuracy in the log equals the history: {same}")

# %%
plt.figure(figsize=(8, 3.6), layout="constrained")
for part, line in {"train": "--", "validation": "-"}.items():
    values = logged("source", part, "epoch_loss")
    plt.plot(range(1, len(values) + 1), values, line, label=f"source/{part}")
plt.gca().xaxis.get_major_locator().set_params(integer=True)
plt.title("epoch_loss, from TensorBoard's log")
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()
plots.show(
    "The loss curves of training and validation once more, read back from the log files."
)

# %% [markdown]
# ## 7 · A tuned recipe
#
# The source's recipe has three weak points. Each has a standard remedy, and none needs more data:
#
# - The last layer still has a weight for each of 7×7 places. **Global average pooling** replaces each of the 256 maps by its mean:
#   "is there a muzzle *anywhere*?"
# - Training starts slowly. **Batch normalization** after each convolution keeps the numbers in a useful range (lesson 07 takes it
#   apart). It comes *after* pooling, where there are four times fewer numbers to normalize.
# - It overfits: **dropout** before the last layer, and a **learning rate that falls** to zero along a cosine (with Adam in place of RMSprop).
#
# Pictures of 128×128 pixels show the animals well enough and cost half the time.

# %% tags=["recipe"]
SIDE = 128


def build_tuned_network():
    """The same ladder of convolutions, with batch normalization, average pooling and dropout."""
    inputs = keras.Input((SIDE, SIDE, 3), name="picture")
    x = layers.Rescaling(1 / 255, name="rescale")(inputs)
    for number, filters in enumerate((32, 64, 128, 256, 256), start=1):
        x = layers.Conv2D(filters, 3, name=f"conv_{number}")(x)
        if number < 5:
            x = layers.MaxPooling2D(2, name=f"pool_{number}")(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"norm_{number}")(x)
        x = layers.ReLU(name=f"relu_{number}")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(0.5, name="dropout")(x)
    outputs = layers.Dense(1, activation="sigmoid", dtype="float32", name="is_dog")(x)
    return keras.Model(inputs, outputs, name="tuned_network")


# %% tags=["nbval-check-output"]
keras.utils.set_random_seed(course.SEED)
tuned_network = build_tuned_network()
last = {
    network.name: network.get_layer("is_dog").count_params()
    for network in (first_network, source_network, tuned_network)
}
for network in (first_network, source_network, tuned_network):
    print(
        f"{network.name:15} {network.count_params():9,} parameters, {last[network.name]:6,} in the last layer"
    )
assert tuned_network.count_params() == 981_697
assert last["tuned_network"] == 257

# %% tags=["recipe"]
TUNED_EPOCHS = course.budget(full=20, reduced=2)


def compile_tuned(network, batches_per_epoch, epochs=TUNED_EPOCHS):
    """Prepare the tuned training: Adam, whose learning rate follows half a cosine down to zero."""
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, epochs * batches_per_epoch)
    network.compile(
        optimizer=keras.optimizers.Adam(schedule),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )


# %%
tuned_training, tuned_validation, tuned_test = load(SIDE)
tuned_training = batches(tuned_training, shuffle=True)
tuned_validation, tuned_test = batches(tuned_validation), batches(tuned_test)

compile_tuned(tuned_network, int(tuned_training.cardinality()))
tuned_history = tuned_network.fit(
    tuned_training,
    epochs=TUNED_EPOCHS,
    validation_data=tuned_validation,
    callbacks=callbacks("tuned"),
    shuffle=False,
    verbose=0,
).history

# %%
plots.learning_curves({"source": source_history, "tuned": tuned_history})
plots.show(
    "Curves of the source's and of the tuned network together: the tuned one starts faster and its validation curve "
    "calms down towards the end."
)

# %% [markdown]
# **What to notice.** The tuned recipe learns from the first epochs on. Which of its changes does it, this comparison cannot say: all were made at once (lesson 07 tests batch
# normalization alone). Towards the end, as the learning rate
# goes to zero, the curves become calm. It overfits nevertheless: the training accuracy approaches 100 %. Lesson 05 is about that.
#
# ## 8 · One look at the test set
#
# All choices are made. Load the best epoch of each network and evaluate it on the test pictures: once. The **standard error**
# of an accuracy $a$ on $n$ pictures is $\sqrt{a(1-a)/n}$; the truth lies within two of them in about 95 of 100 such measurements.

# %%
outcome = {}
for name, pictures in {"source": test, "tuned": tuned_test}.items():
    best_network = keras.models.load_model(files / f"{name}.keras")
    outcome[name] = best_network.evaluate(pictures, verbose=0)[1]
    error = np.sqrt(outcome[name] * (1 - outcome[name]) / HALF)
    print(f"{name:7} {outcome[name]:.1%} ± {error:.1%} on {HALF} test pictures ({KIND}s)")

# %% tags=["ledger"]
# For the course's own records: what was measured, with what.
every_test = np.concatenate([pictures for pictures, _ in tuned_test.as_numpy_iterator()])
MEASURED = [
    course.ledger_row(
        experiment=f"{name} recipe, {KIND}s",
        seed=course.SEED,
        accuracy=round(float(accuracy), 4),
        test_size=HALF,
        recipe=f"04 load batches build_{name}_network compile_{name} {name.upper()}_EPOCHS",
        epochs=run_epochs,
        parameters=run_network.count_params(),
        data=[every_test],
    )
    for (name, accuracy), run_epochs, run_network in zip(
        outcome.items(), (SOURCE_EPOCHS, TUNED_EPOCHS), (source_network, tuned_network)
    )
]

# %% [markdown]
# One run with one seed says little about a recipe. So both were also run with three seeds on **real photographs**, 2,000 for training and 500 for
# testing (a part of the real set; the script is `benchmarks/cats_vs_dogs.py`). Source C reports 71 % for its recipe.


# %% tags=["nbval-check-output"]
def mean_and_error(values):
    """Return the mean over seeds and its standard error."""
    return np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))


photo_rows = course.recorded("cats_vs_dogs_photos")
for recipe in ("source", "tuned"):
    values = [row["accuracy"] for row in photo_rows if row["experiment"] == recipe]
    mean, error = mean_and_error(values)
    seeds = ", ".join(f"{value:.1%}" for value in values)
    print(f"{recipe:7} {mean:.1%} ± {error:.1%} on 500 photographs  ({seeds})")

# %% [markdown]
# ### The wrong answers
#
# The threshold is 0.5: from there on the answer is "dog". First all probabilities, then the answers that are wrong and **most certain**.

# %%
best_network = keras.models.load_model(files / "tuned.keras")
test_images, test_labels = (
    np.concatenate(part) for part in zip(*tuned_test.as_numpy_iterator())
)
probability_of_dog = best_network.predict(test_images, verbose=0)[:, 0]

bins = np.linspace(0, 1, 21)
plt.figure(figsize=(9, 3.8), layout="constrained")
for label, style in enumerate([{"color": "C1", "hatch": "//"}, {"color": "C0"}]):
    values = probability_of_dog[test_labels == label]
    plt.hist(
        values, bins, alpha=0.7, label=f"{pets.classes[label]}s", edgecolor="white", **style
    )
plt.axvline(0.5, color="black", linestyle="--")
plt.xlabel(f"probability of dog ({KIND}s of the test set)")
plt.ylabel("pictures")
plt.legend()
plots.show(
    "Two overlapping histograms: most cats have a probability near 0, most dogs near 1, some lie on the wrong side of the "
    "dashed threshold at one half."
)

# %%
wrong = np.flatnonzero((probability_of_dog >= 0.5) != test_labels)
certainty = np.abs(probability_of_dog - 0.5)
worst = wrong[np.argsort(-certainty[wrong])][:8]
if len(worst):
    titles = [
        f"{pets.classes[test_labels[n]]}, p(dog) = {probability_of_dog[n]:.2f}" for n in worst
    ]
    axes = plots.image_grid(test_images[worst], titles, columns=4, cell=3.2)
    axes[0].figure.suptitle(f"wrong and certain ({KIND}s)")
    plots.show(
        "Up to eight animals that the network took for the other kind, with the probability it gave."
    )

# %% [markdown]
# **What to notice.** Which ones would you have got wrong? Often the animal is small, turned away, or behind something; sometimes an ear
# shape is the reason. Sometimes there is none you can see.
#
# ## 9 · A new photograph
#
# A network answers whatever you show it. Prepare a new picture exactly as in training: same size, same resizing, bytes from 0 to 255,
# and a batch of one. Here is Chelsea; put the name of your own file into `photo` to try it.


# %%
from PIL import Image, ImageOps


def read_photo(file):
    """Return a photograph of any size as a batch of one, upright and squeezed as in training."""
    upright = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
    return np.asarray(tf.image.resize(np.asarray(upright), (SIDE, SIDE)))[None]


photo = files / "chelsea.jpg"
Image.fromarray(chelsea).save(photo)
probability = float(best_network.predict(read_photo(photo), verbose=0)[0, 0])
plots.image_grid(
    [chelsea], [f"p(dog) = {probability:.2f}: {pets.classes[int(probability >= 0.5)]}"], cell=5
)
plots.show("A close-up of a striped cat, with the probability of dog that the network gives.")

# %% [markdown]
# **What to notice.** Whether the answer is right here proves little: one photograph, and a network trained on drawings has
# never seen one. A network is only as good as the resemblance between its training pictures and yours.
#
# **A trap with your own photographs.** A telephone stores the picture as its sensor saw it, plus a note (EXIF) on how to turn it. TensorFlow and
# Keras **ignore** the note; the function above does not (`exif_transpose`).

# %% tags=["nbval-check-output"]
exif = Image.Exif()
exif[0x0112] = 6  # orientation: turn a quarter clockwise to see it upright
sideways = files / "telephone.jpg"
Image.fromarray(np.rot90(chelsea)).save(sideways, exif=exif)
by_keras = np.asarray(keras.utils.load_img(sideways))
by_us = np.asarray(ImageOps.exif_transpose(Image.open(sideways)))
print("Keras reads", by_keras.shape, "and upright it is", by_us.shape)

# %%
plots.image_grid([by_keras, by_us], ["as Keras reads it", "upright"], columns=2, cell=3.6)
plots.show("The same cat lying on its side, as Keras reads the file, and upright.")

# %% [markdown]
# ## 10 · Save and load
#
# Keras' own format is one `.keras` file: a zip archive with the architecture as text and the weights.

# %% tags=["nbval-check-output"]
import zipfile

best_network.save(files / "model.keras")
print(sorted(zipfile.ZipFile(files / "model.keras").namelist()))
reloaded = keras.models.load_model(files / "model.keras")
from_file = reloaded.predict(test_images, verbose=0)[:, 0]
print("same predictions after .keras:", bool(np.array_equal(from_file, probability_of_dog)))
assert np.array_equal(from_file, probability_of_dog)

# %% [markdown]
# The older format is **HDF5**, a file that is organized like a folder: *groups* contain groups and *datasets*, and a dataset is an array with a shape
# and a type. You meet it everywhere in science, and in lesson 07 as a format for pictures. Keras warns that it is a legacy format
# for models; the first line turns the warning off.

# %% tags=["nbval-check-output"]
import logging

import h5py

logging.getLogger("absl").setLevel(logging.ERROR)
best_network.save(files / "model.h5")
reloaded = keras.models.load_model(files / "model.h5", compile=False)
from_file = reloaded.predict(test_images, verbose=0)[:, 0]
print("same predictions after .h5:", bool(np.array_equal(from_file, probability_of_dog)))
assert np.array_equal(from_file, probability_of_dog)

# %% [markdown]
# Walk through the file: every weight is there, under its layer's name.

# %%
found = {}


def note(name, item):
    """Remember each dataset's shape."""
    if isinstance(item, h5py.Dataset) and name.startswith("model_weights"):
        found[name] = item.shape


with h5py.File(files / "model.h5") as file:
    file.visititems(note)
    print("attributes of the file:", ", ".join(sorted(file.attrs)))
for name, shape in list(found.items())[:8]:
    print(f"{name:70} {shape}")
assert sum(int(np.prod(shape)) for shape in found.values()) == best_network.count_params()

# %% [markdown]
# **What to notice.** The shapes of all datasets multiply and add up to the 981,697 parameters. Without a model at hand, a file
# like this tells you almost everything about it.
#
# ## Summary
#
# - Decode every file before training; a look at the first bytes both keeps damaged files and throws good ones away.
# - `image_dataset_from_directory` reads, splits and resizes; use `subset="both"`, or the same seed twice, or validation leaks.
# - Cache after decoding, shuffle after caching, prefetch at the end; then measure how long the network waits.
# - Count parameters layer by layer: a dense layer on a large map swallows nearly all and learns by heart.
# - Keep the best epoch by validation loss, look at the test set once, and give the accuracy with its standard error.
#
# ## Try it
#
# **Question 1.** How many batches of 32 do 2,000 pictures make, and how many pictures has the last one?
#
# <details><summary>Answer</summary>
# 63 batches; the last one has 16 pictures.
# </details>
#
# **Question 2.** How much memory does a cache of 2,000 pictures of 180×180 take, as float32 and as bytes?
#
# <details><summary>Answer</summary>
# 777.6 MB and 194.4 MB.
# </details>
#
# **Question 3.** A network gives a cat the probability of dog 0.9. What is the binary cross-entropy of this picture? And with 0.1?
#
# <details><summary>Answer</summary>
# −ln(1 − 0.9) = 2.303 and −ln(1 − 0.1) = 0.105. Being certain and wrong is expensive.
# </details>
#
# **Question 4.** Your network is right on 400 of 500 test pictures. Another one on 410. Is the other one better?
#
# <details><summary>Answer</summary>
# You cannot tell: the standard errors are 1.8 and 1.7 points, and the difference is 2 points.
# </details>
#
# **Question 5.** How many parameters would source C's last layer have for pictures of 360×360 instead of 180×180?
#
# <details><summary>Answer</summary>
# The last maps are then 18×18 instead of 7×7: 18·18·256 + 1 = 82,945. The convolutions do not change.
# </details>

# %%
# The numbers in the answers, computed.
assert (-(-2000 // 32), 2000 % 32) == (63, 16)  # 1
numbers = 2000 * 180 * 180 * 3
assert (numbers * 4 / 1e6, numbers / 1e6) == (777.6, 194.4)  # 2
assert [round(float(-np.log(p)), 3) for p in (0.1, 0.9)] == [2.303, 0.105]  # 3
errors = [100 * np.sqrt(p * (1 - p) / 500) for p in (0.80, 0.82)]
assert [round(float(error), 1) for error in errors] == [1.8, 1.7]  # 4
side = 360
for _block in range(4):
    side = (side - 2) // 2
assert side - 2 == 18  # 5
assert 18 * 18 * 256 + 1 == 82_945

# %% [markdown]
# **Next:** [lab 04](labs/lab_04_cats_vs_dogs.ipynb) has you split, count, cache and judge; lesson 05 fights the overfitting.
