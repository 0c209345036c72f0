# %% [markdown]
# # 02 · Sobel filters
#
# **What you will do:** find the edges of real photographs with kernels chosen by hand, let gradient descent find the same
# kernel from examples, and then teach a few filters something that no single one can do.
#
# **What you will learn**
# - what blur, sharpening and edge kernels do, and what their weights must add up to,
# - what the Sobel operator measures: strength *and* direction of an edge,
# - why signed floating-point numbers matter, why one smooths before differentiating, and how separable kernels save work,
# - how a kernel is **learned** from examples, and why the last bit takes so long,
# - why a network needs several filters and a non-linearity.
#
# **What you need:** lesson 01. No TensorFlow until section 10.
#
# **Time:** 75 minutes in class. Running all cells takes about 25 s on 2 CPU cores; a GPU is not used.

# %%
from helpers import course, filters, plots

course.start("Lesson 02")

# %%
import matplotlib.pyplot as plt
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage
from skimage import data

from helpers.convolution import convolve2d, correlate2d

# %% [markdown]
# ## 1 · Two photographs
#
# Both come with scikit-image, so there is nothing to download: a cameraman, and Greek coins.

# %% tags=["nbval-check-output"]
camera, coins = data.camera(), data.coins()
print("cameraman", camera.shape, camera.dtype)
print("coins    ", coins.shape, coins.dtype)

# %%
plots.image_grid([camera, coins], ["cameraman", "coins"], 2, 4.2, vmin=0, vmax=255)
plots.show(
    "Two gray photographs: a man behind a camera on a tripod, and four rows of old coins."
)

# %% [markdown]
# Photographs arrive as `uint8`, whole numbers from 0 to 255. Convert them to floating-point numbers *before* you compute
# with them. Section 4 shows what happens otherwise.

# %%
camera, coins = camera.astype(float), coins.astype(float)

# %% [markdown]
# ## 2 · Kernels with a purpose
#
# Six kernels, slid over the picture without a flip, as always in this course:

# %% tags=["nbval-check-output"]
kernels = {
    "identity": filters.IDENTITY,
    "box blur × 1/9": filters.BOX_BLUR * 9,
    "Gaussian × 1/16": filters.GAUSSIAN * 16,
    "sharpen": filters.SHARPEN,
    "Prewitt x": filters.PREWITT_X,
    "Prewitt y": filters.PREWITT_Y,
}
for name, kernel in kernels.items():
    rows = "   ".join(" ".join(f"{weight:2.0f}" for weight in row) for row in kernel)
    print(f"{name:16} {rows}")

# %% [markdown]
# **Predict, before you look at the results:** which kernels keep the brightness of a uniform area? Which give 0 there? On which side of a
# coin (bright, on a darker ground) does Prewitt x give positive numbers?
#
# <details><summary>Check your prediction</summary>
#
# - The weights of the blurs (with their divisors 9 and 16) and of sharpen add up to **1**: brightness stays.
# - Prewitt's add up to **0**: where nothing changes, nothing comes out.
# - Prewitt x is the right column minus the left one: positive where it becomes brighter *to the right*. That is the left rim of a coin.
#
# </details>

# %%
divisors = [1, 9, 16, 1, 1, 1]
responses = [
    correlate2d(coins, k / d)[60:180, 60:210] for k, d in zip(kernels.values(), divisors)
]
figure, axes = plt.subplots(2, 6, figsize=(18, 5.6), layout="constrained")
for column, (name, kernel) in enumerate(kernels.items()):
    signed = "Prewitt" in name
    grid = {"cmap": plots.SIGNED, "vmin": -5, "vmax": 5}
    plots.number_grid(kernel + 0.0, name, axis=axes[0, column], **grid)
    look = (
        {"cmap": plots.SIGNED, "vmin": -300, "vmax": 300}
        if signed
        else {"cmap": "gray", "vmin": 0, "vmax": 255}
    )
    picture = axes[1, column].imshow(responses[column], **look)
    axes[1, column].set_axis_off()
figure.colorbar(picture, ax=axes[1, 5], label="response", shrink=0.9)
plots.show(
    "Six kernels as grids of numbers, and below each a detail of the coins after it: unchanged, two soft pictures, a crisp one, and two signed "
    "pictures of the rims. For Prewitt x left rims are purple and right rims orange; for Prewitt y upper rims are purple and lower rims orange."
)

# %% [markdown]
# **What to notice.** Negative numbers need a *signed* color scale: white is zero, purple positive, orange negative. Opposite rims
# of a coin have opposite colors. The *sign* of a response carries information.
#
# One convention holds for the whole page. $x$ points to the right and $y$ **down**, as columns and rows are counted. A kernel with $x$ in its name is positive
# where the picture becomes brighter to the right, one with $y$ where it becomes brighter downward.
#
# ### An edge is not a line
#
# A published lecture calls the kernel 1 1 1, 0 0 0, −1 −1 −1 "horizontal lines" and its transpose "vertical lines". They are **Prewitt's edge kernels** with the opposite sign.
# Do they find lines? Try a bright vertical line, one pixel wide:

# %% tags=["nbval-check-output"]
assert np.array_equal(filters.VERTICAL_LINES, -filters.PREWITT_X)
assert np.array_equal(filters.HORIZONTAL_LINES, -filters.PREWITT_Y)

thin_line = np.zeros((3, 9))
thin_line[:, 4] = 10
line_kernel = np.tile([-1, 2, -1], (3, 1))
print("pixels          ", thin_line[1, 1:-1].astype(int))
print("Prewitt x       ", correlate2d(thin_line, filters.PREWITT_X)[0].astype(int))
print("-1 2 -1, 3 times", correlate2d(thin_line, line_kernel)[0].astype(int))

# %% [markdown]
# **What to notice.** On the line itself Prewitt gives 0; it answers on both sides, where the brightness *changes*. A line has an edge on each side. A kernel for lines
# compares the middle with both neighbors, as the last row does.
#
# <!-- question sum-zero -->
#
# ## 3 · The Sobel operator
#
# How steep is the brightness at a pixel, and in which direction does it rise? The Sobel operator answers with two kernels. They are
# Prewitt's, with more weight on the middle row or column:
#
# $$G_x = I * \begin{bmatrix}-1&0&1\\-2&0&2\\-1&0&1\end{bmatrix} \qquad
#   G_y = I * \begin{bmatrix}-1&-2&-1\\0&0&0\\1&2&1\end{bmatrix}$$
#
# (Here $*$ slides without a flip, as libraries do. With the textbook's flip both results change their sign.)
# From these two follow the strength $G = \sqrt{G_x^2 + G_y^2}$ and the angle $\theta = \arctan(G_y / G_x)$.
#
# ### On paper
#
# A ramp rises by 10 gray levels for each pixel to the right. What is $G_x$?
#
# <details><summary>Check your prediction</summary>
#
# The right column sees $x+10$, the left one $x-10$: a difference of 20. The weights on each side add up to $1+2+1 = 4$. So $G_x = 4 \cdot 20 = 80$: **eight times the slope**. (A library that wants the slope itself divides by 8. scikit-image divides by 4 and gives twice the slope.)
#
# </details>

# %% tags=["nbval-check-output"]
ramp = np.tile(np.arange(0, 60, 10), (5, 1))
print("change to the right:", correlate2d(ramp, filters.SOBEL_X)[0])
print("change downward:    ", correlate2d(ramp, filters.SOBEL_Y)[0])
assert np.all(correlate2d(ramp, filters.SOBEL_X) == 8 * 10)

# %% [markdown]
# `filters.sobel` computes all four arrays. It repeats the pixels at the border instead of padding with zeros, so that the
# photograph's frame does not become an edge. Compare with two independent libraries:

# %%
from skimage import filters as skimage_filters

gradient = filters.sobel(camera)

assert np.allclose(gradient.gx, ndimage.sobel(camera, axis=1))
assert np.allclose(gradient.gy, ndimage.sobel(camera, axis=0))
assert np.allclose(gradient.gx / 4, skimage_filters.sobel_v(camera))  # it divides by 4
assert np.allclose(gradient.magnitude, np.sqrt(gradient.gx**2 + gradient.gy**2))

# %%
detail = (slice(40, 300), slice(110, 370))
figure, axes = plt.subplots(2, 3, figsize=(13, 8.4), layout="constrained", height_ratios=[2, 1])
signed = {"cmap": plots.SIGNED, "vmin": -500, "vmax": 500}
panels = {"$G_x$": (gradient.gx, signed), "$G_y$": (gradient.gy, signed)}
brightest = np.percentile(gradient.magnitude[detail], 99)  # a few pixels are far stronger
panels["magnitude $G$"] = gradient.magnitude, {"cmap": "gray", "vmin": 0, "vmax": brightest}
for axis, (name, (values, look)) in zip(axes[0], panels.items()):
    axis.imshow(values[detail], **look)
    axis.set(title=name)
for axis, name in zip(axes[1], ("SOBEL_X", "SOBEL_Y")):
    grid = {"cmap": plots.SIGNED, "vmin": -4, "vmax": 4}
    plots.number_grid(getattr(filters, name), name, axis=axis, **grid)
axes[1, 2].imshow(camera[detail], cmap="gray")
axes[1, 2].set_title("photograph")
for axis in (*axes[0], axes[1, 2]):
    axis.set_axis_off()
plots.show(
    "The cameraman's head and camera three times: G x in purple and orange with the vertical outlines, G y with the horizontal ones, and the magnitude, "
    "in which all outlines glow. Below are the two Sobel kernels and the photograph."
)

# %% [markdown]
# **What to notice.** $G_x$ is blind to horizontal edges and $G_y$ to vertical ones; the magnitude sees both, and
# slanted ones too.
#
# <!-- question sobel-scale -->
#
# ### Which angle? Use `arctan2`
#
# The formula $\theta = \arctan(G_y/G_x)$ has two flaws. It divides by zero where $G_x = 0$, at every horizontal edge. And it cannot
# tell opposite directions apart: "brighter to the right" gives $0/8$, "brighter to the left" $0/(-8)$, and both are 0. The function `arctan2(gy, gx)` takes both
# numbers separately and returns the full circle.
#
# Because $y$ points down, angles run **clockwise**: 0° is right, 90° is *down*. In a mathematics book, where $y$ points up, they run the other way.

# %% tags=["nbval-check-output"]
examples = {
    "right": (8, 0),
    "down": (0, 8),
    "left": (-8, 0),
    "up": (0, -8),
    "left and up": (-8, -8),
}
for name, (gx, gy) in examples.items():
    plain = f"{np.degrees(np.arctan(gy / gx)) + 0.0:.0f}°" if gx else "division by zero"
    print(
        f"brighter {name:12} arctan: {plain:17} arctan2: {np.degrees(np.arctan2(gy, gx)):.0f}°"
    )

# %% [markdown]
# Draw the angle as a **hue** and the magnitude as brightness. A disk is the best legend: on its rim every direction occurs once.


# %%
from matplotlib.colors import hsv_to_rgb


def hue_map(gradient, strongest):
    """Color by direction, brightness by strength (everything above `strongest` is full)."""
    hue = (gradient.angle + np.pi) / (2 * np.pi)
    value = np.clip(gradient.magnitude / strongest, 0, 1)
    return hsv_to_rgb(np.stack([hue, np.ones_like(hue), value], axis=-1))


y, x = np.mgrid[-1:1:160j, -1:1:160j]
disk = ndimage.gaussian_filter(np.where(x**2 + y**2 < 0.5, 255.0, 0.0), 5)

# %% tags=["cover"]
titles = ["a bright disk", "its edge hues (legend)", "coins"]
coin_detail = filters.sobel(coins[20:180, 20:180])
axes = plots.image_grid(
    [disk, hue_map(filters.sobel(disk), 120), hue_map(coin_detail, 400)], titles, 3, 4.4
)
names = {"→ 0°": (48, 80), "← 180°": (110, 80), "↓ 90°": (80, 42), "↑ −90°": (80, 118)}
for name, place in names.items():
    axes[1].text(*place, name, color="white", ha="center", va="center", fontsize=17)
plots.show(
    "A bright disk, the same disk with its rim colored by gradient direction around the color wheel, with arrows that "
    "point inward and their angles, and a detail of the coins colored the same way."
)

# %% [markdown]
# **What to notice.** The arrows point to where it gets brighter: always *into* the bright disk. Every coin repeats the
# disk's order of colors, because every coin is a bright disk on a darker ground. If you cannot tell the hues apart,
# follow the order around the rim: neighbors in direction are neighbors in color.
#
# ## 4 · The trap: 8-bit numbers wrap around
#
# A `uint8` holds 0 to 255 and nothing else. An edge response of −40 does not fit; NumPy silently turns it into
# 216. Here is the difference of two neighbors, computed in both ways:

# %% tags=["nbval-check-output"]
left, right = np.array([200], dtype=np.uint8), np.array([160], dtype=np.uint8)
print("uint8:", (right - left)[0], "  float:", (right.astype(float) - left)[0])

# %%
eight_bit = data.camera()
wrapped = eight_bit[:, 2:] - eight_bit[:, :-2]  # the bug
signed = eight_bit[:, 2:].astype(float) - eight_bit[:, :-2]

share_wrong = np.mean(wrapped != signed)
assert 0.3 < share_wrong < 0.6
print(f"{share_wrong:.0%} of the pixels are wrong")

# %%
crops = [image[80:220, 170:310] for image in (wrapped, np.abs(signed))]
plots.image_grid(crops, ["uint8: wrapped around", "float: absolute change"], 2, 3.8)
plots.show(
    "Two edge pictures of the cameraman's head: the 8-bit one is full of white speckles and false bright areas, "
    "the floating-point one shows the outlines on black."
)

# %% [markdown]
# **What to notice.** Wherever the brightness *falls* a little, the wrong picture jumps to almost white. Here you see the damage at once. In a program that
# feeds the numbers to a network, nobody looks, and NumPy gives neither an error nor a warning. `helpers.convolution` converts integers to floating point first:

# %%
assert np.array_equal(
    correlate2d(eight_bit, filters.SOBEL_X), correlate2d(camera, filters.SOBEL_X)
)

# %% [markdown]
# <!-- question negative -->
#
# ## 5 · Noise, and why one smooths first
#
# A derivative amplifies noise: neighboring pixels of a uniform area differ by noise alone, and a difference is all a
# derivative looks at. Add noise to the photograph, then compare the magnitudes: clean, noisy, and noisy but smoothed with a
# Gaussian blur before Sobel. (σ, sigma, is the blur's standard deviation: how far it reaches. Each panel has its own scale.)

# %%
generator = np.random.default_rng(0)
noisy = camera + generator.normal(scale=25, size=camera.shape)
smoothed = ndimage.gaussian_filter(noisy, sigma=2)

magnitudes = [
    filters.sobel(image).magnitude[60:220, 140:300] for image in (camera, noisy, smoothed)
]
shown = [magnitude / np.percentile(magnitude, 99) for magnitude in magnitudes]
titles = ["clean", "with noise", "with noise, smoothed first"]
plots.image_grid(shown, titles, 3, 3.8, vmin=0, vmax=1)
plots.show(
    "Gradient magnitudes of the cameraman: thin clear outlines from the clean photograph, outlines drowned in speckles from the "
    "noisy one, and clear but thicker outlines when the noisy one is smoothed first."
)

# %% [markdown]
# Measure both, the gain and the price. The **gain**: the median response on the outline (where the clean gradient is strongest), divided by
# that in the uniform sky at the top left. The **price**: how many pixels across a single sharp step respond with at least half the strongest response.


# %%
def contrast(image):
    """Median response on the outline, divided by the median response in the sky."""
    magnitude = filters.sobel(image).magnitude
    outline = gradient.magnitude > np.percentile(gradient.magnitude, 97)
    return np.median(magnitude[outline]) / np.median(magnitude[10:100, 10:100])


def thickness(image):
    """Number of columns that respond with at least half the strongest response."""
    response = filters.sobel(image).magnitude[30]
    return np.sum(response >= response.max() / 2)


step_edge = np.zeros((60, 60))
step_edge[:, 30:] = 100
sigmas = np.arange(0, 6.5, 0.5)
contrasts = [contrast(ndimage.gaussian_filter(noisy, sigma)) for sigma in sigmas]
widths = [thickness(ndimage.gaussian_filter(step_edge, sigma)) for sigma in sigmas]

# %%
figure, axes = plt.subplots(1, 2, figsize=(13, 4), layout="constrained")
axes[0].plot(sigmas, contrasts, marker="o")
axes[0].set(title="gain: outlines against noise", ylabel="outline / sky", ylim=(0, None))
axes[1].plot(sigmas, widths, "--", marker="s", color="C1")
axes[1].set(title="price: thickness of a sharp step", ylabel="pixels", ylim=(0, None))
for axis in axes:
    axis.set_xlabel("σ of the Gaussian blur (pixels)")
assert max(contrasts) > 4 * contrasts[0]
assert widths[0] == 2
assert widths[-1] > 10
plots.show(
    "Two curves against the width of the blur. The ratio of outline to sky rises steeply, then flattens. The thickness of a step starts at 2 pixels and keeps growing."
)

# %% [markdown]
# **What to notice.** Smoothing raises the ratio of outline to sky more than fourfold, and more blur costs ever more sharpness: outlines
# become thick (in steps, since pixels are counted), and fine ones merge. No single σ is right; it depends on how large the things are that you want to see.
#
# ## 6 · Separable kernels
#
# Sobel contains that advice already. It smooths with [1, 2, 1] in one direction and differentiates with [−1, 0, 1] in the
# other. A kernel that is a column times a row is called **separable**.

# %% tags=["nbval-check-output"]
smooth, derive = np.array([1, 2, 1]), np.array([-1, 0, 1])
print(np.outer(smooth, derive))
assert np.array_equal(np.outer(smooth, derive), filters.SOBEL_X)
assert np.array_equal(np.outer(derive, smooth), filters.SOBEL_Y)
assert np.allclose(np.outer(smooth, smooth) / 16, filters.GAUSSIAN)

# %% [markdown]
# Separable kernels are cheap. Instead of one pass with $F^2$ weights you make two passes with $F$ weights each, a column and
# a row, and get the same result. A kernel is separable exactly if its matrix has rank 1, which NumPy can check.

# %% tags=["nbval-check-output"]
two_passes = correlate2d(correlate2d(camera, smooth[:, None]), derive[None, :])
assert np.allclose(two_passes, correlate2d(camera, filters.SOBEL_X))

for name in ("BOX_BLUR", "GAUSSIAN", "SOBEL_X", "SHARPEN"):
    rank = np.linalg.matrix_rank(getattr(filters, name))
    print(f"{name:9} rank {rank}: {'separable' if rank == 1 else 'not separable'}")
print()
for size in (3, 7, 31):
    print(f"{size}×{size}: {size**2} multiplications per pixel, in two passes {2 * size}")

# %% [markdown]
# ## 7 · From gradients to an edge map
#
# The simplest decision about edges: call a pixel an edge if its magnitude exceeds a **threshold**. But which one? **Otsu's method** chooses it from the
# histogram: it splits the values so that the two groups are each as uniform as possible. Compare it with a lower and a higher one.

# %%
gentle = filters.sobel(ndimage.gaussian_filter(coins, sigma=1)).magnitude
otsu = skimage_filters.threshold_otsu(gentle)
thresholds = [40, otsu, 300]

figure, axes = plt.subplots(1, 4, figsize=(17, 3.9), layout="constrained")
axes[0].hist(gentle.ravel(), bins=80, color="0.6")
axes[0].set(xlabel="gradient magnitude", ylabel="pixels", yscale="log")
for axis, threshold, line, color in zip(
    axes[1:], thresholds, plots.LINE_STYLES, ("C0", "C1", "C4")
):
    axes[0].axvline(threshold, color=color, linestyle=line)
    axis.imshow(gentle <= threshold, cmap="gray")
    axis.set_title(f"above {threshold:.0f}: {np.mean(gentle > threshold):.0%}")
    axis.set_axis_off()
axes[0].set_title(f"three thresholds (Otsu: {otsu:.0f})")
plots.show(
    "A histogram of gradient magnitudes that falls from left to right, with three vertical lines, and three black-on-white edge maps of the coins: much black, "
    "outlines with parts of the portraits, and fragments of the outlines."
)

# %% [markdown]
# **What to notice.** The histogram falls without a gap: nothing in the numbers says where edges begin. What counts
# as one depends on the task. Up to here, you have chosen everything: kernels, blur, threshold. Can a program choose from examples?
#
# ## 8 · A filter can be learned
#
# So far you knew the kernel and computed the result. Turn it around: you have a photograph and the **result**, but the kernel is lost. Can you get it back?
#
# Write it as equations. Each window has nine pixels $x_1 … x_9$, which you know. The nine weights $k_1 … k_9$ are unknown. The result $y$ of that window is known:
#
# $$x_1k_1 + x_2k_2 + … + x_9k_9 = y$$
#
# One window gives one equation for nine unknowns. The next window gives another. Write all windows as the rows of a matrix $X$ (lesson 01 called it **im2col**), and all equations together are $Xk = y$.

# %%
figure, axes = plt.subplots(
    1, 5, figsize=(16, 5.4), layout="constrained", width_ratios=[9, 0.4, 1.3, 0.4, 1.5]
)
for axis, sign in zip(axes[1::2], "·="):
    axis.text(0.5, 0.5, sign, ha="center", va="center", fontsize=34)
    axis.set_axis_off()
axes = axes[::2]
gray = {"cmap": "gray", "vmin": 0, "vmax": 255}
some = np.stack([camera[99:102, column : column + 3].ravel() for column in range(257, 261)])
plots.number_grid(some, "$X$: four neighboring windows, one a row", axis=axes[0], **gray)
plots.number_grid(np.full((9, 1), np.nan), "$k$", axis=axes[1])
for row in range(9):
    axes[1].text(0, row, f"$k_{row + 1}$", ha="center", va="center", fontsize=16)
some_results = (some @ filters.SOBEL_X.ravel())[:, None]
assert some_results[0] == -24 + 40 - 2 * 19 + 2 * 29 - 26 + 28 == 38
signed = {"cmap": plots.SIGNED, "vmin": -900, "vmax": 900}
plots.number_grid(some_results, "$y$", axis=axes[2], **signed)
plots.show(
    "A matrix of four rows with nine gray values each, a column of nine unknown weights k 1 to k 9, and a column of four results."
)

# %% [markdown]
# **What to notice.** Each row of $X$, times $k$, is one number of $y$. With Sobel's weights the first row gives $-24 + 40 - 2·19 + 2·29 - 26 + 28 = 38$. The whole photograph has 260,100 such rows, far more than nine, so the weights are more than determined.
#
# Set up the experiment. Scale the photograph to mean 0 and a spread (standard deviation) of 1, as is usual for what a network receives. The target **is** Sobel's response,
# plus a little noise of spread 0.1, because real targets are never exact. So you know the right answer; the question is whether it can be found from these numbers.

# %% tags=["nbval-check-output"]
image = (camera - camera.mean()) / camera.std()
X = sliding_window_view(image, (3, 3)).reshape(-1, 9)
y = X @ filters.SOBEL_X.ravel() + generator.normal(scale=0.1, size=len(X))
n = len(X)
print("X", X.shape, " y", y.shape)

# %% [markdown]
# ### At once: least squares
#
# The noise makes it impossible to satisfy all equations. So find the kernel with the smallest **loss**, the mean squared error
#
# $$L(k) = \frac1n \sum_{i} \big((Xk)_i - y_i\big)^2$$
#
# The result $Xk$ is *linear* in the weights: no weight is squared, none is multiplied by another. Finding them is **linear regression** by **least squares**, and for that there is a direct solution, `np.linalg.lstsq`.

# %% tags=["nbval-check-output"]
best_kernel = np.linalg.lstsq(X, y, rcond=None)[0]
print(np.round(best_kernel.reshape(3, 3), 2) + 0.0)
assert np.abs(best_kernel - filters.SOBEL_X.ravel()).max() < 0.01

# %% [markdown]
# ### Step by step: gradient descent
#
# There is Sobel's kernel, in one step; the noise averages out over a quarter of a million equations. But a network with several layers is not linear in its weights, and no formula gives the best ones. So learn the same kernel with the method that works there as well. **Gradient descent** starts with random weights and repeats:
# how does the loss change if a weight grows a little? Move every weight a little the other way.
#
# Take one equation with the error $e = x_1k_1 + … + x_9k_9 - y$. If $k_j$ grows by a tiny amount, $e$ grows $x_j$ times as much, and $e^2$ grows $2e\,x_j$ times as much. So the rule is: error times what the weight was multiplied by. Average over all $n$ equations. Row $j$ of $X^\top$ (the matrix $X$, turned so that rows become columns) holds the $x_j$ of every window; times the errors, it adds up all $e\,x_j$:
#
# $$\frac{\partial L}{\partial k} = \frac2n X^\top (Xk - y)$$
#
# The sign $\partial L/\partial k_j$ (read "dee L by dee k") says how fast $L$ rises when $k_j$ grows and the others stay. These nine numbers are the **gradient** of the loss. Check one against its meaning:

# %% tags=["nbval-check-output"]
start = np.random.default_rng(1).normal(scale=0.3, size=9)
gradient_of_loss = 2 / n * X.T @ (X @ start - y)


def loss(kernel):
    """Mean squared error over all windows."""
    return np.mean((X @ kernel - y) ** 2)


tiny = np.zeros(9)
tiny[0] = 1e-5
print("formula:                      ", gradient_of_loss[0].round(3))
print("k_1 raised by a tiny amount:  ", ((loss(start + tiny) - loss(start)) / 1e-5).round(3))

# %% [markdown]
# One saving: $\frac2n X^\top(Xk - y) = 2(Ak - b)$ with $A = \frac1n X^\top X$ and $b = \frac1n X^\top y$. Both stay the same in all steps, so compute them once. $A$ is only 9×9; it is called the **normal matrix**.
#
# Now learn: $k \leftarrow k - \eta\,\frac{\partial L}{\partial k}$, again and again. The number $\eta = 0.1$ is the **learning rate**: how far to go in one step.

# %% tags=["nbval-check-output"]
A, b = X.T @ X / n, X.T @ y / n
assert np.allclose(gradient_of_loss, 2 * (A @ start - b))

rate, steps = 0.1, 5000
kernel = start
history = [kernel]
for _step in range(steps):
    kernel = kernel - rate * 2 * (A @ kernel - b)
    history.append(kernel)
history = np.array(history)

print(np.round(kernel.reshape(3, 3), 2) + 0.0)
assert np.abs(kernel - filters.SOBEL_X.ravel()).max() < 0.05

# %%
moments = [0, 10, 100, 1000, steps]
figure, axes = plt.subplots(1, 6, figsize=(17, 3.4), layout="constrained")
titles = [f"step {moment:,}" for moment in moments] + ["Sobel"]
for axis, title, values in zip(axes, titles, [*history[moments], filters.SOBEL_X]):
    numbers = np.round(np.reshape(values, (3, 3)), 1) + 0.0
    plots.number_grid(numbers, title, axis=axis, cmap=plots.SIGNED, vmin=-2, vmax=2)
plots.show(
    "Six 3 by 3 grids: random weights at step 0 turn into minus 1, 0, 1; minus 2, 0, 2; minus 1, 0, 1 at step 5,000, "
    "which is the Sobel kernel shown last. At step 1,000 a few weights are still off by 0.1."
)

# %% [markdown]
# **What to notice.** The shape of an edge kernel is there after a hundred steps; the last tenth takes thousands. Now look at the loss:

# %%
at = [*range(0, 200, 10), *range(200, steps + 1, 200)]
losses = [loss(history[step]) for step in at]
errors = np.abs(history - filters.SOBEL_X.ravel()).max(axis=1)
assert loss(history[1000]) < 0.0105  # the loss looks finished …
assert errors[1000] > 0.05  # … the weights are not
floor = np.abs(best_kernel - filters.SOBEL_X.ravel()).max()
assert round(floor, 3) == round(errors[-1], 3) == 0.002

figure, axes = plt.subplots(1, 2, figsize=(13, 4), layout="constrained")
axes[0].plot(at, losses)
axes[0].axhline(0.01, color="0.3", linestyle="--", label="noise in the target: 0.1² = 0.01")
axes[0].set(title="loss", ylabel="mean squared error")
axes[1].plot(errors, color="C4")
axes[1].set(title="largest error of a weight", ylabel="distance from Sobel's weight")
for axis in axes:
    axis.set(xlabel="step", yscale="log")
axes[0].legend()
plots.show(
    "Two curves on logarithmic scales. The loss drops steeply and soon lies on a dashed line at 0.01. The largest error of a weight keeps falling until about step 3,000, then flattens."
)

# %% [markdown]
# **What to notice.** The loss cannot fall below the noise in the target, 0.01. At step 1,000 it is there and looks finished, while the weights are still on their way. (They stop at a distance of 0.002: that far the noise has moved the best kernel itself.)
#
# <!-- question learned -->
#
# ### Why the tail is slow
#
# How can weights be wrong and the results right? (You can skip this section at a first reading.)
#
# Neighboring pixels of a photograph are almost equal. So there are changes of the kernel that hardly change the result: add to one weight, subtract from its neighbor. NumPy finds such patterns.
# The **eigenvectors** of $A$ are nine patterns of nine weights each, at right angles to each other, that gradient descent treats separately. The *error along pattern $i$* is the number `(kernel - best_kernel) @ pattern`. Each step multiplies it by $1 - 2\eta\lambda_i$, with the learning rate $\eta$.
# The **eigenvalue** $\lambda_i$ says how strongly the pattern shows: it is the mean square of the result if the pattern itself is the kernel.

# %% tags=["nbval-check-output"]
strengths, patterns = np.linalg.eigh(A)  # in rising order, the patterns as columns
assert np.isclose(np.mean((X @ patterns[:, 0]) ** 2), strengths[0])
condition = strengths[-1] / strengths[0]
print(f"largest eigenvalue {strengths[-1]:.2f}, smallest {strengths[0]:.4f}")
print(f"condition number {condition:.0f}")
assert round(1 / strengths[-1], 2) == 0.11
halved = np.log(0.5) / np.log(1 - 2 * rate * strengths[0])
print(f"steps that halve the error along the weakest pattern: {halved:.0f}")

# %%
along = np.abs((history - best_kernel) @ patterns)
figure, axes = plt.subplots(
    1, 4, figsize=(17, 4.2), layout="constrained", width_ratios=[1, 1, 1, 2.6]
)
for axis, name, number in zip(axes, ("strongest", "second weakest", "weakest"), (-1, 1, 0)):
    grid = {"cmap": plots.SIGNED, "vmin": -0.8, "vmax": 0.8}
    pattern = (patterns[:, number] * np.sign(patterns[-1, number])).reshape(3, 3).round(2)
    plots.number_grid(pattern, f"{name}\nλ = {strengths[number]:.2g}", axis=axis, **grid)
for number in range(2, 9):
    axes[3].plot(along[:, number], color="0.7", linewidth=1.5)
for number, color, name in ((1, "C0", "second weakest"), (0, "C1", "weakest")):
    axes[3].plot(along[:, number], color=color, linewidth=3, label=name)
marks = np.arange(0, steps + 1, 500)
expected = along[0, 0] * (1 - 2 * rate * strengths[0]) ** marks
axes[3].plot(marks, expected, "o", color="black", label="$(1 - 2ηλ)^t$ for the weakest")
axes[3].set(yscale="log", ylim=(1e-4, 4), xlabel="step $t$", title="error along each pattern")
axes[3].legend()
plots.show(
    "Three patterns of nine weights: the strongest has equal weights everywhere, the second weakest, the weakest. Beside them falling lines on a "
    "logarithmic scale: seven gray ones, most of them very steep, and two flat ones. The second weakest starts highest; black dots lie on the weakest, the flattest."
)

# %% [markdown]
# **What to notice.** The strongest pattern adds up nine pixels; it is learned at once. The two weakest subtract pixels from each other: their results are tiny, and their errors fall slowest, exactly as the formula says.
#
# The strongest limits the rate: beyond $1/\lambda_{max} ≈ 0.11$ the factor $1 - 2\eta\lambda$ falls below −1, and the error grows with each step. The two weakest then set the pace: the second starts several times larger, the last one falls slowest. The ratio of the largest to the smallest eigenvalue is the
# **condition number**, here about 1,500. For pure noise, whose pixels have nothing to do with each other, it is close to 1, and there is no slow tail.

# %% tags=["nbval-check-output"]
noise = np.random.default_rng(1000).normal(size=(20_000, 9))  # windows of nine unrelated pixels
print(f"condition number for noise: {np.linalg.cond(noise.T @ noise / len(noise)):.1f}")

# %% [markdown]
# ## 9 · What no single filter can do
#
# A new target: **edges in any direction**, $|G_x| + |G_y|$. It is always positive: large on every edge, whichever way the brightness changes. Give a linear filter its best chance: fit it, plus a constant (the bias), to the coins *themselves*. As a measure take
# the share of the target's variance that it leaves unexplained. 0 is perfect; 1 is no better than always answering the mean.


# %% tags=["nbval-check-output"]
SOBELS = np.stack([filters.SOBEL_X.ravel(), filters.SOBEL_Y.ravel()], axis=1)  # (9, 2)


def any_direction(windows):
    """The target for each window: |Gx| + |Gy|."""
    return np.abs(windows @ SOBELS).sum(axis=1)


def unexplained(answer, target):
    """Mean squared error, as a share of the target's variance."""
    return np.mean((answer - target) ** 2) / target.var()


coin_windows = sliding_window_view(coins / coins.std(), (3, 3)).reshape(-1, 9)
coin_target = any_direction(coin_windows)
for name, windows in {"coins": coin_windows, "noise": noise}.items():
    with_bias = np.column_stack([windows, np.ones(len(windows))])
    answer = with_bias @ np.linalg.lstsq(with_bias, any_direction(windows), rcond=None)[0]
    print(
        f"best linear filter on {name}: {unexplained(answer, any_direction(windows)):.2f} unexplained"
    )

# %% [markdown]
# It fails, and no other weights would help: these are the best. (On the coins it explains a tenth, because bright places have stronger edges in this picture.) The reason fits into a sentence. Swap bright and dark in a window: the target stays the same, but the answer of a linear filter changes its sign (bias aside).
#
# More filters? Add up the answers of several linear filters, and you have one linear filter again (lesson 01: they collapse). Something non-linear must come in between: **ReLU**, $\max(0, z)$, the activation of lesson 01.
#
# **Predict:** how many filters with ReLU does it take, if their outputs are simply added? Hint: how do you write $|z|$ with ReLU?
#
# <details><summary>Check your prediction</summary>
#
# $|z| = \max(0, z) + \max(0, -z)$. Two filters for $|G_x|$, two for $|G_y|$: **four**, namely $+$Sobel x, $-$Sobel x, $+$Sobel y, $-$Sobel y.
#
# </details>

# %% tags=["nbval-check-output"]
by_hand = np.column_stack([SOBELS, -SOBELS])  # four filters
answer = np.maximum(coin_windows @ by_hand, 0).sum(axis=1)
print(f"four filters by hand: {unexplained(answer, coin_target):.2f} unexplained")
assert np.allclose(answer, coin_target)

# %% [markdown]
# Four filters are enough, if they are the right ones. Does gradient descent find them from random numbers? The gradient needs one new factor. Where a filter's $z$ is positive, ReLU passes it on, and everything is as before. Where $z$ is
# negative, ReLU gives 0, and a tiny change of a weight changes nothing. So for the weights $k$ of one filter
#
# $$\frac{\partial L}{\partial k} = \frac2n X^\top \big(\text{error} \cdot [z > 0]\big)$$
#
# with $[z > 0]$ equal to 1 where it holds and else 0. The outputs are simply added, so every filter gets the same error. That is all. Train on windows of noise, which have no slow tail, with 400 new windows in each step (a **batch**).


# %%
def train(count, seed, steps=800, rate=0.05, batch=400):
    """Learn `count` filters whose outputs are added after ReLU; return them and the bias."""
    random = np.random.default_rng(seed)
    weights, bias = random.normal(scale=0.3, size=(9, count)), 0.0
    for _step in range(steps):
        windows = random.normal(size=(batch, 9))
        z = windows @ weights  # one column for each filter
        error = np.maximum(z, 0).sum(axis=1) + bias - any_direction(windows)
        weights -= rate * 2 / batch * windows.T @ (error[:, None] * (z > 0))
        bias -= rate * 2 * error.mean()
    return weights, bias


def network(windows, weights, bias):
    """Filters, ReLU, sum."""
    return np.maximum(windows @ weights, 0).sum(axis=1) + bias


# %% [markdown]
# One run proves little: it may have been a lucky start. Train each size from ten random starts (**seeds**), and test on other windows than those trained on.

# %%
seeds = course.budget(full=10, reduced=2)
trained = {
    (count, seed): train(count, seed) for count in (1, 2, 3, 4, 8) for seed in range(seeds)
}
shares = {
    run: unexplained(network(noise, *learned), any_direction(noise))
    for run, learned in trained.items()
}
for count in (1, 2, 3, 4, 8):
    values = np.array([shares[count, seed] for seed in range(seeds)])
    arrived = f"{np.sum(values < 0.01)} of {seeds} seeds below 0.01"
    print(f"{count} filters: {np.median(values):.3f} unexplained (median), {arrived}")

# %%
counts = (1, 2, 3, 4, 8)
for place, count in enumerate(counts):
    values = [shares[count, seed] for seed in range(seeds)]
    apart = place + np.linspace(-0.25, 0.25, seeds)
    plt.plot(apart, values, "o", color="C0", markersize=8, alpha=0.8)
plt.axhline(1, color="C4", linestyle="--", label="best linear filter")
plt.axhline(0.01, color="0.5", linestyle=":", label="0.01")
plt.xticks(range(5), counts)
plt.xlabel("filters with ReLU, outputs added")
plt.ylabel("unexplained share")
plt.yscale("log")
plt.legend()
plots.show(
    "Dots for each random start on a logarithmic scale. With one filter 0.9, with two 0.5, with three 0.05 is left unexplained, the same for all starts. With four filters most dots lie far below 0.01 "
    "and a few stay at 0.05; with eight all lie far below."
)
fewest, most = (max(shares[count, seed] for seed in range(seeds)) for count in (8, 3))
assert fewest < 0.01 < most

# %% [markdown]
# **What to notice.** One, two or three filters do not arrive from any of these starts, and all their starts end alike. With **four**, most starts arrive, but some get stuck where three filters end. With **eight**, all of these starts arrive: there are enough to spare.
# (Ten of ten does not mean "always". A method that fails one time in five still gives ten successes in a row about one time in ten.)
#
# Look at the kernels of the best and the worst run with four filters:

# %%
order = sorted(range(seeds), key=lambda seed: shares[4, seed])
good, stuck = trained[4, order[0]], trained[4, order[-1]]
figure, axes = plt.subplots(2, 4, figsize=(13, 7), layout="constrained")
for row, (name, (weights, _bias)) in enumerate({"arrived": good, "stuck": stuck}.items()):
    for column in range(4):
        numbers = weights[:, column].reshape(3, 3).round(1) + 0.0
        grid = {"cmap": plots.SIGNED, "vmin": -2.5, "vmax": 2.5}
        title = f"{name}: filter {column + 1}"
        plots.number_grid(numbers, title, axis=axes[row, column], **grid)
plots.show(
    "Two rows of four 3 by 3 kernels. In the upper row all four show an edge, each in another direction: right, left, up and down. In the lower row two of the four kernels show the same direction."
)

# %% [markdown]
# **What to notice.** Nobody gave the network these four kernels, only the *combined* answer; the four filters have shared the work. In the run that got stuck, two filters do the same job, so a single one has to cover two directions.
#
# Finally a picture that no filter was trained on:

# %%
shape = tuple(size - 2 for size in coins.shape)
with_bias = np.column_stack([coin_windows, np.ones(len(coin_windows))])
linear = with_bias @ np.linalg.lstsq(with_bias, coin_target, rcond=None)[0]
learned_answer = network(coin_windows, *good)
assert unexplained(learned_answer, coin_target) < 0.01

compared = {"target: $|G_x| + |G_y|$": coin_target, "best linear filter": linear}
compared["four learned filters, ReLU"] = learned_answer
pictures = [values.reshape(shape)[20:150, 20:180] for values in compared.values()]
titles = [
    f"{name}\n{unexplained(v, coin_target):.2f} unexplained" for name, v in compared.items()
]
plots.image_grid(pictures, titles, 3, 4.6, vmin=0, vmax=12)
plots.show(
    "The coins' edges in any direction as the target; a dim picture of the coins themselves from the best linear filter; and the edges again, from four learned filters with ReLU."
)

# %% [markdown]
# **What to notice.** The best that a linear filter can do is a dim picture of the coins themselves, although it was fitted to this very photograph. The filters with ReLU have seen nothing but noise and find them. That is why a network has **several filters** and a **non-linearity** after each layer.
#
# ## 10 · The same in Keras
#
# Import Keras for the first time. Section 8 is a layer with one filter. `train_on_batch` makes one step, and Keras derives the gradient by itself. A quarter of the photograph is enough here.
# *Adam* is a popular variant of gradient descent that adapts the step of each weight to the gradients it has seen.

# %%
with course.quiet():  # hides start-up messages that concern nobody here
    import keras
    from keras import layers

# %% tags=["nbval-check-output"]
keras.utils.set_random_seed(course.SEED)
model = keras.Sequential(
    [keras.Input(shape=(None, None, 1)), layers.Conv2D(1, kernel_size=3, use_bias=False)]
)
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.1), loss="mean_squared_error")

inputs = image[None, 128:384, 128:384, None].astype("float32")
targets = y.reshape(1, 510, 510, 1)[:, 128:382, 128:382].astype("float32")
for _step in range(800):
    model.train_on_batch(inputs, targets)
learned = model.get_weights()[0][:, :, 0, 0]
print(np.round(learned).astype(int))
print("largest error below 0.05:", bool(np.abs(learned - filters.SOBEL_X).max() < 0.05))
assert np.abs(learned - filters.SOBEL_X).max() < 0.05

# %% [markdown]
# Section 9 is a layer with four filters and ReLU, and a 1×1 convolution that adds up. Give Keras your weights, and it computes your numbers:

# %% tags=["nbval-check-output"]
weights, bias = good
two_layers = keras.Sequential(
    [
        keras.Input(shape=(None, None, 1)),
        layers.Conv2D(4, kernel_size=3, activation="relu", use_bias=False),
        layers.Conv2D(1, kernel_size=1),
    ]
)
two_layers.set_weights([weights.reshape(3, 3, 1, 4), np.ones((1, 1, 4, 1)), np.array([bias])])
from_keras = two_layers.predict(coins[None, :, :, None] / coins.std(), verbose=0)
assert np.allclose(from_keras.ravel(), learned_answer, atol=1e-3)
print("parameters:", two_layers.count_params())

# %% [markdown]
# ### The bridge to lesson 03
#
# Here you still had to know the right answer for every pixel. In lesson 03 the target is merely "this is a seven". The network
# has 224 filters in three layers, with ReLU after each, and gradient descent finds all of them from such labels alone.
#
# ## Summary
#
# - Weights that add up to 1 keep the brightness, weights that add up to 0 respond to changes only. Sobel measures eight times the slope, to the right and downward; `arctan2` gives the direction, clockwise.
# - Compute with **signed floats**: 8-bit numbers wrap around silently.
# - Derivatives amplify noise, so smooth first, at the price of thicker edges; a separable kernel costs $2F$ instead of $F^2$ multiplications.
# - A single filter is **learned** by least squares: directly, or by gradient descent, $k \leftarrow k - \eta\,\frac2n X^\top(Xk - y)$. The condition number of the data decides how long it takes.
# - A linear filter cannot see "edges in any direction". Several filters with **ReLU** can, and gradient descent finds them; whether it does depends on the start, so count seeds.
#
# ## Try it
#
# **Question 1.** You brighten a photograph by 50. How do magnitude and angle change? And if you double its contrast?
#
# <details><summary>Answer</summary>
# Brightening changes nothing, because the weights add up to 0. Doubling the contrast doubles the magnitude; the angle stays.
# </details>
#
# **Question 2.** How do magnitude and angle change when you invert the photograph ($255 - I$)?
#
# <details><summary>Answer</summary>
# The magnitude stays. Both gradients change sign, so the angle turns by 180°.
# </details>
#
# **Question 3.** What would section 8 learn if the target were computed with a true convolution, the flipped kernel?
#
# <details><summary>Answer</summary>
# Its windows are not flipped, so it would learn the flipped kernel: for Sobel x that is its negative.
# </details>
#
# **Question 4.** You train section 8 with a learning rate of 0.12 instead of 0.1. What happens?
#
# <details><summary>Answer</summary>
# It diverges. The largest eigenvalue is 8.76, so each step multiplies the error along its pattern by $1 - 2 \cdot 0.12 \cdot 8.76 = -1.10$: it changes sign and grows by 10 %.
# </details>
#
# **Question 5.** Can filters with ReLU, added up, give the magnitude $G = \sqrt{G_x^2 + G_y^2}$ exactly?
#
# <details><summary>Answer</summary>
# No, but they come close. Each ReLU is flat or rises in a straight line, so their sum has a corner for each filter, and $G$ is round. Take filters in evenly spaced directions: with 4 the sum differs by up to 17 % from the best multiple of $G$, with 8 by up to 4 %, with 16 by up to 1 %.
# </details>

# %%
# The numbers in the answers, computed.
brighter, doubled, inverted = (
    filters.sobel(image) for image in (camera + 50, 2 * camera, 255 - camera)
)
assert np.allclose(brighter.magnitude, gradient.magnitude)  # 1
assert np.allclose(doubled.magnitude, 2 * gradient.magnitude)
assert np.allclose(doubled.angle, gradient.angle)
assert np.allclose(inverted.magnitude, gradient.magnitude)  # 2
turned = np.degrees(np.abs(inverted.angle - gradient.angle))[gradient.magnitude > 0]
assert np.allclose(turned, 180)

flipped = convolve2d(image, filters.SOBEL_X).ravel()
assert np.allclose(np.linalg.lstsq(X, flipped, rcond=None)[0], -filters.SOBEL_X.ravel())  # 3
assert (round(strengths[-1], 2), round(1 - 2 * 0.12 * strengths[-1], 2)) == (8.76, -1.10)  # 4
around = np.linspace(0, 2 * np.pi, 3601)  # every direction of a gradient with G = 1
for count, percent in {4: 17, 8: 4, 16: 1}.items():  # 5
    directions = 2 * np.pi * np.arange(count) / count
    sums = np.maximum(np.cos(around[:, None] - directions), 0).sum(axis=1)
    middle = (sums.max() + sums.min()) / 2
    assert round(100 * (sums.max() / middle - 1)) == percent

# %% [markdown]
# **Next:** [lab 02](labs/lab_02_sobel_filters.ipynb) has you steer Sobel's kernel, thin out edges, and recover a lost kernel. Then
# [lesson 03](03_mnist_cnn.ipynb) builds the first real network.
