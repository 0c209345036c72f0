# %% [markdown]
# # Lab 02 · Sobel filters
#
# You steer Sobel's kernel, read directions, recover a lost kernel, make edges one pixel thin in two ways, and derive the gradient behind a ReLU.
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 60 minutes, six points.

# %%
from helpers import course, filters, plots
from helpers.checks import lab_02 as checks

course.start("Lab 02")

# %%
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage
from skimage import data

from helpers.convolution import correlate2d
from helpers.filters import LAPLACIAN, SOBEL_X, SOBEL_Y

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
        "Four signed edge pictures of the coins; the purple side of each rim turns clockwise with the angle."
    )

# %% [markdown]
# ## Exercise 2 · Strength and compass
#
# For each pixel of a gray image, return how strong the change is and where it becomes brighter. This time with the angle of a mathematics book:
# in **degrees**, 0° to the right, 90° **up**, 180° to the left, 270° down, from 0 to below 360. No padding, so both arrays are two pixels smaller than the image. Beware: the image may be `uint8`.
# (`correlate2d` converts it; if you write your own difference, you must do so yourself.)


# %% nbgrader={"grade": false, "grade_id": "compass", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compass(image):
    """Return the pair (magnitude, angle in degrees, counterclockwise from the right)."""
    ### BEGIN SOLUTION
    gx, gy = correlate2d(image, SOBEL_X), correlate2d(image, SOBEL_Y)
    angle = np.degrees(np.arctan2(-gy, gx)) % 360
    return np.sqrt(gx**2 + gy**2), angle
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_compass", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.compass(compass)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 3 · The lost kernel
#
# Somebody has filtered a picture with an unknown kernel and added an unknown **bias** to every result. You have the picture, the result (no padding) and the kernel's
# shape, for example `(2, 4)`. Recover both. In lesson 02 there was no bias; with one, each window gives the equation $x_1k_1 + … + x_mk_m + 1 \cdot \text{bias} = y$. So what is the matrix now?
#
# `sliding_window_view(image, shape)` gives all windows, as an array of shape (rows, columns, kernel height, kernel width).


# %% nbgrader={"grade": false, "grade_id": "lost_kernel", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lost_kernel(image, result, shape):
    """Return the pair (kernel, bias)."""
    ### BEGIN SOLUTION
    windows = sliding_window_view(image, shape).reshape(result.size, -1)
    matrix = np.column_stack([windows, np.ones(result.size)])
    solution = np.linalg.lstsq(matrix, result.ravel(), rcond=None)[0]
    return solution[:-1].reshape(shape), solution[-1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_lost_kernel", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.lost_kernel(lost_kernel)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Try it on something that no kernel computes. A **median filter** replaces each pixel by the middle one of its nine neighbors. That is not linear. Which kernel comes closest to it?

# %%
if result:
    median = ndimage.median_filter(coins, size=3)[1:-1, 1:-1]
    kernel, bias = lost_kernel(coins, median, (3, 3))
    rest = np.mean((correlate2d(coins, kernel) + bias - median) ** 2) / median.var()
    print(f"the linear filter leaves {rest:.4f} of the median's variance unexplained")
    plots.number_grid(kernel.round(2), "closest", cmap=plots.SIGNED, vmin=-0.3, vmax=0.3)
    plots.show("A 3 by 3 grid of weights, all positive, the largest in the middle: a blur.")

# %% [markdown]
# ## Exercise 4 · Thin edges
#
# Sobel's edges are several pixels thick. **Non-maximum suppression** keeps only the ridge. Do it along the rows: a pixel keeps its value if it is **larger than its left neighbor and at least as
# large as its right one**; all others become 0. (So of two equal neighbors, the left one stays.) The first and the last pixel of a row have only one neighbor to compare with.


# %% nbgrader={"grade": false, "grade_id": "thin_edges", "locked": false, "schema_version": 3, "solution": true, "task": false}
def thin_edges(strength):
    """Return the array with all but the peaks of each row set to 0."""
    ### BEGIN SOLUTION
    wide = np.pad(strength, ((0, 0), (1, 1)), constant_values=-np.inf)
    peaks = (strength > wide[:, :-2]) & (strength >= wide[:, 2:])
    return np.where(peaks, strength, 0.0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_thin_edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.thin_edges(thin_edges)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    strength = np.abs(filters.sobel(ndimage.gaussian_filter(coins, 1.5)).gx)[20:150, 20:150]
    pair = [np.minimum(strength, 150), np.minimum(thin_edges(strength), 150)]
    plots.image_grid(pair, ["strength of $G_x$", "thin"], 2, 4)
    plots.show(
        "The left and right rims of the coins, twice: as thick bands in the first picture, as lines one pixel wide in the second."
    )

# %% [markdown]
# ## Exercise 5 · Zero crossings
#
# Another way to thin edges uses the **second** derivative. On the way up an edge the slope first grows, then shrinks again; so the second derivative is first positive, then negative, and the edge is where it changes its sign.
# The kernel `LAPLACIAN` measures it: the four neighbors, minus four times the middle.
#
# Return `True` where the Laplacian (without padding) and that of the pixel to the **right**, or that of the pixel **below**, have opposite signs, one positive and one negative. Leave out the last row
# and the last column, which have no such neighbor: the result is three pixels smaller than the image. Hint: what is the sign of a product?


# %% nbgrader={"grade": false, "grade_id": "zero_crossings", "locked": false, "schema_version": 3, "solution": true, "task": false}
def zero_crossings(image):
    """Return a boolean array that marks the sign changes of the Laplacian."""
    ### BEGIN SOLUTION
    second = correlate2d(image, LAPLACIAN)
    here, right, below = second[:-1, :-1], second[:-1, 1:], second[1:, :-1]
    return (here * right < 0) | (here * below < 0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_zero_crossings", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.zero_crossings(zero_crossings)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    sigmas = [1, 3, 5]
    maps = [~zero_crossings(ndimage.gaussian_filter(coins, sigma)) for sigma in sigmas]
    plots.image_grid(maps, [f"smoothed with σ = {sigma}" for sigma in sigmas], 3, 4.2)
    plots.show(
        "Three maps of thin black lines on white: a dense tangle after little smoothing, then fewer lines, with a closed one around nearly every coin and some others."
    )

# %% [markdown]
# There is no threshold, so noise draws lines, too. Combine both ideas: keep only crossings where Sobel's magnitude is large.

# %% [markdown]
# ## Exercise 6 · The gradient behind a ReLU
#
# In lesson 02 the gradient of one filter behind a ReLU was $\frac2n X^\top(\text{error} \cdot [z > 0])$, with all windows in a large matrix. Derive it without the matrix. Let
# $z_{yx} = \sum_{ij} k_{ij}\, I_{y+i,\,x+j}$ be the result of the filter, $t$ the target, $n$ the number of results, and
#
# $$L = \frac1n \sum_{yx} \big(\max(0, z_{yx}) - t_{yx}\big)^2 \qquad
#   \frac{\partial L}{\partial k_{ij}} = \frac2n \sum_{yx} \big(\max(0, z_{yx}) - t_{yx}\big)\,[z_{yx} > 0]\; I_{y+i,\,x+j}$$
#
# Look at the second sum once more: something is slid over the image. You have a function for that.


# %% nbgrader={"grade": false, "grade_id": "kernel_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kernel_gradient(image, kernel, target):
    """Return the derivative of the loss by each weight, in the kernel's shape."""
    ### BEGIN SOLUTION
    z = correlate2d(image, kernel)
    error = (np.maximum(z, 0) - target) * (z > 0)
    return 2 * correlate2d(image, error) / error.size
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_kernel_gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.kernel_gradient(kernel_gradient)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# With your gradient, a few lines of plain NumPy learn a filter for *rising* edges only, $\max(0, G_x)$. The image is random noise, which makes neighbors
# independent and learning quick. Then start at all zeros instead of random weights. **Predict:** what happens, and why?
#
# <details><summary>Answer</summary>
#
# Nothing: the weights stay zero for ever. With a kernel of zeros every $z$ is 0, so $[z > 0]$ is 0 everywhere, and so is the gradient. A ReLU that never answers never learns; it is called *dead*. Random weights prevent it.
#
# </details>

# %%
if result:
    random = np.random.default_rng(0)
    noise = random.normal(size=(64, 64))
    goal = np.maximum(correlate2d(noise, SOBEL_X), 0)
    kernel = random.normal(scale=0.3, size=(3, 3))
    for _step in range(300):
        kernel = kernel - 0.1 * kernel_gradient(noise, kernel, goal)
    print(f"largest distance from Sobel's weights: {np.abs(kernel - SOBEL_X).max():.3f}")
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
# You have found edges in three ways, recovered a kernel from its results, and derived the gradient by the weights of one filter behind a ReLU. What is missing for a network of several layers, the gradient by the *input*, comes in lesson 03. Solutions:
# [solutions/solution_02_sobel_filters.ipynb](../solutions/solution_02_sobel_filters.ipynb).
