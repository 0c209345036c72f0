# %% [markdown]
# # 07 · Sign language and batch normalization
#
# **What you will do:** build a network from named parts that reads digits from hands, compute its batch normalization yourself, and find out what that layer is
# good for.
#
# **What you will learn**
# - how to read data from an HDF5 file and turn labels into one-hot vectors,
# - what batch normalization computes in training, what it computes in use, and why per channel,
# - how to build a network with the functional API, check its shapes and parameters, and draw it,
# - whether batch normalization really helps, with seeds and standard errors,
# - how to improve a network that knows its training pictures by heart, and what 120 test pictures allow you to claim.
#
# **What you need:** lessons 03 and 05.
#
# **Time:** 75–90 minutes in class. Running all cells takes about 12 min on 2 CPU cores.

# %%
from helpers import course, plots

course.start("Lesson 07", tensorflow=True)
precision = course.use_fast_precision()

# %%
import sys
import time
from pathlib import Path

import h5py
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

from helpers import datasets

signs = datasets.sign_language(download="google.colab" in sys.modules)
KIND = "drawn sample" if signs.source == "sample" else "photograph"
keras.config.disable_interactive_logging()
print(f"{signs.name}: {signs.citation} ({signs.source})")

# %% [markdown]
# ## 1 · The data: two HDF5 files
#
# So far pictures came as single files. Here 1,080 of them lie in **one** file, as an array with a name. HDF5 is a format for that: a file like a small file system, with
# arrays in place of files. You met it in lesson 04, where it held a network's weights. `h5py` opens it:

# %% tags=["nbval-check-output"]
with h5py.File(signs.train_path) as file:
    for name, dataset in file.items():
        print(
            f"{name:13} {dataset.shape!s:18} {dataset.dtype.kind}{8 * dataset.dtype.itemsize}"
        )
    x_train, y_train = file["train_set_x"][:], file["train_set_y"][:]
with h5py.File(signs.test_path) as file:
    x_test, y_test = file["test_set_x"][:], file["test_set_y"][:]
    classes = file["list_classes"][:]
assert x_train.shape == (1080, 64, 64, 3)
assert x_test.shape == (120, 64, 64, 3)
assert classes.tolist() == [0, 1, 2, 3, 4, 5]
print("values", x_train.min(), "to", x_train.max())

# %% [markdown]
# `[:]` reads the array into memory; without it you hold a door to the file, which closes at the end of the `with` block.

# %% tags=["cover"]
first = [
    np.flatnonzero(y_train == digit)[column * 30] for digit in classes for column in range(3)
]
titles = [f"{y_train[n]} ({KIND})" if n == first[0] else str(y_train[n]) for n in first]
plots.image_grid(list(x_train[first]), titles, columns=6, cell=2.1)
plots.show("Eighteen pictures of hands, three for each of the digits 0 to 5, on light walls.")

# %% tags=["nbval-check-output"]
print("training:", np.bincount(y_train).tolist())
print("test:    ", np.bincount(y_test).tolist())
assert len(set(np.bincount(y_train))) == len(set(np.bincount(y_test))) == 1

# %% [markdown]
# All six digits are equally frequent, so guessing is right in one of six cases. The source holds labels as a row or a column, (1, m) or (m, 1); here they have
# the shape (m,). For the softmax of six classes each label becomes a **one-hot** vector: row number `label` of the identity matrix.

# %% tags=["nbval-check-output"]
column = y_train.reshape(-1, 1)
one_hot = np.eye(6, dtype="float32")[column[:, 0]]
print("labels", y_train.shape, "column", column.shape, "one-hot", one_hot.shape)
print("label", y_train[700], "becomes", one_hot[700].astype(int).tolist())
assert np.array_equal(one_hot, keras.utils.to_categorical(y_train, 6))
assert np.array_equal(one_hot.argmax(axis=1), y_train)

# %% [markdown]
# The files hold training and test pictures only. Choices need **validation** data, so every ninth training picture of each digit is put aside; the test file stays
# closed until the end. Values go to 0–1.

# %%
order = np.argsort(y_train, kind="stable")
held_out = order[::9]
kept = np.setdiff1d(order, held_out)
x_validation, y_validation = x_train[held_out] / np.float32(255), one_hot[held_out]
x_fit, y_fit = x_train[kept] / np.float32(255), one_hot[kept]
FEWER = course.budget(full=len(x_fit), reduced=128)
chosen = np.random.default_rng(course.SEED).permutation(len(x_fit))[:FEWER]
x_fit, y_fit = x_fit[chosen], y_fit[chosen]
print(
    f"{len(x_fit)} for training, {len(x_validation)} for validation: {np.bincount(y_validation.argmax(1))}"
)
assert x_fit.dtype == np.float32
assert x_fit.max() <= 1

# %% [markdown]
# ## 2 · The network, part by part
#
# The source's network has two rounds of **convolution → batch normalization → ReLU → pooling**, with large kernels of 7×7. Each part gets a name, so that you can ask for its
# shape, its parameters and its output. (The source's network is written for an old version of Keras; this is the same in Keras 3.)


# %% tags=["recipe"]
def build_network(normalized=True):
    """The source's network, with or without batch normalization."""
    inputs = keras.Input((64, 64, 3), name="hand")
    x = layers.ZeroPadding2D(3, name="pad")(inputs)
    for number, filters in enumerate((32, 64)):
        x = layers.Conv2D(filters, 7, name=f"conv{number}")(x)
        if normalized:
            x = layers.BatchNormalization(name=f"bn{number}")(x)
        x = layers.ReLU(name=f"relu{number}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{number}")(x)
    x = layers.Flatten(name="flat")(x)
    outputs = layers.Dense(6, activation="softmax", dtype="float32", name="digit")(x)
    return keras.Model(inputs, outputs, name="signs")


# %%
network = build_network()

# %% tags=["nbval-check-output"]
print(f"{'layer':6} {'output':13} {'parameters':>10} {'trainable':>10}")
for layer in network.layers[1:]:
    shape = " × ".join(map(str, layer.output.shape[1:]))
    trainable = sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)
    print(f"{layer.name:6} {shape:13} {layer.count_params():10,} {trainable:10,}")
print(f"{'in all':20} {network.count_params():10,}")

# %% [markdown]
# Check each against the formulas of lesson 01:

# %% tags=["nbval-check-output"]
shape = {layer.name: layer.output.shape[1:] for layer in network.layers}
count = {layer.name: layer.count_params() for layer in network.layers}
assert shape["pad"][:2] == (70, 70)
assert (shape["conv0"], shape["pool0"]) == ((64, 64, 32), (32, 32, 32))
assert (shape["conv1"], shape["pool1"]) == ((26, 26, 64), (13, 13, 64))
assert shape["flat"] == (13 * 13 * 64,) == (10_816,)
assert count["conv0"] == (7 * 7 * 3 + 1) * 32 == 4_736
assert count["conv1"] == (7 * 7 * 32 + 1) * 64 == 100_416
assert (count["bn0"], count["bn1"]) == (4 * 32, 4 * 64) == (128, 256)
assert count["digit"] == (10_816 + 1) * 6 == 64_902
assert sum(count.values()) == 170_438
fixed = sum(int(np.prod(weight.shape)) for weight in network.non_trainable_weights)
print(f"trainable {network.count_params() - fixed:,}, not trainable {fixed}")
assert fixed == 2 * 32 + 2 * 64 == 192
assert network.count_params() - fixed == 170_246

# %% [markdown]
# `summary()` prints such a table, too, and Keras can **draw** a network. The drawing usually needs a program called graphviz; here a package does it if the program
# is missing. One line shows it in the page and writes it as a picture to disk.

# %%
network.summary(line_length=72, print_fn=print)

# %%
files = Path("files/07")  # what this lesson writes
files.mkdir(parents=True, exist_ok=True)
plots.model_graph(
    network,
    "The network as a column of boxes, from the input of 64×64×3 numbers through padding and two rounds of convolution, "
    "normalization, ReLU and pooling to six probabilities.",
    path=files / "signs_network.png",
)
assert (files / "signs_network.png").stat().st_size > 1000

# %% [markdown]
# **What to notice.** The second convolution and the dense layer hold almost all parameters. Batch normalization adds hardly any. And 192 of its numbers
# are **not trained** by gradients. What are they?
#
# ## 3 · Batch normalization by hand
#
# What leaves a convolution can have any size, and each training step changes it for all later layers. Batch normalization brings each **channel** back to
# mean 0 and variance 1, and then lets the network choose a better mean and spread itself:
#
# $$ \hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \qquad y = \gamma\,\hat x + \beta $$
#
# In **training**, $\mu$ and $\sigma^2$ are the mean and variance of the channel over the batch, its height and its width: over B·H·W numbers. $\gamma$ and $\beta$
# are trained, one each per channel.
#
# Take the first convolution's output for 32 hands, and compute.

# %%
# the same network in 32 bits, so that rounding does not disturb the comparison
float_network = keras.models.clone_model(
    network,
    clone_function=lambda layer: layer.__class__.from_config(
        {**layer.get_config(), "dtype": "float32"}
    ),
)
until_conv0 = keras.Model(float_network.input, float_network.get_layer("conv0").output)
x = keras.ops.convert_to_numpy(until_conv0(x_fit[:32]))
print("activations: batch, height, width, channels =", x.shape)


# %% tags=["nbval-check-output"]
def batch_norm(x, gamma, beta, epsilon=1e-3):
    """Normalize each channel of a batch; also return the means and variances."""
    mean = x.mean(axis=(0, 1, 2))
    variance = x.var(axis=(0, 1, 2))
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta, mean, variance


random = np.random.default_rng(course.SEED)
gamma, beta = random.uniform(0.5, 2, 32), random.normal(size=32)
by_hand, mean, variance = batch_norm(x.astype("float64"), gamma, beta)

layer = layers.BatchNormalization(dtype="float64")  # so that rounding plays no part
layer.build(x.shape)
layer.gamma.assign(gamma)
layer.beta.assign(beta)
by_keras = keras.ops.convert_to_numpy(layer(x, training=True))
print("values per mean:", x.shape[0] * x.shape[1] * x.shape[2])
print("equal to Keras:", bool(np.abs(by_hand - by_keras).max() < 1e-5))
assert np.abs(by_hand - by_keras).max() < 1e-5

# %%
figure, axes = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
normal = batch_norm(x, 1, 0)[0]
widest = np.argsort(x.std(axis=(0, 1, 2)))[[-1, 16, 0]]
for axis, values, title in [
    (axes[0], x, "after the convolution"),
    (axes[1], normal, "normalized"),
]:
    for channel, style in zip(widest, ["-", "--", ":"]):
        heights, edges = np.histogram(values[..., channel], bins=80, density=True)
        axis.plot(
            (edges[1:] + edges[:-1]) / 2,
            heights / heights.max(),
            style,
            label=f"channel {channel}",
        )
    axis.set_title(title)
    axis.set_xlabel("activation")
axes[0].set_ylabel("frequency (highest = 1)")
axes[1].set_xlim(-4, 4)
axes[1].legend()
plots.show(
    "Distributions of three channels: after the convolution they lie at different places with different widths; normalized, all three are centered at zero and equally wide."
)

# %% [markdown]
# **What to notice.** Each channel keeps its **shape**; only its place and width change. Nothing is lost, and the next layer gets numbers of a known size.
#
# ### Why per channel?
#
# A channel is the answer of **one kernel** at all places. All of them are the same kind of number, so they share a mean. What if you took one mean for everything? Or one
# for each place? Look at the channels' means and the spread that remains between channels.

# %% tags=["nbval-check-output"]
over_all = (x - x.mean()) / x.std()
spread = over_all.std(axis=(0, 1, 2))
print(
    "one mean for everything: channels differ in spread:", bool(spread.max() > 3 * spread.min())
)
per_place = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-3)
shifted = np.roll(x, 5, axis=2)  # every hand 5 columns to the right
shifted_place = (shifted - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-3)
moves_along = np.allclose(np.roll(per_place, 5, axis=2), shifted_place, atol=1e-3)
print("one mean for each place: a shifted hand gives shifted features:", moves_along)
channel_mean, channel_variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
per_channel = (x - channel_mean) / np.sqrt(channel_variance + 1e-3)
shifted_channel = (shifted - channel_mean) / np.sqrt(channel_variance + 1e-3)
moves_along = np.allclose(np.roll(per_channel, 5, axis=2), shifted_channel, atol=1e-3)
print("one mean for each channel: a shifted hand gives shifted features:", moves_along)
assert moves_along

# %% [markdown]
# **What to notice.** One mean for everything leaves large and small channels as they are. One for each place treats the same edge differently here and there, and destroys what makes a
# convolution a convolution: the same rule everywhere (lesson 01). Per channel does neither: to shift and then normalize is the same as to normalize and then shift.
#
# ### In use there is no batch
#
# When you predict **one** hand, there is no batch to take a mean from, and the answer must not depend on who else is in the batch. So the layer keeps **moving averages** during
# training: after each batch, with momentum 0.99,
#
# $$ \text{average} \leftarrow 0.99 \cdot \text{average} + 0.01 \cdot \text{value of this batch} $$
#
# These are the 192 numbers that gradients do not touch: a mean and a variance for each of 32 + 64 channels.

# %% tags=["nbval-check-output"]
layer = layers.BatchNormalization(dtype="float32")
layer.build(x.shape)
moving_mean, moving_variance = np.zeros(32), np.ones(32)
for start in (0, 8, 16, 24):
    part = x[start : start + 8]
    layer(part, training=True)
    moving_mean = 0.99 * moving_mean + 0.01 * part.mean(axis=(0, 1, 2))
    moving_variance = 0.99 * moving_variance + 0.01 * part.var(axis=(0, 1, 2))
assert np.allclose(moving_mean, keras.ops.convert_to_numpy(layer.moving_mean), atol=1e-5)
assert np.allclose(
    moving_variance, keras.ops.convert_to_numpy(layer.moving_variance), atol=1e-5
)

in_use = keras.ops.convert_to_numpy(layer(x[:1], training=False))
by_hand = (x[:1] - moving_mean) / np.sqrt(moving_variance + 1e-3)
assert np.abs(by_hand - in_use).max() < 1e-5
print("moving averages and the result in use are equal to Keras'")

# %% [markdown]
# **What to notice.** A layer called with `training=True` and with `training=False` computes **different things**. `fit` uses the first, `predict` and `evaluate` the second.
# And the averages start at 0 and 1: after four batches they are still far from the truth. How long does it take?

# %%
batches = np.arange(0, 501)
plt.figure(figsize=(9, 3.6), layout="constrained")
for momentum, style in [(0.99, "-"), (0.9, "--")]:
    plt.plot(batches, 100 * (1 - momentum**batches), style, label=f"momentum {momentum}")
plt.axvline(len(kept) / 64, color="0.5", linewidth=1.5, linestyle=":")
plt.text(len(kept) / 64 + 6, 4, "one epoch of this lesson", color="0.3")
plt.xlabel("batches")
plt.ylabel("way to the true mean (%)")
plt.legend()
plots.show(
    "How far a moving average has come from its start to the true value: with momentum 0.9 nearly all the way after 30 batches, with 0.99 after about 400."
)

# %% tags=["nbval-check-output"]
for momentum in (0.99, 0.9):
    needed = int(np.ceil(np.log(0.05) / np.log(momentum)))
    print(
        f"momentum {momentum}: 95 % of the way after {needed} batches, {needed / 15:.0f} epochs of 15 batches"
    )
assert -(-960 // 64) == 15

# %% [markdown]
# With small data sets, this matters: the network can be good in training mode long before its averages are. Remember this when you see the validation curve.
#
# ## 4 · Training, as the source does
#
# Source E (the README lists the sources) trains with Adam, categorical cross-entropy, batches of 64, 25 epochs.


# %% tags=["recipe"]
EPOCHS = course.budget(full=25, reduced=5)
BATCH = course.budget(full=64, reduced=32)
SEEDS = course.budget(full=(0, 1, 2), reduced=(0, 1))


def train(build, seed, epochs=EPOCHS, learning_rate=1e-3):
    """Train a network; return it, its history and the seconds."""
    keras.utils.set_random_seed(seed)
    model = build()
    model.compile(
        keras.optimizers.Adam(learning_rate), "categorical_crossentropy", metrics=["accuracy"]
    )
    start = time.perf_counter()
    history = model.fit(
        x_fit,
        y_fit,
        batch_size=BATCH,
        epochs=epochs,
        validation_data=(x_validation, y_validation),
        verbose=0,
    ).history
    assert np.isfinite(history["loss"]).all()
    return model, history, time.perf_counter() - start


# %%
def build_plain():
    """The source's network without batch normalization."""
    return build_network(normalized=False)


builders = {"with": build_network, "without": build_plain}
networks, histories, seconds = {}, {}, {}
for name in builders:
    for seed in SEEDS:
        networks[name, seed], histories[name, seed], seconds[name, seed] = train(
            builders[name], seed
        )
    mean = np.mean([seconds[name, seed] for seed in SEEDS])
    print(f"{name:7} batch normalization: {mean:.0f} s for {EPOCHS} epochs")

# %%
plots.learning_curves({"with batch normalization": histories["with", SEEDS[0]]})
plots.show(
    "Loss and accuracy with batch normalization, first seed: the training curves improve steadily, the validation curves stay far behind."
)

# %% [markdown]
# **What to notice.** The training accuracy climbs towards 100 %; the source reports 100 % from epoch 10. The validation curve starts badly and lags behind. Is this overfitting, or
# is it the moving averages on their way? Test it: judge a young network, with the same weights, once by its averages and once by the batch's own mean.

# %%
young, _history, _seconds = train(
    build_network, SEEDS[0], epochs=course.budget(full=4, reduced=1)
)
with_averages = young.evaluate(x_validation, y_validation, verbose=0)[1]
probabilities = keras.ops.convert_to_numpy(young(x_validation, training=True))
with_batch = np.mean(probabilities.argmax(axis=1) == y_validation.argmax(axis=1))
print("validation accuracy after a few epochs")
print(f"  with the moving averages (as in use): {with_averages:.0%}")
print(f"  with the mean of the batch:           {with_batch:.0%}")

# %% [markdown]
# ## 5 · With and without, over seeds
#
# Does batch normalization help? Two questions: how **fast** does the network learn, and how **good** is it in the end?


# %%
def mean_and_error(values):
    """Return the mean over seeds and its standard error."""
    return np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))


figure, axes = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
for (name, seed), history in histories.items():
    style = {"with": ("C0", "-"), "without": ("C1", "--")}[name]
    label = f"{name} normalization" if seed == SEEDS[0] else None
    for axis, key in zip(axes, ["loss", "val_accuracy"]):
        axis.plot(range(1, EPOCHS + 1), history[key], style[1], color=style[0], label=label)
axes[0].set_yscale("log")
axes[0].set(xlabel="epoch", ylabel="training loss (logarithmic)")
axes[1].set(xlabel="epoch", ylabel="validation accuracy")
axes[0].legend()
plots.show(
    "Training loss on a logarithmic scale and validation accuracy for all seeds: with batch normalization the training loss falls much faster, while the validation accuracy stays lower."
)

# %%
EARLY = 5
for epoch in sorted({EARLY, EPOCHS}):
    for name in ("with", "without"):
        losses = [histories[name, seed]["loss"][epoch - 1] for seed in SEEDS]
        right = [histories[name, seed]["val_accuracy"][epoch - 1] for seed in SEEDS]
        print(f"epoch {epoch:2} {name:7}: training loss {np.mean(losses):.3f}", end="   ")
        print(f"validation {mean_and_error(right)[0]:.1%} ± {mean_and_error(right)[1]:.1%}")
early = {
    name: np.mean([histories[name, seed]["accuracy"][EARLY - 1] for seed in SEEDS])
    for name in ("with", "without")
}
print(
    f"training accuracy after {EARLY} epochs:", {name: f"{v:.0%}" for name, v in early.items()}
)
assert early["with"] > early["without"] + 0.05  # it learns faster

# %% [markdown]
# **What to notice.** With batch normalization the network learns the **training pictures faster**: its loss falls more steeply. (Each epoch takes longer, though; compare the seconds.)
# Whether it is **better on new pictures** is another question: compare the validation accuracies and their standard errors. How much of the difference is due to the moving
# averages? Judge the finished networks both ways, too.


# %%
def judged_by_batch(model):
    """Return the validation accuracy with the mean and variance of the batch itself."""
    weights = model.get_weights()  # a call in training mode changes the averages
    probabilities = keras.ops.convert_to_numpy(model(x_validation, training=True))
    model.set_weights(weights)
    return np.mean(probabilities.argmax(axis=1) == y_validation.argmax(axis=1))


both_ways = {
    "moving averages (as in use)": [
        histories["with", seed]["val_accuracy"][-1] for seed in SEEDS
    ],
    "mean of the batch": [judged_by_batch(networks["with", seed]) for seed in SEEDS],
}
for name, values in both_ways.items():
    print(f"{name:28} {mean_and_error(values)[0]:.1%} ± {mean_and_error(values)[1]:.1%}")

# %% [markdown]
# **What to notice.** If the second line is higher, the averages do not fit the weights: they describe the network of the last hundred batches, while the weights still move fast.
# A momentum of 0.9 follows faster, and a learning rate that falls to zero lets the averages catch up. Section 6 uses both.
#
# The usual explanation of the speed is that larger steps become possible. Try it: ten times the learning rate, with and without.

# %%
LARGE = 1e-2
SHORT = course.budget(full=8, reduced=1)
large = {}
for name, build in builders.items():
    runs = [train(build, seed, SHORT, LARGE)[1] for seed in SEEDS]
    large[name] = [history["accuracy"][-1] for history in runs]
    print(f"learning rate {LARGE}, {name:7}: training accuracy", end=" ")
    print(", ".join(f"{value:.0%}" for value in large[name]), f"after {SHORT} epochs")

# %% [markdown]
# **What to notice.** One in six is guessing. With steps this large, the network without normalization does not learn at all; with it, it does.
#
# ## 6 · A better network
#
# The training accuracy is near 100 %, and the validation accuracy is not: the network knows its pictures by heart. You know the remedies from lesson 05. Three of them:
#
# 1. **augmentation**: turn, shift and zoom a little. A flip makes a left hand of a right one, which shows the same digit: allowed, too;
# 2. **dropout** before the last layer;
# 3. a **learning rate that falls** over the epochs, so that the last steps are small.


# %% tags=["recipe"]
BETTER_EPOCHS = course.budget(full=40, reduced=1)


def build_better():
    """The same network with augmentation and dropout, and moving averages that follow faster."""
    inputs = keras.Input((64, 64, 3), name="hand")
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomRotation(0.05, fill_mode="nearest")(x)
    x = layers.RandomTranslation(0.1, 0.1, fill_mode="nearest")(x)
    x = layers.RandomZoom(0.15, fill_mode="nearest")(x)
    x = layers.ZeroPadding2D(3)(x)
    for number, filters in enumerate((32, 64)):
        x = layers.Conv2D(filters, 7, name=f"conv{number}")(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"bn{number}")(x)
        x = layers.ReLU()(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.5)(x)
    outputs = layers.Dense(6, activation="softmax", dtype="float32", name="digit")(x)
    return keras.Model(inputs, outputs, name="better_signs")


def falling_rate(pictures):
    """Return a learning rate that follows half a cosine from 0.002 to 0."""
    return keras.optimizers.schedules.CosineDecay(2e-3, BETTER_EPOCHS * -(-pictures // BATCH))


# %%
from_pictures = keras.Sequential(build_better().layers[1:5])
six = keras.ops.convert_to_numpy(from_pictures(np.stack([x_fit[0]] * 6), training=True))
six = np.clip(six.astype("float32"), 0, 1)
plots.image_grid(list((255 * six).astype("uint8")), columns=6, cell=2.1)
plots.show("Six augmented versions of one hand: mirrored, slightly turned, shifted and zoomed.")

# %%
better, better_histories, better_seconds = {}, {}, {}
for seed in SEEDS:
    better[seed], better_histories[seed], better_seconds[seed] = train(
        build_better, seed, BETTER_EPOCHS, falling_rate(len(x_fit))
    )
print(f"{np.mean(list(better_seconds.values())):.0f} s for {BETTER_EPOCHS} epochs")

# %%
plots.learning_curves(
    {"the source's": histories["with", SEEDS[0]], "improved": better_histories[SEEDS[0]]}
)
plots.show(
    "Loss and accuracy of the source's and the improved recipe, first seed: the improved one learns its training pictures more slowly, and its validation curve runs close to its training curve."
)

# %% [markdown]
# **What to notice.** The gap between training and validation has closed: what the improved network learns holds for new pictures. Where its curve still rises at the end, more epochs would
# help.
#
# ## 7 · The test, and what 120 pictures allow you to claim
#
# Now open the test file: once, for everything that was trained.

# %%
x_exam, y_exam = x_test / np.float32(255), np.eye(6)[y_test]
candidates = {
    "without normalization": [networks["without", seed] for seed in SEEDS],
    "the source's network": [networks["with", seed] for seed in SEEDS],
    "improved": [better[seed] for seed in SEEDS],
}
accuracy = {
    name: [model.evaluate(x_exam, y_exam, verbose=0)[1] for model in models]
    for name, models in candidates.items()
}
for name, values in accuracy.items():
    mean, error = mean_and_error(values)
    each = ", ".join(f"{round(120 * value)}" for value in values)
    print(f"{name:22} {mean:.1%} ± {error:.1%}   (right of 120: {each})")

# %% tags=["ledger"]
# For the course's own records: what was measured, with what.
spent = {
    "without normalization": [seconds["without", seed] for seed in SEEDS],
    "the source's network": [seconds["with", seed] for seed in SEEDS],
    "improved": [better_seconds[seed] for seed in SEEDS],
}
MEASURED = [
    course.ledger_row(
        experiment=f"{name}, {KIND}s",
        seed=seed,
        accuracy=round(float(value), 4),
        test_size=len(x_test),
        training_size=len(x_fit),
        recipe="07 train "
        + ("build_better falling_rate" if name == "improved" else "build_network"),
        epochs=BETTER_EPOCHS if name == "improved" else EPOCHS,
        seconds=round(spent[name][place]),
        parameters=candidates[name][place].count_params(),
        data=[x_test, y_test],
    )
    for name, values in accuracy.items()
    for place, (seed, value) in enumerate(zip(SEEDS, values))
]

# %% [markdown]
# The standard error over seeds says how much **training** varies. It says nothing about the choice of the 120 pictures, which are the same for all seeds. With
# `right` of `n` pictures, Wilson's interval covers the true accuracy in 95 of 100 cases:
#
# $$ \frac{p + \frac{z^2}{2n} \pm z\sqrt{\frac{p(1-p)}{n} + \frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}, \qquad z = 1.96 $$


# %% tags=["nbval-check-output"]
def wilson(right, n, z=1.96):
    """Return the 95 % interval of an accuracy."""
    p = right / n
    middle = p + z**2 / (2 * n)
    width = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (middle - width) / (1 + z**2 / n), (middle + width) / (1 + z**2 / n)


for right in (113, 117, 120):
    low, high = wilson(right, 120)
    print(f"{right} of 120 right = {right / 120:.1%}: between {low:.1%} and {high:.1%}")

# %%
figure, axis = plt.subplots(figsize=(10, 3.2), layout="constrained")
for place, (_name, values) in enumerate(accuracy.items()):
    mean = np.mean(values)
    low, high = wilson(120 * mean, 120)  # of a network that is right as often as the mean
    axis.plot([100 * low, 100 * high], [place, place], color="C0", linewidth=10, alpha=0.35)
    axis.plot(np.multiply(values, 100), [place] * len(values), "o", color="black", markersize=7)
axis.set_yticks(range(3), list(accuracy))
axis.set_ylim(-0.6, 2.6)
axis.set_xlabel(
    f"test accuracy (%, {KIND}s); dots: seeds, bands: 95 % interval for 120 pictures"
)
plots.show(
    "Test accuracies of the seeds as dots, and wide bands for what 120 pictures allow: the bands of neighboring recipes overlap."
)

# %% [markdown]
# **What to notice.** One picture is 0.8 points. The source's "97.5 %" is 117 of 120, and means: somewhere between 93 % and 99 %. Two networks on the **same** pictures can
# be compared more sharply than the bands suggest, because hard pictures are hard for both; but a difference of one or two pictures is nothing.
#
# **On real photographs** (the open set, 180 + 20 hands for each digit), the source's and the improved recipe, trained on all 1,080 training pictures:

# %% tags=["nbval-check-output"]
recorded = {}
for row in course.recorded("signs_photos"):
    recorded.setdefault(row["experiment"], []).append(row["accuracy"])
for name, values in recorded.items():
    mean, error = mean_and_error(values)
    low, high = wilson(120 * mean, 120)
    print(
        f"{name:22} {mean:.1%} ± {error:.1%} over {len(values)} seeds; 120 pictures: {low:.1%} to {high:.1%}"
    )

# %% [markdown]
# **What to notice.** The photographs are easier than the drawn hands, which vary more in place, size and direction: the same recipe, two data sets, quite different results. On the
# photographs too the improved recipe is ahead, by more than two standard errors over the seeds; the intervals of the 120 pictures still overlap.
#
# ### Which signs are confused?

# %%
predicted = np.concatenate([better[seed].predict(x_exam).argmax(axis=1) for seed in SEEDS])
matrix = np.zeros((6, 6), int)
np.add.at(matrix, (np.tile(y_test, len(SEEDS)), predicted), 1)
plots.confusion_matrix(matrix, signs.classes)
plt.title(f"{len(SEEDS)} seeds together ({KIND}s)")
plots.show(
    "Confusion matrix of the improved network, all seeds together: the highest counts lie on the diagonal, and most mistakes beside it."
)

# %%
probability = better[SEEDS[0]].predict(x_exam)
wrong = np.flatnonzero(probability.argmax(axis=1) != y_test)
print(f"first seed: {len(wrong)} of 120 wrong")
if len(wrong):
    titles = [
        f"{y_test[n]}, taken for {probability[n].argmax()} ({probability[n].max():.0%})"
        for n in wrong[:8]
    ]
    axes = plots.image_grid(list(x_test[wrong[:8]]), titles, columns=4, cell=3)
    axes[0].figure.suptitle(f"wrong ({KIND}s)")
    plots.show("Up to eight hands whose digit the improved network gets wrong.")

# %% [markdown]
# **What to notice.** Which digits are taken for each other? Often those whose hands differ by one finger: 1 and 2, 4 and 5. The network has trouble where you would have it, too.
#
# ## 8 · Your own hand
#
# Take a photograph of your hand in front of a light wall, put the file somewhere, and set `PHOTO` to its path. A photograph is not 64×64: turn it as the camera says (EXIF), cut out
# the largest square in the middle, resize. Until you have one, a test picture is pasted into a larger picture, as if photographed.

# %%
from PIL import Image, ImageOps

PHOTO = None  # for example "my_hand.jpg"
if PHOTO is None:
    PHOTO = files / "pretended_photo.png"
    canvas = Image.new(
        "RGB", (400, 300), tuple(int(v) for v in np.median(x_test[50], axis=(0, 1)))
    )
    canvas.paste(Image.fromarray(x_test[50]).resize((300, 300)), (50, 0))
    canvas.save(PHOTO)


def prepare_photo(path):
    """Return a photograph as the network wants it: upright, square, 64×64, values 0–1."""
    photo = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    square = ImageOps.fit(photo, (64, 64), Image.Resampling.BILINEAR)  # crops the middle
    return np.asarray(square, dtype="float32") / 255


# %%
hand = prepare_photo(PHOTO)
probability = better[SEEDS[0]].predict(hand[None])[0]
figure, axes = plt.subplots(
    1, 3, figsize=(12, 3.6), layout="constrained", width_ratios=[1.3, 1, 1.6]
)
axes[0].imshow(ImageOps.exif_transpose(Image.open(PHOTO)))
axes[0].set_title("the file")
axes[1].imshow(hand)
axes[1].set_title("64×64 for the network")
for axis in axes[:2]:
    axis.axis("off")
axes[2].bar(list(signs.classes), 100 * probability, color="C0")
axes[2].set(xlabel="digit", ylabel="probability (%)", ylim=(0, 105))
plots.show(
    "From left to right: a photograph of a hand, the square cut out of it at 64×64 pixels, and a bar chart with the probability of each of the six digits."
)
print(
    f"the network says {probability.argmax()}; the hand shows {y_test[50]}"
    if "pretended" in str(PHOTO)
    else ""
)

# %% [markdown]
# **What to notice.** Your own photograph shows another wall, another light, another hand than any picture in the file. The test pictures do not: they come from the same people and walls as
# the training pictures, or from the same drawing program. A test only speaks for pictures **like its own**.
#
# ## Summary
#
# - HDF5 files hold named arrays; `h5py` reads them; labels become one-hot rows of the identity matrix.
# - Batch normalization brings each channel to mean 0 and variance 1 over batch, height and width, then scales and shifts it with trained numbers.
# - In training it uses the batch's own mean, in use its moving averages: two different computations, and the averages need time.
# - It made this network learn its training pictures faster. That is not the same as being better on new ones: measure both, with seeds and standard errors.
# - 120 test pictures leave an interval of several points; a test speaks only for pictures like its own.
#
# ## Try it
#
# **Question 1.** How many parameters has a batch normalization after a convolution with 128 filters, and how many of them are trained?
#
# <details><summary>Answer</summary>
# 4 · 128 = 512, of which 256 are trained (γ and β); the moving averages are not.
# </details>
#
# **Question 2.** A channel has the values 1, 3, 5, 7. What are they after normalization, with γ = 1, β = 0 and ε = 0?
#
# <details><summary>Answer</summary>
# Mean 4, variance 5: (−3, −1, 1, 3)/√5 = (−1.34, −0.45, 0.45, 1.34).
# </details>
#
# **Question 3.** The convolution before a batch normalization has a bias. What does it change?
#
# <details><summary>Answer</summary>
# Nothing: it shifts the whole channel, and the normalization takes the mean away again. `use_bias=False` saves 32 + 64 parameters here.
# </details>
#
# **Question 4.** How many of 120 must be right to claim, with 95 % confidence, more than 95 %?
#
# <details><summary>Answer</summary>
# 119: the lower end of Wilson's interval for 119 is 95.4 %, for 118 it is 94.1 %.
# </details>
#
# **Question 5.** With momentum 0.99, how far has a moving average come after 100 batches?
#
# <details><summary>Answer</summary>
# 1 − 0.99¹⁰⁰ = 63 % of the way.
# </details>

# %%
# The numbers in the answers, computed.
assert 4 * 128 == 512  # 1
four = np.array([1, 3, 5, 7])  # 2
assert (four.mean(), four.var()) == (4, 5)
assert ((four - 4) / np.sqrt(5)).round(2).tolist() == [-1.34, -0.45, 0.45, 1.34]
with_bias = batch_norm(x.astype("float64") + 7, 1, 0)[0]  # 3
assert np.allclose(with_bias, batch_norm(x.astype("float64"), 1, 0)[0])
assert wilson(119, 120)[0] > 0.95 > wilson(118, 120)[0]  # 4
assert (round(100 * wilson(119, 120)[0], 1), round(100 * wilson(118, 120)[0], 1)) == (
    95.4,
    94.1,
)
assert round(100 * (1 - 0.99**100)) == 63  # 5

# %% [markdown]
# **Next:** [lab 07](labs/lab_07_sign_language_batchnorm.ipynb) has you write one-hot vectors, batch normalization and its moving averages yourself.
# Lesson 08 builds a deeper network for ten kinds of small pictures.
