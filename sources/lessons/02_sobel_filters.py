# %% [markdown]
# # 02 · Sobel filters
#
# **What you will do:** find the edges of real photographs with kernels chosen by hand, then let gradient descent
# find the very same kernel by itself.
#
# **What you will learn**
# - how blur, sharpening and line kernels work, and what their weights must add up to,
# - what the Sobel operator measures: strength *and* direction of an edge,
# - why signed floating-point numbers matter, and what goes wrong with 8-bit ones,
# - why one smooths before differentiating, and how separable kernels save work,
# - that a filter can be **learned** from examples: the idea behind every convolutional network.
#
# **What you need:** lesson 01. No TensorFlow until section 8.
#
# **Time:** 75 minutes in class. Running all cells takes about 20 s on 2 CPU cores; a GPU is not used.

# %%
from helpers import course, filters, plots

course.start("Lesson 02")

# %%
import matplotlib.pyplot as plt
import numpy as np
from skimage import data

# %% [markdown]
# ## 1 · The photographs
#
# Everything in this lesson happens on real photographs that come with scikit-image, so there is nothing to download:
# a cameraman, Greek coins, a brick wall and a cup of coffee.
# %%
from skimage.color import rgb2gray

from helpers.convolution import convolve2d, correlate2d

coffee_color = data.coffee()
photos = {
    "cameraman": data.camera(),
    "coins": data.coins(),
    "bricks": data.brick(),
    "coffee (gray)": rgb2gray(coffee_color) * 255,
}
for name, photo in photos.items():
    print(f"{name:14} {photo.shape}  {photo.dtype}")

# %%
plots.image_grid(list(photos.values()), list(photos), columns=4, cell=2.8, vmin=0, vmax=255)
plots.show(
    "Four gray photographs: a cameraman with his tripod, rows of coins, a brick wall, a coffee cup with a spoon."
)

# %% [markdown]
# Photographs arrive as `uint8`, whole numbers from 0 to 255. Convert them to floating-point numbers *before* you compute
# with them. You will see in section 4 why this line is not a formality.

# %%
photos = {name: photo.astype(float) for name, photo in photos.items()}
camera, coins = photos["cameraman"], photos["coins"]

# %% [markdown]
# ## 2 · Kernels with a purpose
#
# Look at the weights before you look at the results, and predict:
#
# - the weights of **box blur** and **Gaussian blur** are positive and add up to 1: averages. The Gaussian gives more weight
#   to the middle, so it blurs without the blocky look of the box,
# - **sharpen** adds up to 1 too, but subtracts the neighbors: differences become larger,
# - the **line** kernels add up to 0: a uniform area gives exactly nothing. (They respond to a step in brightness, the *edge* of a line.)

# %% tags=["nbval-check-output"]
kernels = {
    "box blur": filters.BOX_BLUR,
    "Gaussian blur": filters.GAUSSIAN,
    "sharpen": filters.SHARPEN,
    "horizontal lines": filters.HORIZONTAL_LINES,
    "vertical lines": filters.VERTICAL_LINES,
}
for name, kernel in kernels.items():
    print(f"{name:17} weights add up to {kernel.sum():.0f}")
assert np.array_equal(filters.VERTICAL_LINES, filters.HORIZONTAL_LINES.T)

# %%
figure, axes = plt.subplots(1, 5, figsize=(15, 3.6), layout="constrained")
for axis, (name, kernel) in zip(axes, kernels.items()):
    plots.number_grid(np.round(kernel, 2), name, axis=axis, cmap=plots.SIGNED, vmin=-5, vmax=5)
plots.show(
    "Five 3 by 3 grids of weights: box blur all 0.11, Gaussian blur 0.25 in the middle, sharpen 5 in the middle with "
    "minus 1 around it, and the two line kernels with a row or column of ones against one of minus ones."
)

# %%
results = {name: correlate2d(coins, kernel)[60:180, 60:210] for name, kernel in kernels.items()}
blurs = {"original": coins[61:181, 61:211]} | {
    n: results[n] for n in ("box blur", "Gaussian blur", "sharpen")
}
plots.image_grid(list(blurs.values()), list(blurs), columns=4, cell=3, vmin=0, vmax=255)
plots.show(
    "A detail of the coins four times: as it is, after a box blur, after a Gaussian blur, and sharpened."
)

# %% [markdown]
# The line kernels give negative numbers too. Show them with a *signed* color scale: white is zero. Purple is positive:
# brighter above for the horizontal kernel, brighter on the left for the vertical one. Orange is the opposite.

# %%
lines = [results["horizontal lines"], results["vertical lines"]]
axes = plots.image_grid(
    lines, ["horizontal lines", "vertical lines"], 2, 4, cmap=plots.SIGNED, vmin=-300, vmax=300
)
axes[0].figure.colorbar(axes[0].images[0], ax=list(axes), label="response", shrink=0.8)
plots.show(
    "The coins' outlines in orange and purple: upper and lower rims for the horizontal kernel, left and right rims for "
    "the vertical one."
)

# %% [markdown]
# **What to notice.** A coin's upper rim and its lower rim have different colors: going down, the picture becomes brighter
# at one and darker at the other. The *sign* of a response carries information.
#
# ## 3 · The Sobel operator
#
# How steep is the brightness at a pixel, and in which direction does it rise? The Sobel operator answers with two kernels,
# one for the change to the right, one for the change downward:
#
# $$G_x = I * \begin{bmatrix}-1&0&1\\-2&0&2\\-1&0&1\end{bmatrix} \qquad
#   G_y = I * \begin{bmatrix}-1&-2&-1\\0&0&0\\1&2&1\end{bmatrix} \qquad
#   G = \sqrt{G_x^2 + G_y^2} \qquad \theta = \arctan\frac{G_y}{G_x}$$
#
# The matrices are slid without a flip, as always in this course. Three numbers suffice to check the idea by hand: on a ramp
# that rises by 10 gray levels for each pixel to the right, the left column sees $x-10$, the right one $x+10$, and the
# weights add up to $1+2+1 = 4$ on each side.

# %% tags=["nbval-check-output"]
ramp = np.tile(np.arange(0, 60, 10), (5, 1))
print("change to the right:", correlate2d(ramp, filters.SOBEL_X)[0])
print("change downward:    ", correlate2d(ramp, filters.SOBEL_Y)[0])
assert np.all(correlate2d(ramp, filters.SOBEL_X) == 4 * 20)

# %% [markdown]
# `filters.sobel` computes all four arrays. It repeats the pixels at the border instead of padding with zeros, so that the
# photograph's frame does not become an edge. Compare with two independent libraries:

# %%
from scipy import ndimage
from skimage import filters as skimage_filters

gradient = filters.sobel(camera)

assert np.allclose(gradient.gx, ndimage.sobel(camera, axis=1))
assert np.allclose(gradient.gy, ndimage.sobel(camera, axis=0))
assert np.allclose(
    gradient.gx / 4, skimage_filters.sobel_v(camera)
)  # scikit-image divides by 4
assert np.allclose(gradient.magnitude, np.sqrt(gradient.gx**2 + gradient.gy**2))

# %%
detail = (slice(40, 300), slice(110, 370))
parts = [gradient.gx[detail], gradient.gy[detail]]
axes = plots.image_grid(
    parts, ["$G_x$", "$G_y$"], 2, 3.8, cmap=plots.SIGNED, vmin=-500, vmax=500
)
axes[0].figure.colorbar(
    axes[0].images[0], ax=list(axes), label="change of brightness", shrink=0.8
)
plots.show(
    "The cameraman's head and camera as signed gradients: vertical outlines such as the back of the head and the "
    "tripod stand out in the left picture, horizontal ones such as the top of the head in the right one."
)

# %%
plots.image_grid(
    [camera[detail], gradient.magnitude[detail]], ["photograph", "magnitude $G$"], 2, 3.8
)
plots.show(
    "The cameraman photograph beside its gradient magnitude, in which outlines of man, camera and tripod glow."
)

# %% [markdown]
# **What to notice.** $G_x$ is blind to horizontal edges and $G_y$ to vertical ones; the magnitude sees both, and
# slanted ones too.
#
# ### Which angle? Use `arctan2`
#
# The formula $\theta = \arctan(G_y/G_x)$ has two flaws: it divides by zero where $G_x = 0$, at every horizontal edge, and it cannot
# tell opposite directions apart: "brighter to the right" gives $0/8$, "brighter to the left" $0/(-8)$, and both are 0. The function `arctan2(gy, gx)` takes both
# numbers separately and returns the full circle.

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
# Draw the angle as a **hue** and the magnitude as brightness. A disk is the best legend: on it every direction occurs once.


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
for name, place in {"→": (12, 80), "←": (148, 80), "↓": (80, 14), "↑": (80, 146)}.items():
    axes[1].text(*place, name, color="white", ha="center", va="center", fontsize=22)
plots.show(
    "A bright disk, the same disk with its rim colored by gradient direction around the color wheel with arrows "
    "pointing inward, and a detail of the coins colored the same way."
)

# %% [markdown]
# **What to notice.** The arrows point to where it gets brighter: always *into* the bright disk. Every coin repeats the
# disk's order of colors, because every coin is a bright disk on a darker ground. Readers who do not tell the hues apart can
# follow the order around the rim: neighbors in direction are neighbors in color.
#
# ## 4 · The trap: 8-bit numbers wrap around
#
# A `uint8` holds 0 to 255 and nothing else. An edge response of −40 does not fit; the computer silently turns it into
# 216. No error, no warning, just a wrong picture. Here is the horizontal difference of two neighbors, computed in both ways:

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
    "the floating-point one shows clean outlines on black."
)

# %% [markdown]
# **What to notice.** Wherever the brightness *falls* a little, the wrong picture jumps to almost white. The outlines are still
# there, so the bug goes unnoticed easily, and published teaching notebooks contain it. `helpers.convolution` converts integers to floating point first, so it cannot happen there:

# %%
assert np.array_equal(
    correlate2d(eight_bit, filters.SOBEL_X), correlate2d(camera, filters.SOBEL_X)
)

# %% [markdown]
# ## 5 · Noise, and why one smooths first
#
# A derivative amplifies noise: neighboring pixels of a uniform area differ by noise alone, and a difference is all a
# derivative looks at. Add noise to the photograph, then compare the magnitudes: clean, noisy, and noisy but smoothed with a
# Gaussian blur before Sobel.

# %%
generator = np.random.default_rng(0)
noisy = camera + generator.normal(scale=25, size=camera.shape)
smoothed = ndimage.gaussian_filter(noisy, sigma=2)

magnitudes = [
    filters.sobel(image).magnitude[60:220, 140:300] for image in (camera, noisy, smoothed)
]
peaks = [np.percentile(m, 99) for m in magnitudes]

# %%
shown = [m / peak for m, peak in zip(magnitudes, peaks)]
plots.image_grid(
    shown, ["clean", "with noise", "with noise, smoothed first"], 3, 3.6, vmin=0, vmax=1
)
plots.show(
    "Gradient magnitudes of the cameraman: clear outlines from the clean photograph, outlines drowned in speckles from the "
    "noisy one, and clear but thicker outlines when the noisy one is smoothed first."
)

# %% [markdown]
# Measure it: how much stronger is the response on an edge than in a uniform area? The sky at the top left is uniform; the
# outline is where the clean gradient is strongest.


# %%
def contrast(image):
    """Median response on the outline, divided by the median response in the sky."""
    magnitude = filters.sobel(image).magnitude
    outline = gradient.magnitude > np.percentile(gradient.magnitude, 97)
    return np.median(magnitude[outline]) / np.median(magnitude[10:100, 10:100])


# %%
sigmas = np.arange(0, 6.5, 0.5)
contrasts = [
    contrast(ndimage.gaussian_filter(noisy, sigma) if sigma else noisy) for sigma in sigmas
]
best = sigmas[np.argmax(contrasts)]
assert max(contrasts) > 4 * contrasts[0]

plt.plot(sigmas, contrasts, marker="o")
plt.xlabel("σ of the Gaussian blur (pixels)")
plt.ylabel("edge / sky")
plt.title(f"Smoothing lifts edges out of the noise (best: σ = {best:g})")
plots.show(
    "A curve of the edge to sky ratio against the width of the blur: it rises steeply, then levels off or falls."
)

# %% [markdown]
# **What to notice.** Smoothing raises the contrast between edge and sky more than fourfold. The price shows in the pictures: outlines
# become thicker, and fine ones disappear.
#
# ## 6 · Separable kernels
#
# Sobel contains that advice already: it is a smoothing [1, 2, 1] in one direction **times** a derivative [−1, 0, 1] in the
# other. A matrix that is a column times a row is called **separable**.

# %% tags=["nbval-check-output"]
smooth, derive = np.array([1, 2, 1]), np.array([-1, 0, 1])
print(np.outer(smooth, derive))
assert np.array_equal(np.outer(smooth, derive), filters.SOBEL_X)
assert np.array_equal(np.outer(derive, smooth), filters.SOBEL_Y)
assert np.allclose(np.outer(smooth, smooth) / 16, filters.GAUSSIAN)

# %% [markdown]
# Separable kernels are cheap: instead of one pass with $F^2$ weights you make two passes with $F$ weights each, a column and
# a row, and get the same result. A kernel is separable exactly if its matrix has rank 1, which NumPy can check.

# %% tags=["nbval-check-output"]
two_passes = correlate2d(correlate2d(camera, smooth[:, None]), derive[None, :])
assert np.allclose(two_passes, correlate2d(camera, filters.SOBEL_X))

for name in ("BOX_BLUR", "GAUSSIAN", "SOBEL_X", "SHARPEN"):
    rank = np.linalg.matrix_rank(getattr(filters, name))
    print(f"{name:9} rank {rank}: {'separable' if rank == 1 else 'not separable'}")

# %% tags=["nbval-check-output"]
for size in (3, 7, 15, 31):
    print(
        f"{size:2}×{size:<2} full: {size**2:3} multiplications per pixel, two passes: {2 * size}"
    )

# %%
import timeit

sizes = [3, 5, 9, 15, 23, 31]
full_times, pass_times = [], []
for size in sizes:
    row = np.ones((1, size)) / size
    full = row.T @ row
    full_times.append(
        1000 * min(timeit.repeat(lambda: correlate2d(camera, full), number=1, repeat=3))
    )
    two = timeit.repeat(
        lambda: correlate2d(correlate2d(camera, row), row.T), number=1, repeat=3
    )
    pass_times.append(1000 * min(two))

# %%
plt.plot(sizes, full_times, marker="o", label="one pass, $F^2$ weights")
plt.plot(sizes, pass_times, "--", marker="s", label="two passes, $2F$ weights")
plt.xlabel("kernel size $F$")
plt.ylabel("milliseconds")
plt.title("Time for a box blur of the cameraman")
plt.legend()
plots.show(
    "Two curves of time against kernel size: the full kernel's curve bends upward, the two passes stay almost flat."
)

# %% [markdown]
# **What to notice.** The full kernel's curve grows with the square of its size, the two passes in a straight line.
#
# ## 7 · From gradients to an edge map
#
# The simplest decision about edges: call a pixel an edge if its magnitude exceeds a **threshold**. The threshold is a choice,
# and a picture shows the trade-off better than any formula.

# %%
gentle = filters.sobel(ndimage.gaussian_filter(coins, sigma=1)).magnitude
thresholds = [40, 120, 300]
edge_maps = [gentle > threshold for threshold in thresholds]
shares = [np.mean(edge_map) for edge_map in edge_maps]
assert shares == sorted(shares, reverse=True)

titles = [f"threshold {t}: {share:.0%} edges" for t, share in zip(thresholds, shares)]
plots.image_grid([~edge_map for edge_map in edge_maps], titles, 3, 4.2, cmap="gray")
plots.show(
    "Three black-on-white edge maps of the coins: at a low threshold large areas are black, at a middle one the outlines "
    "and parts of the portraits, at a high one only fragments of the outlines."
)

# %% [markdown]
# A fixed threshold fails when the light differs. **Otsu's method** chooses it from the data: it splits the histogram so that
# the two halves are as uniform as possible. It is one call away in scikit-image:

# %%
chosen = skimage_filters.threshold_otsu(gentle)
figure, axes = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
axes[0].hist(gentle.ravel(), bins=80, color="C0")
axes[0].axvline(chosen, color="C4", linestyle="--", label=f"Otsu: {chosen:.0f}")
axes[0].set(
    xlabel="gradient magnitude", ylabel="pixels", yscale="log", title="Histogram of magnitudes"
)
axes[0].legend()
axes[1].imshow(gentle <= chosen, cmap="gray")
axes[1].set_title("edge map with Otsu's threshold")
axes[1].axis("off")
plots.show(
    "A histogram of gradient magnitudes with a dashed line at Otsu's threshold, and the edge map it yields."
)

# %% [markdown]
# **What to notice.** The histogram has one long slope and no gap: nothing in the picture *is* an edge by itself. What counts
# as one depends on the task, and that is the weak point of filters chosen by hand.
#
# ## 8 · A filter can be learned
#
# Now turn the question around. So far you knew the kernel and computed the result. Suppose you know only a photograph and
# the **result**; can a computer find the kernel? The plan:
#
# 1. the model is a single convolution layer with one 3×3 filter, its nine weights random,
# 2. the input is a photograph, the target is its Sobel response,
# 3. gradient descent changes the nine weights until output and target agree.
#
# **Gradient descent** in one paragraph: the *loss* is one number that says how wrong the output is, here the mean squared
# difference to the target. Its derivative by a weight (this is the *gradient*, now not of an image but of the loss) says whether the
# loss would fall or rise if that weight grew. A step changes every weight a little in the direction that lowers the loss; how much
# is the *learning rate*. *Adam* is a popular rule that adapts the size of the steps. `train_on_batch` makes one step.
#
# This is the whole idea of a convolutional network, in its smallest possible form. Import Keras for the first time:

# %%
with course.quiet():  # hides start-up messages that concern nobody here
    import keras
    from keras import layers

keras.utils.set_random_seed(course.SEED)

# %% [markdown]
# Scale the photograph to a spread of 1, as is usual for inputs of a network, and compute the target with the same `correlate2d` as before.
# The noise is there to make it harder: real targets are never perfect.

# %%
image = (camera - camera.mean()) / camera.std()
target = correlate2d(image, filters.SOBEL_X)
target = target + generator.normal(scale=0.1, size=target.shape)

inputs = image[None, :, :, None].astype("float32")
targets = target[None, :, :, None].astype("float32")
print("input", inputs.shape, "→ target", targets.shape)

# %% tags=["nbval-check-output"]
model = keras.Sequential(
    [keras.Input(shape=(None, None, 1)), layers.Conv2D(1, kernel_size=3, use_bias=False)]
)
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.1), loss="mean_squared_error")
print("weights to learn:", model.count_params())

# %% [markdown]
# Train step by step and keep a copy of the kernel after each step, to watch it change.

# %%
steps = course.budget(full=1000, reduced=600)
snapshots = [model.get_weights()[0][:, :, 0, 0].copy()]
losses = []
for _step in range(steps):
    losses.append(float(model.train_on_batch(inputs, targets)))
    snapshots.append(model.get_weights()[0][:, :, 0, 0].copy())

learned = snapshots[-1]
errors = [np.abs(kernel - filters.SOBEL_X).max() for kernel in snapshots]

# %% tags=["nbval-check-output"]
assert errors[-1] < 0.05
print(np.round(learned).astype(int))
print("largest error below 0.05:", bool(errors[-1] < 0.05))

# %%
moments = [0, 10, 50, 200, steps]
figure, axes = plt.subplots(1, 6, figsize=(16, 3.4), layout="constrained")
for axis, moment in zip(axes, moments):
    plots.number_grid(
        np.round(snapshots[moment], 1) + 0.0,
        f"step {moment}",
        axis=axis,
        cmap=plots.SIGNED,
        vmin=-2,
        vmax=2,
    )
plots.number_grid(filters.SOBEL_X, "Sobel", axis=axes[5], cmap=plots.SIGNED, vmin=-2, vmax=2)
plots.show(
    "Six 3 by 3 grids: random weights at step 0 turn step by step into minus 1, 0, 1; minus 2, 0, 2; minus 1, 0, 1, "
    "which is the Sobel kernel shown last."
)

# %%
figure, axes = plt.subplots(1, 2, figsize=(13, 4), layout="constrained")
axes[0].plot(losses)
axes[0].set(xlabel="step", ylabel="mean squared error", yscale="log", title="The loss falls …")
axes[1].plot(errors, color="C4")
axes[1].axhline(0.05, color="0.4", linestyle="--", label="0.05")
axes[1].set(
    xlabel="step",
    ylabel="largest weight error",
    yscale="log",
    title="… and the weights become Sobel's",
)
axes[1].legend()
plots.show(
    "Two falling curves on logarithmic scales: the training loss, and the largest error of a weight, below 0.05 at the end."
)

# %% [markdown]
# **What to notice.** The loss cannot fall below the noise in the target ($0.1^2 = 0.01$), yet the weights come out right:
# noise averages out over a quarter of a million pixels. The last small errors take longest: neighboring pixels of a photograph
# are so alike that it hardly matters on which of two neighbors a weight lies. Nobody told the layer what an edge is.
#
# Is the learned filter any good on a picture it has never seen? Apply it to the coins:

# %%
by_hand = correlate2d(coins, filters.SOBEL_X)
by_learning = correlate2d(coins, learned)
relative_error = np.abs(by_learning - by_hand).max() / np.abs(by_hand).max()
assert relative_error < 0.02

compared = [by_hand[20:150, 20:180], by_learning[20:150, 20:180]]
plots.image_grid(
    compared, ["Sobel", "learned filter"], 2, 4, cmap=plots.SIGNED, vmin=-400, vmax=400
)
plots.show(
    "Two edge pictures of the coins, one from Sobel's kernel and one from the learned kernel, without visible difference."
)

# %% [markdown]
# ### The bridge to lesson 03
#
# Here you still had to know the right answer of the filter. In lesson 03 the target is merely "this is a seven". The network
# has 224 filters in three layers, and gradient descent finds all of them from such labels alone. You will look at the
# learned kernels and recognize some from this page.
#
# ## Summary
#
# - Weights that add up to 1 keep the brightness, weights that add up to 0 respond to changes only.
# - Sobel measures the change to the right and downward; magnitude is the strength of an edge, `arctan2` its direction.
# - Compute with **signed floats**: 8-bit numbers wrap around silently.
# - Derivatives amplify noise, so smooth first; a separable kernel costs $2F$ instead of $F^2$ multiplications.
# - A kernel can be **learned** from pairs of input and output by gradient descent.
#
# ## Try it
#
# **Question 1.** What is $G_x$ of an image whose brightness is the same everywhere, say 137?
#
# <details><summary>Answer</summary>
# Zero everywhere, because the weights add up to 0.
# </details>
#
# **Question 2.** You brighten a photograph by 50. How do magnitude and angle change? And if you double its contrast?
#
# <details><summary>Answer</summary>
# Brightening changes nothing. Doubling the contrast doubles the magnitude; the angle stays.
# </details>
#
# **Question 3.** How do magnitude and angle change when you invert the photograph ($255 - I$)?
#
# <details><summary>Answer</summary>
# The magnitude stays. Both gradients change sign, so the angle turns by 180°.
# </details>
#
# **Question 4.** What would section 8 learn if the target were computed with a true convolution, the flipped kernel?
#
# <details><summary>Answer</summary>
# Keras does not flip, so it would learn the flipped kernel: for Sobel x that is its negative.
# </details>
#
# **Question 5.** Can a single 3×3 convolution layer learn the *magnitude* $G$?
#
# <details><summary>Answer</summary>
# No. The layer is linear in the image, and the magnitude is not: that of the inverted photograph is the same, while a
# linear response would change its sign. You need two filters and a non-linearity.
# </details>

# %%
# The numbers in the answers, computed.
assert not correlate2d(np.full((8, 8), 137), filters.SOBEL_X).any()  # 1

brighter, doubled, inverted = (
    filters.sobel(image) for image in (camera + 50, 2 * camera, 255 - camera)
)
assert np.allclose(brighter.magnitude, gradient.magnitude)  # 2
assert np.allclose(doubled.magnitude, 2 * gradient.magnitude)
assert np.allclose(doubled.angle, gradient.angle)

strong = gradient.magnitude > 0
turned = np.degrees(np.abs(inverted.angle - gradient.angle))[strong]
assert np.allclose(inverted.magnitude, gradient.magnitude)  # 3
assert np.allclose(turned, 180)

assert np.allclose(
    convolve2d(camera, filters.SOBEL_X), -correlate2d(camera, filters.SOBEL_X)
)  # 4

# %% [markdown]
# **Next:** [lab 02](labs/lab_02_sobel_filters.ipynb) has you steer the Sobel kernel and derive the gradient that learns it. Then
# [lesson 03](03_mnist_cnn.ipynb) builds the first real network.
