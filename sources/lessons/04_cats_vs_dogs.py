# %% [markdown]
# # 04 · Cats vs dogs from scratch
#
# **What you will do:** turn a folder of color photographs, some of them damaged, into a network that tells cats from dogs.
#
# **What you will learn**
# - how to find damaged files before they stop your training,
# - how `image_dataset_from_directory` turns folders into batches, and how a careless split leaks validation pictures into training,
# - how to build an input pipeline, and how to measure whether it starves the network,
# - three checks before every long training run,
# - to read overfitting, a plateau and selection bias off learning curves,
# - how to judge a network by its mistakes, and how to save it.
#
# **What you need:** lesson 03.
#
# **Time:** 75–90 minutes in class. Running all cells takes about 2 min on 2 CPU cores.

# %%
from helpers import course, plots

course.start("Lesson 04", tensorflow=True)

# %%
import shutil
import time
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

from helpers import datasets
from helpers.training import progress

files = Path("files/04")  # everything this lesson writes
shutil.rmtree(files, ignore_errors=True)
files.mkdir(parents=True)

# %% [markdown]
# ## 1 · A folder of photographs, some damaged
#
# In 2013, Kaggle ran a contest: tell cats from dogs in 25,000 photographs, published by Microsoft. Any child can do it. Six years
# earlier, Microsoft's researchers had proposed the same photographs as a lock for web pages, because no program could.
#
# Collections like this one are never clean: some of the 25,000 files are empty, cut off, or no pictures at all. The course brings a
# small folder with the same layout and the same kinds of damage. Its pictures are drawn. Decode **every** file before you train; do not trust its name:

# %%
from helpers.photos import check_photos

folder = datasets.SAMPLES / "cats_vs_dogs" / "PetImages"
report = check_photos(folder, files / "verdicts.json")
print(report)

# %% [markdown]
# `check_photos` decodes each file the way TensorFlow will. It moves and deletes nothing.
#
# Public notebooks on this set use a shortcut: they delete every file that does not have the letters `JFIF` in its first ten
# bytes. JFIF is one way to begin a JPEG file. Apply the shortcut to the same files and compare.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
counts = {}
for name in (*report.kept, *report.rejected):
    if name.endswith(".jpg"):
        jfif = b"JFIF" in (folder / name).read_bytes()[:10]
        readable = "readable" if name in report.kept else "damaged"
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
# ### The pictures of this lesson
#
# You do not need all 25,000. Published recipes use the same 3,000 photographs: 1,000 cats and 1,000 dogs for training, the rest to judge
# the network. They are 69 MB. With a network connection the next line fetches them once; without one, you work with the drawn pictures.

# %%
pets = datasets.cats_vs_dogs()
KIND = "drawn sample" if pets.source == "sample" else "photograph"
print(
    f"{pets.name}: {len(pets.report.kept):,} {KIND}s, {len(pets.report.rejected)} unreadable files left out"
)
print("licence:", pets.licence)

# %% [markdown]
# They come in three parts. **Training** pictures set the weights. **Validation** pictures serve your choices: which epoch, which
# network, which learning rate. **Test** pictures serve one single look at the end.

# %% [markdown]
# ## 2 · From files to batches
#
# `keras.utils.image_dataset_from_directory` turns a folder with one subfolder per class into a dataset that reads, decodes and resizes pictures as you
# ask for them. It has eighteen arguments (all are explained at the end of this lesson). These matter most:
#
# - `image_size`: every picture is brought to this height and width, so that they fit into one array,
# - `batch_size`: how many pictures come at a time,
# - `shuffle`: mix the files (the default); otherwise all cats come before all dogs,
# - `validation_split`, `subset` and `seed`: set part of one folder aside for validation.
#
# As source A does it: batches of 128 pictures of 180×180 pixels, a fifth set aside.

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
titles = [pets.classes[label] for label in labels[:9].numpy()]
axes = plots.image_grid(images[:9].numpy().astype("uint8"), titles, columns=3, cell=3.2)
axes[0].figure.suptitle(f"nine training pictures ({KIND}s)")
plots.show(
    "Nine pictures of cats and dogs in different poses, light and surroundings, with their labels."
)

# %% [markdown]
# **What to notice.** The animals are large or small, whole or cut off, in front of anything. Color does not tell the two
# apart: both come in the same coats. A network has to find ears, muzzles and whiskers, wherever they are.
#
# ### What resizing does to a picture
#
# Few photographs are square. By default Keras squeezes them; two arguments avoid that at a price. Here with
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
# **What to notice.** Squeezing makes a landscape photograph narrower, and an upright one wider. It does so in training and at inference alike, so the network gets used to it. Cropping
# may cut off an ear; padding wastes pixels. Any of the three is fine. Not fine is one way in training and another at inference.
#
# ### A split that leaks
#
# With `subset="training"` and `subset="validation"` you call the function twice, and both calls must get the **same** seed.
# Otherwise they mix the files differently, and what one call holds out the other trains on. How bad is it?


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


same = share_of_validation_in_training(1, 1)
leak = share_of_validation_in_training(1, 2)
print(f"same seed:       {same:.0%} of the validation set is in training")
print(f"different seeds: about {round(leak, 1):.0%}")
assert same == 0
assert abs(leak - 0.8) < 0.06

# %% [markdown]
# **What to notice.** Four out of five: the validation accuracy would mostly measure memory. `subset="both"` makes the
# mistake impossible. Use it.
#
# A second trap lies beside it. The validation part is the **tail** of the list of files. Ask for an unmixed list, and guess what is in it:

# %% tags=["nbval-check-output"]
tail = keras.utils.image_dataset_from_directory(
    pets.path, validation_split=0.2, subset="validation", shuffle=False, verbose=False
)
classes_in_tail = sorted({int(label) for _, batch in tail for label in batch})
print("classes in the validation part:", [pets.classes[label] for label in classes_in_tail])
assert classes_in_tail == [1]

# %% [markdown]
# **What to notice.** Dogs only. A network that always says "dog" would be right every time. Mix first, or use folders that are divided already, as
# the rest of this lesson does.

# %% tags=["recipe"]
BATCH = 32
TRAINING = course.budget(full=2000, reduced=96)
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


# %% [markdown]
# <!-- question leaking-seed -->
#
# ## 3 · Small numbers, inside the model
#
# Pixels are numbers from 0 to 255, but weights like inputs around 1. You could divide in the pipeline. Better is a layer **inside the
# model**, `Rescaling(1/255)`: whoever uses your model later cannot forget it.

# %% tags=["nbval-check-output"]
small_numbers = layers.Rescaling(1 / 255)(images[:8]).numpy()
print(
    f"before: within 0–255, after: from {small_numbers.min():.1f} to {small_numbers.max():.1f}"
)
assert np.allclose(small_numbers, images[:8].numpy() / 255, atol=1e-6)

# %% [markdown]
# ## 4 · A pipeline that keeps up
#
# Before the network can take a step, somebody has to read the files, decode and resize them. If that takes longer than the step itself,
# the network waits. An expensive graphics card that waits is an expensive heater. `tf.data` has four tools:
#
# - **parallel `map`**: several pictures are decoded at the same time; `AUTOTUNE` lets TensorFlow choose how many,
# - **`prefetch`**: the next batch is prepared *while* the network works on this one,
# - **`cache`**: keep the decoded pictures in memory, so that the second epoch decodes nothing. As bytes they take a quarter
#   of the memory of float32,
# - **`shuffle`**: a new order in each epoch. It comes *after* `cache`; before it, the first epoch's order would be frozen.
#
# To see what they gain you need pictures as a phone takes them. Write 48 large JPEG files:

# %% slideshow={"slide_type": "skip"}
large = files / "large"
large.mkdir()
originals = [photographs.chelsea(), photographs.astronaut(), photographs.coffee()]
count = course.budget(full=48, reduced=12)
for number in range(count):
    picture = keras.utils.array_to_img(originals[number % 3])
    picture.resize((1600, 1200)).save(large / f"{number}.jpg", quality=90)
paths = [str(path) for path in sorted(large.iterdir())]
print(
    f"{count} files, {sum(path.stat().st_size for path in large.iterdir()) / count / 1e3:.0f} kB each"
)


# %%
def decode(path):
    """Read one file and return a picture of 180×180 bytes."""
    picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
    return tf.cast(tf.image.resize(picture, (180, 180)), tf.uint8)


options = (
    tf.data.Options()
)  # TensorFlow adds a prefetch of its own; here you want to see each tool
options.autotune.enabled = False
options.experimental_optimization.apply_default_optimizations = False
names = tf.data.Dataset.from_tensor_slices(paths).with_options(options)
one_by_one = names.map(decode)
parallel = names.map(decode, num_parallel_calls=tf.data.AUTOTUNE)
pipelines = {
    "one by one": one_by_one.batch(12),
    "parallel": parallel.batch(12),
    "parallel, prefetch": parallel.batch(12).prefetch(tf.data.AUTOTUNE),
    "cache, shuffle,\nprefetch": parallel.cache()
    .shuffle(count)
    .batch(12)
    .prefetch(tf.data.AUTOTUNE),
}

# %% [markdown]
# A stand-in for the graphics card takes 0.05 seconds for each batch of 12 and leaves the processor alone meanwhile. Measure, in the second epoch, how long it
# **waits** for its next batch.


# %% slideshow={"slide_type": "skip"}
def waiting_and_computing(dataset, step=0.05):
    """Return (seconds waiting for batches, seconds computing) in the second epoch."""
    for _epoch in range(2):
        waiting = computing = 0.0
        start = time.perf_counter()
        for _pictures in dataset:
            arrived = time.perf_counter()
            time.sleep(step)  # here a graphics card would compute
            waiting += arrived - start
            start = time.perf_counter()
            computing += start - arrived
    return waiting, computing


seconds = {name: waiting_and_computing(pipeline) for name, pipeline in pipelines.items()}

# %%
waiting, computing = np.transpose(list(seconds.values()))
plt.figure(figsize=(11, 3.8), layout="constrained")
plt.barh(list(seconds), computing, color="C0", label="computing")
plt.barh(
    list(seconds), waiting, left=computing, color="C1", hatch="//", label="waiting for data"
)
plt.gca().invert_yaxis()
plt.xlabel("seconds for the second epoch")
plt.legend(loc="upper left", bbox_to_anchor=(1, 1))
plots.show(
    "Four horizontal bars, one for each pipeline, divided into computing and waiting: each tool shortens the waiting part, "
    "and the cache removes it."
)

# %% [markdown]
# **What to notice.** Without any tool the card waits about half of the time. Parallel decoding uses both cores, prefetching decodes while the card computes,
# and the cache decodes nothing at all any more. When your data fits into memory, cache it. When it does not, you need the other two.
#
# This lesson's pictures fit, so its pipeline caches them:


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


# %% [markdown]
# ## 5 · Two published networks, and where their parameters are
#
# Source A's network has two convolutions with 16 filters. The last layer has **one** output with the **sigmoid**
# activation, $1/(1+e^{-s})$: the probability that it is a dog. That is enough for two classes.


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
    outputs = layers.Dense(1, activation="sigmoid", name="is_dog")(x)
    return keras.Model(inputs, outputs, name="first_network")


# %% tags=["nbval-check-output"]
def table(network):
    """Print each layer's output shape and parameters."""
    for layer in network.layers[1:]:
        shape = " × ".join(str(side) for side in layer.output.shape[1:])
        print(f"{layer.name:10} {shape:16} {layer.count_params():9,}")
    print(f"{'total':27} {network.count_params():9,}")


first_network = build_first_network()
table(first_network)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
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
# the convolutions, has less than 1 %.
#
# Source C (after Chollet's book) puts the parameters where they see: five convolutions with 32 to 256 filters, and no hidden
# dense layer.


# %% tags=["recipe"]
SOURCE_EPOCHS = 30


def build_source_network():
    """Source C's network for 180×180 pictures."""
    inputs = keras.Input((180, 180, 3), name="picture")
    x = layers.Rescaling(1 / 255, name="rescale")(inputs)
    for number, filters in enumerate((32, 64, 128, 256), start=1):
        x = layers.Conv2D(filters, 3, activation="relu", name=f"conv_{number}")(x)
        x = layers.MaxPooling2D(2, name=f"pool_{number}")(x)
    x = layers.Conv2D(256, 3, activation="relu", name="conv_5")(x)
    x = layers.Flatten(name="flatten")(x)
    outputs = layers.Dense(1, activation="sigmoid", name="is_dog")(x)
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
# <!-- question where-parameters -->
#
# ## 6 · Three checks before a long run
#
# A network trains silently even when something is badly wrong: labels mixed up, pixels not rescaled, a layer forgotten. Andrej Karpathy's advice: become one with
# your data, then make sure of the obvious before you spend hours. Three checks take seconds.
#
# **Check 1: is the first loss what it must be?** The loss for one sigmoid output is **binary cross-entropy**: $-\log p$ for a dog, $-\log(1-p)$ for a cat. An untrained
# network knows nothing, so $p$ is about ½, and the loss is $\ln 2$.

# %%
sixteen, answers = images[:16], tf.cast(labels[:16], tf.float32)
compile_source(source_network)
first_loss = source_network.evaluate(images, labels, verbose=0)[0]
print(f"first loss {first_loss:.4f}, ln 2 = {np.log(2):.4f}")
assert abs(first_loss - np.log(2)) < 0.05

# %% [markdown]
# **Check 2: what does it answer before it has learned anything?** All answers must lie near ½. If half of them are 0.99, the numbers inside the network are too large.

# %%
untrained = source_network.predict(images, verbose=0)[:, 0]
plt.figure(figsize=(8, 3.2), layout="constrained")
plt.hist(untrained, np.linspace(0, 1, 41), color="C0", edgecolor="white")
plt.xlabel("probability of dog, before training")
plt.ylabel("pictures")
plots.show(
    "A histogram of an untrained network's answers: all stand in one or two bars beside one half."
)

# %% [markdown]
# **What to notice.** One narrow block beside ½. Your network starts undecided, as it should.
#
# **Check 3: can it learn sixteen pictures by heart?** A network with a million parameters must get sixteen pictures right. If it cannot, there is a bug, and no amount of data
# will help.

# %%
keras.utils.set_random_seed(course.SEED)
memory = build_source_network()
memory.compile(keras.optimizers.Adam(3e-4), "binary_crossentropy")
steps = course.budget(full=40, reduced=3)
memorized = memory.fit(
    sixteen, answers, batch_size=16, epochs=steps, callbacks=progress(), verbose=0
).history["loss"]

# %%
plt.figure(figsize=(8, 3.4), layout="constrained")
plt.semilogy(range(1, steps + 1), memorized)
plt.axhline(np.log(2), color="0.5", linestyle=":", label="ln 2: knows nothing")
plt.xlabel("step, always with the same 16 pictures")
plt.ylabel("loss")
plt.legend()
plots.show(
    "The loss of sixteen pictures over the steps, on a logarithmic axis: it stays at the dotted line at first and then falls steeply."
)
assert steps < 40 or memorized[-1] < 0.1

# %% [markdown]
# **What to notice.** The loss stays near $\ln 2$ for a while, then falls towards zero. The chain of pictures, labels, loss and gradients works. It proves nothing about *new* pictures.
#
# <!-- question first-loss -->
#
# ## 7 · The source's recipe, recorded
#
# Thirty epochs of this network take too long for a class. So they were recorded: on the 2,000 photographs, with the cells above, curves included.

# %%
recorded = course.recorded("cats_vs_dogs_photos")
runs = [row for row in recorded if row["experiment"] == "source"]
figure, (left_axis, right_axis) = plt.subplots(1, 2, figsize=(12, 4.2), layout="constrained")
for row, style in zip(runs, ("-", "--", ":")):
    epochs, curves = range(1, row["epochs"] + 1), row["history"]
    for axis, measure in ((left_axis, "loss"), (right_axis, "accuracy")):
        label = f"seed {row['seed']}"
        axis.plot(epochs, curves[measure], style, color="C0", label=f"{label}, training")
        held_out = curves[f"val_{measure}"]
        axis.plot(epochs, held_out, style, color="C1", label=f"{label}, validation")
        axis.set(xlabel="epoch", ylabel=measure)
left_axis.set_ylim(0, 2.5)
left_axis.axhline(np.log(2), color="0.5", linewidth=1)
right_axis.legend(fontsize=11)
figure.suptitle("source C's recipe on 2,000 photographs (recorded)")
plots.show(
    "Loss and accuracy of recorded runs over thirty epochs. They begin on a plateau at ln 2. Then training loss falls "
    "while validation loss turns and rises."
)

# %% tags=["nbval-check-output"]
for row in runs:
    history, best = row["history"], row["best_epoch"]
    plateau = int(np.argmax(np.array(history["loss"]) < 0.68))
    print(
        f"seed {row['seed']}: {plateau:2} epochs on the plateau, lowest validation loss in epoch {best}, "
        f"there {history['val_accuracy'][best - 1]:.1%} of validation, {row['accuracy']:.1%} of test"
    )

# %% [markdown]
# **What to notice.** Read three things off the curves.
#
# - **A plateau.** The loss sits at $\ln 2$ for the first epochs: the network still says ½ to everything. Patience, or a better start, gets it off.
# - **Overfitting.** From the lowest validation loss on, the network gets better only at the pictures it trains on. This is the gap between memorizing and **generalization**.
# - **Selection bias.** You kept the epoch that looked best on 500 validation pictures. Of thirty ragged values, the best is partly luck; on the test pictures, which nobody chose by,
#   it is usually lower. That is why a separate test part exists.
#
# <!-- question selection -->
#
# ### Two callbacks: keep the best, write a log
#
# A **callback** is called by `fit` after each epoch. `ModelCheckpoint` with `save_best_only=True` saves the model whenever the validation loss is
# lower than ever before, so that a late, overfitted epoch does no harm. `TensorBoard` writes everything `fit` measures into a log.
# The course's `progress()` shows one line while you wait, and stops with an explanation if the loss ever becomes `nan` (not a number).


# %% slideshow={"slide_type": "skip"}
def callbacks(name):
    """Return a checkpoint, a log and a line of progress for one network."""
    keep = keras.callbacks.ModelCheckpoint(
        files / f"{name}.keras", monitor="val_loss", save_best_only=True
    )
    return [keep, keras.callbacks.TensorBoard(files / "logs" / name), *progress()]


# %% [markdown]
# ## 8 · A tuned recipe
#
# The source's recipe has four weak points. Each has a standard remedy, and none needs more data:
#
# - Without padding, each convolution drops the border of its map, and the maps are small in the end. **Same padding** keeps it.
# - The last layer still has a weight for each of 7×7 places. **Global average pooling** replaces each of the 256 maps by its mean:
#   "is there a muzzle *anywhere*?"
# - Training starts on a plateau. **Batch normalization** after each convolution keeps the numbers in a useful range (lesson 07 takes it
#   apart). It comes *after* pooling, where there are four times fewer numbers to normalize.
# - It overfits. **Regularization** is the name for everything that makes memorizing harder: **dropout** before the last layer, **weight decay** (AdamW pulls every weight a little towards zero in
#   each step), **label smoothing** (the targets are 0.05 and 0.95, so that nothing is gained by being ever more certain), and a **learning rate that falls** to zero along a cosine.
#
# Pictures of 96×96 pixels show the animals well enough, and a laptop handles them in minutes.

# %% tags=["recipe"]
SIDE = 96


def build_tuned_network(side=SIDE):
    """The same ladder of convolutions, with batch normalization, average pooling and dropout."""
    inputs = keras.Input((side, side, 3), name="picture")
    x = layers.Rescaling(1 / 255, name="rescale")(inputs)
    for number, filters in enumerate((32, 64, 128, 256, 256), start=1):
        x = layers.Conv2D(filters, 3, padding="same", name=f"conv_{number}")(x)
        if number < 5:
            x = layers.MaxPooling2D(2, name=f"pool_{number}")(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"norm_{number}")(x)
        x = layers.ReLU(name=f"relu_{number}")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(0.5, name="dropout")(x)
    outputs = layers.Dense(1, activation="sigmoid", name="is_dog")(x)
    return keras.Model(inputs, outputs, name="tuned_network")


# %% tags=["nbval-check-output"]
keras.utils.set_random_seed(course.SEED)
tuned_network = build_tuned_network()
for network in (first_network, source_network, tuned_network):
    last = network.get_layer("is_dog").count_params()
    print(
        f"{network.name:15} {network.count_params():9,} parameters, {last:6,} in the last layer"
    )
assert tuned_network.count_params() == 981_697
assert tuned_network.get_layer("is_dog").count_params() == 257

# %% tags=["recipe"]
TUNED_EPOCHS = course.budget(full=12, reduced=2)


def compile_tuned(network, batches_per_epoch, epochs=TUNED_EPOCHS):
    """Prepare the tuned training: AdamW, whose learning rate follows half a cosine down to zero."""
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, epochs * batches_per_epoch)
    network.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=0.05),
        loss=keras.losses.BinaryCrossentropy(label_smoothing=0.1),
        metrics=["accuracy"],
    )


# %% [markdown]
# Train it yourself. It takes a few minutes; the line below the cell tells you how far it is.

# %% slideshow={"slide_type": "skip"}
training, validation, test = load(SIDE)
training = batches(training, shuffle=True)
validation, test = batches(validation), batches(test)

compile_tuned(tuned_network, int(training.cardinality()))
tuned_history = tuned_network.fit(  # shuffle=False: the pipeline shuffles already
    training,
    epochs=TUNED_EPOCHS,
    validation_data=validation,
    callbacks=callbacks("tuned"),
    shuffle=False,
    verbose=0,
).history

# %%
best = int(np.argmin(tuned_history["val_loss"]))
axes = plots.learning_curves({"": tuned_history})
for axis in axes:
    axis.axvline(best + 1, color="0.5", linestyle=":", linewidth=2)
axes[0].set_title(f"the checkpoint is of epoch {best + 1} (dotted)")
plots.show(
    "Loss and accuracy of the tuned network over its epochs, for training and validation, with a dotted line at the epoch "
    "that was kept."
)

# %% [markdown]
# **What to notice.** No plateau: the tuned network learns from the first epoch on. Towards the end, as the learning rate
# goes to zero, the curves become calm. It still overfits: training accuracy runs ahead of validation accuracy. Lesson 05 is about that.
# Which of the remedies does the work? This run cannot say, because all changed at once. Lesson 07 takes batch normalization alone.
#
# ### TensorBoard, in the page
#
# TensorBoard is a small web server that draws the logs, live while you train. The next cell starts it inside this notebook's process and shows it
# here. In Colab it uses the magic commands `%load_ext tensorboard` and `%tensorboard --logdir files/04/logs`; in a terminal
# the command is `tensorboard --logdir files/04/logs`. (Reading this as a web page? You see nothing here: the server is gone.)

# %% tags=["live"]
import sys

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

# %% [markdown]
# The log is a file like any other. Read the curves back from it and compare them with what `fit` returned:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def logged(name, part, tag):
    """Return the values that TensorBoard's log holds for one curve."""
    log = EventAccumulator(str(files / "logs" / name / part), size_guidance={"tensors": 0})
    log.Reload()
    return [float(tf.make_ndarray(event.tensor_proto)) for event in log.Tensors(tag)]


for part, key in {"train": "accuracy", "validation": "val_accuracy"}.items():
    same = np.allclose(logged("tuned", part, "epoch_accuracy"), tuned_history[key], atol=1e-6)
    print(f"{part:10} accuracy in the log equals the history: {same}")

# %% [markdown]
# ## 9 · One look at the test set
#
# All choices are made. Load the best epoch and evaluate it on the test pictures: once. The **standard error**
# of an accuracy $a$ on $n$ pictures is $\sqrt{a(1-a)/n}$; the truth lies within two of them in about 95 of 100 such measurements.

# %%
best_network = keras.models.load_model(files / "tuned.keras")
test_images, test_labels = (np.concatenate(part) for part in zip(*test.as_numpy_iterator()))
probability_of_dog = best_network.predict(test_images, verbose=0)[:, 0]
accuracy = np.mean((probability_of_dog >= 0.5) == test_labels)
error = np.sqrt(accuracy * (1 - accuracy) / len(test_labels))
print(f"validation, the kept epoch: {tuned_history['val_accuracy'][best]:.1%}")
print(f"test: {accuracy:.1%} ± {error:.1%} on {len(test_labels)} {KIND}s")

# %% tags=["ledger"]
# For the course's own records: what was measured, with what.
MEASURED = [
    course.ledger_row(
        experiment=f"tuned recipe, {KIND}s",
        seed=course.SEED,
        accuracy=round(float(accuracy), 4),
        test_size=len(test_labels),
        recipe="04 load batches build_tuned_network compile_tuned TUNED_EPOCHS",
        epochs=TUNED_EPOCHS,
        parameters=best_network.count_params(),
        data=[test_images],
    )
]

# %% [markdown]
# One run with one seed says little about a recipe. So three recipes were recorded with several seeds, on the same 500 **test photographs**: the source's (so far only once), the one you have just
# trained, and the same with more epochs. Source C reports 71 % for its recipe, from one run.


# %% tags=["nbval-check-output"]
def mean_and_error(values):
    """Return the mean over seeds and its standard error, which one seed does not have (0)."""
    if len(values) == 1:
        return values[0], 0
    return np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))


measured = {}
for name in ("source", "tuned", "tuned, longer"):
    rows = [row for row in recorded if row["experiment"] == name]
    measured[name] = [row["accuracy"] for row in rows]
    mean, spread = mean_and_error(measured[name])
    side, epochs = rows[0]["image_size"], rows[0]["epochs"]
    seeds = f"± {spread:.1%}, {len(rows)} seeds" if spread else "one seed"
    print(f"{name:14} {side}×{side}, {epochs:2} epochs: {mean:.1%} {seeds}")

# %%
plt.figure(figsize=(9, 3.8), layout="constrained")
for place, values in enumerate(measured.values()):
    mean, spread = mean_and_error(values)
    plt.errorbar(
        100 * mean, place, xerr=100 * spread, fmt="o", color="C0", capsize=8, markersize=9
    )
    plt.plot(
        [100 * value for value in values], [place] * len(values), "x", color="C1", markersize=8
    )
plt.axvline(71, color="0.5", linestyle=":")
plt.text(71.2, -0.35, "published: 71", color="0.3")
plt.yticks(range(len(measured)), [name.replace(", ", ",\n") for name in measured])
plt.ylim(len(measured) - 0.6, -0.6)
plt.xlabel("test accuracy on 500 photographs (%); crosses: single seeds")
plots.show(
    "Three recipes, each with its mean, a bar for the standard error and a cross for each seed. The tuned ones stand clearly to the right "
    "of the published figure, and the source's recipe to the left of it."
)

# %% [markdown]
# **What to notice.** Same data, same number of parameters, and more than ten points between the recipes: how you train counts as much as what you train.
#
# ### The wrong answers
#
# The threshold is 0.5: from there on the answer is "dog". First all probabilities, then the answers that are wrong and **most certain**.

# %%
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
plt.legend(loc="upper left", bbox_to_anchor=(1, 1))
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
    axes[0].figure.suptitle(f"wrong and most certain ({KIND}s)")
    plots.show(
        "Up to eight animals that the network took for the other kind, with the probability it gave."
    )

# %% [markdown]
# **What to notice.** Sort them: which would *you* have got wrong? Is one kind wrong more often than the other? What do the mistakes share: size, pose, coat, what stands in front?
# Looking at mistakes is the fastest way to know what a network has not learned.
#
# ## 10 · A real cat
#
# A network answers whatever you show it. Prepare a new picture exactly as in training: same size, same resizing, bytes from 0 to 255,
# and a batch of one.
#
# If you work with drawn pictures, your network has never seen a photograph, and nobody can expect it to know one: **a network is only as good as the resemblance between its training pictures and
# yours.** For this case the course brings the weights of the tuned network trained on the 2,000 photographs (2 MB).


# %% slideshow={"slide_type": "skip"}
from PIL import Image, ImageOps

from helpers import networks


def read_photo(file, side):
    """Return a photograph of any size as a batch of one, upright and squeezed as in training."""
    upright = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
    return np.asarray(tf.image.resize(np.asarray(upright), (side, side)))[None]


if pets.source == "real":
    judge = best_network
else:
    judge = build_tuned_network(networks.about("cats_vs_dogs")["side"])
    networks.load("cats_vs_dogs", judge)
    print("weights trained on photographs:", networks.about("cats_vs_dogs")["trained_on"])

# %%
photo = files / "chelsea.jpg"  # put the name of your own file here
Image.fromarray(chelsea).save(photo)
side = judge.input_shape[1]
close = read_photo(photo, side)
p_close = float(judge.predict(close, verbose=0)[0, 0])
print(f"p(dog) = {p_close:.2f}: {pets.classes[int(p_close >= 0.5)]}")

# %% [markdown]
# Chelsea is a cat. If the line above says so, fine. If it does not, do not shrug: **find out why.**
#
# A suspicion: Chelsea's face fills the whole photograph. In the training pictures most animals are farther away. A convolution finds a pattern anywhere, but only at the size it has learned (lesson 01:
# it moves along with a shift, not with a zoom). Perhaps the network is simply too close. Test it: step back. Continue the photograph beyond its border as in a mirror, and ask again.


# %% slideshow={"slide_type": "skip"}
def step_back(picture, share):
    """Return the picture, shrunk to a share of the frame; its surroundings are mirrored."""
    height, width = picture.shape[:2]
    rows, columns = round(height / share), round(width / share)
    top, left = (rows - height) // 2, (columns - width) // 2
    sides = ((top, rows - height - top), (left, columns - width - left), (0, 0))
    return np.asarray(tf.image.resize(np.pad(picture, sides, mode="reflect"), (side, side)))


shares = [1, 0.9, 0.8, 0.7, 0.6, 0.5]
upright = np.asarray(ImageOps.exif_transpose(Image.open(photo)).convert("RGB"))
views = np.stack([step_back(upright, share) for share in shares])
p_views = judge.predict(views, verbose=0)[:, 0]

# %%
figure, axes = plt.subplots(
    1, 3, figsize=(12, 3.8), layout="constrained", width_ratios=[1, 1, 1.6]
)
for axis, place in zip(axes, (0, 3)):
    answer = pets.classes[int(p_views[place] >= 0.5)]
    axis.imshow(views[place].astype("uint8"))
    axis.set_title(f"share {shares[place]}: {answer}")
    axis.axis("off")
axes[2].plot(shares, p_views, "o-")
axes[2].axhline(0.5, color="black", linestyle="--")
axes[2].invert_xaxis()
axes[2].set(xlabel="share of the frame (stepping back →)", ylabel="p(dog)", ylim=(0, 1))
plots.show(
    "The cat filling the frame, the cat seen from farther away, and a curve of the probability of dog while stepping back: it falls below one half."
)
assert p_views[3] < 0.5 or pets.source == "real"

# %% [markdown]
# **What to notice.** Nothing about the cat has changed, only its size, and the answer follows. The network knows animals at the distance of its training pictures. Now you know what to do: train with pictures that are zoomed in, too (lesson 05), or step back when
# you ask. A cat: about a million numbers, learned from 2,000 pictures, recognize an animal they have never seen. Put a photograph of your own pet into `photo`, run these
# cells, and show it to somebody.
#
# **A trap with your own photographs.** A phone stores the picture as its sensor saw it, plus a note (EXIF) on how to turn it. TensorFlow and
# Keras **ignore** the note; the function above does not (`exif_transpose`).

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
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
# ## 11 · Save and load
#
# Keras' own format is one `.keras` file: a zip archive with the architecture as text and the weights. The older format is **HDF5** (`.h5`), a file that is organized like a folder:
# *groups* contain groups and *datasets*. Keras warns that it is a legacy format for models; the second line turns the warning off.

# %% tags=["nbval-check-output"]
import logging

logging.getLogger("absl").setLevel(logging.ERROR)
for name in ("model.keras", "model.h5"):
    best_network.save(files / name)
    reloaded = keras.models.load_model(files / name, compile=False)
    from_file = reloaded.predict(test_images, verbose=0)[:, 0]
    print(
        f"same predictions after {name}:", bool(np.array_equal(from_file, probability_of_dog))
    )
    assert np.array_equal(from_file, probability_of_dog)

# %% [markdown]
# ## Summary
#
# - Decode every file before training; a look at the first bytes both keeps damaged files and throws good ones away.
# - Use `subset="both"` or folders divided beforehand, mix before you split, cache after decoding, shuffle after caching.
# - Before a long run: first loss $\ln 2$, undecided answers, sixteen pictures learned by heart.
# - Curves show plateaus, overfitting and luck; the epoch chosen on validation pictures looks better than it is.
# - Look at the test set once, give the standard error, then look at the mistakes.
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
# **Question 4.** Your network is right on 400 of 500 test pictures, a friend's network on 410 of the same 500. They disagree about 30 of them: 20 times your friend's is right, 10 times yours.
# Is it better?
#
# <details><summary>Answer</summary>
# You cannot tell. Each accuracy has a standard error of 1.8 points. For two networks on the <em>same</em> pictures only the disagreements count: the difference is (20 − 10)/500 = 2 points, with a standard error of √30/500 = 1.1 points. That is less than two standard errors from zero.
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
assert [round(float(100 * np.sqrt(p * (1 - p) / 500)), 1) for p in (0.80, 0.82)] == [
    1.8,
    1.7,
]  # 4
assert round(100 * float(np.sqrt(30)) / 500, 1) == 1.1
side = 360
for _block in range(4):
    side = (side - 2) // 2
assert side - 2 == 18  # 5
assert 18 * 18 * 256 + 1 == 82_945

# %% [markdown]
# ## Appendix: for reference
#
# ### Every argument of `image_dataset_from_directory`
#
# Each answers a question.
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
# ### What an HDF5 file holds
#
# You meet HDF5 everywhere in science, and in lesson 07 as a format for pictures. Walk through the file: every weight is there, under its layer's name.

# %% slideshow={"slide_type": "skip"}
import h5py

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
# **Next:** [lab 04](labs/lab_04_cats_vs_dogs.ipynb) has you split, count, cache and judge; lesson 05 fights the overfitting.
