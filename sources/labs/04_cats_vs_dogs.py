# %% [markdown]
# # Lab 04 · The cat-and-dog keeper
#
# You count a split, catch a leak, write the loss, the decision and the checkpoint by hand, and say how sure an accuracy is.
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 60 minutes, six points and an experiment.

# %%
from helpers import course, plots
from helpers.checks import lab_04 as checks

course.start("Lab 04", tensorflow=True)

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np

from helpers import datasets

pets = datasets.cats_vs_dogs()
KIND = "drawn sample" if pets.source == "sample" else "photograph"
keras.config.disable_interactive_logging()

# %% [markdown]
# ## Exercise 1 · Count the split
#
# `image_dataset_from_directory` with `validation_split=share` holds out that share of the files, rounded **down**, for validation.
# Return four numbers: training files, validation files, training batches, validation batches. The last batch of each part may
# be smaller than the others.


# %% nbgrader={"grade": false, "grade_id": "split_counts", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split_counts(files, share, batch_size):
    """Return (training files, validation files, training batches, validation batches)."""
    ### BEGIN SOLUTION
    validation = int(share * files)
    training = files - validation
    return training, validation, -(-training // batch_size), -(-validation // batch_size)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_split_counts", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.split_counts(split_counts)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    source = split_counts(23_410, 0.2, 128)
    print("the source's figures:", *source)

# %% [markdown]
# ## Exercise 2 · Catch the leak
#
# You get two lists of file names. What share of the **validation** files is also in the training list? In each list a name occurs once.


# %% nbgrader={"grade": false, "grade_id": "leaked_share", "locked": false, "schema_version": 3, "solution": true, "task": false}
def leaked_share(training_names, validation_names):
    """Return the share, between 0 and 1."""
    ### BEGIN SOLUTION
    training_names = set(training_names)
    leaked = [name for name in validation_names if name in training_names]
    return len(leaked) / len(validation_names)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_leaked_share", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.leaked_share(leaked_share)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Try it on real splits of the folder, made with different seeds.

# %%
if result:
    names = {}
    for part, seed in {"training": 1, "validation": 2}.items():
        names[part] = keras.utils.image_dataset_from_directory(
            pets.path, validation_split=0.2, subset=part, seed=seed
        ).file_paths
    print(f"leaked: {leaked_share(names['training'], names['validation']):.0%}")

# %% [markdown]
# ## Exercise 3 · The loss by hand
#
# Binary cross-entropy: $-\log p$ for a picture with label 1, $-\log(1-p)$ for label 0, and then the mean over all pictures. `labels` and
# `probabilities` have the shape (n,). A probability of exactly 0 or 1 must not break it: clip to $10^{-7} … 1-10^{-7}$ first.


# %% nbgrader={"grade": false, "grade_id": "cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy(labels, probabilities):
    """Return the mean binary cross-entropy, one number."""
    ### BEGIN SOLUTION
    p = np.clip(probabilities, 1e-7, 1 - 1e-7)
    return np.mean(-(labels * np.log(p) + (1 - labels) * np.log(1 - p)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_cross_entropy", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.cross_entropy(cross_entropy)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    p = np.linspace(0.01, 0.99, 99)
    plt.figure(figsize=(7, 3.6), layout="constrained")
    for label, line in [(1, "-"), (0, "--")]:
        losses = [cross_entropy(np.array([label]), np.array([value])) for value in p]
        plt.plot(p, losses, line, label=f"label {label} ({pets.classes[label]})")
    plt.xlabel("probability of dog")
    plt.ylabel("loss")
    plt.legend()
    plots.show(
        "The loss of one picture against the probability of dog: it falls to zero for a dog and rises steeply for a cat."
    )

# %% [markdown]
# ## Exercise 4 · Decide
#
# A network with one sigmoid output returns an array of shape (n, 1). Return n class numbers: 1 (dog) where the probability is **at least** the threshold,
# otherwise 0 (cat).


# %% nbgrader={"grade": false, "grade_id": "decide", "locked": false, "schema_version": 3, "solution": true, "task": false}
def decide(probabilities, threshold):
    """Return an array of n zeros and ones."""
    ### BEGIN SOLUTION
    return (probabilities[:, 0] >= threshold).astype(int)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_decide", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.decide(decide)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5 · Keep the best epoch
#
# `ModelCheckpoint(save_best_only=True)` saves after each epoch whose validation loss is **lower** than all before. Given the list of validation losses, return
# the number of the epoch that is on disk at the end, counted from 1.


# %% nbgrader={"grade": false, "grade_id": "best_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_epoch(validation_losses):
    """Return the number of the epoch that was saved last."""
    ### BEGIN SOLUTION
    best, kept = float("inf"), 0
    for epoch, loss in enumerate(validation_losses, start=1):
        if loss < best:
            best, kept = loss, epoch
    return kept
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_best_epoch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.best_epoch(best_epoch)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 6 · How sure is an accuracy?
#
# `right` of `total` test pictures were answered correctly. Return the lower and the upper end of the interval *accuracy ± two standard errors*, where the
# standard error is $\sqrt{a(1-a)/n}$.


# %% nbgrader={"grade": false, "grade_id": "accuracy_interval", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accuracy_interval(right, total):
    """Return (lower end, upper end)."""
    ### BEGIN SOLUTION
    accuracy = right / total
    error = np.sqrt(accuracy * (1 - accuracy) / total)
    return accuracy - 2 * error, accuracy + 2 * error
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_accuracy_interval", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.accuracy_interval(accuracy_interval)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    sizes = np.array([20, 50, 100, 200, 500, 1000, 2000])
    low, high = np.transpose([accuracy_interval(0.8 * size, size) for size in sizes])
    plt.figure(figsize=(8, 3.8), layout="constrained")
    plt.fill_between(sizes, 100 * low, 100 * high, alpha=0.3)
    plt.semilogx(sizes, 80 + 0 * sizes, "-")
    plt.xticks(sizes, sizes)
    plt.xlabel("test pictures")
    plt.ylabel("accuracy (%)")
    plots.show(
        "A band around 80 percent that narrows from about 18 points to either side with 20 pictures to about 2 points with 2,000."
    )

# %% [markdown]
# ## Experiment · Which learning rate?
#
# No points, no check: an experiment with a result that you write down. Complete `losses_of(rate)`: build the small network, compile it with
# `keras.optimizers.Adam(rate)` and the loss `"binary_crossentropy"`, fit it to `pictures` and `labels` for ten epochs (`verbose=0`), and return the list of its losses.
#
# **Before you run it, predict:** which of 0.1, 0.001 and 0.00001 ends lowest, and where does the worst one stay?

# %%
chosen = keras.utils.image_dataset_from_directory(
    pets.path, image_size=(48, 48), batch_size=course.budget(full=256, reduced=32), seed=1
)
pictures, labels = (part.numpy() for part in next(iter(chosen)))


def small_network():
    """Return two convolutions and one probability."""
    return keras.Sequential(
        [
            keras.Input((48, 48, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(3),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": false, "schema_version": 3, "solution": true, "task": false}
def losses_of(rate):
    """Return the loss of each of ten epochs."""
    ### BEGIN SOLUTION
    keras.utils.set_random_seed(1)
    network = small_network()
    network.compile(keras.optimizers.Adam(rate), "binary_crossentropy")
    return network.fit(pictures, labels, epochs=10, verbose=0).history["loss"]
    ### END SOLUTION


# %%
try:
    plt.figure(figsize=(8, 4), layout="constrained")
    for rate, line in {0.1: ":", 0.001: "-", 0.00001: "--"}.items():
        plt.plot(range(1, 11), losses_of(rate), line, label=f"learning rate {rate:g}")
    plt.axhline(np.log(2), color="0.5", linewidth=1)
    plt.xlabel("epoch")
    plt.ylabel("training loss")
    plt.ylim(0, 1.5)
    plt.legend()
    plots.show(
        "The training loss over ten epochs for three learning rates, with a line at ln 2."
    )
except NotImplementedError:
    plt.close()
    print("not done yet")

# %% [markdown]
# **Your conclusion** (two or three sentences: what did you predict, what happened, and why does the largest rate end at the gray line?):
#
# …

# %% [markdown]
# ## Your score
#
# What the checks have found so far. Run the cell again after a change.

# %%
checks.score()

# %% [markdown]
# **Going further.** Put the pieces together: take `build_tuned_network` of lesson 04, train it for a few epochs, and use *your* functions to
# find the best epoch, the decisions, and the interval of its accuracy. Solutions:
# [solutions/solution_04_cats_vs_dogs.ipynb](../solutions/solution_04_cats_vs_dogs.ipynb).
