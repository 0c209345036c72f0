# %% [markdown]
# # Lab 03 · The digit reader
#
# You count a network, measure how far it sees, send gradients backward, judge it class by class, change it, and find out what its parts are worth.
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 75 minutes, six points and an experiment.

# %%
from helpers import course, plots
from helpers.checks import lab_03 as checks

course.start("Lab 03", tensorflow=True)

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

from helpers import datasets
from helpers.training import progress

digits = datasets.mnist()
images = digits.x_train[..., None].astype("float32") / 255
labels = digits.y_train

# %% [markdown]
# ## Exercise 1 · Count a whole network
#
# The network is a list of layers: `("conv", 3, 32)` is a convolution with 3×3 kernels and 32 filters (stride 1, no padding),
# `("pool", 2)` is pooling by tiles of 2×2, `("dense", 10)` is a dense layer with 10 units; before the first dense layer the maps are flattened.
# The input has `size` × `size` pixels and `channels` channels. How many parameters, weights and biases, has the network in all?


# %% nbgrader={"grade": false, "grade_id": "count_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_parameters(size, channels, network):
    """Return the number of parameters of all layers together."""
    ### BEGIN SOLUTION
    total = 0
    for kind, *settings in network:
        if kind == "conv":
            kernel, filters = settings
            total += (kernel * kernel * channels + 1) * filters
            size, channels = size - kernel + 1, filters
        elif kind == "pool":
            size = size // settings[0]
        else:
            total += (size * size * channels + 1) * settings[0]
            size, channels = 1, settings[0]
    return total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_count_parameters", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.count_parameters(count_parameters)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 2 · How far it sees
#
# The receptive field of lesson 01, with one setting more. A kernel with **dilation** $d$ reads pixels that lie $d$ apart: with 3 weights and dilation 2 it covers 5
# pixels and skips every other one. Dilation lets a unit see far with no pooling and no further weights. Each layer is a triple (kernel, stride, dilation); pooling is one of them. Draw a small case on paper first.


# %% nbgrader={"grade": false, "grade_id": "receptive_field", "locked": false, "schema_version": 3, "solution": true, "task": false}
def receptive_field(network):
    """Return the list of how many pixels, along one axis, a unit sees after each layer."""
    ### BEGIN SOLUTION
    field, jump, fields = 1, 1, []
    for kernel, stride, dilation in network:
        field += (kernel - 1) * dilation * jump
        jump *= stride
        fields.append(field)
    return fields
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_receptive_field", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.receptive_field(receptive_field)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    for depth in (3, 5, 7):
        plain = receptive_field([(3, 1, 1)] * depth)[-1]
        dilated = receptive_field([(3, 1, 2**layer) for layer in range(depth)])[-1]
        print(f"{depth} layers of 3×3: {plain} pixels; with dilations 1, 2, 4 …: {dilated}")

# %% [markdown]
# ## Exercise 3 · A softer target
#
# With a one-hot label the loss is never satisfied: it rewards ever larger logits. **Label smoothing** takes a share $\varepsilon$ of the 1 and spreads it
# evenly over *all* classes, the right one included: with 10 classes and $\varepsilon = 0.1$ the target is 0.91 for the right class and 0.01 for each other one.
#
# What does that change in the gradient of lesson 03? Return $\partial L/\partial s$ for a batch, where $L$ is the mean cross-entropy over its rows. `labels` holds class
# numbers. Logits of 1000 must not overflow.


# %% nbgrader={"grade": false, "grade_id": "logit_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def logit_gradient(logits, labels, smoothing):
    """Return the gradient of the mean loss by the logits, shape (batch, classes)."""
    ### BEGIN SOLUTION
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    classes = logits.shape[1]
    targets = (1 - smoothing) * np.eye(classes)[labels] + smoothing / classes
    return (probabilities - targets) / len(logits)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_logit_gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.logit_gradient(logit_gradient)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Where does the gradient vanish? Raise the right one of ten logits and watch its gradient.

# %%
if result:
    for logit in (0, 2, 4, 6, 8):
        row = np.zeros((1, 10))
        row[0, 3] = logit
        hard, soft = (logit_gradient(row, np.array([3]), s)[0, 3] for s in (0, 0.1))
        print(f"right logit {logit}: gradient {hard:+.3f}, with smoothing {soft:+.3f}")

# %% [markdown]
# Without smoothing it stays negative: the logit is always told to grow. With smoothing it changes its sign.

# %% [markdown]
# ## Exercise 4 · Backward, with a stride
#
# A convolution with a stride reads a window at every `stride`-th pixel only. One channel, no padding: `image` is what the layer received, `output_gradient` is $\partial L/\partial z$, one number for
# each output, and the kernel has `size` × `size` weights. Return $\partial L/\partial k$. Loops are fine.


# %% nbgrader={"grade": false, "grade_id": "kernel_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kernel_gradient(image, output_gradient, size, stride):
    """Return the gradient of the loss by the kernel, shape (size, size)."""
    ### BEGIN SOLUTION
    gradient = np.zeros((size, size))
    for row, column in np.ndindex(output_gradient.shape):
        top, left = row * stride, column * stride
        window = image[top : top + size, left : left + size]
        gradient += output_gradient[row, column] * window
    return gradient
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_kernel_gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.kernel_gradient(kernel_gradient)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5 · Recall and precision
#
# Accuracy is one number for ten classes. Two others are computed for each class:
#
# - **recall**: of the digits that *are* a 7, which share was read as a 7?
# - **precision**: of the digits that were *read as* a 7, which share is one?
#
# Return both for all `classes`. Where there is nothing to divide by, because a class does not occur or is never answered, the share is 0.


# %% nbgrader={"grade": false, "grade_id": "recall_and_precision", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_and_precision(true, predicted, classes):
    """Return two arrays of shape (classes,)."""
    ### BEGIN SOLUTION
    recall, precision = np.zeros(classes), np.zeros(classes)
    for number in range(classes):
        hits = np.sum((true == number) & (predicted == number))
        recall[number] = hits / max(np.sum(true == number), 1)
        precision[number] = hits / max(np.sum(predicted == number), 1)
    return recall, precision
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_recall_and_precision", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.recall_and_precision(recall_and_precision)
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
# network: what does that cost? And for which digit does it cost most?

# %%
if result:
    model = changed_model()
    model.compile(
        optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    epochs = course.budget(full=10, reduced=2)
    model.fit(
        images[:3500],
        labels[:3500],
        batch_size=64,
        epochs=epochs,
        callbacks=progress(),
        verbose=0,
    )
    answers = model.predict(images[3500:4000], verbose=0).argmax(axis=1)
    accuracy = np.mean(answers == labels[3500:4000])
    print(f"{model.count_params():,} parameters, validation accuracy {accuracy:.1%}")

# %%
try:
    recall, precision = recall_and_precision(labels[3500:4000], answers, 10)
    axis = plt.subplots(figsize=(9, 3.6), layout="constrained")[1]
    axis.bar(np.arange(10) - 0.2, 100 * recall, 0.38, label="recall")
    axis.bar(
        np.arange(10) + 0.2, 100 * precision, 0.38, color="C4", hatch="//", label="precision"
    )
    axis.set(xlabel="digit", ylabel="share (%)", ylim=(0, 105), xticks=range(10))
    axis.legend(loc="upper left", bbox_to_anchor=(1, 1))
    plots.show("Recall and precision of the ten digits as pairs of bars.")
except (NameError, NotImplementedError):
    print("The figure comes when exercises 5 and 6 are done.")

# %% [markdown]
# ## Experiment · What is each part worth?
#
# No points, no check: an **ablation** with a conclusion that you write down. Take one part at a time out of a small network that learns 1,000 digits:
#
# - **no ReLU**: the convolutions stay linear,
# - **no pooling**: strides of 2 in the convolutions instead, so that the maps become about as small,
# - **average pooling** instead of max pooling.
#
# `network(change)` builds each of them. Complete `accuracies(change)`: for each of the seeds 0, 1, 2, set the seed, build the network, fit it, and return the list of its three accuracies
# on `x_test`. **Before you run it, predict** the order of the four, and how large the differences will be.

# %%
x_train, y_train = images[:1000], labels[:1000]
x_test = digits.x_test[:1000, ..., None].astype("float32") / 255
y_test = digits.y_test[:1000]
EPOCHS = course.budget(full=12, reduced=1)


def network(change):
    """Return a compiled network: as it is (None), or with one part changed."""
    activation = None if change == "no ReLU" else "relu"
    strides = 2 if change == "no pooling" else 1
    parts = [keras.Input((28, 28, 1))]
    for filters in (16, 32):
        parts.append(layers.Conv2D(filters, 3, strides, activation=activation))
        if change == "average pooling":
            parts.append(layers.AveragePooling2D(2))
        elif change != "no pooling":
            parts.append(layers.MaxPooling2D(2))
    parts += [layers.Flatten(), layers.Dense(10, activation="softmax")]
    model = keras.Sequential(parts)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accuracies(change):
    """Return the test accuracies of three seeds after training for EPOCHS epochs."""
    ### BEGIN SOLUTION
    values = []
    for seed in (0, 1, 2):
        keras.utils.set_random_seed(seed)
        model = network(change)
        model.fit(x_train, y_train, epochs=EPOCHS, callbacks=progress(), verbose=0)
        values.append(model.evaluate(x_test, y_test, verbose=0)[1])
    return values
    ### END SOLUTION


# %%
try:
    for change in (None, "no ReLU", "no pooling", "average pooling"):
        values = np.multiply(accuracies(change), 100)
        error = values.std(ddof=1) / np.sqrt(3)
        each = ", ".join(f"{value:.1f}" for value in values)
        print(f"{change or 'as it is':16} {values.mean():.1f} ± {error:.1f} %   ({each})")
except NotImplementedError:
    print("not done yet")

# %% [markdown]
# **Your conclusion** (a few sentences): which part is worth most? Which differences are larger than twice their error over the seeds (errors of a difference add as squares: $\sqrt{0.1^2 + 0.1^2} ≈ 0.14$), and would another 1,000 test digits leave them standing (binomial error: about 0.8 points at 93 % for one accuracy, 1.1 for a difference; the lesson's pairs would do better)? Did one result surprise you? (Ask yourself whether max pooling is linear.) What did you *not* vary that might change the answer?
#
# …

# %% [markdown]
# ## Your score
#
# What the checks have found so far. Run the cell again after a change.

# %%
checks.score()

# %% [markdown]
# **Going further.** Compute the gradient by the *image* of exercise 4, too: put `stride - 1` zeros between the output gradients, then convolve in full with the flip. Or try `GlobalAveragePooling2D`
# instead of `Flatten` in the experiment. Solutions: [solutions/solution_03_mnist_cnn.ipynb](../solutions/solution_03_mnist_cnn.ipynb).
