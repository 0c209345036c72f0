# %% [markdown]
# # 01 · Convolution by hand
#
# **What you will do:** slide a small window over numbers, first with a pencil, then with two loops, then fast; and check
# every step against the libraries that professionals use.
#
# **What you will learn**
# - why networks for images use convolutions at all,
# - what a convolution computes, and why deep-learning libraries do *not* flip the kernel,
# - how stride and padding decide the size of the result,
# - how color images, several filters, biases, ReLU and pooling fit together,
# - how far a unit deep in a network can see, and what happens when the image moves.
#
# **What you need:** Python and a little NumPy (indexing, shapes). No TensorFlow until the last section.
#
# **Time:** 75–90 minutes in class. Running all cells takes about 20 s on 2 CPU cores; a GPU is not used.

# %%
from helpers import course, filters, plots

course.start("Lesson 01")

# %%
import matplotlib.pyplot as plt
import numpy as np
from skimage import data

# %% [markdown]
# ## The question
#
# You want a program that finds a cat in a photograph. A neuron of a classic neural network multiplies **every** input by a weight of its own and adds
# up. How many weights is that for one small photograph?

# %% tags=["nbval-check-output"]
height, width, channels = 200, 200, 3
one_neuron = height * width * channels
print(f"one neuron: {one_neuron:,} weights; a layer of 1,000 neurons: {1000 * one_neuron:,}")
assert one_neuron == 120_000

# %% [markdown]
# 120,000 weights for a single neuron. All have to be learned, and when the cat moves by ten pixels, each of its pixels meets a *different* weight: what was learned in one place does not help in another. Two observations about pictures help:
#
# - **Locality.** What matters at first (an edge, a spot, a corner) is small. To see it, a neuron needs only a small window.
# - **Sharing.** An edge is an edge wherever it is. What is worth looking for at one place is worth looking for everywhere, with the *same* weights.
#
# The figure shows both steps for a picture of twelve pixels in a row. Each line is one weight. On the left every output is connected to every input: a **dense** layer.


# %% slideshow={"slide_type": "skip"}
def draw_connections(axis, title, reach, color_of):
    """Draw twelve inputs, ten outputs, and a line for each weight."""
    for output in range(10):
        first = output if reach < 12 else 0
        for offset in range(reach):
            line = {"color": color_of(output, offset), "linewidth": 0.8 if reach == 12 else 2.5}
            axis.plot([0, 1], [first + offset, output + 1], "-", **line)
    axis.plot(
        [0] * 12, range(12), "o", [1] * 10, range(1, 11), "s", color="black", markersize=9
    )
    axis.set_title(title)
    axis.set(xlim=(-0.1, 1.1), ylim=(11.6, -0.6))
    axis.axis("off")


# %%
figure, axes = plt.subplots(1, 3, figsize=(13, 5), layout="constrained")
draw_connections(axes[0], "dense: 120 weights", 12, lambda output, offset: "0.6")
rainbow = plt.cm.viridis(np.linspace(0, 1, 30)).reshape(10, 3, 4)
draw_connections(
    axes[1], "local: 30 weights", 3, lambda output, offset: rainbow[output, offset]
)
shared = ("#d55e00", "#0072b2", "black")
draw_connections(
    axes[2], "local and shared: 3 weights", 3, lambda output, offset: shared[offset]
)
plots.show(
    "Three drawings of twelve inputs and ten outputs. Dense: every input is connected to every output. Local: each output has three lines of its own colors. "
    "Local and shared: the same three colors come again at every output."
)

# %% [markdown]
# **What to notice.** On the right, three numbers do the work of 120, and they do it at every place. That is a **convolution**. The three numbers are its **kernel**. In this lesson you compute it by hand,
# in one dimension, in two, in color; from lesson 02 on, the numbers are *learned*.
#
# ## 1 · A window that slides along a line
#
# Start with one dimension. A **signal** is a row of numbers $x_0, x_1, …$; a **kernel** is a short row of
# weights $k_0, …, k_{F-1}$. Lay the kernel on the signal, multiply what lies on top of each other, add up, write the sum down, move one step to the right, repeat:
#
# $$z_i = \sum_{j=0}^{F-1} k_j \, x_{i+j}$$
#
# Take the signal 2, 4, 9, 1, 3 and the kernel 1, 2, 1. The first window gives
# $1·2 + 2·4 + 1·9 = 19$. **Work out the other two on paper.**

# %%
signal = np.array([2, 4, 9, 1, 3])
kernel = np.array([1, 2, 1])

figure, axes = plt.subplots(1, 3, figsize=(13, 3.4), layout="constrained")
for start, axis in enumerate(axes):
    rows = np.full((3, 5), np.nan)
    rows[0], rows[1, start : start + 3] = signal, kernel
    rows[2, 1] = 19
    plots.number_grid(rows, f"step {start + 1}", (0, start, 2, 3), axis, vmin=0, vmax=30)
    for row, name in enumerate(["signal", "kernel", "result"] if start == 0 else []):
        axis.text(-0.7, row, name, ha="right", va="center", fontsize=15)
plots.show(
    "Three panels: the kernel 1, 2, 1 lies below the signal 2, 4, 9, 1, 3, each time one place further to the right. In the row for the results only the first, 19, is filled in."
)

# %% tags=["nbval-check-output"]
for start in range(len(signal) - len(kernel) + 1):
    window = signal[start : start + len(kernel)]
    products = " + ".join(f"{weight}·{value}" for weight, value in zip(kernel, window))
    print(f"window at {start}: {products} = {np.sum(window * kernel)}")

# %% [markdown]
# **What to notice.** The result has three numbers, not five: at the ends the window would hang over the edge.
# Two settings decide how many numbers come out, and both have names you will meet in every library:
#
# - **padding** $P$: put $P$ zeros on each side of the signal, so that the window can also be centered on the first and the last value,
# - **stride** $S$: move by $S$ steps at a time, which makes the result shorter.

# %% tags=["nbval-check-output"]
from helpers.convolution import correlate1d

print("no padding:         ", correlate1d(signal, kernel))
print("padding 1:          ", correlate1d(signal, kernel, padding=1))
print("padding 1, stride 2:", correlate1d(signal, kernel, stride=2, padding=1))

# %% [markdown]
# How many numbers come out, in general? With $P = (F-1)/2$ zeros on each side, a window of odd length $F$ can start at $N$ places. Every $S$-th of them is used: places $0, S, 2S, …$ up to $N-1$. That
# makes $\lfloor (N-1)/S \rfloor + 1 = \lceil N/S \rceil$. The last cell of this page checks it.
#
# (This course counts from 0, as Python does. A text that counts from 1 and names each result after the *middle* of its window writes the same thing as $z_i = \sum_{j=1}^{F} k_j \, x_{\,j+i-(F+1)/2}$.)
#
# ## 2 · To flip or not to flip
#
# In mathematics the **convolution** of two rows of numbers *flips* one of them:
#
# $$(f * g)(i) = \sum_j f(i-j)\, g(j)$$
#
# The flip has a reason: with it, the order does not matter, $f * g = g * f$. NumPy's `convolve` follows this definition. (It lets the kernel hang over both ends: four numbers and three give six. That is called *full*.)

# %% slideshow={"slide_type": "skip"}
f = np.array([1, 2, 3, 4])
g = np.array([1, 0, -1])

print("f * g:", np.convolve(f, g), " g * f:", np.convolve(g, f))
assert np.array_equal(np.convolve(f, g), np.convolve(g, f))
assert not np.array_equal(np.correlate(f, g, "full"), np.correlate(g, f, "full"))

# %% [markdown]
# The plain sliding of section 1, without a flip, is called **cross-correlation**, and it is *not* commutative.
# Deep-learning libraries use cross-correlation and call it convolution. Nothing is lost: a network *learns* its weights,
# and if the flipped kernel is the useful one, it learns that one. But you must know which of the two a function does.
#
# In two dimensions the flip turns the kernel upside down *and* left to right. With the kernel $g$ centered at 0:
#
# $$(f * g)(x, y) = \sum_i \sum_j f(x-i,\, y-j)\; g(i,j)$$
#
# A single bright pixel shows the difference best: convolution stamps a *copy* of the kernel, cross-correlation
# a *flipped* copy.

# %% tags=["nbval-check-output"]
from helpers.convolution import convolve2d, correlate2d

dot = np.zeros((5, 5))
dot[2, 2] = 1
arrow = np.array([[1, 2, 3], [0, 5, 0], [0, 0, 0]])

stamped = convolve2d(dot, arrow)
flipped = correlate2d(dot, arrow)
assert np.array_equal(stamped, arrow)
assert np.array_equal(flipped, arrow[::-1, ::-1])
print(flipped)

figure, axes = plt.subplots(1, 3, figsize=(12, 3.8), layout="constrained")
plots.number_grid(arrow, "kernel", axis=axes[0])
plots.number_grid(stamped, "convolution: a copy", axis=axes[1])
plots.number_grid(flipped, "cross-correlation: flipped", axis=axes[2])
plots.show(
    "Three number grids: the kernel 1 2 3 over 0 5 0 over 0 0 0, the same grid as the result of convolution, "
    "and its half-turn as the result of cross-correlation."
)

# %% [markdown]
# **What to notice.** Symmetric kernels, such as a blur, hide the difference; test your code with an asymmetric one.
# SciPy has both functions under their proper names, so you can check the two of this course:

# %% slideshow={"slide_type": "skip"}
from scipy import signal as scipy_signal

photo = data.camera().astype(float)
lopsided = np.array([[1, 2, 0], [0, 0, -4], [3, 0, 1]])

assert np.allclose(
    convolve2d(photo, lopsided), scipy_signal.convolve2d(photo, lopsided, mode="valid")
)
assert np.allclose(
    correlate2d(photo, lopsided), scipy_signal.correlate2d(photo, lopsided, mode="valid")
)

# %% [markdown]
# From here on "convolution" means what the libraries mean: no flip. Section 10 shows that TensorFlow agrees.
#
# <!-- question flip -->
#
# ## 3 · Two dimensions, filled in by hand
#
# Here is a scrap of a gray image: 6 rows, 4 columns, 0 is black and 255 is white. The kernel is 3×3 and all ones, so each
# result is simply the sum of nine pixels. **Take a pencil** and fill in the 4×2 matrix of results. Two are given:
# $219+253+190 = 662$ with the window centered on row 1, column 1, and 757 on row 3, column 2.

# %%
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
ones = np.ones((3, 3))

# %%
given = np.full((4, 2), np.nan)
given[0, 0], given[2, 1] = 662, 757

figure, axes = plt.subplots(1, 2, figsize=(9, 5), layout="constrained", width_ratios=[2, 1])
plots.number_grid(
    scrap, "the image and two windows", (0, 0, 3, 3), axes[0], cmap="gray", vmin=0, vmax=255
)
axes[0].add_patch(
    plt.Rectangle(
        (0.5, 1.5), 3, 3, fill=False, edgecolor="#0072b2", linewidth=4, linestyle="--"
    )
)
plots.number_grid(given, "fill in the rest", axis=axes[1], vmin=0, vmax=1500)
plots.show(
    "A 6 by 4 image with its gray values and two window positions, a solid and a dashed frame; beside it a 4 by 2 grid, "
    "empty except for 662 at the top left and 757 in the third row."
)

# %% [markdown]
# **Done?** Then compare. The two given values are asserted, the rest is printed. Divided by 9, each sum becomes the average of a neighborhood: a **box blur**.

# %% tags=["nbval-check-output"]
completed = correlate2d(scrap, ones)
assert completed[0, 0] == 662  # the window centered on row 1, column 1
assert completed[2, 1] == 757  # the window centered on row 3, column 2
print(completed.astype(int))
assert np.allclose(correlate2d(scrap, filters.BOX_BLUR), completed / 9)

# %% [markdown]
# ### The window, step by step
#
# A 5×5 image and a 3×3 kernel with stride 1: three positions across, three down, nine in all. The pictures below
# go through all nine; the result grows one number at a time. The small orange numbers are the kernel's weights, wherever it lies at the moment.

# %% tags=["nbval-check-output"]
board = np.array(
    [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]]
)
weights = np.array([[0, 1, 2], [2, 2, 0], [0, 1, 2]])

sums = correlate2d(board, weights)
assert sums.size == 9
print(sums.astype(int))


# %%
def draw_step(step, image_axis, result_axis):
    """Draw the window at position `step` (0 to 8), and the results so far."""
    row, column = divmod(step, 3)
    so_far = np.where(np.arange(9).reshape(3, 3) <= step, sums, np.nan)
    plots.number_grid(
        board, f"step {step + 1}", (row, column, 3, 3), image_axis, vmin=0, vmax=6
    )
    for (i, j), weight in np.ndenumerate(weights):
        place = {"x": column + j, "y": row + i + 0.33, "ha": "center", "va": "center"}
        image_axis.text(**place, s=f"×{weight}", color="#b34700", fontsize=11)
    plots.number_grid(
        so_far, "result", (row, column, 1, 1), result_axis, cmap="Greens", vmin=0, vmax=40
    )


figure, axes = plt.subplots(
    3, 6, figsize=(14, 8), layout="constrained", width_ratios=[5, 3] * 3
)
for step in range(9):
    row, column = divmod(step, 3)
    draw_step(step, axes[row, 2 * column], axes[row, 2 * column + 1])
plots.show(
    "Nine pairs of grids: a 3 by 3 window moves over a 5 by 5 image from the top left to the bottom right, each of its squares with a weight, "
    "and beside it the 3 by 3 result fills up one number at a time."
)

# %% [markdown]
# **What to notice.** Every position uses the *same nine weights*. Check one number by hand: in step 1, the products with 0 vanish, and $1·3 + 2·2 + 2·0 + 2·0 + 1·1 + 2·2 = 12$.
#
# If this page is live, move the slider to go through the steps at your own speed; otherwise you see the last step.

# %%
import ipywidgets as widgets


def stepper(step):
    """Draw one step in a figure of its own."""
    figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained", width_ratios=[5, 3])
    draw_step(step - 1, *axes)


def live_step(step):
    """Draw one step and show it inside the widget."""
    stepper(step)
    plt.show()


slider = widgets.IntSlider(value=9, min=1, max=9, description="step")
walk = widgets.VBox([slider, widgets.interactive_output(live_step, {"step": slider})])
plots.show_widget(
    walk, lambda: stepper(9), "The last of the nine steps: the result is complete."
)

# %% [markdown]
# ### The same thing as one matrix
#
# Write the 25 pixels in a row. Then each of the nine results is a sum of 25 products, nearly all of them with 0. So a convolution is a matrix product, with a 9×25 matrix: a *dense* layer in which most weights are zero
# and the others are **tied**. The letters a to i stand for the nine weights of the kernel.

# %%
places = np.zeros((9, 25), dtype=int)  # 0: no weight; 1 to 9: which weight of the kernel
for row in range(3):
    for column in range(3):
        one_row = np.zeros((5, 5), dtype=int)
        one_row[row : row + 3, column : column + 3] = np.arange(1, 10).reshape(3, 3)
        places[3 * row + column] = one_row.ravel()

matrix = np.concatenate([[0], weights.ravel()])[places]
assert np.array_equal(matrix @ board.ravel(), sums.ravel())
assert np.count_nonzero(places) == 81

figure, axis = plt.subplots(figsize=(13, 5.2), layout="constrained")
palette = plt.matplotlib.colors.ListedColormap(["white", *plt.cm.Pastel1.colors])
axis.imshow(places, cmap=palette, vmin=0, vmax=9)
for (row, column), place in np.ndenumerate(places):
    axis.text(column, row, " abcdefghi"[place], ha="center", va="center", fontsize=14)
axis.set_xticks(np.arange(26) - 0.5, [])
axis.set_yticks(np.arange(10) - 0.5, [])
axis.grid(True, color="0.8")
axis.set(xlabel="25 pixels of the image", ylabel="9 results")
plots.show(
    "A matrix of 9 rows and 25 columns, mostly empty. Each row holds the letters a to i in three groups of three, further to the right from row to row."
)

# %% [markdown]
# **What to notice.** A dense layer from 25 to 9 numbers would have 225 free weights. Locality leaves 81 places, sharing leaves 9 numbers. Nothing else distinguishes a convolution from a dense layer.
#
# ### Are neighboring results alike?
#
# Neighboring windows overlap in six of nine squares. Does that alone make the result smooth? Predict it, then test it on pure noise, in which neighboring pixels have nothing to do with each other.

# %% tags=["nbval-check-output"]
noise = np.random.default_rng(0).normal(size=(512, 512))
alike = {"box blur": filters.BOX_BLUR, "Sobel x": filters.SOBEL_X, "sharpen": filters.SHARPEN}
for name, one_kernel in alike.items():
    result = correlate2d(noise, one_kernel)
    similar = np.corrcoef(result[:, :-1].ravel(), result[:, 1:].ravel())[0, 1]
    print(f"{name:9} correlation of horizontal neighbors: {similar:+.2f}")

# %% [markdown]
# **What to notice.** Same overlap, three answers: alike, unrelated, opposed. A blur is smooth because its weights are *equal and positive*, so neighboring windows add up mostly the same pixels with the same sign.
#
# ## 4 · How large is the result?
#
# You need the size of a result all the time, so work it out once. Along one axis, the input has $N$ pixels and $P$ zeros
# on each side, together $N + 2P$. The first window covers $F$ of them; what is left is room for moving. Each move takes $S$
# pixels, and the first window counts too:
#
# $$\text{output size} = \left\lfloor \frac{N - F + 2P}{S} \right\rfloor + 1$$

# %% tags=["nbval-check-output"]
from helpers.convolution import output_size

print("5×5 image, 3×3 kernel:            ", output_size(5, 3))
print("28×28 digit, 3×3 kernel:          ", output_size(28, 3))
print("the same with padding 1:          ", output_size(28, 3, padding=1))
print("224×224 photo, 7×7, stride 2, P=3:", output_size(224, 7, stride=2, padding=3))

starts = [correlate1d(np.arange(1, 9), [1, 0, 0], 2, padding) for padding in ("same", 1)]
assert np.array_equal(starts, [[1, 3, 5, 7], [0, 2, 4, 6]])  # where the windows start

# %% [markdown]
# The picture shows where the *centers* of a 3×3 window stand on a 7×7 image. The orange frame is the first window; the hatched squares are padding.


# %% slideshow={"slide_type": "skip"}
def draw_centers(axis, padding, stride):
    """Mark the pixels, the padding, the first window, and the centers of all windows."""
    count = output_size(7, 3, stride, padding)
    centers = 1 - padding + stride * np.arange(count)
    for row in range(-padding, 7 + padding):
        for column in range(-padding, 7 + padding):
            inside = 0 <= row < 7 and 0 <= column < 7
            look = (
                {"facecolor": "#cfe3f3"} if inside else {"facecolor": "white", "hatch": "///"}
            )
            axis.add_patch(
                plt.Rectangle((column - 0.5, row - 0.5), 1, 1, edgecolor="0.5", **look)
            )
    frame = {"fill": False, "edgecolor": "#d55e00", "linewidth": 4}
    axis.add_patch(plt.Rectangle((-padding - 0.5, -padding - 0.5), 3, 3, **frame))
    axis.plot(*np.meshgrid(centers, centers), "o", color="black", markersize=7)
    axis.set_title(f"padding {padding}, stride {stride}\n{count}×{count} results")
    axis.set(xlim=(-1.7, 7.7), ylim=(7.7, -1.7), aspect="equal")
    axis.axis("off")


# %%
figure, axes = plt.subplots(1, 4, figsize=(14, 4.2), layout="constrained")
for axis, (padding, stride) in zip(axes, [(0, 1), (1, 1), (0, 2), (1, 2)]):
    draw_centers(axis, padding, stride)
plots.show(
    "Four grids of 7 by 7 pixels with dots at the window centers: 5 by 5 dots without padding, 7 by 7 with padding 1, "
    "3 by 3 with stride 2, and 4 by 4 with padding 1 and stride 2. Each shows the first window as a frame."
)


# %% [markdown]
# **What to notice.** A 3×3 kernel with padding 1 and stride 1 keeps the size; Keras calls such padding `"same"`, and no
# padding `"valid"`. Stride 2 halves the size (rounding decides the odd cases).
#
# The floor in the formula means: the last window must fit. What lies beyond it is not seen. Without padding, these are pixels; with padding, often only zeros. For the 224×224 photo above, the last 7×7 window starts at $2·111-3 = 219$
# and ends at 225: pixel 223, the last one, is seen, and only a zero is left out.
#
# Careful with `"same"` and a stride of 2: for an even size and a 3×3 kernel, one zero is enough, and Keras puts it at the **end**. Padding 1 puts zeros at both ends. Same size, other windows: on the signal 1, 2, …, 8 the first ones start at the 1, the 3, the 5 and the 7, the second ones at a 0, the 2, the 4 and the 6.
#
# <!-- question same-size -->
#
# ## 5 · From loops to a photograph
#
# The definition as a program: two loops move the window, one line multiplies and adds.


# %%
def correlate_with_loops(image, kernel):
    """Slide a kernel over an image, one window at a time."""
    height, width = kernel.shape
    rows = image.shape[0] - height + 1
    columns = image.shape[1] - width + 1
    result = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            window = image[row : row + height, column : column + width]
            result[row, column] = np.sum(window * kernel)
    return result


assert np.array_equal(correlate_with_loops(scrap, ones), completed)

# %% [markdown]
# `correlate2d` from the helpers does the same with a trick: instead of looping over the many *positions*, it loops over the
# few *weights*. For each weight it shifts the whole image and adds it, multiplied by the weight. Nine additions of whole
# images do the work of a quarter of a million small sums.


# %%
def shift_and_add(image, kernel):
    """The same result: one shifted copy of the image for each weight."""
    rows = image.shape[0] - kernel.shape[0] + 1
    columns = image.shape[1] - kernel.shape[1] + 1
    result = np.zeros((rows, columns))
    for (i, j), weight in np.ndenumerate(kernel):
        result += weight * image[i : i + rows, j : j + columns]
    return result


assert np.allclose(shift_and_add(photo, lopsided), correlate_with_loops(photo, lopsided))
assert np.allclose(shift_and_add(photo, lopsided), correlate2d(photo, lopsided))

# %% [markdown]
# Now a photograph. A box blur of 3×3 is hardly visible on 512×512 pixels, a box of 15×15 is: its weights are all $1/225$.

# %%
blurred = {
    size: correlate2d(photo, np.full((size, size), 1 / size**2), padding="same")
    for size in (3, 15)
}
crop = (slice(60, 220), slice(150, 310))

plots.image_grid(
    [photo[crop], blurred[3][crop], blurred[15][crop]],
    ["original", "3×3 box blur", "15×15 box blur"],
    columns=3,
    cell=4,
    vmin=0,
    vmax=255,
)
plots.show(
    "A detail of the cameraman photograph three times: sharp, slightly soft after a 3 by 3 blur, "
    "and strongly blurred after a 15 by 15 blur."
)

# %% [markdown]
# ### Make your own kernel
#
# Change the nine weights, or choose a named kernel, and watch the result. Good experiments: make all weights 0 except one;
# make them add up to 0; make them add up to 2. (On a page that is not live you see the sharpening kernel.)

# %% slideshow={"slide_type": "skip"}
detail = photo[60:188, 160:288]
named = {
    "sharpen": filters.SHARPEN,
    "identity": filters.IDENTITY,
    "box blur": filters.BOX_BLUR,
    "horizontal edges": filters.HORIZONTAL_LINES,
    "Sobel x": filters.SOBEL_X,
}


def draw_filtered(*weights):
    """Draw the photograph before and after the kernel with these nine weights."""
    kernel = np.reshape(weights, (3, 3))
    result = correlate2d(detail, kernel)
    title = f"after: weights add up to {kernel.sum():.2g},\n{np.mean(result < 0):.0%} below 0 (drawn black)"
    plots.image_grid([detail, result], ["before\n", title], 2, 3.6, vmin=0, vmax=255)


# %% slideshow={"slide_type": "skip"}
def as_box(weight):
    """Return an input field for one weight."""
    return widgets.FloatText(weight, step=0.5, layout=widgets.Layout(width="64px"))


boxes = [as_box(weight) for weight in filters.SHARPEN.flat]
grid = widgets.GridBox(boxes, layout=widgets.Layout(grid_template_columns="repeat(3, 70px)"))
choice = widgets.Dropdown(options=list(named), layout=widgets.Layout(width="180px"))
drawings = widgets.IntText(0)  # counts; a new number draws again


def redraw(drawings):
    """Draw inside the widget with the present weights."""
    draw_filtered(*(box.value for box in boxes))
    plt.show()


def again(_change):
    """Ask for a new drawing."""
    drawings.value += 1


# %%
def use_named_kernel(change):
    """Write a named kernel's weights into the nine boxes, then draw once."""
    for box, weight in zip(boxes, named[change["new"]].flat):
        box.unobserve(again, "value")
        box.value = round(float(weight), 3)
        box.observe(again, "value")
    again(change)


choice.observe(use_named_kernel, names="value")
for box in boxes:
    box.observe(again, "value")

output = widgets.interactive_output(redraw, {"drawings": drawings})
controls = widgets.HBox([grid, widgets.VBox([widgets.Label("a named kernel:"), choice])])
plots.show_widget(
    widgets.VBox([controls, output]),
    lambda: draw_filtered(*filters.SHARPEN.flat),
    "The cameraman before and after the sharpening kernel, with the sum of its weights and the share of negative results.",
)

# %% [markdown]
# **What to notice.** Weights that add up to 1 keep the brightness; weights that add up to 0 turn every uniform area black and
# leave only changes. Lesson 02 builds edge detectors from that.
#
# ## 6 · Color: several channels in
#
# A color image has three channels, so a filter brings **three kernels, one for each channel**. Each slides over its own
# channel; the three results are *added*, plus one number for the whole filter, the **bias**. Three channels in, *one* map out.
#
# Here is a 5×5 patch of a photograph with its red, green and blue values, and a filter of three kernels with bias 1.

# %% slideshow={"slide_type": "skip"}
red = [[156, 155, 156, 158, 158], [153, 154, 157, 159, 159], [149, 151, 155, 158, 159],
       [146, 146, 149, 153, 158], [145, 143, 143, 148, 158]]  # fmt: skip
green = [[167, 166, 167, 169, 169], [164, 165, 168, 170, 170], [160, 162, 166, 169, 170],
         [156, 156, 159, 163, 168], [155, 153, 153, 158, 168]]  # fmt: skip
blue = [[163, 162, 163, 165, 165], [160, 161, 164, 166, 166], [156, 158, 162, 165, 166],
        [155, 155, 158, 162, 167], [154, 152, 152, 157, 167]]  # fmt: skip
patch = np.stack([red, green, blue], axis=-1)

channel_kernels = np.stack(
    [
        [[-1, -1, 1], [0, 1, -1], [0, 1, 1]],
        [[1, 0, 0], [1, -1, -1], [1, 0, -1]],
        [[0, 1, 1], [0, 1, 0], [1, -1, 1]],
    ],
    axis=-1,
)
bias = 1
print("patch:", patch.shape, " kernels:", channel_kernels.shape)

# %%
figure, axes = plt.subplots(2, 3, figsize=(12, 7.4), layout="constrained", height_ratios=[5, 3])
for c, name in enumerate(["red", "green", "blue"]):
    plots.number_grid(patch[..., c], f"{name} channel", axis=axes[0, c], vmin=120, vmax=260)
    plots.number_grid(
        channel_kernels[..., c],
        "its kernel",
        axis=axes[1, c],
        cmap=plots.SIGNED,
        vmin=-2,
        vmax=2,
    )
plots.show(
    "Three 5 by 5 grids with the red, green and blue values of a patch, and below each the 3 by 3 kernel of that channel, with weights from minus 1 to 1."
)

# %% [markdown]
# With zero padding 1, the first window is centered on the top left pixel, so its first row and first column lie in the
# padding. Check by hand, red first: only the lower right 2×2
# of each kernel lies on the image, and $1·156 - 1·155 + 1·153 + 1·154 = 308$. Do green and blue in the same way.

# %% tags=["nbval-check-output"]
responses = [correlate2d(patch[..., c], channel_kernels[..., c], padding=1) for c in range(3)]
first = [int(response[0, 0]) for response in responses]
assert first == [308, -498, 164]
assert sum(first) + bias == -25
print(" + ".join(map(str, first)), "+", bias, "=", sum(first) + bias)
whole_map = sum(responses) + bias
assert whole_map.shape == (5, 5)
print(whole_map.astype(int))

# %%
figure, axes = plt.subplots(1, 4, figsize=(15, 4.2), layout="constrained")
for axis, name, response in zip(axes, ["red", "green", "blue"], responses):
    plots.number_grid(
        response, f"{name} channel", axis=axis, cmap=plots.SIGNED, vmin=-850, vmax=850
    )
plots.number_grid(whole_map, "sum + bias", axis=axes[3], cmap=plots.SIGNED, vmin=-850, vmax=850)
plots.show(
    "Four 5 by 5 grids of numbers: the responses of the red, green and blue channel, and their sum plus the bias, "
    "with minus 25 in the top left corner."
)

# %% [markdown]
# **What to notice.** Purple is positive, orange negative, white zero. The sum hides which channel it came from; a network decides through its weights which colors matter.
# The border values differ strongly from the inside: zeros around an image of values near 160 are a hard black frame.
#
# ## 7 · Several filters: feature maps and their weights
#
# One filter gives one map. A **layer** has many filters and stacks their maps, now called **feature maps**, as the channels
# of its output. A 32×32 color image and one 3×3 filter give 30×30 numbers. In the language of neural networks: 900 neurons
# (or *units*; the words mean the same) that share the same weights.
#
# How many weights does the layer with 32 filters have? A published set of notes answers 288. Count before you run the cell.

# %% tags=["nbval-check-output"]
from helpers.convolution import conv2d

generator = np.random.default_rng(0)
small_image = generator.uniform(size=(1, 32, 32, 3))

one_filter = conv2d(small_image, generator.normal(size=(3, 3, 3, 1)))
print("one filter:", one_filter.shape[1:], "→", one_filter.size, "neurons")

filters_32 = generator.normal(size=(3, 3, 3, 32))
biases = np.zeros(32)
print("32 filters:", conv2d(small_image, filters_32, biases).shape[1:])

assert filters_32.size == 3 * 3 * 3 * 32 == 864
assert filters_32.size + biases.size == 896
print(f"{filters_32.size} weights + {biases.size} biases = {filters_32.size + biases.size}")
print("288 would be right for one input channel:", 3 * 3 * 1 * 32)

# %% [markdown]
# **What to notice.** The notes are **wrong**: each of the 32 filters has a kernel for *each* input channel, $3·3·3·32 = 864$ weights, and a bias.
#
# <!-- question layer-weights -->
#
# ### Why something must stand between two layers
#
# A network stacks layers: the maps of one are the input of the next. Try it with two blurs in a row, and compare with one pass of a single 5×5 kernel, the box blurred with itself.

# %% tags=["nbval-check-output"]
twice = correlate2d(correlate2d(photo, filters.BOX_BLUR), filters.BOX_BLUR)
one_kernel = convolve2d(filters.BOX_BLUR, filters.BOX_BLUR, padding=2)
once = correlate2d(photo, one_kernel)
print("one kernel of", one_kernel.shape, "does the same:", np.allclose(twice, once))
print(np.round(81 * one_kernel).astype(int), "/ 81")

# %% [markdown]
# **What to notice.** Two layers have become one. It is no accident of the blur: adding and multiplying by fixed numbers is **linear**, and linear steps in a row always *collapse* into a single linear step. A hundred convolutions
# in a row could do no more than one large kernel.
#
# The way out is to do something *non-linear* to each number between two layers: an **activation function**. The usual one is the simplest: **ReLU** (rectified linear unit) keeps what is positive and sets the rest to zero,
# $\max(0, z)$. Does it prevent the collapse? If the two layers were one kernel, turning all signs of the input would turn all signs of the result, and nothing else.


# %%
def two_layers(image, activation):
    """Detect vertical edges, apply the activation, then blur."""
    return correlate2d(activation(correlate2d(image, filters.SOBEL_X)), filters.BOX_BLUR)


def relu(values):
    """Keep what is positive."""
    return np.maximum(values, 0)


def nothing(values):
    """No activation."""
    return values


shown = [
    two_layers(sign * photo, f)[60:220, 150:310] for f in (nothing, relu) for sign in (1, -1)
]
shown.append(shown[2] + shown[3])
titles = ["no activation", "no activation,\ninput negated", "ReLU", "ReLU,\ninput negated"]
titles.append("the last two,\nadded")
plots.image_grid(shown, titles, columns=5, cell=2.9, cmap=plots.SIGNED, vmin=-400, vmax=400)
plots.show(
    "Five maps of the cameraman's edges. Without activation the negated input gives the same picture with colors exchanged. With ReLU the two pictures show different edges: the left sides of things, and the right sides. Their sum shows both, all in purple."
)

# %% [markdown]
# **What to notice.** Without activation, the second picture is the first with the signs turned: it tells you nothing new, and the two add up to 0. With ReLU they answer two different questions: where does it get brighter to the right, and where darker? Their sum answers a third one:
# where is an edge, *whichever way* the brightness changes? No single kernel can answer that, since its answer to a negated picture is its answer negated. Layer, activation, layer, activation: *that* is what makes depth worth having. (Lesson 02 builds on this sum.)
#
# ### A layer on a photograph
#
# Four filters that you know, on a color photograph, each followed by ReLU. Each uses the same 3×3 kernel for red, green and blue, divided by three. (The two edge kernels are named after Judith Prewitt; lesson 02 takes them apart.)

# %% tags=["cover"]
astronaut = data.astronaut()[:256:2, 80:336:2] / 255
known = [filters.IDENTITY, filters.BOX_BLUR, filters.HORIZONTAL_LINES, filters.VERTICAL_LINES]
bank = np.stack([np.repeat(kernel[:, :, None] / 3, 3, axis=2) for kernel in known], axis=-1)

maps = relu(conv2d(astronaut[None], bank)[0])
print("input", astronaut.shape, "→ filters", bank.shape, "→ feature maps", maps.shape)

titles = ["photograph", "identity", "blur", "horizontal edges", "vertical edges"]
axes = plots.image_grid(
    [astronaut] + [maps[..., n] for n in range(4)], titles, columns=5, cell=2.9
)
plots.show(
    "A color portrait of an astronaut and four gray feature maps of it: unchanged brightness, blurred, "
    "edges that run horizontally, and edges that run vertically."
)

# %% [markdown]
# **What to notice.** The edge kernels answer only where brightness falls in *their* direction: downward, or to the right. The opposite edges gave negative numbers, and ReLU has removed them. (The edge kernels of lesson 02 have the opposite sign: they answer where brightness rises.)
# Each map answers one question about every place of the image.
#
# ### Two relatives you will meet
#
# A **1×1 convolution** looks at one pixel at a time, at all its channels. It mixes channels; it cannot see shapes. Gray, for example, is a mixture of red, green and blue.
#
# A **dilated** convolution spreads its kernel out: between two weights it skips pixels. With a dilation of 2, nine weights span 5×5 pixels. It computes what a 5×5 kernel full of zeros computes:

# %% tags=["nbval-check-output"]
mixture = np.array([0.2125, 0.7154, 0.0721]).reshape(1, 1, 3, 1)
gray_picture = conv2d(astronaut[None], mixture)
print(gray_picture.shape[1:], "from", mixture.size, "weights")

spread = np.zeros((5, 5), dtype=int)
spread[::2, ::2] = weights
print(spread)

# %% [markdown]
# ## 8 · Pooling: keep the strongest answer
#
# After a layer has asked "is there an edge here?", the exact pixel rarely matters. **Max pooling** cuts each map into
# tiles and keeps the largest value of each; **average pooling** keeps the mean. Pooling has no weights.
#
# Windows may also overlap: a 3×3 window with stride 1 turns the 5×5 board of section 3 into nearly nothing but threes.

# %% tags=["nbval-check-output"]
from helpers.convolution import average_pool2d, max_pool2d

tiles = max_pool2d(scrap, size=2)
assert np.array_equal(tiles, [[219, 253], [0, 190], [212, 253]])
print("max:\n", tiles)
print("average:\n", average_pool2d(scrap, size=2))

overlapping = max_pool2d(board, size=3, stride=1)
assert np.array_equal(overlapping, [[3, 3, 3], [3, 3, 3], [3, 2, 3]])
assert max_pool2d([[1, 0, 0], [4, 5, 0], [6, 1, 1]], size=3) == 6  # one window, one number

# %%
figure, axes = plt.subplots(
    1, 3, figsize=(12, 4.6), layout="constrained", width_ratios=[4, 2.4, 2.4]
)
plots.number_grid(scrap, "2×2 tiles", axis=axes[0], vmin=0, vmax=350)
for row in (0, 2, 4):
    for column in (0, 2):
        axes[0].add_patch(
            plt.Rectangle(
                (column - 0.5, row - 0.5), 2, 2, fill=False, edgecolor="#d55e00", linewidth=4
            )
        )
plots.number_grid(tiles, "max pooling", axis=axes[1], vmin=0, vmax=350)
plots.number_grid(average_pool2d(scrap), "average pooling", axis=axes[2], vmin=0, vmax=350)
plots.show(
    "The 6 by 4 scrap cut into six tiles, the maximum of each tile (219, 253, 0, 190, 212, 253) "
    "and the average of each tile."
)

# %% [markdown]
# **What to notice.** Pooling with tiles of 2 leaves a quarter of the numbers. The maximum keeps a single strong response that the average spreads over its tile: the lone 219 at the top left becomes 54.75.
# Many classifiers use max pooling for that reason. Others let a convolution with stride 2 do the shrinking, or take one average over the whole map at the end (lesson 04).
#
# ## 9 · What a deep unit sees, and what happens when the image moves
#
# ### The receptive field
#
# A unit of the first 3×3 layer sees 3×3 pixels. A unit of the second layer sees 3×3 units of the first, which
# together see 5×5 pixels: its **receptive field**. In general a layer with kernel $F$ adds $(F-1)$ steps, and a step is as many pixels wide as the
# product of all strides before it (the *jump*).

# %% tags=["nbval-check-output"]
layers = [
    ("conv 3", 3, 1),
    ("pool 2", 2, 2),
    ("conv 3", 3, 1),
    ("pool 2", 2, 2),
    ("conv 3", 3, 1),
]

field, jump = 1, 1
fields = [field]
for name, size, stride in layers:
    field += (size - 1) * jump
    jump *= stride
    fields.append(field)
    print(f"{name}: one unit sees {field} pixels, neighbors are {jump} apart")

# %% [markdown]
# Formulas deserve a test. Light up one pixel at a time and see whether the one unit in the middle of the last layer reacts:


# %% slideshow={"slide_type": "skip"}
def last_layer(signal):
    """Run the five layers in one dimension, with kernels of ones."""
    for _name, size, stride in layers:
        signal = correlate1d(signal, np.ones(size), stride)
    return signal


pixels = 36
middle = len(last_layer(np.zeros(pixels))) // 2
reacts = [last_layer(np.eye(pixels)[position])[middle] > 0 for position in range(pixels)]
assert sum(reacts) == fields[-1] == 18

# %%
figure, axis = plt.subplots(figsize=(10, 4))
for depth, seen in enumerate(fields):
    axis.barh(depth, seen, left=-seen / 2, height=0.7, color="C0", alpha=0.35 + 0.1 * depth)
    axis.text(seen / 2 + 0.4, depth, f"{seen} px", va="center")
axis.set_yticks(
    range(6), ["one pixel"] + [f"{n + 1}: {layer[0]}" for n, layer in enumerate(layers)]
)
axis.set(
    xlabel="pixels of the image, relative to the unit's center",
    title="How far one unit sees",
    xlim=(-11, 12),
)
plots.show(
    "Horizontal bars that widen from layer to layer: one unit sees 1, 3, 4, 8, 10 and finally 18 pixels."
)

# %% [markdown]
# **What to notice.** A pooling adds little to the field itself, but it doubles the *step* of all later layers: the first 3×3 convolution adds 2 pixels, the second 4, the third 8. These are the layers of the digit classifier in
# lesson 03: its last units look at 18 of 28 pixels, enough for a loop or a corner with its surroundings.
# Small parts first, combinations of parts later: that is the *hierarchy* that makes deep networks work.
#
# ### Equivariance: the map moves along
#
# Slide the image by some pixels, and the feature map slides by the same amount: **translation equivariance**. It follows
# from using the same weights everywhere. (Not at the border, where new pixels come in.)
#
# With a stride or a pooling of 2, the map can move by whole steps only. Shift the image by two pixels: the pooled map moves by one place. Shift it by one pixel: where should it go?

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
edges = correlate2d(photo, filters.SOBEL_X)
moved = np.roll(photo, (7, 12), axis=(0, 1))
edges_of_moved = correlate2d(moved, filters.SOBEL_X)

inside = (slice(10, -10), slice(15, -15))
assert np.array_equal(edges_of_moved[inside], np.roll(edges, (7, 12), axis=(0, 1))[inside])

strength = np.abs(edges)
pooled = max_pool2d(strength, 2)
for shift in (1, 2):
    now = max_pool2d(np.roll(strength, shift, axis=1), 2)
    fits = any(
        np.array_equal(now[:, 5:-5], np.roll(pooled, by, axis=1)[:, 5:-5]) for by in (0, 1)
    )
    print(f"image shifted by {shift}: the pooled map is the old one, moved:", fits)

# %% [markdown]
# ### Invariance: how much does a shift of one pixel change?
#
# A classifier wants more: its answer should *not change at all* when a cat moves by a pixel. Does pooling bring that about? Shift the photograph by one pixel and compare each map with what it was before. The **change** is the
# root mean square difference, divided by the spread (standard deviation) of the map: 0 means "nothing has changed", and two unrelated maps of the same spread have $\sqrt 2 ≈ 1.4$.
#
# Three ways to shrink a map compete: the maximum of each tile, its mean, and **subsampling**, which keeps one value of each tile and forgets the others, as a stride does. Which one is steadiest? Decide before you look.


# %%
def change(before, after):
    """Root mean square difference, relative to the spread of the map."""
    return np.sqrt(np.mean((before - after) ** 2)) / before.std()


ways_to_shrink = {
    "subsampling": lambda values, size: values[::size, ::size],
    "max pooling": max_pool2d,
    "average pooling": average_pool2d,
}
tile_sizes = (1, 2, 4, 8, 16)
shifted = np.abs(correlate2d(np.roll(photo, 1, axis=1), filters.SOBEL_X))
curves = {
    name: [change(shrink(strength, size), shrink(shifted, size)) for size in tile_sizes]
    for name, shrink in ways_to_shrink.items()
}

for name, values in curves.items():
    print(f"{name:16}", "  ".join(f"{value:.2f}" for value in values))

# %%
for (name, values), line in zip(curves.items(), plots.LINE_STYLES):
    plt.plot(tile_sizes, values, line, marker="o", label=name)
plt.xscale("log", base=2)
plt.xticks(tile_sizes, [f"{size}×{size}" for size in tile_sizes])
plt.xlabel("size of the tiles")
plt.ylabel("change by a shift of one pixel")
plt.ylim(bottom=0)
plt.legend()
plots.show(
    "Change of the edge map by a shift of one pixel, against the size of the tiles: level for subsampling, falling for max pooling, and falling fastest for average pooling."
)

# %% [markdown]
# **What to notice.** The raw edge map changes drastically, and subsampling makes it worse: it only throws values away. Pooling helps the more, the larger the tiles; 2×2 tiles, as in lesson 03, take away a third. And from 4×4 on, the *average* is steadier than the maximum.
# So pooling makes a network somewhat less sensitive to shifts. It does not make it **invariant**. Lesson 03 shifts digits in front of a whole network and measures what happens.
#
# <!-- question pooling-shift -->
#
# ## 10 · The same thing in TensorFlow, and how fast
#
# Now import TensorFlow, for the first and only time in this lesson, and compare: first the photograph, then the size formula for a grid of sizes, kernels, paddings and strides, and the count of weights of section 7.

# %%
with course.quiet():  # hides start-up messages that concern nobody here
    import keras
    import tensorflow as tf

as_batch = photo[None, :, :, None].astype("float32")
as_kernel = lopsided[:, :, None, None].astype("float32")

from_tensorflow = tf.nn.conv2d(as_batch, as_kernel, strides=1, padding="VALID").numpy()[
    0, :, :, 0
]
assert np.allclose(from_tensorflow, correlate2d(photo, lopsided), atol=1e-2)  # no flip …
assert not np.allclose(from_tensorflow, convolve2d(photo, lopsided), atol=1e-2)  # … indeed

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
compared = 0
for n in (5, 8, 13):
    for f in (1, 2, 3, 5):
        for p in (0, 1, 2):
            for s in (1, 2, 3):
                padded = keras.ops.pad(
                    keras.ops.zeros((1, n, n, 1)), [[0, 0], [p, p], [p, p], [0, 0]]
                )
                result = keras.ops.conv(
                    padded, keras.ops.zeros((f, f, 1, 1)), strides=s, padding="valid"
                )
                assert result.shape[1] == output_size(n, f, s, p)
                compared += 1
layer = keras.layers.Conv2D(32, 3)
layer.build((None, 32, 32, 3))
assert layer.count_params() == 896
print(
    compared,
    "sizes agree; Conv2D(32, 3) on a color image has",
    layer.count_params(),
    "parameters",
)

# %% [markdown]
# ### A ladder of speeds
#
# The same 3×3 kernel on the same 512×512 photograph, computed in eight ways. Three have not appeared yet:
#
# - **im2col**: copy all windows into the rows of one big matrix, then a single matrix product (GEMM) does everything.
#   With many filters this is what pays off, because matrix products are what processors do best.
# - **windows + einsum**: a *view* of all windows, without copying, and one sum over it.
# - **FFT**: convolution becomes multiplication after a Fourier transform. Its time hardly depends on the size of the kernel,
#   so the larger the kernel, the better it compares.


# %% slideshow={"slide_type": "skip"}
def im2col(image, kernel):
    """All windows as rows of a matrix, then one matrix product."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows.reshape(-1, kernel.size) @ kernel.ravel()).reshape(windows.shape[:2])


def windows_and_einsum(image, kernel):
    """A view of all windows without copying, then a sum of products."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("rcij,ij->rc", windows, kernel)


image = photo.astype("float32")
kernel = lopsided.astype("float32")
batch, weights = tf.constant(as_batch), tf.constant(as_kernel)
ways = {
    "loops": lambda: correlate_with_loops(image, kernel),
    "shift and add": lambda: shift_and_add(image, kernel),
    "windows + einsum": lambda: windows_and_einsum(image, kernel),
    "im2col + GEMM": lambda: im2col(image, kernel),
    "FFT (scipy)": lambda: scipy_signal.fftconvolve(image, kernel[::-1, ::-1], mode="valid"),
    "scipy.signal": lambda: scipy_signal.correlate2d(image, kernel, mode="valid"),
    "helpers.correlate2d": lambda: correlate2d(image, kernel),
    "TensorFlow": lambda: tf.nn.conv2d(batch, weights, 1, "VALID").numpy()[0, :, :, 0],
}

# %%
import timeit

milliseconds = {}
for name, way in ways.items():
    assert np.allclose(way(), ways["loops"](), atol=0.1), (
        name
    )  # fast is worth nothing if it is wrong
    repeats = 1 if name == "loops" else 10
    milliseconds[name] = 1000 * min(timeit.repeat(way, number=1, repeat=repeats))

figure, axis = plt.subplots(figsize=(10, 4.2))
order = sorted(milliseconds, key=milliseconds.get)
bars = axis.barh(order, [milliseconds[name] for name in order], color="C0")
labels = [f"{milliseconds[name]:,.{2 if milliseconds[name] < 10 else 0}f} ms" for name in order]
axis.bar_label(bars, labels, padding=4)
axis.set(
    xscale="log",
    xlabel="milliseconds for 512×512 pixels (logarithmic)",
    title="Eight ways, one result",
)
axis.set_xlim(right=5 * max(milliseconds.values()))
plots.show(
    "Horizontal bars of running times on a logarithmic scale: the Python loops take hundreds of times longer, or more, "
    "than the fastest ways, which are the shifted sums of the helpers and TensorFlow."
)

# %% [markdown]
# **What to notice.** Your bars differ from anyone else's; their *order of magnitude* does not. Loops in Python are
# hundreds of times slower or more, and NumPy, used well, keeps up with a library written in C++: for one kernel and one channel, as here. (`helpers.correlate2d` is
# your `shift_and_add`, done for a few rows at a time, so that they stay in the processor's cache.)
#
# ## Summary
#
# - A convolution is a dense layer with two savings, locality and sharing. It slides a kernel, multiplies, adds up; libraries do it **without the flip** of the textbook definition.
# - The size of the result is $\lfloor (N - F + 2P)/S \rfloor + 1$ along each axis.
# - A filter has one kernel for each input channel and one bias; a layer of $K$ filters gives $K$ feature maps. A 3×3 layer
#   from 3 to 32 channels has 896 parameters, not 288.
# - Linear layers in a row collapse into one; an activation such as ReLU between them prevents it.
# - Pooling shrinks the maps and doubles the step of later layers. Convolution is translation-equivariant; stride and pooling only for shifts by whole steps, and pooling makes a map *less sensitive* to small shifts, not invariant.
#
# ## Try it
#
# **Question 1.** What does a kernel do whose only nonzero weight is a 1 in the middle of its right column?
#
# <details><summary>Answer</summary>
# Each result is the pixel to the right of the center, so the picture moves one pixel to the left.
# </details>
#
# **Question 2.** An image of 180×180 goes through conv 3×3, pool 2, pool 2, conv 3×3, pool 2. How large is it at the end?
#
# <details><summary>Answer</summary>
# 178, 89, 44, 42, 21. Pooling drops the last row and column of 89×89.
# </details>
#
# **Question 3.** Two 3×3 layers in a row see as far as one 5×5 layer. Which has fewer weights, with 64 channels everywhere?
#
# <details><summary>Answer</summary>
# Two 3×3 layers: 2·9·64·64 = 73,728 weights against 25·64·64 = 102,400. They also put a non-linearity in between.
# </details>
#
# **Question 4.** Is max pooling a convolution with some kernel?
#
# <details><summary>Answer</summary>
# No. Convolution is linear: the result of a sum is the sum of the results. The maximum is not. Average pooling is one:
# a box blur with a stride.
# </details>
#
# **Question 5.** A 3×3 convolution with a dilation of 4: how many pixels does it span, and how many weights does it have for one channel?
#
# <details><summary>Answer</summary>
# 9×9 pixels, $4·(3-1)+1 = 9$ along each axis, and still nine weights.
# </details>

# %%
# The numbers in the answers, computed.
right = np.zeros((3, 3))
right[1, 2] = 1
assert np.array_equal(correlate2d(photo, right), photo[1:-1, 2:])  # 1

size, sizes = 180, []
for window, stride in [(3, 1), (2, 2), (2, 2), (3, 1), (2, 2)]:
    size = output_size(size, window, stride)
    sizes.append(size)
assert sizes == [178, 89, 44, 42, 21]  # 2

assert (2 * 9 * 64 * 64, 25 * 64 * 64) == (73_728, 102_400)  # 3
blur_tiles = correlate2d(photo, np.full((2, 2), 1 / 4), stride=2)
assert np.allclose(blur_tiles, average_pool2d(photo))  # 4

assert 4 * (3 - 1) + 1 == 9  # 5
assert all(
    len(correlate1d(np.ones(n), np.ones(f), s, padding=(f - 1) // 2)) == -(-n // s)
    for n in range(1, 12)
    for f in (1, 3, 5)
    for s in range(1, 6)
)  # section 1: ⌈N/S⌉ results, with any stride

# %% [markdown]
# **Next:** [lab 01](labs/lab_01_convolution_by_hand.ipynb) lets you write these functions yourself, with instant checks. Then
# [lesson 02](02_sobel_filters.ipynb) turns kernels into edge detectors.
