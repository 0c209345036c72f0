# %% [markdown]
# # 07 · Sign language and batch normalization
#
# **What you will do:** build a network that reads digits from hands, compute its batch normalization yourself, solve the case of a network that is right in training and wrong at
# inference, and test the mended one with another camera.
#
# **What you will learn**
# - how to read data from an HDF5 file and turn labels into one-hot vectors,
# - what batch normalization computes in training, what it computes at inference, and why per channel,
# - how to build a network with the functional API, check its shapes and parameters, and draw it,
# - how to tell overfitting, underfitting and a broken inference apart with one measurement,
# - what 120 test pictures allow you to claim, and what they say about another camera.
#
# **What you need:** lessons 03 and 05.
#
# **Time:** 75–90 minutes in class. Running all cells takes about 4 min on 2 CPU cores.

# %%
from helpers import course, plots

course.start("Lesson 07", tensorflow=True)

# %%
from pathlib import Path

import h5py
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

from helpers import datasets
from helpers.training import progress

signs = datasets.sign_language()
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
# `[:]` reads the array into memory; without it you only hold a reference into the file, which closes at the end of the `with` block.

# %% tags=["cover"]
first = [
    np.flatnonzero(y_train == digit)[column * 30] for digit in classes for column in range(3)
]
axes = plots.image_grid(
    list(x_train[first]), [str(label) for label in y_train[first]], columns=6, cell=2.1
)
axes[0].figure.suptitle(f"three hands for each digit ({KIND}s)")
plots.show("Eighteen pictures of hands, three for each of the digits 0 to 5.")

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
def build_network(normalized=True, momentum=0.99):
    """The source's network, with or without batch normalization."""
    inputs = keras.Input((64, 64, 3), name="hand")
    x = layers.ZeroPadding2D(3, name="pad")(inputs)
    for number, filters in enumerate((32, 64)):
        x = layers.Conv2D(filters, 7, name=f"conv{number}")(x)
        if normalized:
            x = layers.BatchNormalization(momentum=momentum, name=f"bn{number}")(x)
        x = layers.ReLU(name=f"relu{number}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{number}")(x)
    x = layers.Flatten(name="flat")(x)
    outputs = layers.Dense(6, activation="softmax", name="digit")(x)
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
until_conv0 = keras.Model(network.input, network.get_layer("conv0").output)
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
# ### At inference there is no batch
#
# **Inference** is what a network does once it is trained: `predict` and `evaluate`. When you predict **one** hand, there is no batch to take a mean from, and the answer must not depend on who else is in the batch. So the layer keeps **moving averages** during
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

at_inference = keras.ops.convert_to_numpy(layer(x[:1], training=False))
by_hand = (x[:1] - moving_mean) / np.sqrt(moving_variance + 1e-3)
assert np.abs(by_hand - at_inference).max() < 1e-5
print("moving averages and the result at inference are equal to Keras'")

# %% [markdown]
# **What to notice.** A layer called with `training=True` and with `training=False` computes **different things**. `fit` uses the first, `predict` and `evaluate` the second.
# The averages start at 0 and 1, whatever the truth is. Keep that in mind.
#
# <!-- question whose-mean -->
#
# ## 4 · A case to solve
#
# Source E (the README lists the sources) trains with Adam, categorical cross-entropy and batches of 64. Train a few epochs.


# %% tags=["recipe"]
EPOCHS = 25
BATCH = 64


def compile_source(model, learning_rate=1e-3):
    """Prepare the source's training."""
    model.compile(
        keras.optimizers.Adam(learning_rate), "categorical_crossentropy", metrics=["accuracy"]
    )


# %%
FEW = course.budget(full=10, reduced=2)


def train_briefly(model, learning_rate=1e-3):
    """Train for a few epochs; return the history."""
    compile_source(model, learning_rate)
    return model.fit(
        x_fit,
        y_fit,
        batch_size=BATCH,
        epochs=FEW,
        validation_data=(x_validation, y_validation),
        callbacks=progress(),
        verbose=0,
    ).history


keras.utils.set_random_seed(course.SEED)
suspect = build_network()
suspect_history = train_briefly(suspect)

# %%
plots.learning_curves({"": suspect_history})
plots.show(
    "Loss and accuracy of the source's network in its first epochs: training improves steeply, validation hardly at all."
)

# %% [markdown]
# **What to notice.** Training accuracy climbs steeply; validation accuracy stays near guessing, which is one in six. Stop here and make a diagnosis:
#
# - **A: overfitting.** The network learns its training pictures by heart, and new ones are different.
# - **B: too little data.** 120 validation pictures are unlucky.
# - **C: something is broken at inference.**
#
# One measurement decides. Which one? Think before you go on.
#
# ### The decisive measurement
#
# Evaluate the network on the **training pictures**, at inference. If it has learned them by heart, it must know them.

# %%
in_training = suspect_history["accuracy"][-1]
on_training = suspect.evaluate(x_fit, y_fit, verbose=0)[1]
on_validation = suspect.evaluate(x_validation, y_validation, verbose=0)[1]
print(f"training pictures, as fit reports it:  {in_training:.0%}")
print(f"training pictures, at inference:       {on_training:.0%}")
print(f"validation pictures, at inference:     {on_validation:.0%}")
FULL = course.budget(full=True, reduced=False)
assert not FULL or on_training < in_training - 0.3

# %% [markdown]
# **What to notice.** It is not overfitting. The same weights and the **same pictures** give one accuracy inside `fit` and a far lower one outside. What differs between the two? Only the layers that behave differently in training
# and at inference. This network has one kind of them.
#
# ### The culprit
#
# Compare the moving variances with the true ones, channel by channel.


# %%
def true_statistics(model, pictures):
    """Return for each batch normalization the mean and the variance of what it gets, over all pictures."""
    norms = [layer for layer in model.layers if "bn" in layer.name]
    incoming = keras.Model(model.input, [layer.input for layer in norms])
    found = [[], []]
    for start in range(0, len(pictures), 120):
        for place, values in enumerate(incoming(pictures[start : start + 120], training=True)):
            values = keras.ops.convert_to_numpy(values)
            found[place].append((values.mean((0, 1, 2)), values.var((0, 1, 2))))
    return norms, [np.mean(parts, axis=0) for parts in found]


saved = suspect.get_weights()  # a call in training mode moves the averages
norms, truth = true_statistics(suspect, x_fit)
suspect.set_weights(saved)

# %%
figure, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
for axis, layer, (_mean, variance) in zip(axes, norms, truth):
    moving = keras.ops.convert_to_numpy(layer.moving_variance)
    axis.loglog(variance, moving, "o", markersize=7)
    ends = [variance.min() / 2, max(moving.max(), variance.max()) * 2]
    axis.loglog(ends, ends, "--", color="0.5", label="equal")
    axis.set(title=layer.name, xlabel="true variance", ylabel="moving variance")
    axis.legend()
    print(
        f"{layer.name}: moving variance {np.median(moving / variance):.1f} times the true one (median)"
    )
plots.show(
    "Moving variance against true variance of each channel, on logarithmic axes, for the two layers. In the first layer all points lie in a flat row high above the diagonal."
)

# %% [markdown]
# **What to notice.** In the first layer the moving variances are nearly all alike and many times too large: they still remember where they **started**, at 1. Divided by the root of a variance that is
# far too large, the signal that reaches the next layer is far too weak.
#
# How long does the memory last? After $n$ batches, $0.99^n$ of the start is left.

# %% tags=["nbval-check-output"]
for epochs in (1, 10, 25):
    for momentum in (0.99, 0.9):
        left = momentum ** (15 * epochs)
        print(
            f"{epochs:2} epochs of 15 batches, momentum {momentum}: {left:.2g} of the start is left"
        )
assert -(-960 // 64) == 15

# %%
batches = np.arange(0, 401)
true_variance = float(np.median(truth[0][1]))
plt.figure(figsize=(11, 3.8), layout="constrained")
for momentum, style in [(0.99, "-"), (0.9, "--")]:
    left = momentum**batches
    plt.semilogy(
        batches, left + (1 - left) * true_variance, style, label=f"momentum {momentum}"
    )
plt.axhline(true_variance, color="0.5", linestyle=":", label="the truth")
for epochs in (10, 25):
    plt.axvline(15 * epochs, color="0.8", linewidth=1.5)
    plt.text(15 * epochs - 4, 0.5, f"{epochs} epochs", color="0.3", ha="right")
plt.xlabel("batches")
plt.ylabel("moving variance")
plt.legend(loc="upper left", bbox_to_anchor=(1, 1))
plots.show(
    "A moving variance on its way from 1 to the true value of a typical channel, on a logarithmic axis: with momentum 0.9 it arrives after about 60 batches, with 0.99 it has not arrived after 375."
)

# %% [markdown]
# **What to notice.** A start that is a hundred times too large takes hundreds of batches to be forgotten. On ImageNet, with thousands of batches per epoch, nobody notices. On a small set like yours, it ruins the first epochs, and it distorts
# even the last one.
#
# <!-- question momentum -->
#
# ### The proof
#
# If the averages are to blame, then the same weights with **right averages** must work. So freeze every weight, and only compute the averages again: batch number $k$ gets the momentum $1 - 1/k$, which
# makes the moving average the plain mean of all batches.


# %% tags=["recipe"]
def recalibrate(model, pictures):
    """Compute the moving averages anew as plain means over all pictures; no weight is trained."""
    norms = [layer for layer in model.layers if hasattr(layer, "moving_variance")]
    momenta = [layer.momentum for layer in norms]
    for number, start in enumerate(range(0, len(pictures), BATCH), start=1):
        for layer in norms:
            layer.momentum = 1 - 1 / number
        model(pictures[start : start + BATCH], training=True)
    for layer, momentum in zip(norms, momenta):
        layer.momentum = momentum


# %%
weights_before = [keras.ops.convert_to_numpy(weight) for weight in suspect.trainable_weights]
recalibrate(suspect, x_fit)
same = all(
    np.array_equal(old, keras.ops.convert_to_numpy(new))
    for old, new in zip(weights_before, suspect.trainable_weights)
)
mended_training = suspect.evaluate(x_fit, y_fit, verbose=0)[1]
mended_validation = suspect.evaluate(x_validation, y_validation, verbose=0)[1]
print("trained weights unchanged:", same)
print(f"{'':22} averages as they were   recalibrated")
print(f"{'training pictures':22} {on_training:22.0%} {mended_training:14.0%}")
print(f"{'validation pictures':22} {on_validation:22.0%} {mended_validation:14.0%}")
assert same
assert not FULL or mended_training > on_training + 0.3

# %% [markdown]
# **What to notice.** Case closed: not one trained weight has changed, and the network is good. Answer C. What looked like the worst overfitting you have ever seen was arithmetic. (The gap that *remains* between training and validation
# pictures is overfitting; section 6 fights it.)
#
# The cure costs one word. With `momentum=0.9` the averages follow in time:

# %%
keras.utils.set_random_seed(course.SEED)
mended = build_network(momentum=0.9)
mended_history = train_briefly(mended)
plots.learning_curves({"momentum 0.99": suspect_history, "momentum 0.9": mended_history})
plots.show(
    "Loss and accuracy with momentum 0.99 and 0.9: the training curves are the same, the validation accuracy with 0.9 is above that with 0.99 in every epoch."
)
for name, history in {"0.99": suspect_history, "0.9": mended_history}.items():
    print(f"momentum {name:4}: validation accuracy {history['val_accuracy'][-1]:.0%}")

# %% [markdown]
# **What to notice.** The training curves agree: in training, the averages play no part. Inference leaves guessing behind from the second epoch on. It is not yet as good as with recalibrated averages: the weights still move
# fast, and averages over the last batches are one step behind. A learning rate that falls (section 6) lets them catch up. The photographs of section 5 show what the one word is worth in a full run.
#
# **The rule to take home.** When validation is bad, evaluate on training pictures *at inference* first. High there: overfitting. Low there, and low in `fit`: **underfitting**. Low there, but high in `fit`: something differs between training and
# inference: batch normalization, dropout, a forgotten preprocessing step.
#
# <!-- question diagnosis -->
#
# ## 5 · What batch normalization is good for
#
# Does it help at all? Here is the source's recipe in full, 25 epochs, with and without, recorded with three seeds each on the **photographs** of the open set.


# %% tags=["nbval-check-output"]
def mean_and_error(values):
    """Return the mean over seeds and its standard error."""
    return np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))


rows = course.recorded("signs_photos")
recorded = {}
for row in rows:
    recorded.setdefault(row["experiment"], []).append(row)
for name in ("without normalization", "the source's network", "momentum 0.9"):
    runs = recorded[name]
    mean, error = mean_and_error([row["accuracy"] for row in runs])
    loss = np.mean([row["history"]["loss"][4] for row in runs])
    print(f"{name:22} training loss after 5 epochs {loss:.3f}   test {mean:.1%} ± {error:.1%}")

# %%
figure, axes = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
styles = {
    "without normalization": ("C1", "--"),
    "the source's network": ("C2", ":"),
    "momentum 0.9": ("C0", "-"),
}
for name, (color, line) in styles.items():
    for place, row in enumerate(recorded[name]):
        epochs = range(1, row["epochs"] + 1)
        label = None if place else name
        axes[0].semilogy(epochs, row["history"]["loss"], line, color=color, label=label)
        axes[1].plot(epochs, row["history"]["val_accuracy"], line, color=color)
axes[0].set(xlabel="epoch", ylabel="training loss (logarithmic)")
axes[1].set(xlabel="epoch", ylabel="test accuracy")
axes[0].legend(fontsize=12)
figure.suptitle("the source's recipe on photographs of hands (recorded)")
plots.show(
    "Training loss and test accuracy over 25 epochs, three seeds for each of three networks. With normalization the loss falls faster; with momentum 0.99 the accuracy at inference takes about twenty epochs to arrive."
)

# %% [markdown]
# **What to notice.** With batch normalization the training loss falls much faster, whatever the momentum. At inference, momentum 0.99 needs some twenty epochs to catch up with
# what it knows; with 0.9 it is there after three, and it ends ahead. What normalization gives is **speed**, and freedom in the choice of the learning rate. See for yourself: ten times the learning rate.

# %%
large = {"with": build_network(momentum=0.9), "without": build_network(normalized=False)}
for name, model in large.items():
    history = train_briefly(model, learning_rate=1e-2)
    print(
        f"learning rate 0.01, {name:7} normalization: training accuracy {history['accuracy'][-1]:.0%}"
    )

# %% [markdown]
# **What to notice.** One in six is guessing. With steps this large, the network without normalization is lost at once; with it, training goes on.
#
# ## 6 · A network that is good
#
# Now everything you have learned in this course, in one network. Small 3×3 kernels in four rounds instead of 7×7 in two. Batch normalization with momentum 0.9. Augmentation: flip (a left hand shows the same digit as a right one), turn,
# shift, zoom, and changes of light and color, because the next hand has another skin and the next wall another paint. Global average pooling, dropout, and a learning rate that falls.


# %% tags=["recipe"]
BETTER_EPOCHS = course.budget(full=45, reduced=1)


def random_changes():
    """Return the augmentation: place, size and direction of the hand, light and color of the scene."""
    numbers = {"value_range": (0, 1)}
    return [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.08, fill_mode="nearest"),
        layers.RandomTranslation(0.12, 0.12, fill_mode="nearest"),
        layers.RandomZoom((-0.25, 0.15), fill_mode="nearest"),
        layers.RandomBrightness(0.2, **numbers),
        layers.RandomContrast((0.4, 0.4), **numbers),
        layers.RandomHue(0.1, **numbers),
        layers.RandomSaturation((0.2, 0.8), **numbers),
    ]


# %% tags=["recipe"]
def build_better():
    """Four small convolutions with batch normalization, behind random changes."""
    inputs = keras.Input((64, 64, 3), name="hand")
    x = inputs
    for layer in random_changes():
        x = layer(x)
    for filters in (32, 64, 96, 128):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    outputs = layers.Dense(6, activation="softmax", name="digit")(x)
    return keras.Model(inputs, outputs, name="better_signs")


# %% tags=["recipe"]
def compile_better(model, pictures, epochs=BETTER_EPOCHS):
    """Prepare the training: Adam along half a cosine, batches of 32."""
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, epochs * -(-pictures // 32))
    model.compile(
        keras.optimizers.Adam(schedule), "categorical_crossentropy", metrics=["accuracy"]
    )


# %%
changed = x_fit[:1].repeat(12, axis=0)
for layer in random_changes():
    changed = layer(changed, training=True)
changed = np.clip(keras.ops.convert_to_numpy(changed), 0, 1)
plots.image_grid(list((255 * changed).astype("uint8")), columns=6, cell=2.1)
plots.show(
    "Twelve augmented versions of one hand: mirrored, turned, shifted, larger and smaller, lighter and darker, in other colors."
)

# %%
keras.utils.set_random_seed(course.SEED)
better = build_better()
compile_better(better, len(x_fit))
better_history = better.fit(
    x_fit,
    y_fit,
    batch_size=32,
    epochs=BETTER_EPOCHS,
    validation_data=(x_validation, y_validation),
    callbacks=progress(),
    verbose=0,
).history

# %%
plots.learning_curves({"": better_history})
plots.show(
    "Loss and accuracy of the better network: training and validation rise together and end high."
)
print(f"parameters: {better.count_params():,} instead of {network.count_params():,}")

# %% [markdown]
# **What to notice.** Training and validation rise together: no overfitting. While the learning rate is high, validation jumps: that is the averages again, one step behind. As the rate falls, the curve becomes calm.
#
# ## 7 · The test, and what 120 pictures allow you to claim
#
# Now open the test file, once.

# %%
x_exam, y_exam = x_test / np.float32(255), np.eye(6)[y_test]
accuracy = float(better.evaluate(x_exam, y_exam, verbose=0)[1])
right = round(120 * accuracy)
print(f"{right} of 120 right: {accuracy:.1%} ({KIND}s)")

# %% tags=["ledger"]
# For the course's own records: what was measured, with what.
MEASURED = [
    course.ledger_row(
        experiment=f"better network, {KIND}s",
        seed=course.SEED,
        accuracy=round(accuracy, 4),
        test_size=len(x_test),
        training_size=len(x_fit),
        recipe="07 build_better compile_better",
        epochs=BETTER_EPOCHS,
        parameters=better.count_params(),
        data=[x_test, y_test],
    )
]

# %% [markdown]
# With `right` of `n` pictures, Wilson's interval covers the true accuracy in 95 of 100 cases:
#
# $$ \frac{p + \frac{z^2}{2n} \pm z\sqrt{\frac{p(1-p)}{n} + \frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}, \qquad z = 1.96 $$


# %% tags=["nbval-check-output"]
def wilson(right, n, z=1.96):
    """Return the 95 % interval of an accuracy."""
    p = right / n
    middle = p + z**2 / (2 * n)
    width = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (middle - width) / (1 + z**2 / n), (middle + width) / (1 + z**2 / n)


for count_right in (113, 117, 120):
    low, high = wilson(count_right, 120)
    print(
        f"{count_right} of 120 right = {count_right / 120:.1%}: between {low:.1%} and {high:.1%}"
    )

# %% [markdown]
# **What to notice.** One picture is 0.8 points. The source's "97.5 %" is 117 of 120, and means: somewhere between 93 % and 99 %. And a perfect 120 of 120 does not mean 100 %.
#
# ### Which signs are confused?

# %%
probability = better.predict(x_exam, verbose=0)
matrix = np.zeros((6, 6), int)
np.add.at(matrix, (y_test, probability.argmax(axis=1)), 1)
plots.confusion_matrix(matrix, signs.classes)
plt.title(f"120 test pictures ({KIND}s)")
plots.show("Confusion matrix of the better network: nearly all counts lie on the diagonal.")

# %%
wrong = np.flatnonzero(probability.argmax(axis=1) != y_test)
least = wrong if len(wrong) else np.argsort(probability.max(axis=1))[:8]
titles = [
    f"{y_test[n]}, answer {probability[n].argmax()} ({probability[n].max():.0%})"
    for n in least[:8]
]
axes = plots.image_grid(list(x_test[least[:8]]), titles, columns=4, cell=3)
axes[0].figure.suptitle(f"wrong, or if none is wrong the least certain ({KIND}s)")
plots.show(
    "Up to eight hands whose digit the better network gets wrong or is least certain of."
)

# %% [markdown]
# <!-- question interval -->
#
# ## 8 · Another camera
#
# The test pictures come from the same people and walls as the training pictures, or from the same drawing program. A test speaks only for pictures **like its own**. What happens with another camera? The course has two
# sources of hands that have nothing in common: drawings, and the photographs of the open set. So train on one and test on the other (recorded, three seeds each).

# %% tags=["nbval-check-output"]
directions = {
    "drawings": "trained on drawings",
    "improved": "trained on photographs",
    "both": "trained on both",
}
results = {}
for experiment, title in directions.items():
    runs = recorded[experiment]
    for kind in ("photographs", "drawings"):
        values = [row["tested_on"][kind] for row in runs]
        results[experiment, kind] = values
    figures = [
        f"{kind} {np.mean(results[experiment, kind]):.1%} ± {mean_and_error(results[experiment, kind])[1]:.1%}"
        for kind in ("photographs", "drawings")
    ]
    print(f"{title:23} tested on {',  '.join(figures)}   ({len(runs)} seeds)")

# %%
figure, axis = plt.subplots(figsize=(10, 4), layout="constrained")
for place, experiment in enumerate(directions):
    for kind, shift, color, hatch in (
        ("photographs", -0.18, "C0", ""),
        ("drawings", 0.18, "C1", "//"),
    ):
        mean, error = mean_and_error(results[experiment, kind])
        axis.barh(
            place + shift, 100 * mean, 0.34, xerr=100 * error, capsize=5, color=color, hatch=hatch,
            edgecolor="white", label=None if place else f"tested on {kind}",
        )  # fmt: skip
axis.set_yticks(range(3), list(directions.values()))
axis.invert_yaxis()
axis.axvline(100 / 6, color="0.3", linestyle="--")
axis.set_xlim(0, 100)
axis.set_xlabel("test accuracy (%), 120 pictures each; dashed: guessing")
axis.legend(loc="upper left", bbox_to_anchor=(1, 1))
plots.show(
    "Six bars: the network trained on drawings and the one trained on photographs, each tested on both kinds, and the one trained on both, which is good on both."
)

# %% [markdown]
# **What to notice.** Each network is best at home and worse abroad, although a person sees the same six signs. The network that has seen both is at home in both. Varied training data is the best protection against the next camera; augmentation is
# the cheapest way to vary, and drawings are another.
#
# ### Your own hand
#
# Take a photograph of your hand in front of a wall, put the file somewhere, and set `PHOTO` to its path. A photograph is not 64×64: turn it as the camera says (EXIF), cut out
# the largest square in the middle, resize. The course brings the weights of the network trained on both kinds of hands, so that you get its best reader.

# %%
from PIL import Image, ImageOps

from helpers import networks

PHOTO = None  # for example "my_hand.jpg"
if PHOTO is None:  # until you have one: a hand of the test file
    PHOTO = files / "a_hand.png"
    Image.fromarray(x_test[50]).resize((300, 300)).save(PHOTO)


def prepare_photo(path):
    """Return a photograph as the network wants it: upright, square, 64×64, values 0–1."""
    photo = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    square = ImageOps.fit(photo, (64, 64), Image.Resampling.BILINEAR)  # crops the middle
    return np.asarray(square, dtype="float32") / 255


reader = build_better()
networks.load("signs", reader)

# %%
hand = prepare_photo(PHOTO)
probability = reader.predict(hand[None], verbose=0)[0]
figure, axes = plt.subplots(
    1, 2, figsize=(10, 3.6), layout="constrained", width_ratios=[1, 1.6]
)
axes[0].imshow(hand)
axes[0].set_title("64×64 for the network")
axes[0].axis("off")
axes[1].bar(list(signs.classes), 100 * probability, color="C0")
axes[1].set(xlabel="digit", ylabel="probability (%)", ylim=(0, 105))
plots.show(
    "A hand at 64×64 pixels, and a bar chart with the probability of each of the six digits."
)
print(f"the network says {probability.argmax()} ({probability.max():.0%})")

# %% [markdown]
# **What to notice.** Try several hands, walls and lights, and a thumb turned in. Note when it fails, and ask what those pictures have in common. You have just tested a network the way its users will.
#
# ## Summary
#
# - HDF5 files hold named arrays; `h5py` reads them; labels become one-hot rows of the identity matrix.
# - Batch normalization brings each channel to mean 0 and variance 1 over batch, height and width, then scales and shifts it with trained numbers.
# - In training it uses the batch's own statistics, at inference its moving averages. These start at 0 and 1, and with momentum 0.99 they forget that only after hundreds of batches.
# - When validation is bad, evaluate the training pictures at inference first: it tells overfitting, underfitting and broken inference apart.
# - 120 test pictures leave an interval of several points, and they speak only for pictures like their own: test with another camera.
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
# 1 − 0.99¹⁰⁰ = 63 % of the way: 37 % of the start is left.
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
