# %% [markdown]
# # Lab 09 · Seeing inside a CNN
#
# You build five tools that lesson 09 does not have and check them, some to the last digit. At the end two networks lie before you. One of them cheats. Which?
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 75 minutes, six points and an experiment.

# %%
from helpers import course, plots
from helpers.checks import lab_09 as checks

course.start("Lab 09", tensorflow=True)

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers
from scipy import ndimage
from skimage import data as photographs

from helpers import datasets, explain, networks

keras.config.disable_interactive_logging()

# %% [markdown]
# The network of lesson 09 and the picture that it takes for a dog: Chelsea's face, in a frame. The network returns the logit, which is positive for dog.


# %%
def build_network(side=96):
    """Lesson 05's network without its random changes and without the sigmoid."""
    inputs = keras.Input((side, side, 3), name="picture")
    x = layers.Rescaling(1 / 255)(inputs)
    for number, filters in enumerate((32, 64, 128, 256, 256), start=1):
        x = layers.Conv2D(filters, 3, padding="same")(x)
        if number < 5:
            x = layers.MaxPooling2D(2)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU(name=f"relu_{number}")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(1, name="is_dog")(x))


network = build_network()
networks.load("cats_vs_dogs", network)
photo = photographs.chelsea()[:, 60:360].astype("float32")
square = np.tile(photo.mean(axis=(0, 1)), (333, 333, 1))
square[16:316, 16:316] = photo
face = np.asarray(tf.image.resize(square, (96, 96)))


# %%
def cat(answers):
    """The score for cat."""
    return -answers[:, 0]


def dog(answers):
    """The score for dog."""
    return answers[:, 0]


def dog_score(pictures):
    """Return the score for dog of each picture."""
    return explain.scores_of(network, pictures, dog)


# %%
print(f"score for dog: {dog_score(face[None])[0]:.2f}")

# %% [markdown]
# ## Exercise 1 · Occlusion with any filling
#
# Lesson 09 covers the picture with a square of its mean color. But which color is "nothing"? A black square is a thing of its own: a dark thing. Write occlusion so that you can choose. `fill` is a whole picture of the same shape; the square is a **window** through which it is seen. With a picture that is black everywhere, the square is black; with a blurred copy, the square takes away the details and leaves the colors.
#
# `score(pictures)` takes pictures of shape (n, height, width, 3) and returns n numbers. `corners` is a list of (row, column), the upper left corner of each square of `size` × `size` pixels. Return for each corner how much the score **falls**: an array. Leave `picture` as it is.


# %% nbgrader={"grade": false, "grade_id": "falls", "locked": false, "schema_version": 3, "solution": true, "task": false}
def falls(score, picture, fill, corners, size):
    """Return for each square how much the score falls."""
    ### BEGIN SOLUTION
    covered = np.stack([picture] * len(corners))
    for number, (row, column) in enumerate(corners):
        window = (slice(row, row + size), slice(column, column + size))
        covered[number][window] = fill[window]
    return score(picture[None]) - score(covered)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_falls", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.falls(falls)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Four fillings, four maps of the same answer. (Until the exercise is done, nothing is drawn.)

# %%
if result:
    step = course.budget(full=8, reduced=24)
    side = (96 - 24) // step + 1
    corners = [(step * row, step * column) for row in range(side) for column in range(side)]
    fillings = {
        "black": np.zeros_like(face),
        "white": np.full_like(face, 255),
        "mean color": np.tile(face.mean(axis=(0, 1)), (96, 96, 1)).astype("float32"),
        "blurred": ndimage.gaussian_filter(face, (6, 6, 0)),
    }
    maps = {
        name: falls(dog_score, face, fill, corners, 24).reshape(side, side)
        for name, fill in fillings.items()
    }
    limit = max(np.abs(values).max() for values in maps.values())
    axes = plots.image_grid(
        list(maps.values()), list(maps), cmap=plots.SIGNED, vmin=-limit, vmax=limit, cell=3
    )
    plots.show(
        "Four occlusion maps of the same answer, for squares that are black, white, of the mean color, and blurred, on one scale of colors."
    )
    for name, values in maps.items():
        alike = explain.rank_correlation(values, maps["mean color"])
        print(f"{name:10} falls of up to {values.max():.1f}; like the mean color: {alike:+.2f}")

# %% [markdown]
# Which places speak for dog whatever you fill in? Which appear with one filling only? Those say as much about the filling as about the cat.

# %% [markdown]
# ## Exercise 2 · Integrated gradients
#
# A gradient is the slope *here*. **Integrated gradients** (Sundararajan et al. 2017) walk in a straight line from an empty picture, the **baseline**, to the picture, and collect the slopes on the way:
#
# $$\text{map} = (\text{picture} - \text{baseline}) \cdot \frac{1}{n} \sum_{k=0}^{n-1} \nabla\, \text{score}\Big(\text{baseline} + \frac{k + \frac12}{n}\,(\text{picture} - \text{baseline})\Big)$$
#
# `gradient(picture)` returns the slopes of the score, in the picture's shape. Return the map, in the same shape, with its signs.


# %% nbgrader={"grade": false, "grade_id": "integrated_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def integrated_gradients(gradient, picture, baseline, steps):
    """Return how much each number of the picture adds to the score."""
    ### BEGIN SOLUTION
    total = np.zeros_like(picture)
    for step in range(steps):
        share = (step + 0.5) / steps
        total = total + gradient(baseline + share * (picture - baseline))
    return total / steps * (picture - baseline)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_integrated_gradients", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.integrated_gradients(integrated_gradients)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# This method has a property that none of the lesson's has: it is **complete**. The map *adds up* to the difference between the score of the picture and that of the baseline, up to the error of the sum. (Why? Along the line, the slope of the score is the sum over all numbers of gradient times way, and the integral of a slope is a difference.) So you can check it without knowing the truth.

# %%
if result:
    baseline = np.tile(face.mean(axis=(0, 1)), (96, 96, 1)).astype("float32")
    slopes = lambda picture: explain.gradient(network, picture[None], dog)[0]  # noqa: E731
    difference = (dog_score(face[None]) - dog_score(baseline[None]))[0]
    print(f"score of the picture − score of the baseline: {difference:.3f}")
    for steps in course.budget(full=(1, 4, 16, 64, 256), reduced=(1, 4)):
        found = integrated_gradients(slopes, face, baseline, steps)
        print(f"{steps:4} steps: the map adds up to {found.sum():.3f}")

    per_pixel = ndimage.gaussian_filter(found.sum(axis=-1), 2)
    limit = np.abs(per_pixel).max()
    axes = plots.image_grid(
        [face / 255, per_pixel], columns=2, cell=4, cmap=plots.SIGNED, vmin=-limit, vmax=limit
    )
    plots.show(
        "The cat's face and its integrated gradients, slightly blurred: purple where pixels add to the score for dog, orange where they take from it."
    )

# %% [markdown]
# ## Exercise 3 · Grad-CAM for both answers
#
# Grad-CAM cuts off what is negative. But the negative part says something, too: what speaks *against* the answer. `maps` are the last maps of one picture, (height, width, number of maps); `slopes` are the slopes of the score by these maps, in the same shape. Average the slopes over the places to get one weight for each map, add the maps up with these weights, and return **two** maps, neither of them negative: what speaks for the answer, and what speaks against it.


# %% nbgrader={"grade": false, "grade_id": "evidence", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evidence(maps, slopes):
    """Return two maps: for the answer, and against it."""
    ### BEGIN SOLUTION
    weights = slopes.mean(axis=(0, 1))
    total = (maps * weights).sum(axis=-1)
    return np.maximum(total, 0), np.maximum(-total, 0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_evidence", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.evidence(evidence)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Ask for dog, then for cat. The score for cat is minus the score for dog. **Before you run the cell: how do the two pairs of maps differ?**


# %%
def last_maps_and_slopes(picture, target):
    """Return the network's last maps and the slopes of the score by them."""
    both = keras.Model(network.input, [network.get_layer("relu_5").output, network.output])
    x = tf.constant(picture[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        maps, answers = both(x, training=False)
        scores = target(answers)
    return maps[0].numpy(), tape.gradient(scores, maps)[0].numpy()


# %%
if result:
    pairs = [evidence(*last_maps_and_slopes(face, target)) for target in (dog, cat)]
    titles = ["for dog", "against dog", "for cat", "against cat"]
    plots.image_grid(
        [face / 255, *pairs[0], *pairs[1]], ["", *titles], columns=5, cell=2.6, cmap="Purples"
    )
    plots.show(
        "The cat's face and four maps of six by six places: for dog, against dog, for cat, against cat. The first and the last are the same, and so are the two in the middle."
    )
    print("for dog = against cat:", np.allclose(pairs[0][0], pairs[1][1]))

# %% [markdown]
# With *two* classes and one logit, every reason against is a reason for the other. With 1,000 classes it is not: what speaks against "cat" may speak for nothing in particular.

# %% [markdown]
# ## Exercise 4 · How alike are two maps?
#
# Spearman's **rank correlation** asks whether two maps put the pixels in the same *order*. Replace each value by its rank, from 0 for the smallest, over the whole map; then take the ordinary correlation of the ranks, `np.corrcoef(…)[0, 1]`. All values of a map are different here. (What does `np.argsort` of an array give? And `np.argsort` of that?)


# %% nbgrader={"grade": false, "grade_id": "rank_correlation", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rank_correlation(one, other):
    """Return a number between −1 and 1."""
    ### BEGIN SOLUTION
    ranks = [np.argsort(np.argsort(values.ravel())) for values in (one, other)]
    return np.corrcoef(*ranks)[0, 1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_rank_correlation", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.rank_correlation(rank_correlation)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# The check with scrambled weights, layer by layer: scramble the last layer, then the last two, and so on. At which layer does the map lose its likeness?

# %%
if result:
    own = explain.saliency(network, face, dog)
    depths = range(1, 7)
    alike = [
        rank_correlation(own, explain.saliency(explain.scrambled(network, 0, depth), face, dog))
        for depth in depths
    ]
    plt.figure(figsize=(8, 3.8), layout="constrained")
    plt.plot([0, *depths], [1, *alike], "o-")
    plt.axhline(0, color="0.5", linewidth=1)
    plt.xlabel("layers scrambled, from the last one on")
    plt.ylabel("rank correlation")
    plt.ylim(-0.2, 1.05)
    plots.show(
        "The rank correlation of the saliency map with that of the network whose last layers are scrambled: 1 with none scrambled, and lower the more layers are."
    )

# %% [markdown]
# ## Exercise 5 · The area under a deletion curve
#
# A curve is easier to compare if it is one number: the **area** below it. The n + 1 scores of a deletion curve are connected by straight lines, and the whole way counts as 1, so the area consists of n trapezoids, each 1/n wide.
#
# `curve` is the deletion curve of a method, `random_curves` those of several random orders, one in each row. Return two numbers as an array: the **gain**, the mean area of the random curves minus the area of the method's curve; and the **standard error** of that mean (with `ddof=1`).


# %% nbgrader={"grade": false, "grade_id": "deletion_gain", "locked": false, "schema_version": 3, "solution": true, "task": false}
def deletion_gain(curve, random_curves):
    """Return the gain over random orders and its standard error."""
    ### BEGIN SOLUTION
    curves = np.vstack([curve, random_curves])
    areas = ((curves[:, :-1] + curves[:, 1:]) / 2).mean(axis=1)
    by_chance = areas[1:]
    error = by_chance.std(ddof=1) / np.sqrt(len(by_chance))
    return np.array([by_chance.mean() - areas[0], error])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_deletion_gain", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.deletion_gain(deletion_gain)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Which of these orders finds what matters? A grid of 6×6 squares serves as regions.

# %%
if result:
    grid = np.arange(36).reshape(6, 6).repeat(16, 0).repeat(16, 1)
    maps = {
        "occlusion": explain.occlusion(
            network, face, dog, 24, course.budget(full=8, reduced=24)
        ),
        "SmoothGrad": explain.saliency(network, face, dog, samples=15, noise=0.1),
        "Grad-CAM": explain.grad_cam(network, face, dog, "relu_5"),
        "brightness": face.mean(axis=-1),
    }
    curve_of = lambda order: explain.deletion_curve(network, face, dog, grid, order)  # noqa: E731
    by_chance = np.array(
        [
            curve_of(np.random.default_rng(s).permutation(36))
            for s in range(course.budget(full=10, reduced=3))
        ]
    )
    for name, values in maps.items():
        curve = curve_of(np.argsort(-explain.region_means(values, grid)))
        gain, error = deletion_gain(curve, by_chance)
        print(f"{name:11} gain {gain:+.2f} ± {error:.2f}")

# %% [markdown]
# ## Exercise 6 · Is it on the animal?
#
# Section 10 of the lesson measured which share of a map lies on the animal. A large animal gets a large share of *any* map. So subtract what it would get from a map that is even everywhere: the animal's share of the area.
#
# `maps` has the shape (pictures, height, width), `masks` the same, with True on the animal. For each picture take the positive part of the map; return the share of it that lies on the animal, **minus** the animal's share of the area: one number for each picture. A map with nothing positive prefers no place: 0.


# %% nbgrader={"grade": false, "grade_id": "excess_on_animal", "locked": false, "schema_version": 3, "solution": true, "task": false}
def excess_on_animal(maps, masks):
    """Return for each picture how much more of the map lies on the animal than an even map would have."""
    ### BEGIN SOLUTION
    excess = np.zeros(len(maps))
    for number, (values, mask) in enumerate(zip(np.maximum(maps, 0), masks)):
        if values.any():
            excess[number] = values[mask].sum() / values.sum() - mask.mean()
    return excess
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_excess_on_animal", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.excess_on_animal(excess_on_animal)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Experiment · Which of the two cheats?
#
# No points, no check. Two companies offer you a network that tells cats from dogs. Both have trained the same layers on drawn animals; you are not told how. (The cell below plays both companies. A coin decides who is A and who is B.)


# %%
def build_small():
    """The small network of lesson 09."""
    inputs = keras.Input((64, 64, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    for number, filters in enumerate((16, 32, 64, 64), start=1):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D(2)(x) if number < 4 else x
        x = layers.BatchNormalization(momentum=0.8)(x)
        x = layers.ReLU(name=f"relu_{number}")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(1)(layers.Dropout(0.3)(x)))


def company(pictures, labels, seed):
    """Train a network."""
    keras.utils.set_random_seed(seed)
    model, epochs = build_small(), course.budget(full=2, reduced=1)
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, epochs * -(-len(labels) // 32))
    model.compile(
        keras.optimizers.Adam(schedule), keras.losses.BinaryCrossentropy(from_logits=True)
    )
    model.fit(
        pictures, labels[:, None].astype("float32"), batch_size=32, epochs=epochs, verbose=0
    )
    return model


# %%
animals = datasets.pets_in_places()
x, y, masks = animals.training
places = np.concatenate([animals.rooms, animals.gardens])
coin, copies = np.random.default_rng(), course.budget(full=6, reduced=1)
made = []
for spread in coin.permutation([True, False]):
    versions = []
    for _copy in range(copies):
        elsewhere = places[coin.integers(len(places), size=len(x))]
        versions.append(np.where(masks[..., None], x, elsewhere) if spread else x)
    made.append(company(np.concatenate(versions), np.tile(y, copies), seed=0))
NETWORKS = dict(zip("AB", made))
for name, model in NETWORKS.items():
    logits = explain.scores_of(model, animals.validation.pictures, dog)
    right = np.mean((logits > 0) == animals.validation.labels)
    print(f"network {name}: {right:.1%} of 120 validation pictures")

# %% [markdown]
# Both are good, and the better one need not be the honest one. Complete `suspicion(model)`: for some validation pictures draw a map for the answer the network *should* give, and return the mean excess on the animal. Choose the method yourself: `explain.occlusion(model, picture, target, size, stride)`, `explain.grad_cam(model, picture, target, "relu_4")`, or one of your own. (`animals.validation.pictures`, `.labels` with 0 for cat, `.masks`.)


# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": false, "schema_version": 3, "solution": true, "task": false}
def suspicion(model):
    """Return the mean excess of a network's maps on the animals."""
    ### BEGIN SOLUTION
    pictures, labels, masks = animals.validation
    count = course.budget(full=30, reduced=4)
    maps = [
        explain.occlusion(model, picture.astype("float32"), (cat, dog)[label], 16, 8)
        for picture, label in zip(pictures[:count], labels[:count])
    ]
    return excess_on_animal(np.array(maps), masks[:count]).mean()
    ### END SOLUTION


# %%
try:
    for name, model in NETWORKS.items():
        print(f"network {name}: {suspicion(model):+.2f}")
except NotImplementedError:
    print("not done yet")

# %% [markdown]
# **Your conclusion** (a few sentences, *before* you run the next cell): which network cheats, on which evidence? How sure are you, and what would you need to be surer? Would a second method have to agree? What would you tell the company, and which pictures would you ask it to collect?
#
# …

# %%
for name, model in NETWORKS.items():
    swapped = animals.swapped
    logits = explain.scores_of(model, swapped.pictures, dog)
    print(
        f"network {name}, cats in gardens and dogs in rooms: {np.mean((logits > 0) == swapped.labels):.1%}"
    )

# %% [markdown]
# ## Your score
#
# What the checks have found so far. Run the cell again after a change.

# %%
checks.score()

# %% [markdown]
# **Going further.** Use your `integrated_gradients` as one more method in section 9 of the lesson: does it pass both checks? Then give it another baseline (black, white, blurred) and see what moves. Solutions: [solutions/solution_09_seeing_inside_a_cnn.ipynb](../solutions/solution_09_seeing_inside_a_cnn.ipynb).
