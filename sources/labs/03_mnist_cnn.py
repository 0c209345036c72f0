# %% [markdown]
# # Lab 03 · The digit reader
#
# You count parameters, follow the shapes, write the tools that judge a classifier, and change the network.
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 60 minutes, six points.

# %%
from helpers import course, plots
from helpers.checks import lab_03 as checks

course.start("Lab 03", tensorflow=True)

# %%
import keras
import numpy as np
from keras import layers

from helpers import datasets

digits = datasets.mnist()
images = digits.x_train[..., None].astype("float32") / 255
labels = digits.y_train

# %% [markdown]
# ## Exercise 1 · Count the parameters
#
# How many numbers does a convolution layer learn? Weights and biases, for any kernel and any number of channels and filters.


# %% nbgrader={"grade": false, "grade_id": "conv_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_parameters(height, width, channels, filters):
    """Return the number of parameters of a layer with kernels of height × width."""
    ### BEGIN SOLUTION
    return (height * width * channels + 1) * filters
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_conv_parameters", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.conv_parameters(conv_parameters)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 2 · Follow the sizes
#
# The network is a list such as `[("conv", 3), ("pool", 2)]`: convolutions with stride 1 and no padding, pooling with
# tiles. Return the list of sizes after each layer.


# %% nbgrader={"grade": false, "grade_id": "layer_sizes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_sizes(size, network):
    """Return the side of the maps after each layer, for a square input of side `size`."""
    ### BEGIN SOLUTION
    sizes = []
    for kind, window in network:
        size = size - window + 1 if kind == "conv" else size // window
        sizes.append(size)
    return sizes
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_layer_sizes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.layer_sizes(layer_sizes)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 3 · Confusion matrix
#
# Count the answers: row = true class, column = predicted class.


# %% nbgrader={"grade": false, "grade_id": "confusion_matrix", "locked": false, "schema_version": 3, "solution": true, "task": false}
def confusion_matrix(true, predicted, classes):
    """Return a (classes, classes) array of counts."""
    ### BEGIN SOLUTION
    matrix = np.zeros((classes, classes), dtype=int)
    for truth, answer in zip(true, predicted):
        matrix[truth, answer] += 1
    return matrix
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_confusion_matrix", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.confusion_matrix(confusion_matrix)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 4 · Move the digits
#
# Move a batch of images, shape (batch, height, width, channels), down and to the right by whole pixels. Black (0) comes in at the
# top and on the left; what leaves the image is gone. A shift may be 0.


# %% nbgrader={"grade": false, "grade_id": "shift_images", "locked": false, "schema_version": 3, "solution": true, "task": false}
def shift_images(images, down, right):
    """Return the moved images, in the same shape."""
    ### BEGIN SOLUTION
    height, width = images.shape[1:3]
    moved = np.zeros_like(images)
    moved[:, down:, right:] = images[:, : height - down, : width - right]
    return moved
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_shift_images", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.shift_images(shift_images)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    moved = [
        shift_images(images[:1], down, right)[0]
        for down, right in [(0, 0), (0, 6), (6, 0), (6, 6)]
    ]
    plots.image_grid(moved, ["original", "6 right", "6 down", "both"], columns=4, cell=2.2)
    plots.show("A digit four times: in the middle, moved to the right, moved down, and both.")

# %% [markdown]
# ## Exercise 5 · Softmax
#
# Turn scores (logits) into probabilities, one row for each image: $p_i = e^{s_i} / \sum_j e^{s_j}$. It must also survive
# scores of 1000, for which $e^{1000}$ overflows.


# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax(scores):
    """Return probabilities; every row adds up to 1."""
    ### BEGIN SOLUTION
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_softmax", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.softmax(softmax)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 6 · Change the network
#
# Build this smaller network in Keras:
#
# 1. convolution, 16 filters of 5×5, ReLU, padded so that the size stays 28×28,
# 2. max pooling by 2,
# 3. convolution, 32 filters of 3×3, ReLU, no padding,
# 4. max pooling by 2,
# 5. flatten,
# 6. dense layer with 10 softmax outputs.
#
# Begin with `keras.Input`, use exactly these six layers, and give activations as arguments.


# %% nbgrader={"grade": false, "grade_id": "changed_model", "locked": false, "schema_version": 3, "solution": true, "task": false}
def changed_model():
    """Return the untrained Keras model."""
    ### BEGIN SOLUTION
    inputs = keras.Input(shape=(28, 28, 1))
    x = layers.Conv2D(16, 5, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_changed_model", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.changed_model(changed_model)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Train it for a few epochs on 3,500 digits and look at the other 500. It has a sixth of the parameters of lesson 03's
# network: what does that cost?

# %%
if result:
    model = changed_model()
    model.compile(
        optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    epochs = course.budget(full=10, reduced=2)
    model.fit(images[:3500], labels[:3500], batch_size=64, epochs=epochs, verbose=0)
    accuracy = model.evaluate(images[3500:], labels[3500:], verbose=0)[1]
    print(f"{model.count_params():,} parameters, validation accuracy {accuracy:.1%}")

# %% [markdown]
# ## Your score
#
# What the checks have found so far. Run the cell again after a change.

# %%
checks.score()

# %% [markdown]
# **Going further.** Try `strides=2` instead of pooling, or a third convolution, or `GlobalAveragePooling2D` instead of
# `Flatten`. Change one thing at a time, and use two seeds before you believe a difference. Solutions:
# [solutions/solution_03_mnist_cnn.ipynb](../solutions/solution_03_mnist_cnn.ipynb).
