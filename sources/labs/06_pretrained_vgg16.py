# %% [markdown]
# # Lab 06 · Speak VGG16's language
#
# You prepare pictures as VGG16 wants them, count parameters, release exactly the layers that should learn, measure what moved, and build the whole network.
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 60 minutes, six points and an experiment.

# %%
from helpers import course, plots
from helpers.checks import lab_06 as checks

course.start("Lab 06", tensorflow=True)

# %%
import keras
import numpy as np
from keras import layers
from skimage import data as photographs

from helpers import datasets, pretrained

chelsea = photographs.chelsea()[60:252, 100:292]  # 192×192, uint8
keras.config.disable_interactive_logging()

# %% [markdown]
# ## Exercise 1 · Prepare pictures by hand
#
# Pictures come as RGB, 0–255, **uint8**, shape (batch, height, width, 3). VGG16 wants blue, green, red as floats, from each channel the mean of ImageNet
# subtracted: `MEAN_BGR` holds the means of blue, green and red, in this order. Do not use `preprocess_input`.


# %% nbgrader={"grade": false, "grade_id": "vgg_input", "locked": false, "schema_version": 3, "solution": true, "task": false}
def vgg_input(images):
    """Return the prepared pictures as floats, in the same shape."""
    MEAN_BGR = np.array([103.939, 116.779, 123.68])
    ### BEGIN SOLUTION
    return images[..., ::-1].astype("float64") - MEAN_BGR
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_vgg_input", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.vgg_input(vgg_input)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    own = vgg_input(chelsea[None])
    keras_own = keras.applications.vgg16.preprocess_input(chelsea[None].astype("float32"))
    print("largest difference from Keras:", f"{np.abs(own - keras_own).max():.4f}")

# %% [markdown]
# ## Exercise 2 · Count a stack
#
# `channels` lists the channels from the picture to the output: `[3, 64, 64, 128]` means three 3×3 convolutions, 3 → 64 → 64 → 128. Return the number of all parameters.


# %% nbgrader={"grade": false, "grade_id": "stack_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stack_parameters(channels):
    """Return the number of weights and biases, one number."""
    ### BEGIN SOLUTION
    return sum((9 * before + 1) * after for before, after in zip(channels, channels[1:]))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_stack_parameters", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.stack_parameters(stack_parameters)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    vgg16 = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    vgg19 = [3, 64, 64, 128, 128, *[256] * 4, *[512] * 8]
    print(
        f"VGG16 {stack_parameters(vgg16):,}, its larger sister VGG19 {stack_parameters(vgg19):,}"
    )

# %% [markdown]
# ## Exercise 3 · What comes out
#
# Return the shape of VGG16's features for one picture as `[height, width, channels]`. Each of the five poolings rounds down.


# %% nbgrader={"grade": false, "grade_id": "feature_shape", "locked": false, "schema_version": 3, "solution": true, "task": false}
def feature_shape(height, width):
    """Return [height, width, channels] of the features."""
    ### BEGIN SOLUTION
    return [height // 32, width // 32, 512]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_feature_shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.feature_shape(feature_shape)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Is it so? Send the cat through VGG16 with its real weights, and look at the maps that answer most strongly.

# %%
if result:
    base = pretrained.vgg16_base((192, 192, 3))
    prepared = keras.applications.vgg16.preprocess_input(chelsea[None].astype("float32"))
    features = base.predict(prepared)[0]
    print("features:", features.shape, "expected:", feature_shape(192, 192))
    strongest = features.max(axis=(0, 1)).argsort()[-5:][::-1]
    shown = [
        (255 * features[..., n] / features[..., n].max()).astype("uint8") for n in strongest
    ]
    titles = ["the cat", *(f"feature map {number}" for number in strongest)]
    plots.image_grid([chelsea, *shown], titles, columns=3, cell=3)
    plots.show(
        "A cat's face and the five feature maps of VGG16 that answer most strongly to it."
    )

# %% [markdown]
# ## Exercise 4 · What moved?
#
# You have the weights of a network before and after training, as two lists of arrays. Return for each array **how far it moved, relative to its own length**:
# the length of the difference divided by the length of the array before. The length of an array is the square root of the sum of its squares (`np.linalg.norm(array)`
# computes it for vectors and matrices; for more dimensions, flatten first).


# %% nbgrader={"grade": false, "grade_id": "relative_changes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relative_changes(before, after):
    """Return one number for each array."""
    ### BEGIN SOLUTION
    return [
        np.linalg.norm((new - old).ravel()) / np.linalg.norm(old.ravel())
        for old, new in zip(before, after)
    ]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_relative_changes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
changes_result = result = checks.relative_changes(relative_changes)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5 · Release the last layers
#
# Make sure that **only the last** `count` **layers** of a model can learn, whether the whole model was frozen before or not, and return the model. (Remember: `model.trainable = …` acts on
# all its layers. `count` is at least 1 and also counts layers without parameters.)


# %% nbgrader={"grade": false, "grade_id": "release_last", "locked": false, "schema_version": 3, "solution": true, "task": false}
def release_last(model, count):
    """Return the same model, in which only the last layers can learn."""
    ### BEGIN SOLUTION
    model.trainable = True
    for layer in model.layers[:-count]:
        layer.trainable = False
    return model
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_release_last", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
release_result = result = checks.release_last(release_last)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 6 · The whole network
#
# Build a model for two classes that takes **raw pictures** (0–255) of the base's input size. In this order: `keras.applications.vgg16.preprocess_input`, the base,
# **frozen**, then `GlobalAveragePooling2D`, `Dropout(0.5)`, and one dense layer that gives one probability.


# %% nbgrader={"grade": false, "grade_id": "whole_network", "locked": false, "schema_version": 3, "solution": true, "task": false}
def whole_network(base):
    """Return the model."""
    ### BEGIN SOLUTION
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = base(keras.applications.vgg16.preprocess_input(inputs))
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_whole_network", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.whole_network(whole_network)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Put everything together: your network on VGG16, twenty steps on a handful of pictures with the last four layers released, and your own measurement of what moved.

# %%
if result and changes_result and release_result:
    pets = datasets.cats_vs_dogs()
    few = keras.utils.image_dataset_from_directory(
        pets.path, image_size=(96, 96), batch_size=16, seed=course.SEED
    )
    base = pretrained.vgg16_base((96, 96, 3))
    network = whole_network(base)
    release_last(base, 4)
    before = base.get_weights()
    network.compile(keras.optimizers.Adam(1e-5), loss="binary_crossentropy")
    network.fit(few.take(course.budget(full=20, reduced=3)), shuffle=False, verbose=0)
    changes = relative_changes(before, base.get_weights())
    kernels = [weight.path for weight in base.weights]
    print("moved:", [name for name, change in zip(kernels, changes) if change > 0])

# %% [markdown]
# ## Experiment · How few pictures are enough?
#
# No points, no check: an experiment with a result that you write down. The features of VGG16 are computed for you (once exercise 6 is right), for pictures of 64×64 pixels. Complete `accuracy_with(count, seed)`: choose `count`
# training pictures at random with this seed, fit a new head to their features, and return its accuracy on the test features.
#
# **Before you run it, predict** the accuracy with 10, 40, 160 and all pictures. How much does the choice of the ten matter?

# %%
pets = datasets.cats_vs_dogs()


def described(path, most):
    """Return VGG16's features, the maximum of each of the 512 maps, and the labels."""
    pictures = keras.utils.image_dataset_from_directory(
        path, image_size=(64, 64), batch_size=most, seed=course.SEED
    )
    images, labels = next(iter(pictures))
    prepared = keras.applications.vgg16.preprocess_input(images.numpy())
    return small_base.predict(prepared, verbose=0).max(axis=(1, 2)), labels.numpy()


if result:  # once exercise 6 is right
    small_base = pretrained.vgg16_base((64, 64, 3))
    f_train, y_train = described(pets.path, course.budget(full=640, reduced=32))
    f_test, y_test = described(pets.test_path, course.budget(full=200, reduced=16))


# %%
def new_head():
    """Return one dense layer on 512 features, compiled."""
    head = keras.Sequential(
        [
            keras.Input((512,)),
            keras.layers.Rescaling(0.02),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    head.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    return head


# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accuracy_with(count, seed):
    """Return the test accuracy of a head that was trained on so many pictures."""
    ### BEGIN SOLUTION
    chosen = np.random.default_rng(seed).permutation(len(y_train))[:count]
    keras.utils.set_random_seed(seed)
    head = new_head()
    head.fit(
        f_train[chosen], y_train[chosen], epochs=course.budget(full=60, reduced=2), verbose=0
    )
    return head.evaluate(f_test, y_test, verbose=0)[1]
    ### END SOLUTION


# %%
try:
    for count in (10, 40, 160, 640):
        values = [accuracy_with(count, seed) for seed in range(3)]
        print(f"{count:4} pictures:", ", ".join(f"{value:.0%}" for value in values))
except NotImplementedError:
    print("not done yet")

# %% [markdown]
# **Your conclusion** (two or three sentences: from how many pictures on does more data hardly help, and what does that say about VGG16's features?):
#
# …

# %% [markdown]
# ## Your score
#
# What the checks have found so far. Run the cell again after a change.

# %%
checks.score()

# %% [markdown]
# **Going further.** Release the last eight layers instead of four in lesson 06, and compare with three seeds. Does it help? Solutions:
# [solutions/solution_06_pretrained_vgg16.ipynb](../solutions/solution_06_pretrained_vgg16.ipynb).
