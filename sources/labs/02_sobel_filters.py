# %% [markdown]
# # Lab 02 · Sobel filters
#
# You steer the Sobel kernel, build an edge detector for photographs, and derive the gradient with which a filter is learned.
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 60 minutes, six points.

# %%
from helpers import course, plots
from helpers.checks import lab_02 as checks

course.start("Lab 02")

# %%
import numpy as np
from skimage import data

from helpers.convolution import correlate2d
from helpers.filters import GAUSSIAN, SOBEL_X, SOBEL_Y

coins = data.coins().astype(float)

# %% [markdown]
# ## Exercise 1 · Sobel in any direction
#
# A mixture of the two Sobel kernels responds to a change in any direction you like: at 0° to the right it is `SOBEL_X`,
# at 90° (downward) it is `SOBEL_Y`, and in between it is $\cos\alpha \cdot$ `SOBEL_X` $+ \sin\alpha \cdot$ `SOBEL_Y`.


# %% nbgrader={"grade": false, "grade_id": "steered_kernel", "locked": false, "schema_version": 3, "solution": true, "task": false}
def steered_kernel(degrees):
    """Return the 3×3 kernel for changes in the direction `degrees`."""
    ### BEGIN SOLUTION
    angle = np.radians(degrees)
    return np.cos(angle) * SOBEL_X + np.sin(angle) * SOBEL_Y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_steered_kernel", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.steered_kernel(steered_kernel)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    angles = [0, 45, 90, 135]
    responses = [correlate2d(coins, steered_kernel(angle))[20:150, 20:150] for angle in angles]
    titles = [f"{angle}°" for angle in angles]
    plots.image_grid(responses, titles, 4, 3, cmap=plots.SIGNED, vmin=-400, vmax=400)
    plots.show(
        "Four signed edge pictures of the coins; the dark side of each rim turns with the angle."
    )

# %% [markdown]
# ## Exercise 2 · Both gradients of a photograph
#
# Return $G_x$ and $G_y$ of an image, without padding. Beware: the image may be `uint8`. (`correlate2d` converts it for you; if
# you write your own sum, you must do so yourself.)


# %% nbgrader={"grade": false, "grade_id": "gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradients(image):
    """Return the pair (gx, gy), each two pixels smaller than the image."""
    ### BEGIN SOLUTION
    return correlate2d(image, SOBEL_X), correlate2d(image, SOBEL_Y)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_gradients", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.gradients(gradients)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 3 · Magnitude and angle
#
# Turn the pair into strength and direction. The angle is in radians, from −π to π, and must tell right from left.


# %% nbgrader={"grade": false, "grade_id": "magnitude_and_angle", "locked": false, "schema_version": 3, "solution": true, "task": false}
def magnitude_and_angle(gx, gy):
    """Return the pair (magnitude, angle)."""
    ### BEGIN SOLUTION
    return np.sqrt(gx**2 + gy**2), np.arctan2(gy, gx)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_magnitude_and_angle", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.magnitude_and_angle(magnitude_and_angle)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 4 · An edge detector
#
# Smooth with `GAUSSIAN`, take both gradients, and return `True` where the magnitude exceeds the threshold. No padding, so the
# result is four pixels smaller than the image in each direction.


# %% nbgrader={"grade": false, "grade_id": "edge_map", "locked": false, "schema_version": 3, "solution": true, "task": false}
def edge_map(image, threshold):
    """Return a boolean array that marks the edges."""
    ### BEGIN SOLUTION
    gx, gy = gradients(correlate2d(image, GAUSSIAN))
    return np.sqrt(gx**2 + gy**2) > threshold
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_edge_map", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.edge_map(edge_map)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    thresholds = [60, 120, 240]
    maps = [~edge_map(coins, threshold) for threshold in thresholds]
    plots.image_grid(maps, [f"threshold {threshold}" for threshold in thresholds], 3, 4)
    plots.show(
        "Three black-on-white edge maps of the coins with thresholds 60, 120 and 240: fewer edges each time."
    )

# %% [markdown]
# ## Exercise 5 · Two passes instead of one
#
# A kernel that is a column times a row can be applied in two cheap passes. Slide the column over the image, then the row over
# the result. `column[:, None]` makes a kernel with one column.


# %% nbgrader={"grade": false, "grade_id": "separable", "locked": false, "schema_version": 3, "solution": true, "task": false}
def separable(image, column, row):
    """Return the same map as with the kernel np.outer(column, row), from two one-dimensional passes."""
    ### BEGIN SOLUTION
    return correlate2d(correlate2d(image, column[:, None]), row[None, :])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_separable", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.separable(separable)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 6 · The gradient that learns a filter
#
# In lesson 02 Keras found Sobel's kernel by gradient descent. Derive the gradient yourself. With the result
# $z_{yx} = \sum_{ij} k_{ij}\, I_{y+i,\,x+j}$, the target $t$, and $n$ results, the loss is
# $L = \frac1n \sum_{yx} (z_{yx} - t_{yx})^2$. Each weight $k_{ij}$ meets the pixel $I_{y+i,\,x+j}$ at position $(y, x)$, so
#
# $$\frac{\partial L}{\partial k_{ij}} = \frac2n \sum_{yx} (z_{yx} - t_{yx})\, I_{y+i,\,x+j}$$
#
# Look at the sum once more: it slides the *error* over the image. You have a function for that.


# %% nbgrader={"grade": false, "grade_id": "kernel_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kernel_gradient(image, kernel, target):
    """Return the derivative of the mean squared error by each weight, in the kernel's shape."""
    ### BEGIN SOLUTION
    error = correlate2d(image, kernel) - target
    return 2 * correlate2d(image, error) / error.size
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_kernel_gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.kernel_gradient(kernel_gradient)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# With your gradient, a few lines of plain NumPy learn the Sobel kernel. The image is random noise here, which makes neighbors
# independent and learning quick.

# %%
if result:
    noise = np.random.default_rng(0).normal(size=(64, 64))
    goal = correlate2d(noise, SOBEL_X)
    kernel = np.zeros((3, 3))
    for _step in range(100):
        kernel = kernel - 0.1 * kernel_gradient(noise, kernel, goal)
    assert np.abs(kernel - SOBEL_X).max() < 0.05
    plots.number_grid(np.round(kernel, 2) + 0.0, "learned", cmap=plots.SIGNED, vmin=-2, vmax=2)
    plots.show(
        "A 3 by 3 grid of learned weights, close to minus 1, 0, 1; minus 2, 0, 2; minus 1, 0, 1."
    )

# %% [markdown]
# ## Your score
#
# What the checks have found so far. Run the cell again after a change.

# %%
checks.score()

# %% [markdown]
# ## Done?
#
# You can now find edges, and you have written the backward pass of a convolution layer. Solutions:
# [solutions/solution_02_sobel_filters.ipynb](../solutions/solution_02_sobel_filters.ipynb).
