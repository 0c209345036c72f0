# %% [markdown]
# # Lab 10 · Fruits: from data to a model
#
# You write another fingerprint, find out where a split leaks, measure calibration with other bins, find a temperature by halving, refuse what is unknown, and see what a refusal is worth. At the end you write an error analysis.
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 75 minutes, six points and an error analysis. All of it is NumPy.

# %%
from helpers import course, datasets, plots
from helpers.checks import lab_10 as checks

course.start("Lab 10")

# %%
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image


def read(folder, most=60):
    """Return up to so many pictures of each class, and their class numbers."""
    pictures, labels = [], []
    for number, kind in enumerate(sorted(each for each in folder.iterdir() if each.is_dir())):
        for file in sorted(kind.iterdir())[:most]:
            pictures.append(np.array(Image.open(file).convert("RGB").resize((100, 100))))
            labels.append(number)
    return np.array(pictures), np.array(labels)


# %% [markdown]
# ## Exercise 1 · Another fingerprint
#
# The **average hash** is older than the difference hash, and simpler. Shrink the gray picture to 8×8 blocks, each the mean of its pixels. A block's answer is True where it is brighter than the *mean of the 64 blocks*.
#
# `picture` is gray, shape (height, width). If the sides do not divide by 8, cut as `np.array_split` does: `np.array_split(picture, 8, axis=0)` gives eight bands. Return 64 answers, row by row.


# %% nbgrader={"grade": false, "grade_id": "average_hash", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_hash(picture):
    """Return 64 times True or False."""
    ### BEGIN SOLUTION
    small = np.empty((8, 8))
    for row, band in enumerate(np.array_split(picture, 8, axis=0)):
        for column, block in enumerate(np.array_split(band, 8, axis=1)):
            small[row, column] = block.mean()
    return (small > small.mean()).ravel()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_average_hash", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.average_hash(average_hash)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# How well does it tell films apart? The frames of the team in the lesson, two by two: the same film, or another kind of fruit.

# %%
if result:
    team = datasets.turntable_fruits()
    frames, kinds = read(team.path)
    codes = np.array([average_hash(picture.mean(axis=2)) for picture in frames])
    apart = (codes[:, None] != codes[None]).sum(axis=2)
    other_kind = kinds[:, None] != kinds[None]
    nearest = np.where(other_kind | np.eye(len(codes), dtype=bool), 99, apart).min(axis=1)
    plt.figure(figsize=(9, 4), layout="constrained")
    edges = np.arange(-0.5, 50)
    style = {"density": True, "alpha": 0.75}
    plt.hist(apart[other_kind], edges, color="C1", label="pairs of different kinds", **style)
    plt.hist(nearest, edges, color="C0", hatch="//", label="nearest of the same kind", **style)
    plt.xlabel("average hash: bits that differ")
    plt.ylabel("share of pairs")
    plt.legend()
    plots.show(
        "Two histograms of the distances between average hashes: the nearest of the same kind within a few bits, pairs of different kinds spread from a few bits to about fifty."
    )
    least, close = apart[other_kind].min(), np.mean(apart[other_kind] <= 8)
    print(
        f"different kinds: at least {least} bits apart, {close:.2%} of the pairs within 8 bits"
    )

# %% [markdown]
# The lesson's hash brought 2 of 81,648 such pairs within 8 bits. Which of the two would you trust more? Two different fruits in the middle of pale ground: why are their codes similar here?

# %% [markdown]
# ## Exercise 2 · Where does it leak?
#
# Somebody hands you a split: `group` holds a number for each picture (which film it is from), `in_test` is True for the pictures of the test. Mark **all pictures of every group that is on both sides**: those in the test and those in the training set. Return True or False for each picture.
#
# `np.intersect1d(a, b)` gives what is in both lists, `np.isin(a, b)` says for each entry of `a` whether it is in `b`.


# %% nbgrader={"grade": false, "grade_id": "leaks", "locked": false, "schema_version": 3, "solution": true, "task": false}
def leaks(group, in_test):
    """Return True for the pictures whose group is on both sides."""
    ### BEGIN SOLUTION
    both = np.intersect1d(group[in_test], group[~in_test])
    return np.isin(group, both)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_leaks", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.leaks(leaks)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# How bad is the team's split, and how much of the test is left if you throw out what leaks?

# %%
if result:
    film_of = datasets.films()
    film = np.array(list(film_of.values()))
    in_test = np.array([name.startswith("Test") for name in film_of])
    bad = leaks(film, in_test)
    print(
        f"{bad[in_test].mean():.1%} of {in_test.sum()} test pictures have kin in the training set"
    )
    print(f"test pictures left without them: {np.sum(in_test & ~bad)}")

# %% [markdown]
# ## Exercise 3 · Bins that are equally full
#
# The lesson's bins are equally *wide*. Most answers of a good network are very sure, so its last bin holds nearly all of them, and the first bins hold a handful. Make bins with equally many answers instead:
#
# 1. sort the answers by `confidence` (and `right`, True or False, in the same order: `np.argsort`),
# 2. cut them into `bins` parts with `np.array_split`,
# 3. in each part take the gap |mean confidence − share right|, weigh it by the part's share of all answers, and add up.


# %% nbgrader={"grade": false, "grade_id": "even_calibration_error", "locked": false, "schema_version": 3, "solution": true, "task": false}
def even_calibration_error(confidence, right, bins):
    """Return the calibration error with equally full bins, one number."""
    ### BEGIN SOLUTION
    order = np.argsort(confidence)
    error = 0.0
    for part in np.array_split(order, bins):
        gap = np.abs(confidence[part].mean() - right[part].mean())
        error += gap * len(part) / len(confidence)
    return error
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_even_calibration_error", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.even_calibration_error(even_calibration_error)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 4 · The temperature, by halving
#
# The lesson found the temperature by small steps downhill. There is a quicker way. The slope
#
# $$\text{mean of } \Big(\sum_j p_j z_j - z_c\Big), \qquad p = \text{softmax}(z / T)$$
#
# falls as $T$ rises, and it is 0 at the best temperature. While it is positive, the network expects too much, and $T$ must rise. So keep an interval, beginning with 0.05 to 20. Take its middle on a logarithmic scale, `np.sqrt(low * high)`. If the slope is positive there, go on with the upper half, otherwise with the lower half. Sixty halvings are plenty.
#
# `logits` has one row for each answer, `labels` the right classes. Logits of 900 must not overflow, at *any* temperature of the interval.


# %% nbgrader={"grade": false, "grade_id": "temperature_by_halving", "locked": false, "schema_version": 3, "solution": true, "task": false}
def temperature_by_halving(logits, labels):
    """Return the temperature between 0.05 and 20 with the smallest loss."""
    ### BEGIN SOLUTION
    low, high = 0.05, 20.0
    for _step in range(60):
        middle = np.sqrt(low * high)
        scaled = logits / middle
        p = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        slope = np.mean((p * logits).sum(axis=1) - logits[np.arange(len(labels)), labels])
        if slope > 0:
            low = middle
        else:
            high = middle
    return np.sqrt(low * high)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_temperature_by_halving", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.temperature_by_halving(temperature_by_halving)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Now something to calibrate. This classifier counts colors: a **histogram** with 4 steps for each of red, green and blue has 64 numbers. Its logit for a kind is minus ten times the squared distance to the mean histogram of that kind. Why ten? No reason. Such a number has no natural scale, so its softmax means nothing, until a temperature gives it one.

# %%
fruits = datasets.fruits()
x_known, y_known = read(fruits.path)
x_test, y_test = read(fruits.test_path)


def histograms(pictures):
    """Return the shares of 64 colors in the middle of each picture."""
    steps = pictures[:, 20:80, 20:80].reshape(len(pictures), -1, 3) // 64
    codes = steps @ np.array([16, 4, 1])
    return np.array([np.bincount(row, minlength=64) / len(row) for row in codes])


even = np.arange(len(y_known)) % 2 == 0  # one half to learn from, one half for the temperature
h_known, h_test = histograms(x_known), histograms(x_test)
means = np.array([h_known[even & (y_known == kind)].mean(axis=0) for kind in range(8)])
z_validation = -10 * ((h_known[~even, None] - means) ** 2).sum(axis=2)
z_test = -10 * ((h_test[:, None] - means) ** 2).sum(axis=2)
y_validation = y_known[~even]
print(
    f"colors alone: {np.mean(z_test.argmax(axis=1) == y_test):.0%} of {len(y_test)} test pictures right"
)

# %%
if result:
    T = temperature_by_halving(z_validation, y_validation)
    print(f"temperature: {T:.4f}")
    for name, t in (("T = 1", 1), ("T by halving", T)):
        p = np.exp(z_test / t)
        p /= p.sum(axis=1, keepdims=True)
        sure, share = p.max(axis=1).mean(), np.mean(p.argmax(axis=1) == y_test)
        print(f"{name:13} {sure:.0%} sure on average, {share:.0%} right")

# %% [markdown]
# ## Exercise 5 · Name it, or refuse
#
# Put the parts together. `logits` has one row for each picture, `familiarity` one number for each. Return two arrays:
#
# - the class numbers, −1 where the familiarity is *below* `least`,
# - the probabilities of these classes at this `temperature`, 0 where you refuse.


# %% nbgrader={"grade": false, "grade_id": "answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def answer(logits, familiarity, temperature, least):
    """Return class numbers (or -1) and probabilities (or 0)."""
    ### BEGIN SOLUTION
    scaled = logits / temperature
    p = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    known = familiarity >= least
    return np.where(known, p.argmax(axis=1), -1), np.where(known, p.max(axis=1), 0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_answer", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.answer(answer)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 6 · What a refusal is worth
#
# A scale may also hand over to a human where it is unsure. Give answers only where you are surest: how accurate are they then? Sort by `confidence`, the surest first. After the first $k$ answers, the **coverage** is $k / n$, and the accuracy is the share that is right among these $k$. Return both as arrays, for $k$ = 1 to $n$. (`np.cumsum` adds up along the way.)


# %% nbgrader={"grade": false, "grade_id": "coverage_curve", "locked": false, "schema_version": 3, "solution": true, "task": false}
def coverage_curve(confidence, right):
    """Return the coverages and the accuracies, two arrays."""
    ### BEGIN SOLUTION
    order = np.argsort(-confidence)
    count = np.arange(1, len(right) + 1)
    return count / len(right), np.cumsum(right[order]) / count
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_coverage_curve", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.coverage_curve(coverage_curve)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    p = np.exp((z_test - z_test.max(axis=1, keepdims=True)) / 0.2)
    p /= p.sum(axis=1, keepdims=True)
    coverage, accuracy = coverage_curve(p.max(axis=1), p.argmax(axis=1) == y_test)
    plt.figure(figsize=(8, 4.2), layout="constrained")
    plt.plot(100 * coverage, 100 * accuracy)
    plt.axhline(100 * accuracy[-1], color="0.4", linestyle="--", label="everything answered")
    plt.xlabel("coverage: answers given (%)")
    plt.ylabel("right among them (%)")
    plt.legend()
    plots.show(
        "A curve of accuracy against coverage for the classifier that counts colors, with a dashed line at the accuracy of all answers, which the curve reaches at its right end."
    )

# %% [markdown]
# How many answers would a human have to give so that the machine's part is 80 % right? Why is the left end of the curve so rough?
#
# ## Error analysis · What makes a picture hard?
#
# No points, no check. Here are eight mistakes of the classifier that counts colors. Look at them, then write down a **suspicion**: what do hard pictures have in common? It must be something that a program can measure *without knowing the right answer*.

# %%
wrong = np.flatnonzero(z_test.argmax(axis=1) != y_test)
shown = wrong[:: max(1, len(wrong) // 8)][:8]
titles = [f"{fruits.classes[y_test[n]]}: “{fruits.classes[z_test[n].argmax()]}”" for n in shown]
axes = plots.image_grid(list(x_test[shown]), titles, columns=4, cell=3)
plots.show(
    "Eight fruits that the classifier by colors has named wrongly, with the true kind and the answer."
)

# %% [markdown]
# Complete `suspicion`: it returns True for the pictures that you suspect to be hard. The cell below compares the error rates of both parts, each with its standard error. **Predict** the two numbers first.


# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": false, "schema_version": 3, "solution": true, "task": false}
def suspicion(pictures):
    """Return True for the pictures (n, 100, 100, 3) that you suspect to be hard."""
    ### BEGIN SOLUTION
    return (
        pictures[:, 20:80, 20:80].mean(axis=(1, 2, 3)) > 150
    )  # pale ground where colors are counted
    ### END SOLUTION


# %%
try:
    suspected = suspicion(x_test)
    bad = z_test.argmax(axis=1) != y_test
    for name, part in (("suspected", suspected), ("others", ~suspected)):
        rate, count = bad[part].mean(), part.sum()
        print(
            f"{name:9} {count:4} pictures, {rate:.0%} ± {np.sqrt(rate * (1 - rate) / count):.0%} wrong"
        )
except NotImplementedError:
    print("not done yet")

# %% [markdown]
# **Your error analysis** (about ten sentences). Which suspicion did you have, and what made you think of it? What did you measure, on how many pictures? Is the difference larger than twice its standard error? You have looked at *test* pictures to form the suspicion and tested it on the same ones: what is wrong with that, and on which pictures should you test it? What would you do next: more pictures of which kind, another feature, a refusal?
#
# …

# %% [markdown]
# ## Your score
#
# What the checks have found so far. Run the cell again after a change.

# %%
checks.score()

# %% [markdown]
# **Going further.** Put your `average_hash` into sections 3 and 4 of the lesson, choose its threshold by the same rule, and compare the groups with the films. Solutions: [solutions/solution_10_fruits.ipynb](../solutions/solution_10_fruits.ipynb).
