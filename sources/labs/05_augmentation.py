# %% [markdown]
# # Lab 05 · Make one picture many
#
# You mirror, shift and change contrast by hand, translate old code, judge a gain, and build an augmentation block in Keras.
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 60 minutes, six points and an experiment.

# %%
from helpers import course, plots
from helpers.checks import lab_05 as checks

course.start("Lab 05", tensorflow=True)

# %%
import keras
import numpy as np
from keras import layers
from skimage import data as photographs

from helpers import datasets

chelsea = photographs.chelsea()[::2, ::2].astype("float32")

# %% [markdown]
# ## Exercise 1 · Mirror
#
# Mirror a batch of pictures, shape (batch, height, width, channels), left to right.


# %% nbgrader={"grade": false, "grade_id": "mirror", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mirror(images):
    """Return the mirrored pictures, in the same shape."""
    ### BEGIN SOLUTION
    return images[:, :, ::-1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_mirror", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.mirror(mirror)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 2 · Shift, and fill the gap
#
# Move a batch to the right by whole pixels. The gap on the left is filled with the picture's **first column**, repeated (Keras calls this
# `fill_mode="nearest"`). A shift may be 0.


# %% nbgrader={"grade": false, "grade_id": "shift_nearest", "locked": false, "schema_version": 3, "solution": true, "task": false}
def shift_nearest(images, pixels):
    """Return the moved pictures, in the same shape."""
    ### BEGIN SOLUTION
    width = images.shape[2]
    columns = np.maximum(np.arange(width) - pixels, 0)
    return images[:, :, columns]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_shift_nearest", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.shift_nearest(shift_nearest)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    shown = [chelsea, shift_nearest(chelsea[None], 40)[0]]
    plots.image_grid(
        [picture.astype("uint8") for picture in shown],
        ["original", "40 to the right"],
        columns=2,
        cell=4,
    )
    plots.show(
        "A cat, and the same cat moved to the right; the gap is filled with horizontal streaks."
    )

# %% [markdown]
# ## Exercise 3 · Contrast
#
# For each picture and each channel: take the mean over all rows and columns, and multiply the differences from it by `factor`. The mean stays. Values are
# cut off at 0 and 255.


# %% nbgrader={"grade": false, "grade_id": "change_contrast", "locked": false, "schema_version": 3, "solution": true, "task": false}
def change_contrast(images, factor):
    """Return the changed pictures, between 0 and 255, in the same shape."""
    ### BEGIN SOLUTION
    mean = images.mean(axis=(1, 2), keepdims=True)
    return np.clip(mean + factor * (images - mean), 0, 255)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_change_contrast", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.change_contrast(change_contrast)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    factors = [0.3, 1, 1.7]
    shown = [change_contrast(chelsea[None], factor)[0].astype("uint8") for factor in factors]
    plots.image_grid(shown, [f"contrast × {factor}" for factor in factors], columns=3, cell=3.6)
    plots.show("The same cat with weak, normal and strong contrast.")

# %% [markdown]
# ## Exercise 4 · Translate old settings
#
# Old code says `ImageDataGenerator(rotation_range=degrees, width_shift_range=shift_x, height_shift_range=shift_y)`. Return three numbers: the factor
# for `RandomRotation`, and the two factors for `RandomTranslation` in **its** order.


# %% nbgrader={"grade": false, "grade_id": "keras_factors", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keras_factors(degrees, shift_x, shift_y):
    """Return (rotation factor, first translation factor, second translation factor)."""
    ### BEGIN SOLUTION
    return degrees / 360, shift_y, shift_x
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_keras_factors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.keras_factors(keras_factors)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5 · Is it a gain?
#
# You have the accuracies of several seeds without and with a change. Return the **gain** (difference of the means) divided by its **standard error**
# $\sqrt{e_1^2 + e_2^2}$, where each $e$ is a sample standard deviation (`ddof=1`) divided by the square root of the number of seeds. More than 2 is a good sign.


# %% nbgrader={"grade": false, "grade_id": "gain_in_errors", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gain_in_errors(without, with_change):
    """Return the gain in units of its standard error, one number."""
    ### BEGIN SOLUTION
    errors = [
        np.std(values, ddof=1) / np.sqrt(len(values)) for values in (without, with_change)
    ]
    return (np.mean(with_change) - np.mean(without)) / np.hypot(*errors)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_gain_in_errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.gain_in_errors(gain_in_errors)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Judge a gain on real photographs: lesson 04's tuned recipe against lesson 05's with augmentation.

# %%
if result:
    rows = course.recorded("cats_vs_dogs_photos")
    runs = {
        name: [row["accuracy"] for row in rows if row["experiment"] == name]
        for name in ("tuned", "augmentation")
    }
    print(f"the gain is {gain_in_errors(*runs.values()):.1f} standard errors")

# %% [markdown]
# ## Exercise 6 · An augmentation block
#
# Return a `keras.Sequential` of three layers, in this order:
#
# 1. a random flip, left to right only,
# 2. a random translation by up to 10 % of the height and up to 20 % of the width,
# 3. a random rotation by up to 20° either way.
#
# Where 2 and 3 leave gaps, the nearest pixel is repeated.


# %% nbgrader={"grade": false, "grade_id": "augmenter", "locked": false, "schema_version": 3, "solution": true, "task": false}
def augmenter():
    """Return the three layers in a row."""
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomTranslation(0.1, 0.2, fill_mode="nearest"),
            layers.RandomRotation(20 / 360, fill_mode="nearest"),
        ]
    )
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_augmenter", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.augmenter(augmenter)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    shown = keras.ops.convert_to_numpy(augmenter()(np.stack([chelsea] * 6), training=True))
    plots.image_grid(list(np.clip(shown, 0, 255).astype("uint8")), columns=3, cell=3.6)
    plots.show(
        "Six random versions of the cat: mirrored, moved and turned, with streaks where gaps were filled."
    )

# %% [markdown]
# ## Experiment · An augmentation that helps, and one that harms
#
# No points, no check: an experiment with a result that you write down. A small network learns 500 digits and is tested on others: as they are, and shifted. Complete
# `accuracies_with(layer)`: build the network behind `layer`, fit it, and return its accuracy on `x_test` and on `shifted`. (`layer` is None, a shift, or a flip.)
#
# **Before you run it, predict** the better and the worse of the three on each of the two tests.

# %%
digits = datasets.mnist()
x_train, y_train = digits.x_train[:500, ..., None] / 255, digits.y_train[:500]
x_test, y_test = digits.x_test[:500, ..., None] / 255, digits.y_test[:500]
shifted = np.roll(x_test, 3, axis=2)
EPOCHS = course.budget(full=40, reduced=2)


def small_network(layer):
    """Return a network for digits, behind a random change if one is given."""
    before = [] if layer is None else [layer]
    convolutions = [
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
    ]
    end = [layers.Flatten(), layers.Dense(10, activation="softmax")]
    network = keras.Sequential([keras.Input((28, 28, 1)), *before, *convolutions, *end])
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return network


# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accuracies_with(layer):
    """Return the accuracies on x_test and on shifted after training for EPOCHS epochs."""
    ### BEGIN SOLUTION
    keras.utils.set_random_seed(1)
    network = small_network(layer)
    network.fit(x_train, y_train, epochs=EPOCHS, verbose=0)
    return [network.evaluate(x, y_test, verbose=0)[1] for x in (x_test, shifted)]
    ### END SOLUTION


# %%
changes = {
    "none": None,
    "shift by up to 10 %": layers.RandomTranslation(0.1, 0.1, fill_mode="constant"),
    "horizontal flip": layers.RandomFlip("horizontal"),
}
try:
    for name, layer in changes.items():
        as_they_are, moved = accuracies_with(layer)
        print(f"{name:20} as they are {as_they_are:.1%}, shifted {moved:.1%}")
except NotImplementedError:
    print("not done yet")

# %% [markdown]
# **Your conclusion** (two or three sentences: which change keeps the labels true, which one does not, and what does that do to each test?):
#
# …

# %% [markdown]
# ## Your score
#
# What the checks have found so far. Run the cell again after a change.

# %%
checks.score()

# %% [markdown]
# **Going further.** Put your block in front of lesson 05's network in place of its three layers, and run three seeds. Does the shift add
# anything? Solutions: [solutions/solution_05_augmentation.ipynb](../solutions/solution_05_augmentation.ipynb).
