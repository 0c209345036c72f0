# %% [markdown]
# # Lab 01 · Convolution by hand
#
# You fill in a matrix with a pencil, then write everything a convolution layer does, in plain NumPy.
#
# **How it works.** Write your code where it says `# YOUR CODE HERE`, in place of the line below it, and run the cell. Then run the check below
# it: it says "correct", or what kind of mistake it sees. Try as often as you like. Exercises you have not done yet do not
# stop the page. **Time:** about 75 minutes, seven points.

# %%
from helpers import course, plots
from helpers.checks import lab_01 as checks

course.start("Lab 01")

# %%
import numpy as np
from skimage import data

scrap = np.array(
    [
        [0, 0, 0, 0],
        [0, 219, 253, 247],
        [0, 0, 190, 0],
        [0, 0, 0, 93],
        [0, 0, 221, 253],
        [136, 212, 0, 0],
    ]
)
photo = data.camera().astype(float)

# %% [markdown]
# ## Exercise 1 · Fill in the matrix
#
# The kernel has the columns 1, 0 and −1. Slide it over the scrap without padding and without a flip. **Use a pencil**, then
# type your 4×2 numbers. (The first window sums the left column, minus the right column.)

# %%
vertical = np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]])
axis = plots.number_grid(
    scrap, "first window", window=(0, 0, 3, 3), cmap="gray", vmin=0, vmax=255
)
plots.show("The 6 by 4 scrap of lesson 01 with the first 3 by 3 window framed at the top left.")


# %% nbgrader={"grade": false, "grade_id": "complete_matrix", "locked": false, "schema_version": 3, "solution": true, "task": false}
def complete_matrix():
    """Return the 4×2 matrix that you have filled in by hand."""
    ### BEGIN SOLUTION
    return np.array([[-443, -28], [-443, -121], [-411, -346], [-85, -134]])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_complete_matrix", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.complete_matrix(complete_matrix)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 2 · The shape of the result
#
# Write the size formula for both axes. Shapes are (height, width); stride and padding are the same along both.


# %% nbgrader={"grade": false, "grade_id": "output_shape", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_shape(image_shape, kernel_shape, stride, padding):
    """Return (rows, columns) of the result."""
    ### BEGIN SOLUTION
    rows = (image_shape[0] - kernel_shape[0] + 2 * padding) // stride + 1
    columns = (image_shape[1] - kernel_shape[1] + 2 * padding) // stride + 1
    return rows, columns
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_output_shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.output_shape(output_shape)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 3 · A window with gaps
#
# Slide a kernel whose weights lie `dilation` pixels apart: with a dilation of 1 it is the usual kernel; with 2, every second pixel of the window is skipped. Stride 1, no padding, no flip. The kernel need not be square.
#
# How many pixels does the window span along each axis? Work that out first; the size of the result follows from it. There are two good ways to write it: stretch the kernel with zeros, or cut windows with a step.


# %% nbgrader={"grade": false, "grade_id": "dilated_correlate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dilated_correlate(image, kernel, dilation):
    """Slide `kernel`, with gaps between its weights, over `image` and return the map."""
    ### BEGIN SOLUTION
    height = dilation * (kernel.shape[0] - 1) + 1
    width = dilation * (kernel.shape[1] - 1) + 1
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    result = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            window = image[row : row + height : dilation, column : column + width : dilation]
            result[row, column] = np.sum(window * kernel)
    return result
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_dilated_correlate", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
dilated_result = result = checks.dilated_correlate(dilated_correlate)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# See your function at work on a photograph. (Until it is done, nothing is drawn.)

# %%
if result:
    detail = photo[80:220, 150:310]
    edges = [np.abs(dilated_correlate(detail, vertical, dilation)) for dilation in (1, 6)]
    plots.image_grid([detail, *edges], ["photograph", "dilation 1", "dilation 6"], 3, 4)
    plots.show(
        "A detail of the cameraman and its vertical edges, found with your function: fine lines with dilation 1, broad double lines with dilation 6."
    )

# %% [markdown]
# ## Exercise 4 · Stride and padding
#
# Now without gaps: add `padding` rows and columns of zeros on all four sides, and move by `stride` pixels in both directions.
# Your function from exercise 3 may help, and so may `np.pad`.


# %% nbgrader={"grade": false, "grade_id": "strided_correlate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def strided_correlate(image, kernel, stride, padding):
    """Slide `kernel` over the zero-padded `image` in steps of `stride`."""
    ### BEGIN SOLUTION
    padded = np.pad(image, padding)
    return dilated_correlate(padded, kernel, 1)[::stride, ::stride]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_strided_correlate", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.strided_correlate(strided_correlate)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5 · Max pooling
#
# Cut the image into tiles of `size` × `size` and keep the largest value of each. Rows and columns that do not fill a tile
# at the end are dropped.


# %% nbgrader={"grade": false, "grade_id": "max_pool", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool(image, size):
    """Return the maximum of each tile."""
    ### BEGIN SOLUTION
    rows, columns = image.shape[0] // size, image.shape[1] // size
    tiles = image[: rows * size, : columns * size].reshape(rows, size, columns, size)
    return tiles.max(axis=(1, 3))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_max_pool", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.max_pool(max_pool)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %%
if result:
    pooled = [photo] + [max_pool(photo, size) for size in (4, 16)]
    plots.image_grid(pooled, [f"{image.shape[0]}×{image.shape[1]}" for image in pooled], 3, 3.4)
    plots.show(
        "The cameraman at full size, after pooling by 4 and after pooling by 16: ever coarser squares."
    )

# %% [markdown]
# ## Exercise 6 · A whole convolution layer
#
# Several channels in, several filters out, one bias for each filter, then **ReLU**: negative values become 0. The image has the
# shape (height, width, channels); the kernels have (kernel height, kernel width, channels, filters), as in Keras.


# %% nbgrader={"grade": false, "grade_id": "convolution_layer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def convolution_layer(image, kernels, bias):
    """Return the feature maps, shape (rows, columns, filters), after bias and ReLU."""
    ### BEGIN SOLUTION
    maps = []
    for number in range(kernels.shape[3]):
        channels = [
            dilated_correlate(image[:, :, c], kernels[:, :, c, number], 1)
            for c in range(image.shape[2])
        ]
        maps.append(sum(channels) + bias[number])
    return np.maximum(np.stack(maps, axis=-1), 0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_convolution_layer", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.convolution_layer(convolution_layer)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 7 · The way back
#
# A convolution gathers: each result is a sum over a window. The way back **scatters**: each number of the map adds itself, times the kernel, to the window it came from. Networks need this twice: to send corrections
# back through a layer when they learn (lesson 03), and to make maps larger. It is called a **transposed convolution**.
#
# `maps` has the shape (rows, columns); the number at (row, column) belongs to the window that starts at (row · `stride`, column · `stride`). Where windows overlap, the contributions add up. The result is just large enough for all windows.


# %% nbgrader={"grade": false, "grade_id": "scatter", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scatter(maps, kernel, stride):
    """Return the image to which every number of `maps` has added its kernel."""
    ### BEGIN SOLUTION
    (rows, columns), (height, width) = maps.shape, kernel.shape
    result = np.zeros(((rows - 1) * stride + height, (columns - 1) * stride + width))
    for (row, column), value in np.ndenumerate(maps):
        top, left = row * stride, column * stride
        result[top : top + height, left : left + width] += value * kernel
    return result
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_scatter", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
result = checks.scatter(scatter)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS

# %% [markdown]
# Gathering and scattering belong together: for every image and every map, these two sums of products agree. (As a matrix, one is the *transpose* of the other; hence the name.)

# %%
if result and dilated_result:
    random = np.random.default_rng(0)
    image, maps = random.integers(0, 9, (6, 7)), random.integers(0, 9, (4, 5))
    gathered = np.sum(dilated_correlate(image, vertical, 1) * maps)
    scattered = np.sum(image * scatter(maps, vertical, 1))
    print("gathered:", int(gathered), " scattered:", int(scattered))

# %% [markdown]
# ## Your score
#
# What the checks have found so far. Run the cell again after a change.

# %%
checks.score()

# %% [markdown]
# ## Done?
#
# You have written the convolution, the pooling and the activation of a convolutional network, and the step that sends corrections back. In lesson 03 you see Keras compute the
# same numbers, and the network learns. Solutions: [solutions/solution_01_convolution_by_hand.ipynb](../solutions/solution_01_convolution_by_hand.ipynb).
