# %% [markdown]
# # 08 · CIFAR-10, a deeper network
#
# **What you will do:** train a published network on ten kinds of small pictures, find out why more layers alone do not help, add what a decade of research brought, one step at a
# time, and let the result name a photograph of your own.
#
# **What you will learn**
# - where the parameters of a network sit, and where its computation (two different places),
# - what dropout and RMSprop compute, each checked by hand,
# - why a deep stack of layers stops learning, measured layer by layer, and what mends it,
# - what a residual connection, a falling learning rate and label smoothing are, each built by hand,
# - how to judge such steps: one at a time, with seeds, on paired test pictures.
#
# **What you need:** lessons 05 and 07.
#
# **Time:** 75–90 minutes in class. Running all cells takes about 5 min on 2 CPU cores.

# %%
from helpers import course, plots

course.start("Lesson 08", tensorflow=True)

# %%
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

from helpers import datasets
from helpers.training import progress

things = datasets.cifar10()
KIND = "drawn sample" if things.source == "sample" else "photograph"
keras.config.disable_interactive_logging()
print(f"{len(things.x_train):,} {KIND}s for training, {len(things.x_test):,} for the test")

# %% [markdown]
# ## 1 · Ten kinds of things in 32×32 pixels
#
# **CIFAR-10** is the test bench of a decade of network design: 50,000 training and 10,000 test photographs of ten kinds of things, 32×32 pixels each. It is small enough for a laptop, and hard enough to tell a good idea from a bad one.
#
# Without the photographs this lesson runs on drawn pictures of the same format, and its figures say so. What the photographs gave is recorded, and you will see those curves, too.

# %% slideshow={"slide_type": "skip"}
shown = [np.flatnonzero(things.y_train == kind)[n] for n in range(3) for kind in range(10)]
SHORT_NAMES = ["plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]

# %% tags=["cover"]
axes = plots.image_grid(
    list(things.x_train[shown]), SHORT_NAMES + [""] * 20, columns=10, cell=1.45
)
axes[0].figure.suptitle(f"three pictures of each kind ({KIND}s)")
plots.show(
    "Thirty small pictures in three rows, one column for each kind: plane, car, bird, cat, deer, dog, frog, horse, ship and truck."
)

# %% tags=["nbval-check-output"]
print("one picture:", things.x_train[0].shape, things.x_train.dtype)
for part, labels in {"training": things.y_train, "test": things.y_test}.items():
    print(f"{part:9}", np.bincount(labels).tolist())
assert things.classes[3] == "cat"
assert things.classes[5] == "dog"

# %% [markdown]
# **What to notice.** No kind is more frequent than another, so guessing is right in one of ten cases, and accuracy is a fair measure. Six kinds are animals with four legs or two; four are vehicles. Expect the mistakes *within* these groups.
#
# ### What is left of a photograph at 32×32?
#
# Take a cat of 300×300 pixels and shrink it as CIFAR-10's authors did: each new pixel is the average of those it covers.


# %% slideshow={"slide_type": "skip"}
from PIL import Image
from skimage import data as photographs


def shrink(photo, side=32):
    """Cut the largest square out of the middle of a photograph, and shrink it."""
    photo = Image.fromarray(photo)
    edge = min(photo.size)
    left, top = ((length - edge) // 2 for length in photo.size)
    square = photo.crop((left, top, left + edge, top + edge))
    return np.asarray(square.resize((side, side), Image.Resampling.BOX))


chelsea = photographs.chelsea()
versions = [shrink(chelsea, side) for side in (300, 32, 8)]
titles = [f"{len(v)}×{len(v)}: {v.size:,} numbers" for v in versions]

# %%
plots.image_grid(versions, titles, columns=3, cell=3.6)
plots.show(
    "The same photograph of a cat three times: sharp with 300×300 pixels, coarse but clearly a cat with 32×32, and a pattern of colored squares with 8×8."
)

# %% [markdown]
# **What to notice.** At 32×32 the whiskers are gone, and ears, eyes and markings are left. At 8×8 nobody sees a cat. Each convolution that pools throws away resolution, so a network for such pictures has little to give away: it must turn pixels into *channels* before it shrinks the map.
#
# **Three sets.** A seventh of what is used for training becomes the **validation set**. The test set waits until the end.

# %% slideshow={"slide_type": "skip"}
TRAINING = course.budget(full=3000, reduced=128)
HELD_OUT = course.budget(full=500, reduced=64)
order = np.random.default_rng(course.SEED).permutation(len(things.x_train))
held_out, kept = order[:HELD_OUT], order[HELD_OUT:][:TRAINING]
one_hot = np.eye(10, dtype="float32")
x_train, y_train = things.x_train[kept], one_hot[things.y_train[kept]]
x_valid, y_valid = things.x_train[held_out], one_hot[things.y_train[held_out]]
print(f"{len(x_train):,} {KIND}s for training, {len(x_valid)} for validation")

# %% [markdown]
# ## 2 · The source's network, layer by layer
#
# Source B builds its network from three **blocks**: two convolutions, a pooling, a dropout. The first convolution of a block keeps the size (`padding="same"`), the second does not. Then come a dense layer of 512 units, another dropout, and the softmax over ten kinds.
#
# Why *two* convolutions of 3×3 in a row? Together they see 5×5 pixels, with 2·9 = 18 weights for each pair of channels instead of 25, and one more ReLU between them.


# %% tags=["recipe"] slideshow={"slide_type": "skip"}
def random_changes():
    """Return the source's augmentation: a shift by up to 10 %, in whole pixels, and a flip."""
    whole = {"fill_mode": "nearest", "interpolation": "nearest"}
    shift = layers.RandomTranslation(0.1, 0.1, name="shift", **whole)
    return [shift, layers.RandomFlip("horizontal", name="flip")]


# %% tags=["recipe"]
def build_source(augmented=False):
    """The source's network: six convolutions, two dense layers, four dropouts."""
    x = inputs = keras.Input((32, 32, 3), name="picture")
    for layer in random_changes() if augmented else []:
        x = layer(x)
    x = layers.Rescaling(1 / 255, name="scale")(x)
    for number, filters in enumerate((32, 64, 64), start=1):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"conv{number}a")(
            x
        )
        x = layers.Conv2D(filters, 3, activation="relu", name=f"conv{number}b")(x)
        x = layers.MaxPooling2D(2, name=f"pool{number}")(x)
        x = layers.Dropout(0.25, name=f"drop{number}")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(512, activation="relu", name="dense")(x)
    x = layers.Dropout(0.5, name="drop4")(x)
    outputs = layers.Dense(10, activation="softmax", name="kind")(x)
    return keras.Model(inputs, outputs, name="source")


# %% [markdown]
# Parameters are numbers to **store and learn** (the asserts are lesson 01's formulas). Multiplications are **work**. Count both, for one picture: a convolution uses each of its weights once at *every* place of its output, a dense layer uses each of its weights once.


# %% slideshow={"slide_type": "skip"}
def multiplications(layer):
    """Return how many products a layer computes for one picture."""
    if not isinstance(layer, layers.Conv2D | layers.Dense):
        return 0
    places = int(np.prod(layer.output.shape[1:-1]))  # rows × columns; 1 for a dense layer
    return int(np.prod(layer.kernel.shape)) * places


# %% tags=["nbval-check-output"]
source = build_source()
weighted = [layer for layer in source.layers if layer.weights]
print(f"{'layer':8}{'output':>14}{'parameters':>12}{'multiplications':>17}")
for layer in weighted:
    shape = "×".join(map(str, layer.output.shape[1:]))
    print(f"{layer.name:8}{shape:>14}{layer.count_params():12,}{multiplications(layer):17,}")
work = sum(map(multiplications, weighted))
print(f"{'in all':22}{source.count_params():12,}{work:17,}")

count = {layer.name: layer.count_params() for layer in weighted}
assert count["conv1a"] == (3 * 3 * 3 + 1) * 32 == 896
assert count["conv1b"] == (3 * 3 * 32 + 1) * 32 == 9_248
assert count["conv2a"] == (3 * 3 * 32 + 1) * 64 == 18_496
assert count["conv2b"] == count["conv3a"] == count["conv3b"] == (3 * 3 * 64 + 1) * 64 == 36_928
assert source.get_layer("flat").output.shape[1] == 2 * 2 * 64 == 256
assert count["dense"] == (256 + 1) * 512 == 131_584
assert count["kind"] == (512 + 1) * 10 == 5_130
assert source.count_params() == sum(count.values()) == 276_138

# %%
figure, axis = plt.subplots(figsize=(11, 4.6), layout="constrained")
rows = np.arange(len(weighted))
stored = [100 * layer.count_params() / source.count_params() for layer in weighted]
worked = [100 * multiplications(layer) / work for layer in weighted]
axis.barh(rows - 0.2, stored, 0.38, color="C0", label="share of the parameters")
axis.barh(
    rows + 0.2, worked, 0.38, color="C1", hatch="//", label="share of the multiplications"
)
for row, (left, right) in enumerate(zip(stored, worked)):
    axis.text(left + 0.5, row - 0.2, f"{left:.0f} %", va="center", fontsize=12)
    axis.text(right + 0.5, row + 0.2, f"{right:.0f} %", va="center", fontsize=12)
axis.set_yticks(rows, [layer.name for layer in weighted])
axis.invert_yaxis()
axis.set(xlabel="share (%)", xlim=(0, 55))
axis.legend(loc="lower right", bbox_to_anchor=(1, 0.3))
plots.show(
    "Two bars for each layer with weights. The second convolution has 3 percent of the parameters and the most multiplications; the dense layer has 48 percent of the parameters and 1 percent of the multiplications."
)

# %% [markdown]
# **What to notice.** Half of the parameters sit in one dense layer that does almost no work. Most of the work is done by `conv1b`, with 3 % of the parameters, because it runs at 900 places. "A small network" can mean two things. Keep this figure in mind: in section 7 the same number of parameters goes somewhere else.
#
# <!-- question where-work -->
#
# ## 3 · What dropout really does
#
# In each training step, dropout sets a random share of its inputs to zero, another one for every picture. What is left is divided by the share that is kept:
#
# $$ y = \frac{m \odot x}{1 - r}, \qquad m_i = \begin{cases} 0 & \text{with probability } r \\ 1 & \text{otherwise}\end{cases} $$
#
# No unit can rely on one certain other unit to be there, so knowledge spreads over many. In a few lines:


# %%
def dropout(x, rate, generator):
    """Set a random share of x to zero, and scale up the rest; also return the mask."""
    mask = generator.random(x.shape) >= rate
    return mask * x / (1 - rate), mask


# %% slideshow={"slide_type": "skip"}
edges = keras.Model(source.input, source.get_layer("conv1a").output)
maps = keras.ops.convert_to_numpy(edges(shrink(chelsea)[None].astype("float32")))[0]
feature_map = maps[..., maps.std(axis=(0, 1)).argmax()]
generator = np.random.default_rng(course.SEED)
dropped, mask = dropout(feature_map, 0.25, generator)
mean = np.mean([dropout(feature_map, 0.25, generator)[0] for _draw in range(400)], axis=0)

pictures = [feature_map, mask, dropped, dropout(feature_map, 0.25, generator)[0], mean]
titles = [
    "a feature map",
    "a mask: black drops",
    "map · mask / 0.75",
    "another draw",
    "mean of 400 draws",
]

# %%
axes = plots.image_grid(pictures, titles, columns=5, cell=2.75, cmap="gray")
for axis in (axes[0], *axes[2:]):
    axis.images[0].set_clim(0, feature_map.max() / 0.75)
plots.show(
    "Five pictures: a feature map that shows a cat, a mask with a quarter of its squares black, the map with these squares black and the others brighter, the same with another mask, and the mean of 400 draws, which looks like the map."
)

# %% [markdown]
# **What to notice.** Each draw looks damaged and a little brighter. The *mean* over many draws is the map itself: that is what the division by 0.75 is for. The next layer gets, on average, the same input in training and at inference, so at **inference** nothing needs to be done. Ask Keras:

# %% tags=["nbval-check-output"]
layer, x = layers.Dropout(0.25, seed=1), np.ones((1000, 1000), dtype="float32")
in_training = keras.ops.convert_to_numpy(layer(x, training=True))
at_inference = keras.ops.convert_to_numpy(layer(x, training=False))
print("values in training:", np.unique(in_training).round(4))
print(f"zeros: {np.mean(in_training == 0):.1%}   mean: {in_training.mean():.3f}")
print("unchanged at inference:", np.array_equal(at_inference, x))
assert np.isclose(in_training.max(), 1 / 0.75)
assert abs(in_training.mean() - 1) < 0.005
assert np.abs(mean - feature_map).max() < 0.3 * feature_map.max()

# %% [markdown]
# <!-- question dropout-inference -->
#
# ## 4 · RMSprop: a step in units of its own gradient
#
# Gradient descent uses one learning rate for all weights. But gradients differ: a weight with tiny gradients would need larger steps. **RMSprop** keeps, for each weight, a moving average of its squared gradient, and divides by the root of it:
#
# $$ v \leftarrow \rho\, v + (1 - \rho)\, g^2, \qquad w \leftarrow w - \eta\, \frac{g}{\sqrt{v + \varepsilon}} $$
#
# The name says it: the gradient is divided by its **root mean square**. What is left of $g$ is its sign and whether it is larger or smaller than usual. The source takes $\eta = 0.001$ and $\rho = 0.9$, Keras' defaults.


# %% tags=["nbval-check-output"]
def rmsprop(w, gradients, rate=1e-3, rho=0.9, epsilon=1e-7):
    """Return the weights after each of the gradients."""
    v, path = np.zeros_like(w), [w]
    for g in gradients:
        v = rho * v + (1 - rho) * g**2
        path.append(path[-1] - rate * g / np.sqrt(v + epsilon))
    return np.array(path)


w, gradients = np.array([1.0, 1.0, 1.0]), np.array([[100, 1, -0.01]] * 4)
path = rmsprop(w, gradients)
print("steps of three weights whose gradients are 100, 1 and −0.01:")
print(np.diff(path, axis=0)[:2].round(5))

variable = keras.Variable(w, dtype="float32")
optimizer = keras.optimizers.RMSprop(1e-3)
for g in gradients:
    optimizer.apply([keras.ops.convert_to_tensor(g, "float32")], [variable])
assert np.abs(keras.ops.convert_to_numpy(variable) - path[-1]).max() < 1e-6  # as Keras does
assert np.isclose(path[0, 0] - path[1, 0], 1e-3 / np.sqrt(0.1), rtol=1e-4)

# %% [markdown]
# **What to notice.** Gradients that differ by a factor of 10,000 give steps of the same length. (The first steps are long: $v$ starts at zero, so the first one is $\eta/\sqrt{0.1} = 3.2\,\eta$.) But look at what is missing: RMSprop never slows down by itself. Around a minimum it keeps stepping to and fro by about $\eta$. Remember that for section 8.
#
# ## 5 · Train it, without and with augmentation
#
# The source shifts pictures by up to 10 % and mirrors them. A trap lies in the shift: one of 1.5 pixels must invent new pixels between the old ones, and averages two neighbors. On 180 pixels (lesson 05) nobody sees that. On 32?

# %%
whole, parts = (
    layers.RandomTranslation(0.1, 0.1, fill_mode="nearest", interpolation=kind, seed=1)
    for kind in ("nearest", "bilinear")
)
pictures = x_train[:64].astype("float32")
for name, layer in {"original": None, "whole pixels": whole, "parts of pixels": parts}.items():
    shifted = pictures if layer is None else layer(pictures, training=True)
    steps = np.abs(np.diff(keras.ops.convert_to_numpy(shifted)[:, 4:-4, 4:-4], axis=2))
    print(f"{name:16} neighboring pixels differ by {steps.mean():.1f}")

# %% [markdown]
# **What to notice.** Shifts by parts of a pixel blur. The network would train on blurred pictures and be tested on sharp ones. So `random_changes` in section 2 says `interpolation="nearest"`: whole pixels.
#
# The source trains on 50,000 pictures with batches of 256: 196 steps in an epoch. Fewer pictures with such batches make few steps, and few steps learn little. So batches have 64 pictures here, in your run and in all recorded ones. Network and optimizer are the source's.


# %% tags=["recipe"]
BATCH = 64


def compile_source(model):
    """Prepare the source's training: RMSprop as Keras sets it."""
    model.compile(
        keras.optimizers.RMSprop(1e-3), "categorical_crossentropy", metrics=["accuracy"]
    )


# %% slideshow={"slide_type": "skip"}
EPOCHS = course.budget(full=20, reduced=1)
trained, histories, seconds = {}, {}, {}


def train(name):
    """Train trained[name] on the pictures of this lesson; return the curves."""
    start = time.perf_counter()
    settings = {"batch_size": BATCH, "epochs": EPOCHS, "validation_data": (x_valid, y_valid)}
    fitted = trained[name].fit(x_train, y_train, verbose=0, callbacks=progress(), **settings)
    seconds[name] = time.perf_counter() - start
    return fitted.history


for name in ("plain", "augmented"):
    keras.utils.set_random_seed(course.SEED)
    trained[name] = build_source(augmented=name == "augmented")
    compile_source(trained[name])
    histories[name] = train(name)

# %%
plots.learning_curves(histories)
plots.show(
    "Loss and accuracy of the source's network over the epochs, without and with augmentation; training dashed, validation solid."
)

# %% [markdown]
# **What to notice.** No sign of overfitting: validation follows training, and all curves are still rising. With augmentation everything is *slower*. That is no contradiction to lesson 05, where augmentation kept a network from learning its pictures by heart. This one has four dropouts and 20 epochs; it is far from knowing anything by heart. Regularization, on a network that **underfits**, only makes the task harder.
#
# ### A training accuracy that is too low
#
# Validation even lies *above* training at times. A network that is better on new pictures? Remember what `fit` measures: the accuracy of the damaged network, with its dropout, on augmented pictures, on average over an epoch in which it still improves. Ask the finished network at inference:

# %%
for name, network in trained.items():
    shown = histories[name]["accuracy"][-1]
    at_inference = network.evaluate(x_train, y_train, verbose=0)[1]
    print(
        f"{name:10} training accuracy: fit says {shown:.1%}, at inference it is {at_inference:.1%}"
    )

# %% [markdown]
# **What to notice.** At inference the plain network knows clearly more than `fit` says: the same weights, the same pictures. (The augmented one gains little here: look at the end of its validation curves, its last epoch was a weak one.) To find out whether a network overfits, compare validation with the training accuracy *at inference*.
#
# ### On photographs, recorded
#
# The same network on 9,000 photographs of CIFAR-10, with 1,000 for validation, and 2,000 for a test that each run saw once, at its end. "±" is the standard error over the seeds.


# %% slideshow={"slide_type": "skip"}
rows = course.recorded("cifar10")


def runs(experiment, epochs):
    """Return the recorded runs of an experiment: one for each seed."""
    return [row for row in rows if (row["experiment"], row["epochs"]) == (experiment, epochs)]


def mean_and_error(values):
    """Return the mean and its standard error; nobody knows the error of a single run."""
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return np.mean(values), error


def show_accuracies(recorded):
    """Print the test accuracy of each experiment: mean, standard error, and each seed."""
    for name, runs_of_it in recorded.items():
        values = [row["accuracy"] for row in runs_of_it]
        mean, error = mean_and_error(values)
        spread = f"± {error:.1%}" if len(values) > 1 else "one seed"
        each = ", ".join(f"{value:.1%}" for value in values) if len(values) > 1 else ""
        print(f"{name:27}{mean:.1%} {spread:9} {each}")


# %% tags=["nbval-check-output"]
LONG = 40  # epochs
names = ("plain", "augmented")
show_accuracies({f"{name}, {LONG} epochs": runs(name, LONG) for name in names})
print(f"2,000 test photographs alone leave ± {np.sqrt(0.7 * 0.3 / 2000):.1%}")

# %%
figure, axes = plt.subplots(1, 2, figsize=(13, 4.2), layout="constrained")
for number, name in enumerate(names):
    for place, row in enumerate(runs(name, LONG)):
        for axis, metric in zip(axes, ("loss", "accuracy")):
            for part, line, width in (("", "--", 1.5), ("val_", "-", 2.5)):
                label = f"{name}: {'validation' if part else 'training'}"
                style = {"color": f"C{number}", "linewidth": width, "linestyle": line}
                style["label"] = None if place else label
                axis.plot(range(1, LONG + 1), row["history"][part + metric], **style)
            axis.set(xlabel="epoch", ylabel=metric)
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
plots.show(
    "Loss and accuracy over the epochs on photographs. Without augmentation training goes on improving while validation turns level and jumps up and down; with augmentation training and validation stay close together."
)

# %% [markdown]
# **What to notice.** On 9,000 photographs both halves of the story appear. Without augmentation training goes on rising while validation has stopped: **overfitting**. With augmentation the two stay together, rise slowly, and are not finished at 40 epochs. And all validation curves jump by several points from one epoch to the next. That is the constant rate of section 4.
#
# ### What would 100 epochs do?
#
# Accuracy often grows by about the same amount each time the epochs *double*, like $a + b \ln(\text{epoch})$. Such a rule can be tried where the answer is known, before you trust it where it is not:


# %% tags=["nbval-check-output"]
def extrapolate(curve, first, last, target):
    """Fit a + b · ln(epoch) to the epochs first … last of a curve, and read it off at a later one."""
    epochs = np.arange(first, last + 1)
    b, a = np.polyfit(np.log(epochs), curve[first - 1 : last], 1)
    return a + b * np.log(target)


curve = np.mean([row["history"]["val_accuracy"] for row in runs("augmented", LONG)], axis=0)
print(f"epochs 10–20 predict for 38: {extrapolate(curve, 10, 20, 38):.1%}", end=", ")
print(f"measured in 36–40: {curve[-5:].mean():.1%}")
print(f"epochs 20–40 predict for 100: {extrapolate(curve, 20, 40, 100):.1%}, not measured")

# %% [markdown]
# **What to notice.** The first line says how far to trust the second: the rule held for one doubling, and 100 epochs are more than one. If it goes on, the augmented network gains until then, but each point costs more epochs than the one before. There must be better ways than waiting.
#
# ## 6 · Why more layers alone do not help
#
# The source stops at six convolutions. Why not thirty? Build **towers** to find out: a first convolution that makes a map of 8×8 with 32 channels, then `depth` convolutions that keep this shape, an average over the map, and a softmax. Four kinds: **plain**; plain with a better start; **normalized**, with batch normalization (lesson 07) after each convolution; and **residual**, which section 7 explains.


# %% slideshow={"slide_type": "skip"}
def tower(depth, normalized=False, shortcut=False, start="glorot_uniform"):
    """`depth` convolutions of the same shape, in pairs."""
    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = layers.Conv2D(32, 4, strides=4, activation="relu")(x)
    for pair in range(1, depth // 2 + 1):
        y = x
        for part in "ab":
            y = layers.Conv2D(32, 3, padding="same", kernel_initializer=start)(y)
            if normalized:
                y = layers.BatchNormalization(momentum=0.9)(y)
            if part == "a":
                y = layers.ReLU()(y)
        if shortcut:
            y = layers.Add()([x, y])
        x = layers.ReLU(name=f"pair{pair}")(y)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(10, activation="softmax")(x)
    return keras.Model(inputs, outputs, name=f"tower{depth}")


# %% [markdown]
# Look at an untrained tower of 32 layers. A picture goes in; how large is the **signal** that arrives after each pair of layers? The loss sends a **gradient** back; how much of it is left when it arrives at the first layers? These have no other source of information.


# %% slideshow={"slide_type": "skip"}
def signals(model, pictures, labels):
    """Return, for each pair of layers, the spread of its output and the size of the gradient there."""
    outputs = [layer.output for layer in model.layers if layer.name.startswith("pair")]
    watched = keras.Model(model.input, [*outputs, model.output])
    with tf.GradientTape() as tape:
        *inside, answers = watched(pictures, training=True)
        loss = tf.reduce_mean(keras.losses.categorical_crossentropy(labels, answers))
    gradients = tape.gradient(loss, inside)
    sizes = [[float(np.std(x)) for x in inside], [float(np.linalg.norm(g)) for g in gradients]]
    return np.array(sizes)


TOWERS = {
    "plain": {},
    "plain, He's start": {"start": "he_normal"},
    "normalized": {"normalized": True, "start": "he_normal"},
    "residual": {"normalized": True, "shortcut": True, "start": "he_normal"},
}
DEEPEST = course.budget(full=32, reduced=6)
measured = {}
for name, settings in TOWERS.items():
    keras.utils.set_random_seed(course.SEED)
    measured[name] = signals(tower(DEEPEST, **settings), x_train[:64], y_train[:64])

# %%
figure, axes = plt.subplots(1, 2, figsize=(13, 4.4), layout="constrained")
for number, (name, sizes) in enumerate(measured.items()):
    for axis, values in zip(axes, sizes):
        style = {"color": f"C{number}", "linestyle": plots.LINE_STYLES[number]}
        axis.semilogy(np.arange(2, DEEPEST + 2, 2), values, label=name, **style)
axes[0].set(xlabel="layer", title="forward: spread of the output")
axes[1].set(xlabel="layer", title="backward: size of the gradient")
axes[0].legend(fontsize=13)
plots.show(
    "Two panels against the layer, on logarithmic scales. The plain tower's signal falls by six powers of ten from the first to the last layer, and its gradient by five on the way back; the other three towers stay within a few powers of ten."
)
for name, (signal, gradient) in measured.items():
    ratios = np.array([signal[-1] / signal[0], gradient[0] / gradient[-1]])
    kept = ratios ** (1 / (DEEPEST - 2))
    print(
        f"{name:18} one layer keeps {kept[0]:.2f} of the signal, {kept[1]:.2f} of the gradient"
    )
inside = ((3 * 8 - 2) / (3 * 8)) ** 2  # of a 3×3 window on an 8×8 map, on average
print(f"√({inside:.2f} / 2) = {np.sqrt(inside / 2):.2f}")

# %% [markdown]
# **What to notice.** In the plain tower each layer keeps 0.65 of the signal, and of the gradient on its way back. Two causes: Keras' default start keeps the spread if nothing is lost, but ReLU sets half to zero; and windows at the border of an 8×8 map see zeros, 16 % of the time. Together they leave $\sqrt{0.84/2} = 0.65$. After 32 layers a millionth is left.
#
# **He's start** (weights √2 times as large) makes good for the ReLU. Normalization restores the spread in *every* layer, but its gradient grows on the way back. With shortcuts it grows much less. (Section 7 says why.)
#
# So much for the start. Now train, at three depths, and look at the loss on the **training** pictures: can the tower learn at all?

# %% slideshow={"slide_type": "skip"}
DEPTHS = course.budget(full=(2, 8, 32), reduced=(2,))
PICTURES = course.budget(full=2000, reduced=64)
x_few, y_few = x_train[:PICTURES], y_train[:PICTURES]
losses, first_layers = {}, {}
for name, settings in TOWERS.items():
    for depth in DEPTHS:
        keras.utils.set_random_seed(course.SEED)
        model = tower(depth, **settings)
        before = signals(model, x_few[:64], y_few[:64])[1, 0]
        compile_source(model)
        epochs = course.budget(full=6, reduced=1)
        history = model.fit(
            x_few, y_few, batch_size=64, epochs=epochs, callbacks=progress(), verbose=0
        ).history
        losses[name, depth] = history["loss"][-1]
    first_layers[name] = before, signals(model, x_few[:64], y_few[:64])[1, 0]  # the deepest

# %%
figure, axis = plt.subplots(figsize=(10, 4.2), layout="constrained")
for number, name in enumerate(TOWERS):
    values = [losses[name, depth] for depth in DEPTHS]
    line = plots.LINE_STYLES[number]
    axis.plot(DEPTHS, values, f"o{line}", color=f"C{number}", markersize=9, label=name)
axis.axhline(np.log(10), color="0.5", linewidth=1)
axis.text(DEPTHS[0], np.log(10) + 0.02, "guessing: ln 10", va="bottom", color="0.3")
axis.set_xscale("log", base=2)
axis.set_xticks(DEPTHS, DEPTHS)
axis.set(xlabel="depth (layers)", ylabel="training loss")
axis.legend(loc="upper left", bbox_to_anchor=(1, 1))
plots.show(
    "Training loss against depth for four towers. Both plain ones end at the loss of guessing with 32 layers. The normalized tower is better with 8 layers than with 2 or 32. The residual one gets better with each step."
)
for name, (before, after) in first_layers.items():
    print(f"{name:18} gradient at the first layers: {before:.0e}, after training {after:.0e}")

# %% [markdown]
# **What to notice.** This is no overfitting: it is the *training* loss. The deep plain tower does not move at all. RMSprop divides by $\sqrt{v + \varepsilon}$, at least 0.0003, so a gradient of $10^{-7}$ makes no step. With He's start the gradient is healthy at first; a few steps later it is not. A good start is not enough if 32 layers change at once.
#
# Normalization mends that in every step, and 8 layers are clearly better than 2. Yet 32 are *worse* than 8. This was found in 2015 on CIFAR-10 with 20 and 56 layers, and called **degradation**. Only the residual tower gains from depth all the way.
#
# <!-- question deeper-worse -->
#
# ## 7 · The residual connection
#
# A deep network could always do what a shallow one does: let the extra layers hand on their input unchanged. But convolutions find it hard to learn "change nothing". So give it to them for free: let two layers compute only the **change**, and add what came in (He and others, 2015):
#
# $$ y = \text{ReLU}\big(x + F(x)\big) $$
#
# $F$ is called the **residual**, what remains to be done; the way around it is a **residual connection**, or shortcut. If nothing remains to be done, $F = 0$ is easy to learn: all weights zero.


# %% slideshow={"slide_type": "skip"}
def box(axis, x, text, color="#cfe3f3", width=1.5):
    """Draw a box with a text around (x, 0)."""
    axis.add_patch(
        plt.Rectangle((x - width / 2, -0.4), width, 0.8, facecolor=color, edgecolor="0.3")
    )
    axis.text(x, 0, text, ha="center", va="center")


def arrow(axis, start, end, color="0.3"):
    """Draw an arrow."""
    style = {"arrowstyle": "-|>", "color": color, "lw": 2.5, "mutation_scale": 18}
    axis.annotate("", end, start, arrowprops=style)


# %%
figure, axis = plt.subplots(figsize=(13, 3), layout="constrained")
parts = ["conv 3×3", "batch\nnorm", "ReLU", "conv 3×3", "batch\nnorm"]
places = 2.0 + 2 * np.arange(5)
for place, text in zip(places, parts):
    box(axis, place, text)
    arrow(axis, (place - 1.25, 0), (place - 0.75, 0))
arrow(axis, (10.75, 0), (11.5, 0))
axis.add_patch(plt.Circle((11.8, 0), 0.3, facecolor="#ffe2c4", edgecolor="0.3"))
axis.text(11.8, 0, "+", ha="center", va="center", fontsize=20)
axis.plot([0.4, 0.4, 11.8], [0, 1.3, 1.3], color="#d55e00", lw=3)
arrow(axis, (11.8, 1.3), (11.8, 0.3), "#d55e00")
axis.plot([-0.2, 0.8], [0, 0], color="0.3", lw=2.5)
axis.text(-0.4, 0, "x", ha="right", va="center", fontsize=18)
axis.text(6, 1.4, "the shortcut: x itself", ha="center", va="bottom", color="#a04000")
axis.text(6, -0.6, "F(x): only the change", ha="center", va="top")
box(axis, 13.4, "ReLU")
arrow(axis, (12.1, 0), (12.65, 0))
arrow(axis, (14.15, 0), (14.8, 0))
axis.text(14.9, 0, "y", va="center", fontsize=18)
axis.set(xlim=(-0.9, 15.3), ylim=(-1.1, 1.9))
axis.axis("off")
plots.show(
    "A row of boxes from x to y: convolution, batch normalization, ReLU, convolution, batch normalization, a plus sign, ReLU. An orange line leads from x above all boxes to the plus sign."
)

# %% [markdown]
# Follow a gradient backward from $y$ to $x$. At the plus sign it goes both ways, unchanged. One copy passes through all layers of $F$ and may be weakened there; the other one arrives at $x$ **as it is**. That is why the first layers of the deep residual tower learn.
#
# In Keras, a block is a function of a tensor. The convolution's bias is left out before a batch normalization, which would remove it anyway (lesson 07), and the weights start larger than Keras' default, as section 6 has shown they should.


# %% tags=["recipe"]
def convolution(x, filters, normalized, pooled=False):
    """A 3×3 convolution, half the size if pooled, normalized if wanted; no activation yet."""
    x = layers.Conv2D(
        filters, 3, padding="same", use_bias=not normalized, kernel_initializer="he_normal"
    )(x)
    if pooled:
        x = layers.MaxPooling2D(2)(x)
    return layers.BatchNormalization(momentum=0.9)(x) if normalized else x


def block(x, normalized=True, shortcut=True):
    """Two convolutions; with a shortcut, what came in is added before the last ReLU."""
    filters = x.shape[-1]
    y = layers.ReLU()(convolution(x, filters, normalized))
    y = convolution(y, filters, normalized)
    if shortcut:
        y = layers.Add()([x, y])
    return layers.ReLU()(y)


# %% [markdown] slideshow={"slide_type": "skip"}
# Take one block apart and compute it by hand, from its own weights, with the convolution of lesson 01:


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
from helpers.convolution import conv2d


def normalize(x, gamma, beta, mean, variance):
    """Batch normalization at inference, as in lesson 07."""
    return gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta


x_in = keras.Input((8, 8, 16))
one_block = keras.Model(x_in, block(x_in))
weights = one_block.get_weights()  # a kernel, four numbers per channel; twice
kernel1, norm1, kernel2, norm2 = weights[0], weights[1:5], weights[5], weights[6:]
x = np.random.default_rng(1).normal(size=(2, 8, 8, 16)).clip(0)  # what a ReLU hands on

y = np.maximum(normalize(conv2d(x, kernel1, padding="same"), *norm1), 0)
y = normalize(conv2d(y, kernel2, padding="same"), *norm2)
by_hand = np.maximum(x + y, 0)
assert np.abs(one_block.predict(x, verbose=0) - by_hand).max() < 1e-4

norm2[0][:] = 0  # γ = 0, so F(x) = 0
one_block.set_weights(weights)
assert np.array_equal(one_block.predict(x, verbose=0), x.astype("float32"))
print("the block agrees with Keras; with γ = 0 it hands on its input unchanged")

# %% [markdown]
# ### The modern network
#
# Three stages as in the source's network. Each begins with a convolution that makes more channels and halves the map; then comes one residual block. At the end, **global average pooling** takes the mean of each map in place of `Flatten` and the large dense layer. The parameters saved there pay for four more convolutions.


# %% tags=["recipe"]
STAGES = {40: 0.1, 64: 0.2, 72: 0.3}  # filters and dropout


def build_deep(normalized=True, shortcut=True):
    """Ten convolutions in three stages, behind the source's augmentation; no dense layer but the last."""
    x = inputs = keras.Input((32, 32, 3), name="picture")
    for layer in random_changes():
        x = layer(x)
    x = layers.Rescaling(1 / 127.5, offset=-1, name="scale")(x)
    x = layers.ReLU()(convolution(x, 24, normalized))
    for filters, rate in STAGES.items():
        x = layers.ReLU()(convolution(x, filters, normalized, pooled=True))
        x = layers.Dropout(rate)(block(x, normalized, shortcut))
    x = layers.GlobalAveragePooling2D(name="average")(x)
    outputs = layers.Dense(10, activation="softmax", name="kind")(x)
    return keras.Model(inputs, outputs, name="deep")


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
modern = build_deep()
print(f"{'output':>10}{'parameters':>12}{'multiplications':>17}")
for layer in modern.layers:
    if isinstance(layer, layers.Conv2D | layers.Dense):
        shape = "×".join(map(str, layer.output.shape[1:]))
        print(f"{shape:>10}{layer.count_params():12,}{multiplications(layer):17,}")
norms = [layer for layer in modern.layers if isinstance(layer, layers.BatchNormalization)]
print(f"{len(norms)} batch normalizations: {sum(n.count_params() for n in norms):,} parameters")
modern_work = sum(map(multiplications, modern.layers))
print(f"in all {modern.count_params():,} parameters and {modern_work:,} multiplications")
assert modern.count_params() <= source.count_params()

# %% [markdown]
# **What to notice.** Eleven layers with weights instead of eight, and still fewer parameters than the source's 276,138. The last layer has 730 of them; the source's two dense layers had half of all. In exchange, the modern network computes about half as much again for each picture.
#
# ## 8 · A learning rate that falls
#
# Section 4 ended with a warning: RMSprop keeps stepping by about $\eta$, even around the minimum. A large $\eta$ learns fast and never settles; a small one settles and takes forever. So begin large and end at zero. A popular way down is half a **cosine**, over all $T$ steps of the training:
#
# $$ \eta_t = \frac{\eta_0}{2}\left(1 + \cos\frac{\pi t}{T}\right) $$


# %%
def cosine(step, steps, start):
    """Return the learning rate at a step, from `start` down to 0."""
    return start / 2 * (1 + np.cos(np.pi * step / steps))


steps = np.arange(1001)
schedule = keras.optimizers.schedules.CosineDecay(2e-3, 1000)
assert (
    np.abs([float(schedule(t)) - cosine(t, 1000, 2e-3) for t in (0, 250, 777, 1000)]).max()
    < 1e-9
)


# %% slideshow={"slide_type": "skip"}
def around(rates, runs=400):
    """Return how far from the minimum RMSprop is at each step, on average, when gradients are noisy."""
    noise = np.random.default_rng(3).normal(size=(len(rates), runs))
    w, v, path = np.ones(runs), np.zeros(runs), []
    for rate, error in zip(rates, noise):
        g = w + error  # the gradient of w²/2, as a small batch sees it
        v = 0.9 * v + 0.1 * g**2
        w = w - rate * g / np.sqrt(v + 1e-7)
        path.append(np.abs(w).mean())
    return path


# %%
figure, axes = plt.subplots(1, 2, figsize=(13, 3.9), layout="constrained")
rates = {"constant": np.full(1001, 1e-3), "half a cosine": cosine(steps, 1000, 2e-3)}
for number, (name, values) in enumerate(rates.items()):
    style = {"color": f"C{number}", "linestyle": plots.LINE_STYLES[number]}
    axes[0].plot(steps, 1000 * values, label=name, **style)
    axes[1].semilogy(around(30 * values), label=name, **style)
axes[0].set(xlabel="step", ylabel="learning rate · 1000", ylim=(-0.1, 2.3))
axes[1].set(xlabel="step", ylabel="distance from the minimum")
axes[0].legend(loc="upper right")
plots.show(
    "Left, a constant learning rate as a level line, and one that falls along half a cosine from twice that value to zero. Right, the distance from the minimum: with the constant rate it soon stays level; with the falling one it is larger at first and much smaller at the end."
)

# %% [markdown]
# **What to notice.** Both rates have the same mean. Right, one weight, the loss $w^2/2$, and gradients with noise, as every mini-batch has it (mean of 400 runs, rates 30 times as large as on the left). The constant rate stays at its distance, however long you train. The falling one is worse for half of the time, and ends closest. So judge a falling rate at its end, and decide before you start how long to train.
#
# ## 9 · Label smoothing
#
# A softmax never reaches a probability of exactly 1, so with labels of 0 and 1 the scores want to grow forever, even for pictures that are long right. **Label smoothing** asks for less. With a share $\alpha$ spread evenly over all $K$ kinds, the true kind should get $1 - \alpha + \alpha/K$ and each other one $\alpha/K$.
#
# ### By hand
#
# Three kinds, the second is true, $\alpha = 0.1$. The network says $p = (0.1, 0.8, 0.1)$. What are the smoothed labels, and what is the loss with them?
#
# <details><summary>Check your answer</summary>
#
# Labels $(0.033, 0.933, 0.033)$. Loss $-0.933 \ln 0.8 - 2 \cdot 0.033 \ln 0.1 = 0.208 + 0.154 = 0.362$, instead of $-\ln 0.8 = 0.223$.
#
# </details>

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
label, p, alpha = np.array([0, 1, 0]), np.array([0.1, 0.8, 0.1]), 0.1
smoothed = (1 - alpha) * label + alpha / 3
loss = -np.sum(smoothed * np.log(p))
print("labels", smoothed.round(3), " loss", loss.round(3), " without", -np.log(0.8).round(3))
keras_loss = keras.losses.CategoricalCrossentropy(label_smoothing=alpha)
assert np.isclose(float(keras_loss(label[None], p[None])), loss, atol=1e-6)
assert np.isclose(-0.9333 * np.log(0.8), 0.208, atol=1e-3)
assert np.isclose(-2 * 0.0333 * np.log(0.1), 0.154, atol=1e-3)

# %%
lead = np.linspace(-2, 12, 400)  # how far the true kind's score is ahead of the nine others
right = 1 / (1 + 9 * np.exp(-lead))
other = (1 - right) / 9
figure, axis = plt.subplots(figsize=(10, 4), layout="constrained")
for number, alpha in enumerate((0, 0.1)):
    target = 1 - alpha + alpha / 10
    loss = -target * np.log(right) - 9 * alpha / 10 * np.log(other)
    style = {"color": f"C{number}", "linestyle": plots.LINE_STYLES[number]}
    axis.plot(lead, loss, label=f"α = {alpha}", **style)
best = lead[loss.argmin()]
axis.plot(best, loss.min(), "o", color="C1", markersize=10)
axis.annotate(f"lowest at {best:.1f}", (best, loss.min()), (best - 0.4, 1.2), ha="center")
axis.set(xlabel="lead of the true kind's score over the nine others", ylabel="loss")
axis.legend()
plots.show(
    "Loss against the lead of the true score. Without smoothing the curve falls forever towards zero. With smoothing it has its lowest point at a lead of 4.5 and rises again beyond it."
)
assert np.isclose(np.log(0.91 / 0.01), 4.51, atol=0.01)
assert abs(best - np.log(0.91 / 0.01)) < 0.05

# %% [markdown]
# **What to notice.** With ten kinds and $\alpha = 0.1$ the loss is lowest where the probabilities equal the smoothed labels: at a lead of $\ln(0.91/0.01) = 4.5$. More confidence *costs*. The loss does not reach zero anymore, so never compare losses with and without smoothing. Compare accuracies.
#
# <!-- question smoothed-loss -->
#
# ## 10 · One step at a time
#
# Now add the steps to each other, and measure after each one. Such an experiment is called an **ablation** (lesson 03); here it runs upward. One step is left to add. With batch normalization and a falling rate, many recipes return to plain gradient descent, with two additions:
#
# $$ m \leftarrow 0.9\, m + g, \qquad w \leftarrow w - \eta\,(m + \lambda w) $$
#
# **Momentum** $m$ adds up gradients that agree and lets those cancel that do not. **Weight decay** $\lambda$ pulls each weight a little towards zero, so that nothing stays large that is not needed. (The code uses Nesterov's variant, which looks one step ahead.)


# %% tags=["recipe"] slideshow={"slide_type": "skip"}
def compile_deep(model, steps, falling=True, smoothing=0.1, momentum=True):
    """Prepare the training: a falling rate, softened labels, momentum with weight decay, each if wanted."""
    start = 0.05 if momentum else 2e-3
    rate = keras.optimizers.schedules.CosineDecay(start, steps) if falling else start / 2
    if momentum:
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=5e-3)
    else:
        optimizer = keras.optimizers.RMSprop(rate)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    model.compile(optimizer, loss, metrics=["accuracy"])


LADDER = {  # each step changes one thing: how the network is built, or how it is trained
    "deeper": ({"normalized": False, "shortcut": False}, {"falling": False}),
    "batch normalization": ({"shortcut": False}, {"falling": False}),
    "residual connections": ({}, {"falling": False}),
    "falling rate": ({}, {}),
    "label smoothing": ({}, {"smoothing": 0.1}),
    "momentum": ({}, {"smoothing": 0.1, "momentum": True}),
}


# %% tags=["recipe"] slideshow={"slide_type": "skip"}
def prepare(name, pictures, epochs):
    """Return a compiled network of the ladder, or the source's."""
    if name in LADDER:
        build, training = LADDER[name]
        model = build_deep(**build)
        usual = {"falling": True, "smoothing": 0, "momentum": False}
        compile_deep(model, epochs * -(-pictures // BATCH), **(usual | training))
        return model
    model = build_source(augmented=name == "augmented")
    compile_source(model)
    return model


# %% [markdown]
# ### On photographs, recorded
#
# All steps with the same 9,000 photographs of CIFAR-10, the same augmentation, and the same number of epochs, tested on 2,000. The step called "deeper" is the network of section 7 without normalization and without shortcuts.

# %% tags=["nbval-check-output"]
SHORT = 15  # epochs
NAMES = {"augmented": "the source's network", "deeper": "deeper, in its place"}
NAMES |= {step: f"+ {step}" for step in list(LADDER)[1:]}
ladder = {name: found for step, name in NAMES.items() if (found := runs(step, SHORT))}
print(f"{SHORT} epochs on {rows[0]['training_size']:,} photographs")
show_accuracies(ladder)


# %% slideshow={"slide_type": "skip"}
def right_answers(recorded):
    """Return, for each test photograph, the share of seeds that get it right."""
    return np.mean(
        [np.array(list(row["answers"])) == np.array(list(row["labels"])) for row in recorded],
        axis=0,
    )


def gain(before, after):
    """Return the gain in points, and its error: over the seeds, and over the test photographs in pairs."""
    change = 100 * (right_answers(after) - right_answers(before))
    over_pictures = change.std(ddof=1) / np.sqrt(len(change))
    accuracies = [[100 * row["accuracy"] for row in recorded] for recorded in (before, after)]
    over_seeds = np.nan_to_num([mean_and_error(values)[1] for values in accuracies])
    return change.mean(), np.linalg.norm([over_pictures, *over_seeds])


# %% tags=["nbval-check-output"]
steps = list(NAMES.values())
for before, after in zip(steps, steps[1:]):
    if before not in ladder or after not in ladder:
        continue  # not measured yet
    points, error = gain(ladder[before], ladder[after])
    verdict = "more than noise" if abs(points) > 2 * error else "cannot be told from noise"
    print(f"{after:24}{points:+5.1f} ± {error:.1f} points: {verdict}")

# %%
figure, axis = plt.subplots(figsize=(11, 4.2), layout="constrained")
for place, recorded in enumerate(ladder.values()):
    values = [row["accuracy"] for row in recorded]
    mean, error = mean_and_error(values)
    style = {"color": "0.4", "markersize": 9, "markerfacecolor": "none"}
    axis.plot(100 * np.array(values), [place] * len(values), "o", **style)
    style = {"fmt": "s", "color": "C0", "capsize": 8, "markersize": 9}
    axis.errorbar(100 * mean, place + 0.22, xerr=100 * error, **style)
    beside = axis.get_yaxis_transform()
    axis.text(1.01, place + 0.1, f"{mean:.1%}", va="center", transform=beside)
axis.set_yticks(range(len(ladder)), list(ladder))
axis.set_ylim(len(ladder) - 0.4, -0.5)
axis.set_xlabel(f"accuracy on 2,000 test photographs (%) after {SHORT} epochs")
axis.set_title("circles: seeds · squares: mean ± standard error", fontsize=13)
plots.show(
    "Test accuracy of the source's network and after each step, one below the other: the seeds as circles, their mean with an error bar as a square."
)

# %% [markdown]
# **What to notice.** Deeper alone is no better than the source's network. Batch normalization is a step ahead, though its two seeds lie far apart: with a constant rate, the last epoch is a matter of luck. Shortcuts show nothing here; ten layers are few, and section 6 found them worth it at 32. The clearest step costs nothing at all: letting the **rate fall**. Label smoothing and momentum cannot be told from noise after 15 epochs. That is no proof against them, but an honest table says so.
#
# And after 40 epochs, with three seeds?

# %% tags=["nbval-check-output"]
forty = {
    "source, plain": runs("plain", LONG),
    "source, augmented": runs("augmented", LONG),
    "modern": runs("momentum", LONG),
}
show_accuracies(forty)
points, error = gain(forty["source, augmented"], forty["modern"])
print(f"modern against the better of the two: {points:+.1f} ± {error:.1f} points")

# %% [markdown]
# **What to notice.** The same photographs, the same epochs, fewer parameters: more than ten points. This is what a decade brought.
#
# ### Yours, live
#
# Now the modern network on your own pictures: as many epochs as the source's network had in section 5.

# %% slideshow={"slide_type": "skip"}
keras.utils.set_random_seed(course.SEED)
trained["modern"] = build_deep()
compile_deep(trained["modern"], EPOCHS * -(-len(x_train) // BATCH))
histories["modern"] = train("modern")

# %%
figure, axis = plt.subplots(figsize=(10, 4), layout="constrained")
labels = {"plain": "source", "augmented": "source, augmented", "modern": "modern"}
for number, (name, history) in enumerate(histories.items()):
    values = 100 * np.array(history["val_accuracy"])
    line = ["--", "-.", "-"][number]
    axis.plot(range(1, len(values) + 1), values, line, color=f"C{number}", label=labels[name])
axis.set(xlabel="epoch", ylabel="validation accuracy (%)", title=f"{len(x_train):,} {KIND}s")
axis.xaxis.get_major_locator().set_params(integer=True)
axis.legend(loc="upper left", bbox_to_anchor=(1, 1))
plots.show(
    "Validation accuracy over the epochs for the source's network without and with augmentation and for the modern one, which is far above the two others from the fourth epoch on."
)

# %%
x_test = things.x_test[: course.budget(full=None, reduced=64)]
y_test = things.y_test[: len(x_test)]
accuracy = {}
for name, network in trained.items():
    answers = network.predict(x_test, verbose=0).argmax(axis=1)
    accuracy[name] = float(np.mean(answers == y_test))
    error = np.sqrt(accuracy[name] * (1 - accuracy[name]) / len(y_test))
    print(f"{labels[name]:18} test {accuracy[name]:.1%} ± {error:.1%}, {seconds[name]:.0f} s")

# %% tags=["ledger"]
# For the course's own records: what was measured, with what.
MEASURED = [
    course.ledger_row(
        experiment=f"{name}, {KIND}s",
        seed=course.SEED,
        accuracy=round(value, 4),
        test_size=len(y_test),
        training_size=len(x_train),
        recipe="08 build_source compile_source"
        if name != "modern"
        else "08 build_deep compile_deep",
        epochs=EPOCHS,
        parameters=trained[name].count_params(),
        data=[x_train, y_train, x_test, y_test],
    )
    for name, value in accuracy.items()
]

# %% [markdown]
# **What to notice.** Same pictures, same epochs, fewer parameters: the modern network is far ahead, and was after a handful of epochs. The price is time: it computes half as much again for each picture, and stores more on the way back.
#
# ## 11 · Which kinds are confused?
#
# One number hides ten. Ask for each kind how many of its photographs are recognized (recorded, mean over the seeds):

# %% tags=["nbval-check-output"]
best = {"source": runs("augmented", LONG), "modern": runs("momentum", LONG)}
kinds = np.array(list(map(int, best["modern"][0]["labels"])))
shares = {
    name: [100 * right_answers(r)[kinds == k].mean() for k in range(10)]
    for name, r in best.items()
}
print(f"{'':11}" + "".join(f"{name:>7}" for name in SHORT_NAMES))
for name, values in shares.items():
    print(f"{name:11}" + "".join(f"{value:6.0f}%" for value in values))

matrix = np.zeros((10, 10), int)
for row in best["modern"]:
    np.add.at(matrix, (kinds, np.array(list(map(int, row["answers"])))), 1)

# %%
plots.confusion_matrix(matrix, SHORT_NAMES)
plt.xticks(rotation=45)
plt.title(f"modern network, {len(best['modern'])} seeds")
plots.show(
    "Confusion matrix of the modern network on photographs: the darkest squares are dogs called cats and cats called dogs, then trucks called cars and cats called frogs."
)

# %% [markdown]
# **What to notice.** Most mistakes stay within the two groups of section 1: animals are taken for animals, vehicles for vehicles. (Planes and birds share a sky, planes and ships a horizon.) The darkest squares are dogs called cats and cats called dogs: at 32×32 pixels ears and a snout are a few pixels each. The modern network is better on every kind.
#
# ## 12 · Let it name your photograph
#
# The course brings the weights of the modern network, trained on photographs (the first seed of the table). Chelsea is a photograph that it has never seen. The cup of coffee is a test of another kind: no class fits. Set `PHOTO` to the path of a picture of your own: your cat, your car, a bird at the window.

# %% slideshow={"slide_type": "skip"}
from helpers import networks

PHOTO = None  # for example "my_dog.jpg"
pictures = {"Chelsea": chelsea, "a cup of coffee": photographs.coffee()}
if PHOTO is not None:
    pictures["yours"] = np.asarray(Image.open(PHOTO).convert("RGB"))
namer = build_deep()
networks.load("cifar10", namer)
small = np.stack([shrink(picture) for picture in pictures.values()])
probabilities = namer.predict(small, verbose=0)

# %%
figure, axes = plt.subplots(
    len(small), 2, figsize=(10, 3 * len(small)), layout="constrained", width_ratios=[1, 2.2]
)
for (left, right), name, picture, p in zip(axes, pictures, small, probabilities):
    left.imshow(picture)
    left.set_title(name)
    left.axis("off")
    right.bar(SHORT_NAMES, 100 * p, color=["C1" if v == p.max() else "C0" for v in p])
    right.set(ylabel="probability (%)", ylim=(0, 105))
    right.tick_params(axis="x", labelrotation=45)
plots.show(
    "Two pictures of 32×32 pixels, each with the probabilities of the ten kinds as bars: for the cat one bar stands far above the others; for the cup the probability is spread over several kinds."
)
for name, p in zip(pictures, probabilities):
    print(f"{name}: {things.classes[p.argmax()]} ({p.max():.0%})")

# %% [markdown]
# **What to notice.** A network of half a megabyte names a cat that it has never seen. The cup fits none of the ten kinds, but softmax must give away its 100 % all the same. About half of it goes to one kind. That is less than the cat got, a hint at best; it is no way of saying "none of these". Lesson 10 asks what such numbers are worth.
#
# ### All 50,000, on a GPU
#
# Open this notebook in Colab, choose a GPU (Runtime → Change runtime type), and put these lines into a new cell at the end. They fetch the whole set (170 MB) and train the modern network as the record does, with all photographs. One epoch has five times as many steps; on a GPU it takes seconds.
#
# ```
# things = datasets.cifar10(download=True)
# x, y = things.x_train, one_hot[things.y_train]
# model = prepare("momentum", len(x) - 5000, epochs=60)
# model.fit(x[5000:], y[5000:], batch_size=BATCH, epochs=60, validation_data=(x[:5000], y[:5000]))
# ```
#
# ## Summary
#
# - Parameters sit in dense layers, work in the convolutions on large maps; count both before you call a network small.
# - Dropout zeros a random share in training and scales up the rest, so the expected value stays and inference needs nothing; the accuracy that `fit` prints is the damaged network's.
# - In a deep plain stack signal and gradient shrink by a factor per layer; normalization keeps the signal, a shortcut brings the gradient back.
# - A falling rate lets the weights settle; label smoothing puts the lowest loss at a finite score. Losses with other labels must not be compared.
# - Add one thing at a time, with seeds, on the same test pictures, and report the steps that gave nothing, too.
#
# ## Try it
#
# **Question 1.** A convolution of 3×3 from 64 to 128 channels runs on a map of 16×16 with `padding="same"`. How many parameters has it, and how many multiplications?
#
# <details><summary>Answer</summary>
# (9·64 + 1)·128 = 73,856 parameters; 9·64·128·256 = 18,874,368 multiplications.
# </details>
#
# **Question 2.** Dropout with rate 0.5 gets the values 2, 4, 6, 8 and drops the second and the third. What comes out in training? At inference?
#
# <details><summary>Answer</summary>
# In training 4, 0, 0, 16: the kept values are doubled. At inference 2, 4, 6, 8.
# </details>
#
# **Question 3.** Each layer of a plain tower keeps 0.7 of the gradient. What is left after 30 layers?
#
# <details><summary>Answer</summary>
# 0.7³⁰ = 0.00002.
# </details>
#
# **Question 4.** A cosine schedule starts at 0.002. What is the rate after a quarter, half and three quarters of the steps?
#
# <details><summary>Answer</summary>
# 0.0017, 0.001 and 0.0003: (1 + cos 45°)/2 = 0.854, then 0.5, then 0.146.
# </details>
#
# **Question 5.** Ten kinds, smoothing 0.2. Which labels does the loss use, and how far should the true kind's score be ahead?
#
# <details><summary>Answer</summary>
# 0.82 for the true kind, 0.02 for each other; the lead is ln(0.82/0.02) = 3.7.
# </details>

# %%
# The numbers in the answers, computed.
assert (9 * 64 + 1) * 128 == 73_856  # 1
assert 9 * 64 * 128 * 16 * 16 == 18_874_368
assert (np.array([2, 4, 6, 8]) * [1, 0, 0, 1] / 0.5).tolist() == [4, 0, 0, 16]  # 2
assert round(0.7**30, 5) == 0.00002  # 3
quarters = [cosine(step, 4, 0.002) for step in (1, 2, 3)]  # 4
assert np.round(quarters, 4).tolist() == [0.0017, 0.001, 0.0003]
assert np.isclose(0.8 + 0.2 / 10, 0.82)  # 5
assert round(np.log(0.82 / 0.02), 1) == 3.7

# %% [markdown]
# **Next:** [lab 08](labs/lab_08_cifar10.ipynb) has you count networks, drop whole maps, build a block whose shortcut changes shape, and warm up a learning rate.
# Lesson 09 looks inside a trained network.
