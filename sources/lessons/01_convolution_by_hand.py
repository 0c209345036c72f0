# %% [markdown]
# # 01 · Convolution by hand
#
# **What you will do:** slide a small window over numbers, first with a pencil, then with two loops, then fast; and check
# every step against the libraries that professionals use.
#
# **What you will learn**
# - what a convolution computes, and why deep-learning libraries do *not* flip the kernel,
# - how stride and padding decide the size of the result,
# - how color images, several filters, biases and pooling fit together,
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
# ## 1 · A window that slides along a line
#
# Start with one dimension. A **signal** is a row of numbers $x_1 … x_n$; a **kernel** is a short row of weights
# $k_1 … k_l$. Lay the kernel on the signal, multiply what lies on top of each other, add up, write the sum down,
# move one step to the right, repeat. With a kernel of odd length centered on position $i$:
#
# $$z_i = \sum_{j=1}^{l} k_j \, x_{\,j+i-(l+1)/2}$$
#
# Take the signal 2, 4, 9, 1, 3 and the kernel 1, 2, 1. With the kernel centered on the 4 you get
# $1·2 + 2·4 + 1·9 = 19$. Work out the next two positions on paper before you run the cell.

# %% tags=["nbval-check-output"]
signal = np.array([2, 4, 9, 1, 3])
kernel = np.array([1, 2, 1])

for start in range(len(signal) - len(kernel) + 1):
    window = signal[start : start + len(kernel)]
    products = " + ".join(f"{weight}·{value}" for weight, value in zip(kernel, window))
    print(f"window at {start}: {products} = {np.sum(window * kernel)}")

# %% [markdown]
# A figure of the same three steps. The frame is the window; the number below it is what gets written down.

# %%
figure, axes = plt.subplots(1, 3, figsize=(12, 2.6), layout="constrained")
for start, axis in enumerate(axes):
    result = np.full(5, np.nan)
    result[start + 1] = np.sum(signal[start : start + 3] * kernel)
    plots.number_grid(
        np.stack([signal, result]), f"step {start + 1}", (0, start, 1, 3), axis, vmin=0, vmax=30
    )
plots.show(
    "Three panels: a window of three squares moves along the signal 2, 4, 9, 1, 3; "
    "the sums 19, 23 and 14 appear below its middle."
)

# %% [markdown]
# **What to notice.** The result has three numbers, not five: at the ends the window would hang over the edge.
# Two settings decide how many numbers come out, and both have names you will meet in every library:
#
# - **padding**: put zeros around the signal, so that the window can also be centered on the first and the last value,
# - **stride**: move by more than one step at a time, which makes the result shorter.

# %% tags=["nbval-check-output"]
from helpers.convolution import correlate1d

print("no padding:         ", correlate1d(signal, kernel))
print("padding 1:          ", correlate1d(signal, kernel, padding=1))
print("padding 1, stride 2:", correlate1d(signal, kernel, stride=2, padding=1))

# %% [markdown]
# With a padding of $(l-1)/2$ zeros on each side, a signal of $n$ values, a stride of $s$ and a kernel of odd length $l$ always
# give exactly $\lceil n/s \rceil$ values. Do not believe it; check it for many combinations.

# %% tags=["nbval-check-output"]
import math

checked = 0
for n in range(1, 40):
    for stride in range(1, 8):
        for length in (1, 3, 5, 7, 9):
            outputs = correlate1d(
                np.ones(n), np.ones(length), stride, padding=(length - 1) // 2
            )
            assert len(outputs) == math.ceil(n / stride)
            checked += 1
print(f"⌈n/s⌉ values in all {checked} cases")

# %% [markdown]
# ## 2 · To flip or not to flip
#
# In mathematics the **convolution** of two rows of numbers *flips* one of them:
#
# $$(f * g)(i) = \sum_j f(i-j)\, g(j)$$
#
# The flip has a reason: with it, the order does not matter, $f * g = g * f$. NumPy's `convolve` follows this definition.

# %%
f = np.array([1, 2, 3, 4])
g = np.array([1, 0, -1])

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

# %%
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

# %%
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
# ## 3 · Two dimensions, filled in by hand
#
# Here is a scrap of a gray image: 6 rows, 4 columns, 0 is black and 255 is white. The kernel is 3×3 and all ones, so each
# result is simply the sum of nine pixels. **Take a pencil** and fill in the 4×2 matrix of results. Two are given:
# $219+253+190 = 662$ with the window centered on row 1, column 1, and 757 on row 3, column 2 (counting from 0).

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
# **Done?** Then compare. The two given values are asserted, the rest is printed.

# %% tags=["nbval-check-output"]
completed = correlate2d(scrap, ones)
assert completed[0, 0] == 662  # the window centered on row 1, column 1
assert completed[2, 1] == 757  # the window centered on row 3, column 2
print(completed.astype(int))

# %% [markdown]
# Divided by 9, the sum becomes the average of the neighborhood: a **box blur**.

# %%
assert np.allclose(correlate2d(scrap, filters.BOX_BLUR), completed / 9)

# %% [markdown]
# ### The window, step by step
#
# A 5×5 image and a 3×3 kernel with stride 1: three positions across, three down, nine in all. The pictures below
# go through all nine; the result grows one number at a time.

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
    "Nine pairs of grids: a 3 by 3 window moves over a 5 by 5 image from the top left to the bottom right, "
    "and beside it the 3 by 3 result fills up one number at a time."
)

# %% [markdown]
# **What to notice.** Neighboring windows overlap in six of nine squares, so neighboring results are similar: that is why
# blurred images look smooth. And every position uses the *same nine weights*.
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

# %% [markdown]
# The picture shows where the *centers* of a 3×3 window stand on a 7×7 image. The hatched frame is padding.


# %%
def draw_centers(axis, padding, stride):
    """Mark the window's centers on a 7×7 image with zero padding around it."""
    count = output_size(7, 3, stride, padding)
    centers = 1 - padding + stride * np.arange(count)
    axis.add_patch(
        plt.Rectangle((-1.5, -1.5), 9, 9, facecolor="white", edgecolor="0.7", hatch="//")
    )
    axis.add_patch(plt.Rectangle((-0.5, -0.5), 7, 7, facecolor="#cfe3f3", edgecolor="black"))
    axis.plot(*np.meshgrid(centers, centers), "o", color="#d55e00", markersize=9)
    axis.set(
        title=f"padding {padding}, stride {stride}\n{count}×{count} results", aspect="equal"
    )
    axis.set(xlim=(-1.7, 7.7), ylim=(7.7, -1.7))
    axis.axis("off")


figure, axes = plt.subplots(1, 4, figsize=(14, 4.2), layout="constrained")
for axis, (padding, stride) in zip(axes, [(0, 1), (1, 1), (0, 2), (1, 2)]):
    draw_centers(axis, padding, stride)
plots.show(
    "Four 7 by 7 squares with dots at the window centers: 5 by 5 dots without padding, 7 by 7 with padding 1, "
    "3 by 3 with stride 2, and 4 by 4 with padding 1 and stride 2."
)

# %% [markdown]
# **What to notice.** A 3×3 kernel with padding 1 and stride 1 keeps the size; Keras calls such padding `"same"`, and no
# padding `"valid"`. Stride 2 halves the size (rounding decides the odd cases). When $S$ does not divide the room, the floor
# in the formula drops the pixels at the end: they are never seen.
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

# %%
detail = photo[60:188, 160:288]
named = {
    "sharpen": filters.SHARPEN,
    "identity": filters.IDENTITY,
    "box blur": filters.BOX_BLUR,
    "horizontal lines": filters.HORIZONTAL_LINES,
    "Sobel x": filters.SOBEL_X,
}


def draw_filtered(*weights):
    """Draw the photograph before and after the kernel with these nine weights."""
    kernel = np.reshape(weights, (3, 3))
    result = correlate2d(detail, kernel)
    titles = ["before", f"after · weights add up to {kernel.sum():.2g}"]
    plots.image_grid([detail, result], titles, 2, 4.2, vmin=0, vmax=255)


# %%
boxes = [
    widgets.FloatText(w, step=0.5, layout=widgets.Layout(width="76px"))
    for w in filters.SHARPEN.flat
]
grid = widgets.GridBox(boxes, layout=widgets.Layout(grid_template_columns="repeat(3, 82px)"))
wide = widgets.Layout(width="240px")
choice = widgets.Dropdown(options=list(named), description="kernel", layout=wide)


def use_named_kernel(change):
    """Write a named kernel's weights into the nine boxes."""
    for box, weight in zip(boxes, named[change["new"]].flat):
        box.value = round(float(weight), 3)


def redraw(**weights):
    """Draw inside the widget whenever a weight changes."""
    draw_filtered(*weights.values())
    plt.show()


# %%
choice.observe(use_named_kernel, names="value")
output = widgets.interactive_output(redraw, {f"w{n}": box for n, box in enumerate(boxes)})
explorer = widgets.HBox([widgets.VBox([choice, grid]), output])
plots.show_widget(
    explorer,
    lambda: draw_filtered(*filters.SHARPEN.flat),
    "The cameraman before and after the sharpening kernel.",
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

# %%
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

# %% tags=["nbval-check-output"]
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
# **What to notice.** The sum hides which channel it came from; a network decides through its weights which colors matter.
# The border values differ strongly from the inside: zeros around an image of values near 160 are a hard black frame.
#
# ## 7 · Several filters: feature maps and their weights
#
# One filter gives one map. A **layer** has many filters and stacks their maps, now called **feature maps**, as the channels
# of its output. A 32×32 color image and one 3×3 filter give 30×30 numbers. In the language of neural networks: 900 neurons
# (or *units*; the words mean the same) that share the same weights.

# %% tags=["nbval-check-output"]
from helpers.convolution import conv2d

generator = np.random.default_rng(0)
small_image = generator.uniform(size=(1, 32, 32, 3))

one_filter = conv2d(small_image, generator.normal(size=(3, 3, 3, 1)))
print("one filter:", one_filter.shape[1:], "→", one_filter.size, "neurons")

filters_32 = generator.normal(size=(3, 3, 3, 32))
biases = np.zeros(32)
print("32 filters:", conv2d(small_image, filters_32, biases).shape[1:])

# %% [markdown]
# How many weights does the layer with 32 filters have? A published set of notes answers 288, **which is
# wrong**: $3×3×3×32$ is 864, and with one bias for each filter the layer learns 896 numbers. Count them:

# %% tags=["nbval-check-output"]
assert 3 * 3 * 3 * 32 == 864
assert filters_32.size == 864
assert filters_32.size + biases.size == 896
print(f"{filters_32.size} weights + {biases.size} biases = {filters_32.size + biases.size}")
print("288 would be right for one input channel:", 3 * 3 * 1 * 32)

# %% [markdown]
# The same kind of layer on a real photograph, with four filters that you know. (The two "line" kernels respond to a step
# from bright to dark: the edge of a line.) Each filter uses the same 3×3 kernel for red,
# green and blue, divided by three. `ReLU` sets negative values to zero, as the layers of lesson 03 do.

# %%
astronaut = data.astronaut()[:256:2, 80:336:2] / 255
known = [filters.IDENTITY, filters.BOX_BLUR, filters.HORIZONTAL_LINES, filters.VERTICAL_LINES]
bank = np.stack([np.repeat(kernel[:, :, None] / 3, 3, axis=2) for kernel in known], axis=-1)

maps = np.maximum(conv2d(astronaut[None], bank)[0], 0)
print("input", astronaut.shape, "→ filters", bank.shape, "→ feature maps", maps.shape)

# %% tags=["cover"]
titles = ["photograph", "identity", "blur", "horizontal lines", "vertical lines"]
axes = plots.image_grid(
    [astronaut] + [maps[..., n] for n in range(4)], titles, columns=5, cell=2.9
)
plots.show(
    "A color portrait of an astronaut and four gray feature maps of it: unchanged brightness, blurred, "
    "edges that run horizontally, and edges that run vertically."
)

# %% [markdown]
# **What to notice.** The line detectors fire only where brightness falls in *their* direction; the opposite edges
# were negative and ReLU removed them. Each map answers one question about every place of the image.
#
# ## 8 · Pooling: keep the strongest answer
#
# After a layer has asked "is there an edge here?", the exact pixel rarely matters. **Max pooling** cuts each map into
# tiles and keeps the largest value of each; **average pooling** keeps the mean. Pooling has no weights.

# %% tags=["nbval-check-output"]
from helpers.convolution import average_pool2d, max_pool2d

tiles = max_pool2d(scrap, size=2)
assert np.array_equal(tiles, [[219, 253], [0, 190], [212, 253]])
print("max:\n", tiles)
print("average:\n", average_pool2d(scrap, size=2))

# %% [markdown]
# Windows may also overlap. With a 3×3 window and stride 1, the 5×5 board of section 3 keeps almost only threes:

# %%
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
# **What to notice.** Pooling with tiles of 2 leaves a quarter of the numbers. The maximum keeps a single strong response
# alive that an average would wash out; that is why classifiers usually take the maximum.
#
# ## 9 · What a deep unit sees, and what happens when the image moves
#
# ### The receptive field
#
# A unit of the first 3×3 layer sees 3×3 pixels. A unit of the second layer sees 3×3 units of the first, which
# together see 5×5 pixels. In general a layer with kernel $F$ adds $(F-1)$ steps, and a step is as many pixels wide as the
# product of all strides before it (its *jump*).

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


# %%
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
# **What to notice.** Pooling makes every later layer see twice as far. These are the layers of the digit classifier in
# lesson 03: its last units look at 18 of 28 pixels, enough for a loop or a corner with its surroundings.
# Small parts first, combinations of parts later: that is the *hierarchy* that makes deep networks work.
#
# ### Equivariance: the map moves along
#
# Slide the image by some pixels, and the feature map slides by the same amount: **translation equivariance**. It follows
# from using the same weights everywhere. (Not at the border, where new pixels come in.)

# %%
edges = correlate2d(photo, filters.SOBEL_X)
moved = np.roll(photo, (7, 12), axis=(0, 1))
edges_of_moved = correlate2d(moved, filters.SOBEL_X)

inside = (slice(10, -10), slice(15, -15))
assert np.array_equal(edges_of_moved[inside], np.roll(edges, (7, 12), axis=(0, 1))[inside])

# %% [markdown]
# ### Invariance: pooling forgets small shifts
#
# A classifier wants more: its answer should *not change at all* when a cat moves by a pixel. Pooling brings that about,
# approximately. Shift the photograph and measure how much the maps change, relative to their own spread.


# %%
def change(before, after):
    """Root mean square difference, relative to the spread of the map."""
    return np.sqrt(np.mean((before - after) ** 2)) / before.std()


strength = np.abs(edges)
curves = {"edge map": [], "max pool 4": [], "max pool 16": []}
for shift in range(9):
    shifted = np.abs(correlate2d(np.roll(photo, shift, axis=1), filters.SOBEL_X))
    curves["edge map"].append(change(strength, shifted))
    for size in (4, 16):
        curves[f"max pool {size}"].append(
            change(max_pool2d(strength, size), max_pool2d(shifted, size))
        )
assert all(
    curves["max pool 16"][s] < curves["max pool 4"][s] < curves["edge map"][s]
    for s in range(1, 9)
)

# %%
for (name, values), line in zip(curves.items(), plots.LINE_STYLES):
    plt.plot(values, line, marker="o", label=name)
plt.xlabel("shift of the photograph (pixels)")
plt.ylabel("relative change")
plt.title("The coarser the pooling, the less a shift matters")
plt.legend()
plots.show(
    "Three rising curves of change against shift: the edge map changes most, the map after pooling by 4 less, "
    "and after pooling by 16 least."
)

# %% [markdown]
# **What to notice.** A shift of one pixel changes the raw edge map drastically. After pooling the change is smaller, but it
# is *not* zero: invariance is approximate, and lesson 03 measures how far it carries.
#
# ## 10 · The same thing in TensorFlow, and how fast
#
# Now import TensorFlow, for the first and only time in this lesson, and compare.

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

# %% [markdown]
# The size formula against Keras, for a grid of sizes, kernels, paddings and strides; and the count of weights of section 7.

# %% tags=["nbval-check-output"]
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


# %%
def im2col(image, kernel):
    """All windows as rows of a matrix, then one matrix product."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows.reshape(-1, kernel.size) @ kernel.ravel()).reshape(windows.shape[:2])


def windows_and_einsum(image, kernel):
    """A view of all windows without copying, then a sum of products."""
    return np.einsum(
        "rcij,ij->rc", np.lib.stride_tricks.sliding_window_view(image, kernel.shape), kernel
    )


# %%
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

# %%
figure, axis = plt.subplots(figsize=(10, 4.2))
order = sorted(milliseconds, key=milliseconds.get)
bars = axis.barh(order, [milliseconds[name] for name in order], color="C0")
axis.bar_label(bars, [f"{milliseconds[name]:.3g} ms" for name in order], padding=4)
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
# hundreds of times slower or more, and NumPy, used well, keeps up with a library written in C++. (`helpers.correlate2d` is
# your `shift_and_add`, done for a few rows at a time, so that they stay in the processor's cache.)
#
# ## Summary
#
# - A convolution slides a kernel, multiplies, adds up; libraries do it **without the flip** of the textbook definition.
# - The size of the result is $\lfloor (N - F + 2P)/S \rfloor + 1$ along each axis.
# - A filter has one kernel for each input channel and one bias; a layer of $K$ filters gives $K$ feature maps. A 3×3 layer
#   from 3 to 32 channels has 896 parameters, not 288.
# - Pooling keeps the strongest response of each tile; it shrinks the maps and makes later units see farther.
# - Convolution is translation-equivariant; pooling makes the result approximately invariant.
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
# **Question 5.** Blur twice with the 3×3 box. Which single kernel does the same in one go?
#
# <details><summary>Answer</summary>
# The box convolved with itself with full padding: a 5×5 kernel that falls off from the middle, 9/81 in the center and
# 1/81 in the corners.
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

twice = convolve2d(filters.BOX_BLUR, filters.BOX_BLUR, padding=2)
assert np.allclose([twice[2, 2], twice[0, 0]], [9 / 81, 1 / 81])
assert np.allclose(
    correlate2d(correlate2d(photo, filters.BOX_BLUR), filters.BOX_BLUR),
    correlate2d(photo, twice),
)  # 5

# %% [markdown]
# **Next:** [lab 01](labs/lab_01_convolution_by_hand.ipynb) lets you write these functions yourself, with instant checks. Then
# [lesson 02](02_sobel_filters.ipynb) turns kernels into edge detectors.
