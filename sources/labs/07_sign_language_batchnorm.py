# %% [markdown]
# # Lab 07 · Normalize it yourself
#
# You write one-hot vectors, batch normalization in training and at inference, its moving averages, and make it disappear into the convolution before it.
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 60 minutes, six points and an experiment.

# %%
from helpers import course, plots
from helpers.checks import lab_07 as checks

course.start("Lab 07", tensorflow=True)

# %%
import h5py
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers
from skimage import data as photographs

from helpers import datasets

signs = datasets.sign_language()
with h5py.File(signs.train_path) as file:
    x_train, y_train = file["train_set_x"][:], file["train_set_y"][:]
keras.config.disable_interactive_logging()

# %% [markdown]
# ## Exercise 1 · One-hot
#
# Labels come as an array of whole numbers, shape (m,). Return an array of shape (m, classes): zeros, and a one at each label. Do not use
# `to_categorical`.


# %% nbgrader={"grade": false, "grade_id": "one_hot", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_hot(labels, classes):
    """Return the one-hot rows."""
    ### BEGIN SOLUTION
    return np.eye(classes)[labels]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_one_hot", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.one_hot(one_hot)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 2 · Batch normalization in training
#
# `x` has the shape (batch, height, width, channels), `gamma` and `beta` the shape (channels,). Normalize each channel with **its** mean and variance over batch, height and width, with ε
# added to the variance, then multiply by `gamma` and add `beta`.


# %% nbgrader={"grade": false, "grade_id": "batch_norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm(x, gamma, beta, epsilon):
    """Return the normalized batch, in the same shape."""
    ### BEGIN SOLUTION
    mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_batch_norm", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.batch_norm(batch_norm)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    convolution = layers.Conv2D(8, 5)
    x = keras.ops.convert_to_numpy(convolution(x_train[::40] / np.float32(255)))
    normalized = batch_norm(x, np.ones(8), np.zeros(8), 1e-3)
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.4), layout="constrained")
    for axis, values, title in [(axes[0], x, "before"), (axes[1], normalized, "after")]:
        axis.boxplot(
            [values[..., channel].ravel()[::50] for channel in range(8)], showfliers=False
        )
        axis.set(title=title, xlabel="channel")
    axes[0].set_ylabel("activation")
    plots.show(
        "Box plots of eight channels before and after normalization: different places and widths before, the same mean and spread after."
    )

# %% [markdown]
# ## Exercise 3 · Moving averages
#
# Start with the averages `start`, shape (channels,). `batches` holds the means of the batches, shape (batches, channels), in the order of training. After each batch,
# the new average is `momentum` times the old one plus `1 - momentum` times the batch's. Return the last one.


# %% nbgrader={"grade": false, "grade_id": "moving_average", "locked": false, "schema_version": 3, "solution": true, "task": false}
def moving_average(start, batches, momentum):
    """Return the averages after all batches."""
    ### BEGIN SOLUTION
    average = start
    for value in batches:
        average = momentum * average + (1 - momentum) * value
    return average
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_moving_average", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.moving_average(moving_average)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 4 · Batch normalization at inference
#
# In use, the averages `mean` and `variance`, shape (channels,), take the place of the batch's own: normalize each channel with them, ε added to the variance,
# then multiply by `gamma` and add `beta`.


# %% nbgrader={"grade": false, "grade_id": "batch_norm_in_use", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm_in_use(x, mean, variance, gamma, beta, epsilon):
    """Return the normalized batch, in the same shape."""
    ### BEGIN SOLUTION
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_batch_norm_in_use", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.batch_norm_in_use(batch_norm_in_use)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5 · Make it disappear
#
# In use, all four numbers of a channel are fixed. So a convolution followed by batch normalization is **one** convolution with another kernel and bias:
#
# $$ \gamma\,\frac{(w * x + b) - \mu}{\sqrt{\sigma^2+\varepsilon}} + \beta \;=\; w' * x + b' $$
#
# Here $*$ is the convolution, and $\mu$, $\sigma^2$, $\gamma$, $\beta$ are the four numbers of a channel. Return w′ and b′. The kernel has the shape (height, width, channels, filters), everything else (filters,).


# %% nbgrader={"grade": false, "grade_id": "fold", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fold(kernel, bias, mean, variance, gamma, beta, epsilon):
    """Return the new kernel and the new bias."""
    ### BEGIN SOLUTION
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale, (bias - mean) * scale + beta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_fold", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.fold(fold)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Check it on a real network: a convolution and a normalization in Keras, trained for a moment, against your single convolution.

# %%
if result:
    keras.utils.set_random_seed(course.SEED)
    x = x_train[::20] / np.float32(255)
    network = keras.Sequential(
        [
            layers.Conv2D(8, 5, name="conv"),
            layers.BatchNormalization(name="bn"),
            layers.Flatten(),
            layers.Dense(6, activation="softmax"),
        ]
    )
    network.compile("adam", "sparse_categorical_crossentropy")
    network.fit(x, y_train[::20], epochs=2, verbose=0)
    conv, bn = network.get_layer("conv"), network.get_layer("bn")
    parts = [conv.kernel, conv.bias, bn.moving_mean, bn.moving_variance, bn.gamma, bn.beta]
    parts = [keras.ops.convert_to_numpy(part) for part in parts]
    single = layers.Conv2D(8, 5)
    single.build(x.shape)
    single.set_weights(fold(*parts, bn.epsilon))
    two_steps, one_step = bn(conv(x), training=False), single(x)
    difference = float(keras.ops.max(keras.ops.abs(two_steps - one_step)))
    print("the single convolution gives the same:", difference < 1e-4)

# %% [markdown]
# ## Exercise 6 · The square in the middle
#
# A photograph has the shape (height, width, 3). Return the largest square in its middle. If the margin is an odd number of pixels, leave the extra one at the bottom or right.


# %% nbgrader={"grade": false, "grade_id": "center_square", "locked": false, "schema_version": 3, "solution": true, "task": false}
def center_square(image):
    """Return the square, shape (side, side, 3)."""
    ### BEGIN SOLUTION
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_center_square", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.center_square(center_square)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    chelsea = photographs.chelsea()
    plots.image_grid(
        [chelsea, center_square(chelsea)], ["photograph", "square"], columns=2, cell=4
    )
    plots.show("A photograph of a cat, wider than high, and the square cut out of its middle.")

# %% [markdown]
# ## Experiment · Which momentum?
#
# No points, no check: an experiment with a result that you write down. Complete `two_accuracies(momentum)`: build the small network with this momentum, fit it for `EPOCHS` epochs (batches of 32), and return two accuracies on
# the **same** training pictures: the last one that `fit` reports, and the one that `evaluate` finds at inference.
#
# **Before you run it, predict:** for which of 0.999, 0.99, 0.9 and 0.5 do the two differ most? Why may 0.5 be worse than 0.9?

# %%
EPOCHS = course.budget(full=8, reduced=1)
few = np.random.default_rng(1).permutation(len(x_train))[: course.budget(full=480, reduced=64)]
hands, digits = x_train[few] / np.float32(255), y_train[few]


def small_network(momentum):
    """Return two convolutions, each with batch normalization, compiled."""
    network = keras.Sequential([keras.Input((64, 64, 3))])
    for filters in (16, 32):
        network.add(layers.Conv2D(filters, 3, use_bias=False))
        network.add(layers.MaxPooling2D(3))
        network.add(layers.BatchNormalization(momentum=momentum))
        network.add(layers.ReLU())
    network.add(layers.Flatten())
    network.add(layers.Dense(6, activation="softmax"))
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return network


# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_accuracies(momentum):
    """Return the accuracy in training and the accuracy at inference, on the same pictures."""
    ### BEGIN SOLUTION
    keras.utils.set_random_seed(1)
    network = small_network(momentum)
    history = network.fit(hands, digits, batch_size=32, epochs=EPOCHS, verbose=0).history
    return history["accuracy"][-1], network.evaluate(hands, digits, verbose=0)[1]
    ### END SOLUTION


# %%
try:
    for momentum in (0.999, 0.99, 0.9, 0.5):
        in_training, at_inference = two_accuracies(momentum)
        print(
            f"momentum {momentum:5}: in training {in_training:.0%}, at inference {at_inference:.0%}"
        )
except NotImplementedError:
    print("not done yet")

# %% [markdown]
# **Your conclusion** (two or three sentences: what did you predict, what happened, and which momentum would you take for a set of a million pictures?):
#
# …

# %% [markdown]
# ## Your score
#
# What the checks have found so far. Run the cell again after a change.

# %%
checks.score()

# %% [markdown]
# **Going further.** Take your own photograph of a hand through `center_square` and lesson 07's network. Solutions:
# [solutions/solution_07_sign_language_batchnorm.ipynb](../solutions/solution_07_sign_language_batchnorm.ipynb).
