# %% [markdown]
# # Lab 00 · Neural networks from zero
#
# You write the parts of a network yourself, in plain NumPy, each with a twist that lesson 00 does not have. At the end you find out how often gradient descent finds what you find by thought.
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 60 minutes, six points and an experiment.

# %%
from helpers import course, plots
from helpers.checks import lab_00 as checks

course.start("Lab 00")

# %%
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown]
# ## Exercise 1 · Softmax with a temperature
#
# Divide all scores by a number $T$, the **temperature**, then take softmax. $T = 1$ changes nothing. A high temperature makes the probabilities more equal, a low one makes the largest win.
# Language models are steered with it.
#
# `scores` is a matrix with one example in each row. Scores of ±1000 must not overflow. (`axis=1, keepdims=True` gives one number for each row, as a column.)


# %% nbgrader={"grade": false, "grade_id": "tempered_softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tempered_softmax(scores, temperature):
    """Return a matrix of probabilities; each row adds up to 1."""
    ### BEGIN SOLUTION
    scaled = scores / temperature
    exponentials = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_tempered_softmax", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.tempered_softmax(tempered_softmax)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# The scores 2, 1 and 0.1 of the lesson at three temperatures. (Until the exercise is done, nothing is drawn.)

# %%
if result:
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.4), sharey=True, layout="constrained")
    for axis, temperature in zip(axes, (0.3, 1, 5)):
        p = tempered_softmax(np.array([[2, 1, 0.1]]), temperature)[0]
        axis.bar_label(axis.bar([0, 1, 2], p), [f"{value:.2f}" for value in p])
        axis.set(
            title=f"temperature {temperature}", xticks=[0, 1, 2], ylim=(0, 1.12), xlabel="class"
        )
    axes[0].set_ylabel("probability")
    plots.show(
        "Three bar charts of the same three scores: at a low temperature the first class takes nearly all, at a high one the three bars are almost equal."
    )

# %% [markdown]
# ## Exercise 2 · The loss, straight from the scores
#
# In floating-point numbers a probability can become exactly 0, and $-\log 0$ is infinite. Algebra helps: put softmax into the loss and simplify *before* you compute.
#
# $$L = -\log \frac{e^{s_c}}{\sum_j e^{s_j}} = -s_c + \log \sum_j e^{s_j}$$
#
# Here $c$ is the right class. `labels` holds one class number for each row of `scores`. Return the mean loss over the rows. For the scores (1000, 0), with class 1 right, the loss is 1000, not infinite. (How do you keep $e^{1000}$ away? Remember what softmax did. And `scores[np.arange(len(labels)), labels]` picks from each row the score of its class.)


# %% nbgrader={"grade": false, "grade_id": "loss_from_scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def loss_from_scores(scores, labels):
    """Return the mean cross-entropy, one number."""
    ### BEGIN SOLUTION
    shifted = scores - scores.max(axis=1, keepdims=True)
    right = shifted[np.arange(len(labels)), labels]
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - right)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_loss_from_scores", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.loss_from_scores(loss_from_scores)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 3 · A gradient by hand
#
# One neuron with another activation and another loss: $a = \tanh(z)$ with $z = x \cdot w + b$, and $L = (a - y)^2$. Three rates multiply:
#
# - how fast $L$ rises with $a$: a square has the slope $2\,(a - y)$,
# - how fast $a$ rises with $z$: tanh has the slope $1 - a^2$,
# - how fast $z$ rises with each weight, and with the bias.
#
# `x` and `w` are vectors, `b` and `y` are numbers. Return $\frac{\partial L}{\partial w}$, a vector, and $\frac{\partial L}{\partial b}$, a number.


# %% nbgrader={"grade": false, "grade_id": "tanh_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tanh_gradient(x, w, b, y):
    """Return the slopes of the loss by the weights and by the bias."""
    ### BEGIN SOLUTION
    a = np.tanh(x @ w + b)
    slope_z = 2 * (a - y) * (1 - a**2)
    return slope_z * x, slope_z
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_tanh_gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.tanh_gradient(tanh_gradient)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Whenever you have written a gradient, nudge and compare. You can do that without any library:

# %%
if result:
    x, w, b, y = np.array([0.5, -1.0]), np.array([0.3, 0.8]), 0.2, 1.0
    loss = lambda weights: (np.tanh(x @ weights + b) - y) ** 2  # noqa: E731
    nudged = [(loss(w + step) - loss(w)) / 1e-6 for step in 1e-6 * np.eye(2)]
    print("yours:", tanh_gradient(x, w, b, y)[0].round(4), "  nudged:", np.round(nudged, 4))

# %% [markdown]
# ## Exercise 4 · One step downhill
#
# A neuron with no activation at all predicts a number, for example a price: $\hat y = x \cdot w + b$. The loss is the mean of $(\hat y - y)^2$ over all examples. `x` has one example in each row, `y` one number for each. Make **one** step of gradient descent and return the new weights and the new bias.


# %% nbgrader={"grade": false, "grade_id": "descent_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def descent_step(x, y, w, b, rate):
    """Return the weights and the bias after one step."""
    ### BEGIN SOLUTION
    error = x @ w + b - y
    return w - rate * 2 * x.T @ error / len(x), b - rate * 2 * error.mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_descent_step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.descent_step(descent_step)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Many of your steps fit a line through points. The points were made with slope 1.5 and height 0.5, and some noise.

# %%
if result:
    random = np.random.default_rng(0)
    x = random.uniform(-2, 2, size=(40, 1))
    y = 1.5 * x[:, 0] + 0.5 + random.normal(scale=0.4, size=40)
    w, b = np.zeros(1), 0.0
    plt.figure(figsize=(8, 4.2), layout="constrained")
    for step, line in zip((0, 1, 3, 30), plots.LINE_STYLES):
        ws, bs = w.copy(), b
        for _step in range(step):
            ws, bs = descent_step(x, y, ws, bs, 0.1)
        ends = np.array([-2, 2])
        plt.plot(ends, ws[0] * ends + bs, line, label=f"{step} steps: slope {ws[0]:.2f}")
    plt.plot(x, y, "o", color="0.5")
    plt.xlabel("x")
    plt.ylabel("y")
    plt.legend()
    plots.show(
        "Forty points along a rising line, and four lines: flat before the first step, and closer to the points after 1, 3 and 30 steps."
    )

# %% [markdown]
# ## Exercise 5 · Cut into folds
#
# For k-fold cross-validation, cut the indices 0 to `count - 1` into `k` blocks of neighbors. If the division leaves a rest, each of the *first* folds has one more: 10 examples in 4 folds are 3, 3, 2 and 2. Return two arrays for fold `number` (counted from 0): the indices to **train** on, and those **in the fold**, both in rising order. `np.arange`, slices and `np.concatenate` are enough.


# %% nbgrader={"grade": false, "grade_id": "fold", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fold(count, k, number):
    """Return the indices for training and those of the fold."""
    ### BEGIN SOLUTION
    size, rest = count // k, count % k
    begin = number * size + min(number, rest)
    end = begin + size + (1 if number < rest else 0)
    indices = np.arange(count)
    return np.concatenate([indices[:begin], indices[end:]]), indices[begin:end]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_fold", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.fold(fold)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 6 · Weights by thought
#
# Three inputs, each 0 or 1. The network should say yes, with an output above 0.5, if **exactly one** of them is 1. Two hidden neurons with ReLU are enough:
#
# $$h = \text{ReLU}(x W_1 + b_1) \qquad \text{output} = h \cdot W_2 + b_2$$
#
# Find the weights with a pencil and return `W1` of shape (3, 2), `b1` of shape (2,), `W2` of shape (2,), and the number `b2`. Begin with what each hidden neuron should count.


# %% nbgrader={"grade": false, "grade_id": "exactly_one", "locked": false, "schema_version": 3, "solution": true, "task": false}
def exactly_one():
    """Return W1, b1, W2, b2."""
    ### BEGIN SOLUTION
    W1 = np.ones((3, 2))  # both count the ones
    b1 = np.array([0, -1])  # the second begins to count at the second one
    W2 = np.array([1, -2])  # up to the first one, then down again
    return W1, b1, W2, 0
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_exactly_one", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.exactly_one(exactly_one)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Experiment · Does gradient descent find it?
#
# No points, no check. Two hidden neurons *can* solve XOR; in the lesson you saw weights that do. But does gradient descent find such weights from a random start, and would more neurons than needed help?
#
# `solves_xor(hidden, seed)` trains one network and says whether all four answers are right in the end. Complete `share_solved(hidden)`: the share of the seeds 0 to `STARTS - 1` that succeed. **Before you run it, predict** the share for 2 hidden neurons, and for 16.

# %%
STARTS = course.budget(full=100, reduced=5)
corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
xor = np.array([0, 1, 1, 0])


# %%
def solves_xor(hidden, seed, steps=2000, rate=0.3):
    """Train a network with random start on XOR; return whether all four answers are right."""
    random = np.random.default_rng(seed)
    W1, b1 = random.normal(size=(2, hidden)), np.zeros(hidden)
    W2, b2 = random.normal(size=hidden) / np.sqrt(hidden), 0.0
    for _step in range(steps):
        z = corners @ W1 + b1
        h = np.maximum(z, 0)
        p = 1 / (1 + np.exp(-(h @ W2 + b2)))
        slope_s = (p - xor) / 4
        slope_z = np.outer(slope_s, W2) * (z > 0)
        W1, b1 = W1 - rate * corners.T @ slope_z, b1 - rate * slope_z.sum(axis=0)
        W2, b2 = W2 - rate * h.T @ slope_s, b2 - rate * slope_s.sum()
    return bool(np.all((p > 0.5) == xor))


# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": false, "schema_version": 3, "solution": true, "task": false}
def share_solved(hidden):
    """Return the share of random starts that end with all four answers right."""
    ### BEGIN SOLUTION
    return np.mean([solves_xor(hidden, seed) for seed in range(STARTS)])
    ### END SOLUTION


# %%
try:
    for hidden in (2, 3, 4, 8, 16):
        share = share_solved(hidden)
        error = np.sqrt(share * (1 - share) / STARTS)
        print(
            f"{hidden:2} hidden neurons: {share:4.0%} ± {error:.0%} of {STARTS} starts solve XOR"
        )
except NotImplementedError:
    print("not done yet")

# %% [markdown]
# **Your conclusion** (a few sentences): what does "a network *can* represent it" not promise? What may have happened to a neuron whose $z$ is negative for all four inputs? (What is its slope?) Why do more neurons help although two are enough? Which differences are larger than twice their standard error? (Errors of a difference add as squares: √(5² + 4²) ≈ 6. And "100 % ± 0" is no certainty: the formula fails at 0 and 1.) What else could you change to raise the share for 2 neurons?
#
# …

# %% [markdown]
# ## Your score
#
# What the checks have found so far. Run the cell again after a change.

# %%
checks.score()

# %% [markdown]
# **Going further.** Write weights for "an odd number of the three inputs is 1". How many hidden neurons do you need? Then put your `fold` into section 9 of the lesson. Solutions: [solutions/solution_00_neural_networks_from_zero.ipynb](../solutions/solution_00_neural_networks_from_zero.ipynb).
