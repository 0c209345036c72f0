# %% [markdown]
# # Lab 08 · Count, drop, add, soften, warm up
#
# You count what networks store and compute, drop whole feature maps, build a block whose shortcut changes shape, find the lowest point of a smoothed loss, and let a learning rate rise before it falls.
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 60 minutes, six points and an experiment.

# %%
from helpers import course, plots
from helpers.checks import lab_08 as checks

course.start("Lab 08", tensorflow=True)

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

from helpers import datasets
from helpers.convolution import conv2d

things = datasets.cifar10()
keras.config.disable_interactive_logging()

# %% [markdown]
# ## Exercise 1 · How large is a network?
#
# A network is given as a list, for example `[("conv", 32, "same"), ("pool",), ("dense", 10)]`:
#
# - `("conv", filters, padding)` is a 3×3 convolution with a bias; `"same"` keeps the side of the map, `"valid"` takes 2 from it,
# - `("pool",)` halves the side, and rounds down,
# - `("dense", units)` flattens what comes in, and has a bias.
#
# The picture has `side` × `side` pixels and `channels` channels. Return two numbers: all parameters, and all multiplications for one picture (with weights; biases are added, not multiplied).


# %% nbgrader={"grade": false, "grade_id": "network_size", "locked": false, "schema_version": 3, "solution": true, "task": false}
def network_size(stack, side, channels):
    """Return (parameters, multiplications)."""
    ### BEGIN SOLUTION
    parameters = products = 0
    for kind, *settings in stack:
        if kind == "pool":
            side //= 2
        elif kind == "conv":
            filters, padding = settings
            side -= 0 if padding == "same" else 2
            weights = 3 * 3 * channels * filters
            parameters += weights + filters
            products += weights * side * side
            channels = filters
        else:
            weights = side * side * channels * settings[0]
            parameters += weights + settings[0]
            products += weights
            side, channels = 1, settings[0]
    return parameters, products
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_network_size", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.network_size(network_size)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# What would a designer do with it? The same six convolutions, with three different ends:

# %%
if result:
    body = [("conv", 32, "same"), ("conv", 32, "valid"), ("pool",)]
    body += [("conv", 64, "same"), ("conv", 64, "valid"), ("pool",)] * 2
    ends = {
        "pool, dense 512": [("dense", 512)],
        "dense 512 before the last pool": [("dense", 512)],
    }
    ends["no dense 512"] = []
    for name, end in ends.items():
        convolutions = body[:-1] if "before" in name else body
        numbers, work = network_size([*convolutions, *end, ("dense", 10)], 32, 3)
        print(f"{name:32}{numbers:10,} parameters{work:12,} multiplications")

# %% [markdown]
# ## Exercise 2 · Drop whole maps
#
# Neighboring pixels of a map say nearly the same, so a single dropped pixel is hardly missed. **Spatial dropout** drops whole maps. `x` has the shape (batch, height, width, channels), `draws` the shape (batch, channels), with random numbers between 0 and 1. A map is kept where its draw is at least `rate`, and zero otherwise. The expected value must stay.


# %% nbgrader={"grade": false, "grade_id": "drop_maps", "locked": false, "schema_version": 3, "solution": true, "task": false}
def drop_maps(x, rate, draws):
    """Return the maps after dropout in training, in the same shape."""
    ### BEGIN SOLUTION
    kept = draws >= rate
    return x * kept[:, None, None, :] / (1 - rate)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_drop_maps", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.drop_maps(drop_maps)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    picture = things.x_train[:1] / 255
    first_layer = layers.Conv2D(
        8, 3, kernel_initializer=keras.initializers.GlorotUniform(seed=8)
    )
    maps = np.abs(keras.ops.convert_to_numpy(first_layer(picture)))
    draws = np.array([[0.9, 0.2, 0.6, 0.7, 0.1, 0.5, 0.3, 0.8]])
    plots.feature_maps(drop_maps(maps, 0.4, draws)[0])
    plots.show(
        "Eight feature maps of one picture; the second, the fifth and the seventh are dropped and dark everywhere."
    )

# %% [markdown]
# ## Exercise 3 · A shortcut that changes shape
#
# In the lesson's blocks, $x$ and $F(x)$ have the same shape. What if a block halves the map and makes more channels? Then $x$ takes part through a 1×1 convolution with stride 2, the **projection**. Without batch normalization:
#
# 1. `kernel1` with stride 2, `padding="same"`, then ReLU,
# 2. `kernel2` with stride 1, `padding="same"`,
# 3. add the `projection` of `x`: stride 2, no padding,
# 4. ReLU.
#
# Use `conv2d(images, kernels, stride=…, padding=…)` of lesson 01.


# %% nbgrader={"grade": false, "grade_id": "projection_block", "locked": false, "schema_version": 3, "solution": true, "task": false}
def projection_block(x, kernel1, kernel2, projection):
    """Return the block's output: half the height and width of x."""
    ### BEGIN SOLUTION
    y = np.maximum(conv2d(x, kernel1, stride=2, padding="same"), 0)
    y = conv2d(y, kernel2, padding="same")
    return np.maximum(y + conv2d(x, projection, stride=2), 0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_projection_block", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.projection_block(projection_block)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# The projection looks at one pixel of each 2×2 and throws three away. Put a bright dot on one pixel after the other, with $F = 0$: which dots arrive?

# %%
if result:
    nothing = np.zeros((3, 3, 1, 1))
    dots = np.eye(16).reshape(16, 4, 4, 1)
    arrived = projection_block(dots, nothing, nothing, np.ones((1, 1, 1, 1))).sum(
        axis=(1, 2, 3)
    )
    plots.number_grid(arrived.reshape(4, 4), "what arrives of a dot at this pixel")
    plots.show(
        "A grid of 4×4 squares with 1 in every second square of every second row and 0 in the twelve others."
    )

# %% [markdown]
# ## Exercise 4 · Smoothed cross-entropy from scores
#
# `scores` has the shape (pictures, kinds): what comes *before* the softmax. `labels` holds whole numbers, shape (pictures,). The true kind's label is $1 - \alpha + \alpha/K$, that of each other kind $\alpha/K$. Return the mean loss over the pictures. It must work for scores of ±1,000, too.


# %% nbgrader={"grade": false, "grade_id": "smoothed_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def smoothed_loss(scores, labels, alpha):
    """Return the loss, one number."""
    ### BEGIN SOLUTION
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    kinds = scores.shape[1]
    targets = (1 - alpha) * np.eye(kinds)[labels] + alpha / kinds
    return -np.mean(np.sum(targets * log_p, axis=1))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_smoothed_loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.smoothed_loss(smoothed_loss)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5 · The lowest point
#
# With `kinds` kinds and smoothing `alpha`, the loss is lowest where the probabilities equal the smoothed labels. Return two numbers: the **lead** there, the true kind's score minus the score of any other kind; and the **lowest loss** itself.
#
# *Work it out on paper first: by how much do two scores differ whose softmax probabilities are $p$ and $q$?*


# %% nbgrader={"grade": false, "grade_id": "best_lead", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_lead(kinds, alpha):
    """Return (lead, lowest loss)."""
    ### BEGIN SOLUTION
    other = alpha / kinds
    true = 1 - alpha + other
    return np.log(true / other), -true * np.log(true) - (kinds - 1) * other * np.log(other)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_best_lead", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.best_lead(best_lead)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    alphas = np.linspace(0.01, 0.5, 50)
    lead, lowest = np.array([best_lead(10, alpha) for alpha in alphas]).T
    plt.figure(figsize=(8, 3.8), layout="constrained")
    plt.plot(alphas, lead, label="best lead")
    plt.plot(alphas, lowest, "--", color="C1", label="lowest loss")
    plt.xlabel("smoothing α, ten kinds")
    plt.legend()
    plots.show(
        "Two curves against the smoothing: the best lead falls from almost 7 to 2.4, the lowest loss rises from almost 0 to 1.8."
    )

# %% [markdown]
# ## Exercise 6 · Warm up, then fall
#
# The first steps of RMSprop and Adam are the least reliable: their averages are made of a few gradients. So many recipes let the rate **rise** first. `step` is an array of whole numbers from 0 to `steps`. During the first `warm_up` steps the rate rises along a straight line from 0, and reaches `peak` at step `warm_up`. Then it falls along half a cosine, and is 0 at step `steps`.


# %% nbgrader={"grade": false, "grade_id": "warm_up_cosine", "locked": false, "schema_version": 3, "solution": true, "task": false}
def warm_up_cosine(step, steps, warm_up, peak):
    """Return the learning rate at each of the steps."""
    ### BEGIN SOLUTION
    rising = step / warm_up
    falling = (1 + np.cos(np.pi * (step - warm_up) / (steps - warm_up))) / 2
    return peak * np.where(step < warm_up, rising, falling)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_warm_up_cosine", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.warm_up_cosine(warm_up_cosine)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, 900, warmup_target=0.002, warmup_steps=100
    )
    step = np.arange(0, 1001, 50)
    agrees = np.allclose(
        [float(schedule(t)) for t in step], warm_up_cosine(step, 1000, 100, 0.002)
    )
    print("Keras' CosineDecay with a warm-up agrees:", agrees)

# %% [markdown]
# ## Experiment · How much dropout for how few pictures?
#
# No points, no check: an experiment with a result that you write down. A small network learns 500 pictures. Complete `accuracies_with(rate)`: build the network, fit it for `EPOCHS` epochs, and return two accuracies **at inference**: on its training pictures and on others.
#
# **Before you run it, predict** for the rates 0, 0.3 and 0.7: which is best on the training pictures, which on the others?

# %%
NUMBER, EPOCHS = course.budget(full=(500, 30), reduced=(40, 1))
x_train, y_train = things.x_train[:NUMBER] / np.float32(255), things.y_train[:NUMBER]
x_valid, y_valid = things.x_train[-NUMBER:] / np.float32(255), things.y_train[-NUMBER:]


def small_network(rate):
    """Return a compiled network with dropout before its last layer."""
    parts = [keras.Input((32, 32, 3))]
    for filters in (16, 32, 64):
        parts += [layers.Conv2D(filters, 3, activation="relu"), layers.MaxPooling2D(2)]
    parts += [layers.Flatten(), layers.Dropout(rate), layers.Dense(10, activation="softmax")]
    network = keras.Sequential(parts)
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return network


# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accuracies_with(rate):
    """Return the accuracies on the training pictures and on the others."""
    ### BEGIN SOLUTION
    keras.utils.set_random_seed(1)
    network = small_network(rate)
    network.fit(x_train, y_train, epochs=EPOCHS, verbose=0)
    parts = ((x_train, y_train), (x_valid, y_valid))
    return [network.evaluate(*part, verbose=0)[1] for part in parts]
    ### END SOLUTION


# %%
try:
    for rate in (0, 0.3, 0.7):
        known, new = accuracies_with(rate)
        print(f"dropout {rate}: training pictures {known:.1%}, others {new:.1%}")
    print(
        f"uncertainty of an accuracy on {NUMBER} pictures: ± {np.sqrt(0.25 * 0.75 / NUMBER):.1%}"
    )
except NotImplementedError:
    print("not done yet")

# %% [markdown]
# **Your conclusion** (two or three sentences: what does dropout do to the training pictures, what to the others, and which of the differences is larger than its uncertainty?):
#
# …

# %% [markdown]
# ## Your score
#
# What the checks have found so far. Run the cell again after a change.

# %%
checks.score()

# %% [markdown]
# **Going further.** Build exercise 3's block in Keras, with batch normalization, and put it in place of a stage of the lesson's modern network. What happens to parameters, multiplications and accuracy?
# Solutions: [solutions/solution_08_cifar10.ipynb](../solutions/solution_08_cifar10.ipynb).
