# %% [markdown]
# # 03 · A CNN for handwritten digits
#
# **What you will do:** build, train and take apart a network that reads handwritten digits.
#
# **What you will learn**
# - where every number in a model's summary comes from,
# - what pooling is good for, by training the same network without it,
# - how to read learning curves, a confusion matrix and the network's worst mistakes,
# - how far a CNN tolerates digits that are off-center, compared with a dense network,
# - that `keras.layers.Conv2D` computes exactly the `conv2d` of lesson 01.
#
# **What you need:** lessons 01 and 02, and what training, validation and test sets are for.
#
# **Time:** 75–90 minutes in class. Running all cells takes about 6 min on 2 CPU cores.

# %%
from helpers import course, plots

course.start("Lesson 03", tensorflow=True)

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

from helpers import convolution, datasets

# %% [markdown]
# ## 1 · The data: real handwriting
#
# MNIST holds digits written by American high-school students and census employees, scanned, centered, and scaled to 28×28
# gray pixels. The full set has 60,000 digits for training and 10,000 for testing. With a network connection, the next line fetches it once (11 MB); without one, it takes
# 5,000 of these digits that the course brings. Either way this lesson trains on 4,000, so that it takes minutes, and tests on all others for testing that you have.

# %% tags=["nbval-check-output"]
digits = datasets.mnist()
print(
    "training:",
    digits.x_train.shape,
    digits.x_train.dtype,
    "from",
    digits.x_train.min(),
    "to",
    digits.x_train.max(),
)
print("test:    ", digits.x_test.shape)
print("licence: ", digits.licence)

# %%
generator = np.random.default_rng(0)
examples = [
    generator.choice(np.flatnonzero(digits.y_train == digit), 2, replace=False)
    for digit in range(10)
]
examples = np.transpose(examples).ravel()
plots.image_grid(
    digits.x_train[examples], [str(digits.y_train[n]) for n in examples], columns=10, cell=1.2
)
plots.show(
    "Two rows of ten handwritten digits, 0 to 9, in different handwritings, with their labels above."
)

# %% [markdown]
# **What to notice.** People write the same digit very differently; compare the two 1s and the two 2s. Two things to prepare:
#
# - pixels are numbers from 0 to 255; networks train better on **small numbers**, so divide by 255,
# - Keras expects a channel axis even for gray images: (28, 28) becomes (28, 28, 1).
#
# And set aside a **validation set**. You will look at it again and again while you make decisions; the test set is for
# one single look at the end.

# %% tags=["nbval-check-output"]
images = digits.x_train[:4000, ..., None].astype("float32") / 255
labels = digits.y_train[:4000]
test_images = digits.x_test[..., None].astype("float32") / 255
test_labels = digits.y_test

held_out = 500
train_images, valid_images = images[:-held_out], images[-held_out:]
train_labels, valid_labels = labels[:-held_out], labels[-held_out:]
print(
    "training", train_images.shape, "validation", valid_images.shape, "test", test_images.shape
)


# %% [markdown]
# ## 2 · The model
#
# Three convolution layers with 32, 64 and 128 filters, a pooling layer after the first two, and one dense layer that gives
# ten probabilities. In a **dense** layer every output is connected to every input by a weight of its own. **Softmax**, its
# activation, turns ten arbitrary scores into ten positive numbers that add up to 1.


# %% tags=["recipe"]
def build_model():
    """Return the untrained network."""
    inputs = keras.Input(shape=(28, 28, 1))
    x = layers.Conv2D(32, kernel_size=3, activation="relu", name="conv_1")(inputs)
    x = layers.MaxPooling2D(pool_size=2, name="pool_1")(x)
    x = layers.Conv2D(64, kernel_size=3, activation="relu", name="conv_2")(x)
    x = layers.MaxPooling2D(pool_size=2, name="pool_2")(x)
    x = layers.Conv2D(128, kernel_size=3, activation="relu", name="conv_3")(x)
    x = layers.Flatten(name="flatten")(x)
    outputs = layers.Dense(10, activation="softmax", name="probabilities")(x)
    return keras.Model(inputs, outputs, name="digit_reader")


# %% tags=["nbval-check-output"]
model = build_model()
for layer in model.layers[1:]:
    shape = " × ".join(str(size) for size in layer.output.shape[1:])
    print(f"{layer.name:14} {shape:14} {layer.count_params():8,} parameters")
print(f"{'total':29} {model.count_params():8,} parameters")

# %% [markdown]
# ### Where each number comes from
#
# Derive the table yourself before you read on. You know everything needed from lesson 01.
#
# - **Sizes.** A 3×3 kernel without padding takes away 2, pooling halves and rounds down: 28 → 26 → 13 → 11 → 5 → 3.
# - **Parameters.** A layer has *kernel height × kernel width × channels in* weights and one bias, for each filter.

# %% tags=["nbval-check-output"]
sizes = [28]
for window, stride in [(3, 1), (2, 2), (3, 1), (2, 2), (3, 1)]:
    sizes.append(convolution.output_size(sizes[-1], window, stride))
assert sizes[1:] == [26, 13, 11, 5, 3] == [layer.output.shape[1] for layer in model.layers[1:6]]

expected = {
    "conv_1": (3 * 3 * 1 + 1) * 32,
    "conv_2": (3 * 3 * 32 + 1) * 64,
    "conv_3": (3 * 3 * 64 + 1) * 128,
    "probabilities": (3 * 3 * 128 + 1) * 10,
}
assert list(expected.values()) == [320, 18_496, 73_856, 11_530]
assert all(model.get_layer(name).count_params() == count for name, count in expected.items())
assert model.count_params() == sum(expected.values()) == 104_202
print(
    " → ".join(map(str, sizes)),
    "and",
    f"{model.count_params():,} parameters, as computed by hand",
)

# %% [markdown]
# The shapes as a picture: the maps become smaller and more numerous. *Where* is traded for *what*.


# %%
def draw_blocks(axis, shapes, names):
    """Draw each layer's output as a stack of maps, to scale."""
    left = 0.0
    for (side, _side, channels), name in zip(shapes, names):
        depth = 2 + channels / 8
        for step in np.linspace(depth, 0, 6):
            corner = (left + step, -side / 2 + step)
            axis.add_patch(
                plt.Rectangle(corner, side, side, facecolor="#cfe3f3", edgecolor="C0")
            )
        axis.text(
            left + (side + depth) / 2,
            -side / 2 - 2,
            f"{name}\n{side}×{side}×{channels}",
            ha="center",
            va="top",
        )
        left += side + depth + 14
    axis.set(xlim=(-3, left), ylim=(-27, 21), aspect="equal")
    axis.axis("off")


# %%
figure, axis = plt.subplots(figsize=(15, 4.4), layout="constrained")
names = ["input", "conv 1", "pool 1", "conv 2", "pool 2", "conv 3"]
draw_blocks(
    axis, [(28, 28, 1)] + [layer.output.shape[1:] for layer in model.layers[1:6]], names
)
plots.show(
    "Six stacks of squares from left to right: one map of 28 by 28, then 32 maps of 26 by 26, 32 of 13 by 13, "
    "64 of 11 by 11, 64 of 5 by 5 and 128 of 3 by 3."
)

# %% [markdown]
# ## 3 · Training
#
# The network sees the training digits in **batches** of 64 and makes one step of gradient descent for each; once through all
# digits is an **epoch**. Three choices are made in `compile`:
#
# - **optimizer**: how weights change after each batch. `rmsprop` is a robust first choice.
# - **loss**: what is made small. Labels are class numbers, so it is `sparse_categorical_crossentropy`: the negative logarithm
#   of the probability given to the right digit.
# - **metrics**: what you want to read. `accuracy` is the share of right answers.


# %%
def train(network, epochs, seed=course.SEED, batch_size=64):
    """Compile and train a network; return its history as a dictionary of lists."""
    keras.utils.set_random_seed(seed)
    network.compile(
        optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    history = network.fit(
        train_images,
        train_labels,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=(valid_images, valid_labels),
        verbose=0,
    )
    return history.history


# %%
epochs = course.budget(full=15, reduced=2)
keras.utils.set_random_seed(course.SEED)
model = build_model()
history = train(model, epochs)
print(f"after {epochs} epochs: training accuracy {history['accuracy'][-1]:.1%},", end=" ")
print(f"validation accuracy {history['val_accuracy'][-1]:.1%}")

# %%
plots.learning_curves({"": history})
plots.show(
    "Loss and accuracy over the epochs: training and validation improve steeply at first; later the training curves "
    "go on improving while the validation curves level off."
)

# %% [markdown]
# **What to notice.** Most is learned in the first epochs. From then on the dashed training loss goes on falling while the
# validation loss does not: the network begins to memorize its 3,500 digits. That gap is **overfitting**;
# section 6 closes some of it.
#
# ## 4 · What pooling is good for
#
# Take the pooling layers out and train the same network again. The maps stay large, so the last dense layer explodes:


# %%
def build_model_without_pooling():
    """The same three convolutions, nothing in between."""
    inputs = keras.Input(shape=(28, 28, 1))
    x = layers.Conv2D(32, kernel_size=3, activation="relu")(inputs)
    x = layers.Conv2D(64, kernel_size=3, activation="relu")(x)
    x = layers.Conv2D(128, kernel_size=3, activation="relu")(x)
    x = layers.Flatten()(x)
    outputs = layers.Dense(10, activation="softmax")(x)
    return keras.Model(inputs, outputs)


# %% tags=["nbval-check-output"]
flat_model = build_model_without_pooling()
last = flat_model.layers[-1].count_params()
assert flat_model.count_params() == 712_202
print(
    f"without pooling: {flat_model.count_params():,} parameters, {last:,} of them in the last layer"
)
print(f"with pooling:    {model.count_params():,} parameters")

# %%
import time

flat_epochs = course.budget(full=6, reduced=1)
seconds, scores = {}, {}
for name, build in {
    "with pooling": build_model,
    "without pooling": build_model_without_pooling,
}.items():
    keras.utils.set_random_seed(course.SEED)
    network = build()
    start = time.perf_counter()
    scores[name] = train(network, flat_epochs)["val_accuracy"][-1]
    seconds[name] = (time.perf_counter() - start) / flat_epochs
    print(f"{name:16} validation accuracy {scores[name]:.1%}, {seconds[name]:.1f} s an epoch")

# %% [markdown]
# How far does a unit of the last convolution layer see in each network? With the rule from lesson 01, section 9:

# %% tags=["nbval-check-output"]
for name, stack in {
    "with pooling": [(3, 1), (2, 2), (3, 1), (2, 2), (3, 1)],
    "without": [(3, 1)] * 3,
}.items():
    field, jump = 1, 1
    for size, stride in stack:
        field, jump = field + (size - 1) * jump, jump * stride
    print(f"{name:13} one unit of the last layer sees {field}×{field} pixels")

# %% [markdown]
# **What to notice.** Without pooling the network has seven times the parameters, takes several times as long for an epoch, and
# each unit sees only 7×7 pixels of a digit. In the run stored on this page it is no more accurate either, but one run of each
# proves nothing; section 6 shows how to compare properly. On the photographs of lesson 04 such a network is unaffordable.
#
# ## 5 · Looking at mistakes
#
# One number hides everything interesting. A **confusion matrix** counts for each true digit (row) what the network answered
# (column). So far it is still the validation set.

# %%
probabilities = model.predict(valid_images, verbose=0)
predicted = probabilities.argmax(axis=1)

confusion = np.zeros((10, 10), dtype=int)
np.add.at(confusion, (valid_labels, predicted), 1)
assert confusion.sum() == len(valid_labels)
assert np.isclose(confusion.trace() / confusion.sum(), history["val_accuracy"][-1])

plots.confusion_matrix(confusion, digits.classes)
plots.show(
    "A 10 by 10 table: large counts on the diagonal, and a few single mistakes beside it, colored in orange."
)

# %% [markdown]
# Which mistakes are the worst? Those about which the network was most *certain*. Sort the wrong answers by the
# probability given to the wrong digit.

# %%
wrong = np.flatnonzero(predicted != valid_labels)
worst = wrong[np.argsort(-probabilities[wrong, predicted[wrong]])][:10]
titles = [
    f"{valid_labels[n]}, read as {predicted[n]}\n({probabilities[n, predicted[n]]:.0%})"
    for n in worst
]
plots.image_grid(valid_images[worst], titles, columns=5, cell=2.4)
plots.show(
    "Up to ten digits the network misread, each with its label, the answer given and its probability."
)

# %% [markdown]
# **What to notice.** Some you would misread too. Others are clear to you: the network is not unsure about them, it is
# *confidently wrong*. A probability from a softmax is not a guarantee; lesson 10 measures how far to trust it.
#
# ## 6 · A better recipe, and one look at the test set
#
# The gap between training and validation asks for more variety. Three standard remedies:
#
# - **augmentation**: shift, turn and zoom each digit a little, differently in each epoch (lesson 05 is about this),
# - **dropout**: silence a random half of the features while training,
# - **a falling learning rate**: large steps at first, tiny ones at the end.


# %% tags=["recipe"]
def build_better_model():
    """The same convolutions, with augmentation in front and dropout behind."""
    inputs = keras.Input(shape=(28, 28, 1))
    x = layers.RandomTranslation(0.1, 0.1, fill_mode="constant")(inputs)
    x = layers.RandomRotation(0.04, fill_mode="constant")(x)
    x = layers.RandomZoom(0.1, fill_mode="constant")(x)
    x = layers.Conv2D(32, kernel_size=3, activation="relu", name="conv_1")(x)
    x = layers.MaxPooling2D(pool_size=2)(x)
    x = layers.Conv2D(64, kernel_size=3, activation="relu", name="conv_2")(x)
    x = layers.MaxPooling2D(pool_size=2)(x)
    x = layers.Conv2D(128, kernel_size=3, activation="relu", name="conv_3")(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.5)(x)
    outputs = layers.Dense(10, activation="softmax")(x)
    return keras.Model(inputs, outputs, name="better_digit_reader")


# %% [markdown]
# Compare the two recipes fairly: the same number of epochs, **three seeds each**, all 4,000 training digits now that the
# decisions are made, and then the test set, once for each trained network.


# %% tags=["recipe"]
def train_on_everything(build, optimizer, epochs, seed):
    """Train on training and validation digits together; return the network."""
    keras.utils.set_random_seed(seed)
    network = build()
    network.compile(
        optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    network.fit(images, labels, batch_size=64, epochs=epochs, verbose=0)
    return network


def falling_adam(epochs):
    """Adam whose learning rate follows half a cosine from 0.002 to 0."""
    steps = epochs * int(np.ceil(len(images) / 64))
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps))


# %% tags=["recipe"]
LONG_EPOCHS = course.budget(full=40, reduced=1)
RECIPES = {
    "plain": (build_model, lambda: "rmsprop"),
    "better": (build_better_model, lambda: falling_adam(LONG_EPOCHS)),
}

# %%
trained = {name: [] for name in RECIPES}
run_seconds = {name: [] for name in RECIPES}
for name, (build, optimizer) in RECIPES.items():
    for seed in course.budget(full=(0, 1, 2), reduced=(0,)):
        start = time.perf_counter()
        trained[name].append(train_on_everything(build, optimizer(), LONG_EPOCHS, seed))
        run_seconds[name].append(time.perf_counter() - start)

# %%
accuracies = {}
for name, networks in trained.items():
    accuracies[name] = [
        network.evaluate(test_images, test_labels, verbose=0)[1] for network in networks
    ]
    mean = np.mean(accuracies[name])
    error = (
        np.std(accuracies[name], ddof=1) / np.sqrt(len(networks))
        if len(networks) > 1
        else np.nan
    )
    print(
        f"{name:7} test accuracy {mean:.1%} ± {error:.1%} (standard error, {len(networks)} seeds)"
    )

# %%
if course.budget(full=True, reduced=False):
    assert np.mean(accuracies["better"]) >= 0.98
    assert min(accuracies["better"]) > max(accuracies["plain"])

# %%
figure, axis = plt.subplots(figsize=(9, 3))
for height, values in enumerate(accuracies.values()):
    axis.plot(
        np.multiply(values, 100),
        [height] * len(values),
        "o",
        markersize=13,
        color=f"C{height}",
        alpha=0.7,
    )
    axis.plot(100 * np.mean(values), height, "|", markersize=44, color="black")
axis.set_yticks(range(len(accuracies)), list(accuracies))
axis.set(
    ylim=(-0.6, 1.6),
    xlabel="test accuracy (%)",
    title="Each dot is one seed, the line is the mean",
)
plots.show(
    "Two rows of dots on a scale of test accuracy: the better recipe lies to the right of the plain one."
)

# %% [markdown]
# **What to notice.** The three dots of a recipe differ although nothing but the random seed changed, so a comparison of two
# single runs proves little. Here the groups do not overlap. With 1,000 test digits, one digit is 0.1 points: do not
# quote more decimals than that.

# %% tags=["ledger"]
# What this page measured, in the form that the course keeps in results/.
MEASURED = [
    course.ledger_row(
        experiment=f"lesson 03, {name} recipe",
        seed=seed,
        accuracy=round(accuracy, 4),
        test_size=len(test_labels),
        training_size=len(labels),
        recipe="03 RECIPES train_on_everything",
        epochs=LONG_EPOCHS,
        seconds=round(took),
        parameters=trained[name][seed].count_params(),
        data=[images, labels, test_images, test_labels],
    )
    for name in accuracies
    for seed, (accuracy, took) in enumerate(zip(accuracies[name], run_seconds[name]))
]

# %% [markdown]
# ## 7 · What has it learned?
#
# The first layer's kernels are 3×3 weights for one channel, so you can draw them like the filters of lesson 02.

# %%
best_model = trained["better"][0]
first_kernels, first_biases = best_model.get_layer("conv_1").get_weights()

plots.kernel_grid(first_kernels[:, :, 0, :], columns=8)
plots.show(
    "Thirty-two learned 3 by 3 kernels in orange and purple; several have one dark and one light side."
)

# %% [markdown]
# (Sections 7 to 9 use test digits again, to explore. That is allowed, because no decision depends on them any more.)
#
# Is any of them an edge detector? Measure instead of guessing: what share of a kernel is a brightness difference in some
# direction, that is, a mixture of Sobel's two kernels? (Squared cosine; 1 would be a perfect oriented edge filter. A random
# kernel of nine numbers reaches 2/9 on average.)

# %%
from helpers.filters import SOBEL_X, SOBEL_Y

directions = np.stack([SOBEL_X.ravel(), SOBEL_Y.ravel()])
directions = directions / np.linalg.norm(directions, axis=1, keepdims=True)
flat = first_kernels[:, :, 0, :].reshape(9, -1)
edge_share = np.sum((directions @ flat) ** 2, axis=0) / np.sum(flat**2, axis=0)

ranked = np.argsort(-edge_share)
print(
    f"average share {edge_share.mean():.2f}; by chance {2 / 9:.2f}; best {edge_share.max():.2f}"
)
if course.budget(full=True, reduced=False):
    assert edge_share.mean() > 1.5 * 2 / 9
    assert edge_share.max() > 0.8

# %% [markdown]
# **What to notice.** On average the kernels have about twice the share that chance would give, and the best ones are
# almost pure edge filters. Nobody asked for edges; they are simply useful for telling digits apart.
#
# **Feature maps**: what the layers answer for one digit. The first layer draws outlines, later layers are coarser and
# harder to name. Shown are eight maps of each layer, those of the first with the four most and the four least Sobel-like
# kernels.

# %%
layer_outputs = [best_model.get_layer(f"conv_{n}").output for n in (1, 2, 3)]
look_inside = keras.Model(best_model.input, layer_outputs)
sample = test_images[np.flatnonzero(test_labels == 7)[3:4]]
maps_1, maps_2, maps_3 = (np.asarray(maps)[0] for maps in look_inside(sample, training=False))
chosen = np.concatenate([ranked[:4], ranked[-4:]])

# %% tags=["cover"]
figure, axes = plt.subplots(3, 9, figsize=(14, 5), layout="constrained")
for row, maps in enumerate([maps_1[..., chosen], maps_2[..., :8], maps_3[..., :8]]):
    axes[row, 0].imshow(sample[0, ..., 0], cmap="gray")
    axes[row, 0].set_ylabel(f"conv {row + 1}")
    for column in range(8):
        axes[row, column + 1].imshow(maps[..., column], cmap="viridis", vmin=0, vmax=maps.max())
for axis in axes.flat:
    axis.set(xticks=[], yticks=[])
plots.show(
    "A digit 7 and eight feature maps of each of the three layers: outlines in the first, coarse patches in the second, "
    "and 3 by 3 blocks in the third."
)

# %% [markdown]
# ## 8 · Predict by hand
#
# In lesson 01 you wrote a convolution. Feed a digit through the **trained first layer with NumPy alone** and compare with
# Keras. If they agree, there is no magic left in `Conv2D`.

# %% tags=["nbval-check-output"]
by_hand = np.maximum(convolution.conv2d(sample, first_kernels, first_biases), 0)
assert by_hand.shape == (1, 26, 26, 32)
assert np.allclose(by_hand[0], maps_1, atol=1e-5)
print("first layer by hand equals Keras:", bool(np.allclose(by_hand[0], maps_1, atol=1e-5)))


# %% [markdown]
# And the rest is the same again: pool, convolve, pool, convolve, flatten, one matrix product, softmax.


# %%
def predict_by_hand(batch, network):
    """Run the whole network in NumPy; dropout and augmentation do nothing outside training."""
    x = batch
    for number in (1, 2, 3):
        x = np.maximum(
            convolution.conv2d(x, *network.get_layer(f"conv_{number}").get_weights()), 0
        )
        if number < 3:
            x = convolution.max_pool2d(x, size=2)
    weights, bias = network.layers[-1].get_weights()
    scores = x.reshape(len(x), -1) @ weights + bias
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


# %% tags=["nbval-check-output"]
hundred = test_images[:100]
from_numpy = predict_by_hand(hundred, best_model)
from_keras = best_model.predict(hundred, verbose=0)
assert np.allclose(from_numpy, from_keras, atol=1e-4)
print(
    "same answers for all 100 digits:",
    bool((from_numpy.argmax(1) == from_keras.argmax(1)).all()),
)

# %% [markdown]
# ## 9 · Off-center digits
#
# MNIST's digits are centered. What if they are not? Published notes report that a dense network, excellent on centered
# digits, collapses on shifted ones. Measure it. The opponent is a plain **multilayer perceptron** (MLP): 784 pixels in, one
# hidden layer (a dense layer between input and output) of 512 units, no convolution. It is trained like the plain CNN: the
# same digits, epochs, optimizer and seed.


# %%
def build_mlp():
    """A dense network without any notion of neighborhood."""
    inputs = keras.Input(shape=(28, 28, 1))
    x = layers.Flatten()(inputs)
    x = layers.Dense(512, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def shift_right(batch, pixels):
    """Move images to the right; black comes in from the left."""
    return np.pad(batch, ((0, 0), (0, 0), (pixels, 0), (0, 0)))[:, :, : batch.shape[2]]


# %%
mlp = train_on_everything(build_mlp, "rmsprop", LONG_EPOCHS, 0)
contenders = {"MLP": mlp, "CNN": trained["plain"][0], "CNN, trained with shifts": best_model}

shifts = range(9)
by_shift = {
    name: [
        network.evaluate(shift_right(test_images, s), test_labels, verbose=0)[1] for s in shifts
    ]
    for name, network in contenders.items()
}

# %%
plt.figure(figsize=(11, 4.5), layout="constrained")
for (name, values), line in zip(by_shift.items(), plots.LINE_STYLES):
    plt.plot(shifts, np.multiply(values, 100), line, marker="o", label=f"{name}")
plt.axhline(10, color="0.5", linewidth=1)
plt.text(0, 12, "guessing", color="0.3")
plt.xlabel("shift to the right (pixels)")
plt.ylabel("test accuracy (%)")
plt.title("Accuracy on off-center digits")
plt.ylim(0, 102)
plt.legend(loc="upper left", bbox_to_anchor=(1, 1))
plots.show(
    "Accuracy against shift for three networks: all start high; the MLP drops first, the CNN a little later, and the CNN "
    "trained with shifted digits last."
)

# %%
for name, values in by_shift.items():
    print(f"{name:25}", "  ".join(f"{value:.0%}" for value in values))
if course.budget(full=True, reduced=False):
    assert by_shift["CNN"][3] > by_shift["MLP"][3]
    assert by_shift["CNN, trained with shifts"][4] > by_shift["CNN"][4] + 0.1

# %%
moved = [shift_right(sample, s)[0] for s in shifts]
plots.image_grid(moved, [f"{s} px" for s in shifts], columns=9, cell=1.5)
plots.show(
    "The same seven, moved to the right by 0 to 8 pixels; at 8 pixels it touches the border."
)

# %% [markdown]
# **What to notice.** The MLP falls first, as reported. But the plain CNN falls too, only later: convolution moves the map
# along, pooling forgets one or two pixels, and then the dense layer at the end meets features in places it never saw.
# *Convolution alone does not make a network shift-invariant.* What helps most is to **show** it shifted digits while
# training; beyond the range it was shown (10 % of 28 pixels, about 3) its accuracy falls, too. These are single networks, but
# the gaps are many times larger than the spread between seeds in section 6.
#
# ## Summary
#
# - Every size and every parameter count follows from two rules: $\lfloor (N-F+2P)/S \rfloor + 1$, and
#   (kernel height × kernel width × channels in + 1) × filters.
# - Pooling saves parameters and time and lets units see farther.
# - Learning curves show overfitting; a confusion matrix and the worst mistakes show *what* goes wrong.
# - Compare recipes with several seeds and a standard error; touch the test set once, at the end.
# - A `Conv2D` layer is the `conv2d` of lesson 01; a CNN tolerates small shifts, and training on shifts extends that.
#
# ## Try it
#
# **Question 1.** How many parameters has `Conv2D(64, 5)` after a layer with 32 channels?
#
# <details><summary>Answer</summary>
# (5·5·32 + 1)·64 = 51,264.
# </details>
#
# **Question 2.** With `padding="same"` in all three convolutions, what is the size after each layer, and how many parameters
# does the last dense layer have?
#
# <details><summary>Answer</summary>
# 28, 14, 14, 7, 7. The dense layer has (7·7·128 + 1)·10 = 62,730 parameters; the convolutions keep theirs.
# </details>
#
# **Question 3.** A network that always answers "1": what is its accuracy on these test digits?
#
# <details><summary>Answer</summary>
# 10 %: the built-in test set holds 100 digits of each class. (On the official test set it is 11.35 %, because there 1,135
# of 10,000 digits are ones.)
# </details>
#
# **Question 4.** What loss does an untrained network have, about, if it gives each digit the probability 1/10?
#
# <details><summary>Answer</summary>
# −ln(1/10) = 2.303. If your first loss is far above this, something is wrong with the input, often a missing division by 255.
# </details>
#
# **Question 5.** Would flipping left to right be a good augmentation for digits?
#
# <details><summary>Answer</summary>
# No: a mirrored 2 is not a 2 anymore. Augment only with changes that keep the label true.
# </details>

# %%
# The numbers in the answers, computed.
five = layers.Conv2D(64, 5)
five.build((None, 13, 13, 32))
assert five.count_params() == (5 * 5 * 32 + 1) * 64 == 51_264  # 1

assert convolution.output_size(28, 3, padding="same") == 28  # 2
assert (28 // 2, 28 // 2 // 2) == (14, 7)
assert (7 * 7 * 128 + 1) * 10 == 62_730

if len(test_labels) == 1000:  # 3: the built-in test digits
    assert np.mean(test_labels == 1) == 0.1
assert round(-np.log(1 / 10), 3) == 2.303  # 4

# %% [markdown]
# **Next:** [lab 03](labs/lab_03_mnist_cnn.ipynb) has you count, shift, tabulate and change the network.
