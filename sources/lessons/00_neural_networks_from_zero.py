# %% [markdown]
# # 00 · Neural networks from zero
#
# **What you will do:** build a neural network with nothing but NumPy, train it to read handwritten digits, and let it read a digit that you draw.
#
# **What you will learn**
# - how a machine-learning project goes, from a question to an answer you can trust,
# - what a neuron computes, and why one is not enough,
# - what softmax, cross-entropy, gradient descent and backpropagation are, each worked out by hand,
# - how to notice overfitting, and what training, validation and test sets are for,
# - how to write the same network in Keras, and where it fails.
#
# **What you need:** Python (lists, functions, loops) and school algebra. Nothing else: new words stand in **bold** where they are explained. Two more formulas than school has are derivatives; you can take their results on trust.
#
# **How to read it:** cells that begin with `figure, axes =` or `def draw_…` only draw. Skip their code and look at the picture.
#
# **Time:** 75–90 minutes in class; alone, with pencil and paper, rather two hours and a half. Running all cells takes about 30 s on 2 CPU cores; a GPU is not needed.

# %%
from helpers import course, datasets, plots

course.start("Lesson 00")

# %% slideshow={"slide_type": "skip"}
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

# %% [markdown]
# ## The question
#
# A house number hangs on one nail. The other nail breaks, and the number swings upside down. A 0 or an 8 can still be read. A 6 becomes a 9, a 9 becomes a 6, and the mail goes to the wrong house.
#
# **Write a program that looks at a handwritten digit and says: safe to turn, or not?** The four digits it may meet are 0, 8, 6 and 9. The examples come from **MNIST**, a famous collection of 70,000 digits that American students and census employees wrote.

# %%
digits = datasets.mnist(download=False)  # real handwriting, built into the course
images = digits.x_train[:4000] / 255  # 0 is black, 1 is white
labels = digits.y_train[:4000]

shown = {0: 7, 8: 8, 6: 7, 9: 7}  # which example of each digit
upright = [images[np.flatnonzero(labels == digit)[n]] for digit, n in shown.items()]
turned = [image[::-1, ::-1] for image in upright]
titles = ["0: safe", "8: safe", "6: not safe", "9: not safe"] + ["turned"] * 4
plots.image_grid(upright + turned, titles, columns=4, cell=2.2)
plots.show(
    "Four handwritten digits, 0, 8, 6 and 9, and below each of them the same picture turned upside down. The turned 6 looks like a 9, and the turned 9 like a 6."
)

# %% [markdown]
# You see the answer at once. But try to write the rule down: "a 6 has a loop at the bottom". What is a loop, for a program that is given numbers? And what about a 6 whose loop does not close?
#
# **Machine learning** turns the task around. You do not write the rule. You collect **examples**, pictures with the right answer, and let the program find a rule that fits them. A rule with numbers in it that can still be adjusted is a **model**; the right answers are **labels**, and the kinds they name are **classes**. Every such project goes through the same steps, and so does this lesson.


# %% slideshow={"slide_type": "skip"}
def box(axis, x, y, text, color="#cfe3f3", width=1.85, height=1.0):
    """Draw a rectangle around (x, y) with a text inside."""
    corner = (x - width / 2, y - height / 2)
    axis.add_patch(plt.Rectangle(corner, width, height, facecolor=color, edgecolor="0.3"))
    axis.text(x, y, text, ha="center", va="center", fontsize=14)


def arrow(axis, start, end, color="0.3", bend=0.0):
    """Draw an arrow, bent if you like."""
    style = {"arrowstyle": "-|>", "color": color, "lw": 2.2, "mutation_scale": 18}
    style["connectionstyle"] = f"arc3,rad={bend}"
    axis.annotate("", end, start, arrowprops=style)


# %%
figure, axis = plt.subplots(figsize=(14, 2.7), layout="constrained")
steps = ["question", "examples\nand answers", "split into\nthree sets", "choose a\nmodel"]
steps += ["train:\nfit the model", "judge on\nnew examples", "use it"]
for place, text in enumerate(steps):
    box(axis, 2.1 * place, 0, text, "#cfe3f3" if place < 6 else "#ffe2c4")
    if place:
        arrow(axis, (2.1 * place - 1.19, 0), (2.1 * place - 0.91, 0))
arrow(axis, (10.5, -0.5), (6.3, -0.5), "C1", -0.25)
axis.text(8.4, -1.2, "not good enough: change something", ha="center", color="#a04000")
axis.set(xlim=(-1, 13.6), ylim=(-1.3, 0.6))
axis.axis("off")
plots.show(
    "Seven boxes in a row: question, examples and answers, split into three sets, choose a model, train, judge on new examples, use it. An arrow leads from judge back to choose a model."
)

# %% [markdown]
# **What to notice.** Training is one box of seven. The arrow back is where most of the time goes.
#
# ## 1 · Pictures are numbers
#
# A program sees no picture. It sees numbers in a grid. NumPy, Python's library for such grids, calls it an **array**; in deep learning the word is **tensor**. The number of its axes is its **rank**, and the length along each axis is its **shape**.
#
# | rank | name | example here | shape |
# | --- | --- | --- | --- |
# | 0 | scalar | one pixel | `()` |
# | 1 | vector | one row of a digit | `(28,)` |
# | 2 | matrix | one gray digit | `(28, 28)` |
# | 3 | | a color photograph: height, width, and red, green, blue | `(512, 512, 3)` |
# | 4 | | a **batch** of color photographs | `(2, 512, 512, 3)` |
# | n | | a batch of films: rank 5, with one more axis for time | |
#
# Three habits of NumPy to know: `digit[14]` is row 14 (counted from 0), and `digit[7:16]` are the rows 7 to 15. Arithmetic works on all numbers at once: `digit / 2` halves each pixel. And `digit.mean(axis=0)` averages along the first axis, down the rows, so that one number is left for each column. You will also meet `assert`: it stops the program if what follows it is not true, and keeps this page honest.

# %% tags=["nbval-check-output"]
from skimage import data

digit = upright[1]  # the 8
photo = data.astronaut()
for tensor in (digit[14, 14], digit[14], digit, photo, np.stack([photo, photo])):
    print("rank", tensor.ndim, " shape", tensor.shape)

# %%
figure, axes = plt.subplots(
    1, 3, figsize=(13, 4.6), layout="constrained", width_ratios=[1, 1.5, 1]
)
axes[0].imshow(digit, cmap="gray")
axes[0].add_patch(plt.Rectangle((8.5, 6.5), 9, 9, fill=False, edgecolor="#d55e00", linewidth=4))
axes[0].set(title="rank 2: a digit", xticks=[], yticks=[])
detail = (10 * digit[7:16, 9:18]).round()
plots.number_grid(detail, "its 9×9 pixels in the frame, times 10", None, axes[1], cmap="gray")
for depth, (name, tint) in enumerate(zip(("red", "green", "blue"), ("red", "lime", "#4060ff"))):
    place = [0.28 * depth, 0.5 - 0.25 * depth, 0.44, 0.44]
    channel = axes[2].inset_axes(place)
    dark_to_light = LinearSegmentedColormap.from_list(name, ["black", tint])
    channel.imshow(photo[..., depth], cmap=dark_to_light)
    channel.set(xticks=[], yticks=[])
    axes[2].text(place[0] + 0.46, place[1] + 0.3, name)
axes[2].set_title("rank 3: three channels")
axes[2].axis("off")
plots.show(
    "Left, a handwritten 8 with a frame around nine by nine pixels. Middle, these pixels as numbers from 0 to 10, large where the stroke is bright. Right, a portrait as three pictures, its red, green and blue channel: bright where there is much of that color."
)

# %% [markdown]
# ## 2 · Examples, two measurements, three sets
#
# A digit has 784 pixels. To be able to *draw* what happens, begin with only two numbers for each picture. Such a measurement is called a **feature**. Crop the picture to the box that holds the digit, then take
#
# - **upper share**: how much of the ink lies in the upper half (a 9 has a lot there, a 6 only a little),
# - **middle ink**: how bright the middle ninth is (an 8 has its crossing there, a 0 its hole).


# %%
def crop(image):
    """Cut away the black margin."""
    rows = np.flatnonzero(image.max(axis=1) > 0.3)  # the numbers of the rows with ink
    columns = np.flatnonzero(image.max(axis=0) > 0.3)
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def measure(image):
    """Return the two features of a picture: upper share and middle ink."""
    ink = crop(image)
    height, width = ink.shape
    upper, lower = ink[: height // 2].sum(), ink[height - height // 2 :].sum()
    middle = ink[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3]
    return upper / (upper + lower), middle.mean()


# %% [markdown]
# **Split before you look.** A rule that has seen an example may simply remember it. So shuffle the examples and cut them into three sets:
#
# - **training set**: the rule is fitted to it,
# - **validation set**: you compare models on it, as often as you like,
# - **test set**: locked away until all decisions are made, then used *once*. It tells how good the program will be on pictures that nobody has seen.

# %% tags=["nbval-check-output"]
chosen = np.flatnonzero(np.isin(labels, (0, 8, 6, 9)))  # where these four digits are
np.random.default_rng(0).shuffle(chosen)
features = np.array([measure(image) for image in images[chosen]])  # x
which = labels[chosen]
safe = np.isin(which, (0, 8)).astype(int)  # y: 1 is safe, 0 is not

train, valid, test = slice(0, 800), slice(800, 1200), slice(1200, None)  # features[train] …
for name, part in {"training": train, "validation": valid, "test": test}.items():
    print(f"{name:11}{features[part].shape}   safe: {safe[part].mean():.0%}")

# %% slideshow={"slide_type": "skip"}
MARKS = {0: "o", 8: "s", 6: "^", 9: "v"}
COLORS = {0: "C0", 8: "C3", 6: "C1", 9: "C4"}  # blues are safe, oranges are not


def scatter(axis, points, names, only=(0, 8, 6, 9), size=28):
    """Draw examples as marks: one shape for each digit."""
    for digit in only:
        chosen = points[names == digit]
        style = {"marker": MARKS[digit], "color": COLORS[digit], "edgecolor": "white"}
        axis.scatter(*chosen.T, s=size, label=str(digit), linewidth=0.4, zorder=3, **style)


# %%
figure, axes = plt.subplots(
    1, 2, figsize=(13, 5.2), layout="constrained", width_ratios=[1, 1.9]
)
nine = crop(upright[3])
height, width = nine.shape
axes[0].imshow(nine, cmap="gray")
axes[0].axhline(height / 2 - 0.5, color="#d55e00", linewidth=4)
corner = (width // 3 - 0.5, height // 3 - 0.5)
sides = (2 * width // 3 - width // 3, 2 * height // 3 - height // 3)
frame = plt.Rectangle(
    corner, *sides, fill=False, edgecolor="#56b4e9", linewidth=4, linestyle="--"
)
axes[0].add_patch(frame)
share, middle = measure(upright[3])
axes[0].set(title=f"upper share {share:.2f}\nmiddle ink {middle:.2f}", xticks=[], yticks=[])
scatter(axes[1], features[train], which[train])
axes[1].set(xlabel="upper share", ylabel="middle ink", title="800 training examples")
axes[1].legend(title="digit", loc="upper left", bbox_to_anchor=(1, 1), markerscale=1.6)
plots.show(
    "Left, a cropped 9 with a line across its middle and a dashed frame around its middle ninth. Right, 800 marks for four digits: 6 on the left, 9 on the right, and between them 8 above 0."
)

# %% [markdown]
# **What to notice.** Two numbers are enough to make four clouds that overlap mostly at their edges. One picture has become one point, and "find a rule" has become "find a border between points".
#
# ## 3 · One neuron
#
# Start with an easier question: is it an 8 or a 9? A **neuron** (the first one that learned, in 1958, was called the **perceptron**) multiplies each input by a **weight**, adds the products and one more number, the **bias**, and looks at the sign:
#
# $$z = x_1 w_1 + x_2 w_2 + b \qquad \text{answer} = \begin{cases} \text{yes} & z > 0 \\ \text{no} & z \le 0 \end{cases}$$
#
# The two products and their sum are written $x \cdot w$, in Python `x @ w`. If `x` is a matrix with one example in each row, `x @ w` does all rows at once, and `+ b` adds the bias to each result.
#
# ### On paper
#
# The weights are $w = (1, -0.2)$ and the bias is $b = -0.49$; "yes" means 9. What does the neuron say to $x = (0.70, 0.40)$, and to $x = (0.50, 0.60)$?
#
# <details><summary>Check your answer</summary>
#
# $0.70 - 0.08 - 0.49 = 0.13$, which is positive: a 9. And $0.50 - 0.12 - 0.49 = -0.11$: not a 9, so an 8.
#
# </details>


# %% tags=["nbval-check-output"]
def neuron(x, w, b):
    """Return z for one example, or for each row of many."""
    return x @ w + b


w, b = np.array([1, -0.2]), -0.49
print(neuron(np.array([[0.70, 0.40], [0.50, 0.60]]), w, b).round(2))

eight_or_nine = np.isin(which[train], (8, 9))
x, is_nine = features[train][eight_or_nine], which[train][eight_or_nine] == 9
right = np.mean((neuron(x, w, b) > 0) == is_nine)  # the mean of True (1) and False (0): a share
print(f"right on {right:.0%} of the training 8s and 9s")

# %% [markdown]
# Where $z = 0$, the neuron changes its mind. For two inputs that is a straight **line**: the weights turn it, the bias moves it. These three numbers were found by eye, and they do well.
#
# Now the real question: safe (0 and 8) or not (6 and 9)? Try *all* lines: every direction in steps of one degree, every position in steps of 0.005, either side safe.

# %% tags=["nbval-check-output"]
angles = np.radians(np.arange(180))
directions = np.array([np.cos(angles), np.sin(angles)])
along = features[train] @ directions  # 800 examples, 180 directions
best = (0, 0, 0)
for position in np.arange(-1, 1.5, 0.005):
    right = np.mean((along > position) == (safe[train] == 1)[:, None], axis=0)
    right = np.maximum(right, 1 - right)  # either side may be the safe one
    best = max(best, (right.max(), right.argmax(), position))
print(f"the best of {180 * 500:,} lines is right on {best[0]:.0%} of the training examples")
assert 0.65 < best[0] < 0.8

# %%
figure, axes = plt.subplots(1, 2, figsize=(13, 5), sharey=True, layout="constrained")
grid = np.linspace(0, 1, 200)
scatter(axes[0], features[train], which[train], only=(8, 9))
axes[0].plot(grid, (grid - 0.49) / 0.2, "--", color="black")
axes[0].set(title="8 or 9? a line will do", ylabel="middle ink")
scatter(axes[1], features[train], which[train])
angle, position = angles[best[1]], best[2]
axes[1].plot((position - grid * np.sin(angle)) / np.cos(angle), grid, "--", color="black")
axes[1].set_title(f"safe (blue) or not? best line: {best[0]:.0%}")
axes[1].legend(title="digit", loc="upper left", bbox_to_anchor=(1, 1), markerscale=1.6)
for axis in axes:
    axis.set(xlim=(0.1, 0.9), ylim=(-0.03, 1.03), xlabel="upper share")
plots.show(
    "Left, 8s and 9s with a dashed line between the two clouds. Right, all four digits with the best line: whichever side is called safe, at least one cloud is on the wrong side."
)

# %% [markdown]
# **What to notice.** The safe digits lie *between* the others, so no line can part them: one of the four clouds always ends up on the wrong side, here the 9s. More training would not help. The model is too simple.
#
# ## 4 · Why one neuron is not enough
#
# The smallest problem of this kind has four points. **XOR** ("either, or, but not both") is 1 where exactly one of two inputs is 1. Suppose one neuron could do it. Then for (0, 0), (1, 0), (0, 1) and (1, 1), in this order,
#
# $$b \le 0, \qquad w_1 + b > 0, \qquad w_2 + b > 0, \qquad w_1 + w_2 + b \le 0.$$
#
# Add the two in the middle: $w_1 + w_2 + 2b > 0$. The last one says $w_1 + w_2 + b \le 0$, so $b$ must be positive. The first says it is not. No such neuron exists.
#
# **So use two layers of neurons?** Each neuron of the first layer, the **hidden layer**, gives a number; the second layer combines them. With weights in matrices $W_1, W_2$ (a column for each neuron):
#
# $$(x W_1 + b_1)\, W_2 + b_2 \;=\; x\, (W_1 W_2) + (b_1 W_2 + b_2)$$
#
# On the right stands *one* layer. Two layers have **collapsed** into one, and a thousand would, too.

# %% tags=["nbval-check-output"]
generator = np.random.default_rng(0)
W1, b1 = generator.normal(size=(2, 5)), generator.normal(size=5)
W2, b2 = generator.normal(size=(5, 1)), generator.normal(size=1)

corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
xor = np.array([0, 1, 1, 0])
two_layers = (corners @ W1 + b1) @ W2 + b2
one_layer = corners @ (W1 @ W2) + (b1 @ W2 + b2)
assert np.allclose(two_layers, one_layer)

with_one = np.column_stack([corners, np.ones(4)])  # a column of ones stands for the bias
fit = np.linalg.lstsq(with_one, xor)[0]  # the weights with the smallest squared error
print("the best that any stack of linear layers can say:", (with_one @ fit).round(3))

# %% [markdown]
# One half everywhere: "I don't know". Something must stand between the layers that is *not* a straight line. It is called the **activation function**. Four have made history.


# %%
def relu(z):
    """Negative numbers become 0, the others stay: the rectified linear unit."""
    return np.maximum(z, 0)


def sigmoid(z):
    """Squeeze any number between 0 and 1."""
    return 1 / (1 + np.exp(-z))


# %%
functions = {
    "step": (lambda z: (z > 0) * 1.0, "perceptron, 1958"),
    "sigmoid": (sigmoid, "1980s; output between 0 and 1"),
    "tanh": (np.tanh, "the same between −1 and 1"),
    "ReLU": (relu, "since about 2010"),
}
z = np.linspace(-4, 4, 401)
figure, axes = plt.subplots(1, 4, figsize=(14, 3.8), layout="constrained")
for axis, (name, (function, remark)) in zip(axes, functions.items()):
    axis.plot(z, function(z), label="value")
    slope = np.gradient(function(z), z)
    slope[slope > 1.01] = np.nan  # at the jump of the step there is none
    axis.plot(z, slope, ":", color="C4", label="slope")
    axis.set(title=f"{name}\n{remark}", ylim=(-1.2, 2.1), xlabel="z")
axes[0].legend(loc="upper left")
plots.show(
    "Four curves with their slopes dotted: the step jumps from 0 to 1 and its slope is 0 on both sides of the jump; sigmoid and tanh rise smoothly and their slopes die away on both sides; ReLU is 0 on the left and rises with slope 1 on the right."
)

# %% [markdown]
# **What to notice.** Look at the slopes, because learning will need them. The step has none on either side of its jump, so nothing tells which way to go. Sigmoid and tanh lose theirs far away from 0. ReLU keeps slope 1 for every positive $z$, has none for negative ones, and costs almost nothing to compute.
#
# **XOR, by thought.** Take two hidden neurons with ReLU, both with the weights (1, 1). One has bias 0 and counts the ones. The other has bias −1 and notices only "both". Then subtract the second twice:
#
# $$h_1 = \text{ReLU}(x_1 + x_2) \qquad h_2 = \text{ReLU}(x_1 + x_2 - 1) \qquad \text{output} = h_1 - 2 h_2$$

# %% tags=["nbval-check-output"]
hidden = relu(corners @ np.array([[1, 1], [1, 1]]) + np.array([0, -1]))
output = hidden @ np.array([1, -2])
for x, h, value in zip(corners, hidden, output):
    print(f"x = {x}   h = {h}   output = {value}")
assert np.array_equal(output, xor)

# %%
figure, axes = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained")
for axis, points, title in zip(
    axes, (corners, hidden), ("what comes in", "after the hidden layer")
):
    axis.scatter(*points[xor == 0].T, s=260, marker="s", color="C1", label="XOR = 0", zorder=3)
    axis.scatter(*points[xor == 1].T, s=260, color="C0", label="XOR = 1", zorder=3)
    axis.set(title=title, aspect="equal", xlim=(-0.6, 2.6), ylim=(-0.6, 1.6))
axes[0].set(xlabel="$x_1$", ylabel="$x_2$")
axes[1].set(xlabel="$h_1$", ylabel="$h_2$")
axes[1].plot([0.3, 2.5], [-0.1, 1.0], "--", color="black")
axes[1].text(1.12, -0.12, "two points\nin one place", va="center")
axes[0].legend(loc="center right")
plots.show(
    "Left, four corners of a square, equal colors on the diagonals. Right, the same points after the hidden layer: the two with XOR 1 have moved to one place, and a dashed line parts them from the other two."
)

# %% [markdown]
# **What to notice.** The hidden layer has *folded* the plane, so that a line is enough. That is what all layers of all networks are for: bring the examples into a shape in which the last layer has an easy job. A network of such layers is a **multilayer perceptron** (MLP).
#
# <!-- question collapse -->
#
# ## 5 · From scores to a number for "how wrong"
#
# For several classes, the last layer has one neuron for each class, and its outputs are **scores**, or **logits**. **Softmax** turns them into probabilities: raise $e = 2.718…$ to the power of each score, so that all are positive, then divide by the sum.
#
# $$p_i = \frac{e^{s_i}}{\sum_j e^{s_j}}$$
#
# **Work it out** with a calculator for the scores 2, 1 and 0.1. (Source D, a public workshop listed in the README, prints 0.7, 0.2 and 0.1 for them.)


# %% tags=["nbval-check-output"]
def softmax(scores):
    """Turn the last axis into probabilities."""
    # axis=-1: along the last axis; keepdims: keep that axis, so that the shapes fit
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


scores = np.array([2, 1, 0.1])
p = softmax(scores)
print("e to the power of each:", np.exp(scores).round(3), " sum", np.exp(scores).sum().round(3))
print("softmax:", p.round(3), " rounded to one digit:", p.round(1))
assert np.array_equal(p.round(3), [0.659, 0.242, 0.099])
assert np.array_equal(p.round(1), [0.7, 0.2, 0.1])  # the source's numbers were rounded

huge = np.array([1000, 999, -1000])
print("scores of ±1000:", softmax(huge).round(3))
assert np.allclose(softmax(huge), softmax(huge - 1000))

# %% [markdown]
# Why `scores - scores.max()`? Because $e^{1000}$ is too large for a computer's numbers. Subtracting the same amount from all scores changes nothing, since it cancels in the fraction, and the largest exponent is then 0.
#
# **The loss.** Training needs *one* number that says how wrong an answer is. Take the probability given to the right class, and its negative natural logarithm (which asks: $e$ to the power of what?). This is **cross-entropy**. Write the right answer as a vector with a single 1 (**one-hot**), and it reads
#
# $$L = -\sum_i y_i \log p_i = -\log p_\text{right}$$
#
# The loss of a whole set is the average over its examples.


# %% tags=["nbval-check-output"]
def cross_entropy(p, y):
    """Return the average loss: probabilities and one-hot answers, one example in each row."""
    right = np.sum(p * y, axis=-1)
    return -np.log(np.maximum(right, 1e-300)).mean()  # log(0) would be minus infinity


one_hot = np.eye(3)  # row i has its 1 at place i
for label in range(3):
    loss = cross_entropy(p, one_hot[label])
    print(f"class {label} is right:  y = {one_hot[label]}   loss = {loss:.3f}")
three = np.array([p, p, p])
print("average over the three:", cross_entropy(three, one_hot).round(3))
assert np.isfinite(cross_entropy(softmax(huge), np.array([0, 0, 1])))

# %%
figure, axes = plt.subplots(1, 3, figsize=(14, 4), layout="constrained")
for axis, values, title in zip(axes, (scores, p), ("scores", "softmax: probabilities")):
    bars = axis.bar([0, 1, 2], values, color="C0")
    axis.bar_label(
        bars, [f"{value:.3f}".rstrip("0").rstrip(".") for value in values], padding=3
    )
    axis.set(title=title, xlabel="class", xticks=[0, 1, 2], ylim=(0, 1.18 * max(values)))
probability = np.linspace(0.004, 1, 300)
axes[2].plot(probability, -np.log(probability), color="C0")
for value in (0.99, 0.5, 0.1, 0.01):
    axes[2].plot(value, -np.log(value), "o", color="C4", markersize=9)
    axes[2].text(value + 0.04, -np.log(value) + 0.15, f"{value:g}: {-np.log(value):.2f}")
axes[2].set(
    title="loss", xlabel="probability of the right class", xlim=(-0.02, 1.28), ylim=(0, 5.5)
)
plots.show(
    "Three panels: bars for the scores 2, 1 and 0.1; bars for the probabilities 0.659, 0.242 and 0.099; and the curve of minus the logarithm, which falls from high values near 0 to 0.69 at one half and 0.01 at 0.99."
)

# %% [markdown]
# **What to notice.** Being right and sure costs almost nothing, not knowing costs 0.69, and being *sure and wrong* costs more without limit.
#
# <!-- question softmax -->
#
# ## 6 · Learning is walking downhill
#
# How do you find weights with a small loss? Imagine a hiker in fog. She cannot see the valley, but she can feel the slope under her feet, so she takes a step downhill, and again.
#
# The **slope** of the loss along one weight is what a little nudge changes, divided by the nudge. Mathematicians write $\frac{\partial L}{\partial w}$ and call the slopes of all weights together the **gradient**. Each weight then moves against its slope:
#
# $$w \leftarrow w - \eta\, \frac{\partial L}{\partial w}$$
#
# This is **gradient descent**, and $\eta$ (eta), the **learning rate**, is the length of the stride.
#
# Try it on a neuron that tells 8 from 9. Sigmoid makes a probability of its $z$: $p = \frac{1}{1 + e^{-z}}$. The loss is $-\log p$ if the answer is yes ($y = 1$), and $-\log(1-p)$ if it is no ($y = 0$). Nudge $z$ by a millionth and look at the slope of the loss:

# %% tags=["nbval-check-output"]
nudge = 1e-6
print("   z       p    slope if y = 1   slope if y = 0")
for z in (-2.0, 0.0, 1.0):
    p = sigmoid(z)
    if_one = (np.log(sigmoid(z)) - np.log(sigmoid(z + nudge))) / nudge
    if_zero = (np.log(1 - sigmoid(z)) - np.log(1 - sigmoid(z + nudge))) / nudge
    print(f"{z:5} {p:8.3f} {if_one:12.3f} {if_zero:16.3f}")
    assert np.allclose([if_one, if_zero], [p - 1, p - 0], atol=1e-5)

# %% [markdown]
# **What to notice.** The slope is always $p - y$: what the neuron says minus what is true. (Calculus agrees; skip it if it is new to you. For $y = 1$ the loss is $-\log p = \log(1 + e^{-z})$, and its derivative is $-e^{-z}/(1 + e^{-z}) = p - 1$.)
#
# And the weights? If $w_1$ grows a little, $z$ grows $x_1$ times as much. Rates multiply, like gears: $\frac{\partial L}{\partial w_1} = (p - y)\, x_1$. For many examples take the average.
#
# First **standardize** the features: subtract the mean and divide by the standard deviation, a measure of how widely they spread, *both taken from the training set*. Otherwise the valley may be steep in one direction and flat in another, and no learning rate suits both. To be able to draw the loss over two weights, leave the bias at 0.

# %%
x = features[train][eight_or_nine]
x = (x - x.mean(axis=0)) / x.std(axis=0)
y = is_nine.astype(float)


def loss_at(w):
    """Return the average loss of a neuron without bias."""
    p = sigmoid(x @ w).clip(1e-12, 1 - 1e-12)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


paths = {}
for rate in (0.5, 5, 25):
    w = np.array([-3.0, 3.5])
    path = [w]
    for _step in range(30):
        slope = x.T @ (sigmoid(x @ w) - y) / len(x)  # one number for each weight
        w = w - rate * slope
        path.append(w)
    paths[rate] = np.array(path)

# %%
first, second = np.meshgrid(np.linspace(-5, 17, 100), np.linspace(-11, 6, 80))
surface = [loss_at(np.array(pair)) for pair in zip(first.ravel(), second.ravel())]
lowest = np.argmin(surface)
surface = np.reshape(surface, first.shape)
levels = np.geomspace(0.15, 6, 14)

figure, axes = plt.subplots(1, 3, figsize=(14, 4.6), sharey=True, layout="constrained")
for axis, (rate, path) in zip(axes, paths.items()):
    shades = axis.contourf(first, second, surface, levels=levels, cmap="Blues", extend="max")
    axis.contour(first, second, surface, levels=levels, colors="0.4", linewidths=0.5)
    axis.plot(*path.T, "o-", color="#a04000", linewidth=1.5, markersize=5)
    axis.plot(*path[0], "s", color="black", markersize=11, label="start")
    best = first.flat[lowest], second.flat[lowest]
    axis.plot(*best, "*", color="black", markersize=17, label="lowest loss")
    axis.set(title=f"rate {rate}: loss {loss_at(path[-1]):.2f}", xlabel="$w_1$ (upper share)")
    axis.set(xlim=(-5, 17), ylim=(-11, 6))
axes[0].set_ylabel("$w_2$ (middle ink)")
axes[0].legend(loc="upper right")
figure.colorbar(shades, ax=axes, label="loss", ticks=[0.2, 0.5, 1, 2, 5], format="%g")
plots.show(
    "Three maps of the loss over two weights with lines of equal loss, pale where it is low, each with a path of 30 steps from a black square and a star at the lowest place. With rate 0.5 the path ends short of the star, with 5 beside it; with 25 it leaps far beyond it and walks back a part of the way."
)

# %% [markdown]
# **What to notice.** Both weights move at once, and the steps get shorter where it is flatter. Too small a learning rate does not arrive in 30 steps. Too large a rate leaps over the valley with its first step, to where it is so flat that the way back is long: after as many steps it is still farther from the star than with rate 5.
#
# ## 7 · Backpropagation by hand
#
# A network has many weights in several layers. How much does the loss change with a weight far away from it? **Backpropagation** answers for all weights in one go: run forward and keep every number, then carry the slopes back from the loss, layer by layer.
#
# Here is a network small enough for paper: two inputs, two hidden neurons with ReLU, two scores, softmax; all biases 0. The second class is right. **Compute $z$, $h$ and the scores $s$ yourself first.**

# %% tags=["nbval-check-output"]
x, y = np.array([1.0, 2.0]), np.array([0, 1])
W1, b1 = np.array([[1.0, 1.0], [0.5, -1.0]]), np.zeros(2)  # a column for each hidden neuron
W2, b2 = np.array([[0.5, -0.5], [1.0, -2.0]]), np.zeros(2)  # a column for each score

z = x @ W1 + b1
h = relu(z)
s = h @ W2 + b2
p = softmax(s)
L = cross_entropy(p, y)
print("z =", z, "  h =", h, "  s =", s, "  p =", p.round(3), "  L =", L.round(3))

# %% [markdown]
# Now backward. Only three rules are needed:
#
# 1. **At the scores** the slope is $p - y$. You have seen it for one neuron; for softmax it is the same (lesson 03 derives it).
# 2. **Through a weight** a slope travels back multiplied by that weight; where several ways lead on, they add up: $\frac{\partial L}{\partial h} = (p - y)\, W_2^\top$ (the $\top$ swaps rows and columns, `W2.T` in NumPy). The slope of the weight *itself* is what went in, times the slope of what came out. A bias is a weight whose input is always 1, so its slope is the slope of what came out.
# 3. **Through ReLU** a slope passes where $z > 0$; elsewhere it becomes 0, because a nudge there changes nothing.

# %% tags=["nbval-check-output"]
slope_s = p - y  # rule 1
slope_W2 = np.outer(h, slope_s)  # rule 2: a table of each h times each slope
slope_h = slope_s @ W2.T  # rule 2: back through the weights
slope_z = slope_h * (z > 0)  # rule 3
slope_W1 = np.outer(x, slope_z)  # rule 2 again
print("slope_s =", slope_s.round(3))
print("slope_h =", slope_h.round(3), "  slope_z =", slope_z.round(3))
print("slope_W2 =", (slope_W2.round(3) + 0.0).tolist())
print("slope_W1 =", slope_W1.round(3).tolist())


# %% slideshow={"slide_type": "skip"}
def write(axis, x, y, value, **style):
    """Write a number with a proper minus sign; nothing for NaN."""
    text = "" if np.isnan(value) else f"{value + 0.0:.3g}".replace("-", "−")
    axis.text(x, y, text, ha="center", va="center", **style)


def connect(axis, start, end, forward):
    """Draw an arrow between two nodes, without touching them."""
    start, end = np.array(start, dtype=float), np.array(end, dtype=float)
    near, far = start + 0.2 * (end - start), start + 0.8 * (end - start)
    arrow(axis, near, far, "0.65") if forward else arrow(axis, far, near, "0.65")


# %% slideshow={"slide_type": "skip"}
def draw_graph(axis, numbers, weights, color, forward):
    """Draw the network: eight nodes with a number each, weights along the lines."""
    label = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"}
    for left, matrix in zip((0, 2), weights):
        for (i, j), value in np.ndenumerate(matrix):
            connect(axis, (left, 1 - i), (left + 1, 1 - j), forward)
            along = 0.5 if i == j else 0.33
            height = (1 - i) + along * (i - j)
            write(axis, left + along, height, value, fontsize=14, bbox=label)
    for height in (0, 1):
        connect(axis, (1, height), (2, height), forward)
        axis.text(1.5, height + 0.09, "ReLU", ha="center", fontsize=13)
    for place, value in enumerate(numbers):
        column, height = place // 2, 1 - place % 2
        axis.plot(column, height, "o", markersize=60, color="white", markeredgecolor=color)
        write(axis, column, height, value, color=color, fontsize=14)


# %%
figure, axes = plt.subplots(1, 2, figsize=(15, 5), layout="constrained")
draw_graph(axes[0], [*x, *z, *h, *s], [W1, W2], "#00527f", True)
backward = [np.nan, np.nan, *slope_z, *slope_h, *slope_s]
draw_graph(axes[1], backward, [slope_W1, slope_W2], "#a04000", False)
axes[0].set_title(f"forward: values; on the lines, weights.  L = {L:.3f}")
axes[1].set_title("backward: slopes; on the lines, slopes of the weights")
for axis in axes:
    for column, name in enumerate("xzhs"):
        axis.text(column, 1.36, f"${name}$", ha="center", fontsize=18)
    axis.set(xlim=(-0.35, 3.35), ylim=(-0.35, 1.5))
    axis.axis("off")
plots.show(
    "The network twice as a graph of eight circles in four columns x, z, h and s. Forward, with the values 1 and 2, 2 and −1, 2 and 0, 1 and −1. Backward, arrows point left with the slopes 0.881 and −0.881 at s, 0.881 and 2.64 at h, 0.881 and 0 at z."
)

# %% [markdown]
# **What to notice.** The lower hidden neuron is off, $z = -1$. The slope 2.64 that reaches it dies at the ReLU, and its weights get slope 0: this example does not change them. The slope of every weight is the number on its left in the forward graph, times the number on its right in the backward graph.
#
# Is it true? Nudge each of the eight weights and compare:

# %% slideshow={"slide_type": "skip"}
for W, slopes in ((W1, slope_W1), (W2, slope_W2)):
    for place in np.ndindex(W.shape):
        W[place] += 1e-6
        nudged = cross_entropy(softmax(relu(x @ W1 + b1) @ W2 + b2), y)
        W[place] -= 1e-6
        assert np.isclose((nudged - L) / 1e-6, slopes[place], atol=1e-5)
print("all eight slopes agree with what a nudge changes")

# %% [markdown]
# <!-- question backpropagation -->
#
# ## 8 · Train it
#
# The same lines for many examples at once, and you have a network that learns. A row of `x` is one example; the slopes are averaged over the rows.


# %%
def forward(x, network):
    """Return the hidden layer's output and the probabilities."""
    W1, b1, W2, b2 = network
    h = relu(x @ W1 + b1)
    return h, softmax(h @ W2 + b2)


def gradients(x, y, network):
    """Return the slopes of all weights and biases, in the order of the network."""
    W1, b1, W2, b2 = network
    h, p = forward(x, network)
    slope_s = (p - y) / len(x)
    slope_z = slope_s @ W2.T * (h > 0)
    return x.T @ slope_z, slope_z.sum(axis=0), h.T @ slope_s, slope_s.sum(axis=0)


# section 7 again: a matrix with one row, and the same slopes
again = gradients(np.array([[1.0, 2.0]]), np.array([[0, 1]]), (W1, b1, W2, b2))
assert np.allclose(again[0], slope_W1)
print("slopes of the first weights as by hand:", again[0].round(3).tolist())

# %% [markdown]
# Two decisions remain. **Where to start:** with small random numbers. If all weights were equal, all hidden neurons would get the same slopes and stay equal forever. **How much to look at before each step:** a **batch** of 32 examples. Its slope is a rough estimate, but there are many more steps. Once through all examples is one **epoch**.


# %%
def start(inputs, hidden, classes, seed=0):
    """Return a network with random weights, smaller where more of them are added up."""
    random = np.random.default_rng(seed)
    W1 = random.normal(size=(inputs, hidden)) * np.sqrt(2 / inputs)
    W2 = random.normal(size=(hidden, classes)) * np.sqrt(1 / hidden)
    return W1, np.zeros(hidden), W2, np.zeros(classes)


def one_epoch(network, x, y, rate, random, batch=32):
    """Go once through all examples, in random order; return the changed network."""
    order = random.permutation(len(x))
    for begin in range(0, len(x), batch):
        rows = order[begin : begin + batch]
        slopes = gradients(x[rows], y[rows], network)
        network = [weights - rate * slope for weights, slope in zip(network, slopes)]
    return network


def accuracy(x, answers, network):
    """Return the share of right answers."""
    return np.mean(forward(x, network)[1].argmax(axis=1) == answers)


# %%
mean, spread = features[train].mean(axis=0), features[train].std(axis=0)
x = (features - mean) / spread
y = np.eye(2)[safe]  # one-hot: column 0 is "not safe", column 1 is "safe"

network, random = start(2, 8, 2), np.random.default_rng(0)
snapshots = {0: network}
for epoch in range(1, 101):
    network = one_epoch(network, x[train], y[train], 0.3, random)
    snapshots[epoch] = network
for epoch in (0, 1, 3, 10, 30, 100):
    share = accuracy(x[valid], safe[valid], snapshots[epoch])
    print(f"after {epoch:3} epochs: {share:.0%} of the validation examples are right")
assert share > 0.88
untrained = [accuracy(x[valid], safe[valid], start(2, 8, 2, seed)) for seed in range(10)]
print(f"ten untrained networks: {min(untrained):.0%} to {max(untrained):.0%}")


# %%
def draw_border(axis, network, title, part=valid):
    """Color the plane by the network's probability of "safe", with examples on it."""
    across, up = np.meshgrid(np.linspace(-2.8, 2.8, 160), np.linspace(-2.4, 2.6, 140))
    p = forward(np.column_stack([across.ravel(), up.ravel()]), network)[1][:, 1]
    p = p.reshape(across.shape)
    axis.contourf(across, up, p, levels=np.linspace(0, 1, 11), cmap="PuOr", alpha=0.45)
    axis.contour(across, up, p, levels=[0.5], colors="black", linewidths=2.5)
    scatter(axis, x[part], which[part], size=22)
    axis.set(title=title, xticks=[], yticks=[], xlim=(-2.8, 2.8), ylim=(-2.4, 2.6))


def growth():
    """Draw the border after six different numbers of epochs."""
    figure, axes = plt.subplots(2, 3, figsize=(13, 7.2), layout="constrained")
    for axis, epoch in zip(axes.flat, (0, 1, 3, 10, 30, 100)):
        share = accuracy(x[valid], safe[valid], snapshots[epoch])
        draw_border(axis, snapshots[epoch], f"{epoch} epochs: {share:.0%}")
    figure.supxlabel("upper share (standardized)")
    figure.supylabel("middle ink (standardized)")
    axes[0, 2].legend(title="digit", loc="upper left", bbox_to_anchor=(1, 1), markerscale=1.6)


# %% [markdown]
# Watch the border grow. If this page is live, move the slider; otherwise you see six moments. Purple is "safe", orange is "not safe", and on the black line the network cannot decide.

# %% tags=["cover"]
import ipywidgets as widgets


def live_border(epoch):
    """Draw the border after some epochs inside the widget."""
    axis = plt.subplots(figsize=(8, 5.6), layout="constrained")[1]
    draw_border(axis, snapshots[epoch], f"after {epoch} epochs")
    plt.show()


slider = widgets.IntSlider(value=0, min=0, max=100, description="epoch")
picture = widgets.interactive_output(live_border, {"epoch": slider})
plots.show_widget(
    widgets.VBox([slider, picture]),
    growth,
    "Six maps of the plane with four clouds of digits, after 0, 1, 3, 10, 30 and 100 epochs: the black border, meaningless at first, comes to run on both sides of the two safe clouds.",
)

# %% [markdown]
# **What to notice.** Before training all is luck, as the ten untrained networks show. Nobody told the network where the clouds are. It was told 800 answers, and the slopes did the rest. Each hidden neuron contributes one fold; together they bend the border around the safe digits.
#
# ## 9 · Judge honestly
#
# **Overfitting.** Give a network of 100 hidden neurons only 40 training examples and let it train for very long:

# %%
few, steps = slice(0, 40), course.budget(full=10_000, reduced=1000)
crammer, curves = start(2, 100, 2), []
for step in range(steps + 1):
    if step % 50 == 0:
        kept = (
            step,
            *(cross_entropy(forward(x[part], crammer)[1], y[part]) for part in (few, valid)),
            accuracy(x[valid], safe[valid], crammer),
        )
        curves.append(kept)
    slopes = gradients(x[few], y[few], crammer)
    crammer = [weights - 0.3 * slope for weights, slope in zip(crammer, slopes)]
curves = np.array(curves)
best = curves[:, 2].argmin()
print(f"lowest validation loss after {curves[best, 0]:.0f} steps")
print(f"validation examples right: then {curves[best, 3]:.1%}, at the end {curves[-1, 3]:.1%}")
if course.budget(full=True, reduced=False):
    assert curves[-1, 1] < 0.05 < 1.5 * curves[best, 2] < curves[-1, 2]

# %%
figure, axes = plt.subplots(
    1, 2, figsize=(13, 4.8), layout="constrained", width_ratios=[1.3, 1]
)
axes[0].plot(curves[:, 0], curves[:, 1], "--", label="training (40 examples)")
axes[0].plot(curves[:, 0], curves[:, 2], label="validation (400 examples)")
axes[0].axvline(curves[best, 0], color="0.5", linestyle=":")
axes[0].text(curves[best, 0] + 150, 0.55, "best moment", color="0.3")
axes[0].set(xlabel="steps", ylabel="loss", ylim=(0, None))
axes[0].legend(loc="upper left", bbox_to_anchor=(0.2, 1))
right = [accuracy(x[part], safe[part], crammer) for part in (few, valid)]
title = f"training {right[0]:.0%}, validation {right[1]:.0%} right"
draw_border(axes[1], crammer, title, few)
axes[1].set(xlabel="upper share (standardized)", ylabel="middle ink (standardized)")
axes[1].legend(title="digit", loc="upper left", bbox_to_anchor=(1, 1), markerscale=1.6)
plots.show(
    "Left, two curves of the loss: for the 40 training examples it keeps falling, for the validation examples it falls for a short time and then rises. Right, the border among the 40 training examples."
)

# %% [markdown]
# **What to notice.** The training loss goes on falling while the validation loss *rises*. The network is learning these 40 examples by heart, accidents included: look for the tiny island around a single one. On other examples it makes hardly more mistakes than before, but it is ever more *sure* of them, and that is what the loss counts. That is **overfitting**. Only examples it was not trained on show it. Remedies: more examples, a smaller network, stopping at the best moment.
#
# **How many hidden neurons?** In section 8 you judged on one set of examples that were held back. That is called **hold-out**. But 400 examples are few, and another 400 would give another number. **k-fold cross-validation** uses all of them: cut the examples into $k$ equal parts (called *folds*), train $k$ times, each time on all parts but one, and judge on that one. The mean is steadier, and the spread shows how far to trust it.

# %% slideshow={"slide_type": "skip"}
usable = np.arange(1200)  # training and validation examples; the test set stays locked
folds = np.array_split(np.random.default_rng(1).permutation(usable), 5)
epochs = course.budget(full=60, reduced=5)
by_size = {}
for hidden in (1, 2, 4, 8, 32):
    by_size[hidden] = []
    for fold in folds:
        rest = np.setdiff1d(usable, fold)
        net, random = start(2, hidden, 2, seed=1), np.random.default_rng(1)
        for _epoch in range(epochs):
            net = one_epoch(net, x[rest], y[rest], 0.3, random)
        by_size[hidden].append(accuracy(x[fold], safe[fold], net))

# %%
figure, axis = plt.subplots(figsize=(10, 4.4), layout="constrained")
for place, shares in enumerate(by_size.values()):
    axis.plot(np.linspace(-0.12, 0.12, 5) + place, np.multiply(shares, 100), "o", color="C3")
    average = 100 * np.mean(shares)
    axis.plot([place - 0.3, place + 0.3], [average, average], color="C4")
    axis.text(place + 0.33, average, f"{average:.1f}", va="center")
axis.set(xlabel="hidden neurons", ylabel="right (%)", xlim=(-0.5, 4.8))
axis.set_xticks(range(5), by_size.keys())
axis.set_title("five folds (dots) and their mean (line)")
plots.show(
    "For 1, 2, 4, 8 and 32 hidden neurons five dots and a line for their mean. One neuron is far below the others; from 4 on the means are nearly equal, and the dots of one size lie farther apart than the means."
)

# %% [markdown]
# **What to notice.** One hidden neuron can only draw a line, and it shows. From 4 on, the differences between sizes are smaller than those between folds, so nothing is gained by more. Choose the 8 you have already trained. All decisions are made; open the test set, **once**:

# %%
share = accuracy(x[test], safe[test], network)
error = np.sqrt(share * (1 - share) / len(x[test]))
print(f"test: {share:.1%} ± {error:.1%} of {len(x[test])} digits")

# %% [markdown]
# The number after ± is the **standard error**: how much the share would vary with other test digits, $\sqrt{a(1-a)/n}$ for a share $a$ of $n$ examples. The truth is within two of them in about 95 of 100 such measurements.
#
# <!-- question validation -->
#
# ## 10 · Ten digits, 784 pixels, the same code
#
# The functions do not care how many inputs or classes there are. Give them *all* pixels, as a row of 784 numbers between 0 and 1, and all ten digits. Nobody has to invent features: the hidden layer finds its own.

# %%
pixels = images.reshape(4000, 784).astype("float32")
answers = np.eye(10, dtype="float32")[labels]
reader, random = start(784, 512, 10), np.random.default_rng(0)
reader = [weights.astype("float32") for weights in reader]
for _epoch in range(course.budget(full=12, reduced=1)):
    reader = one_epoch(reader, pixels[:3500], answers[:3500], 0.3, random)
share = accuracy(pixels[3500:], labels[3500:], reader)
error = np.sqrt(share * (1 - share) / 500)
print(f"{sum(w.size for w in reader):,} weights and biases")
print(f"validation: {share:.1%} ± {error:.1%} of 500 digits")
if course.budget(full=True, reduced=False):
    assert share > 0.9

# %% [markdown]
# More than nine of ten handwritten digits, read by functions you can explain line by line. Everything from here on is convenience.
#
# ## 11 · The same in Keras
#
# Libraries compute the slopes for you. **TensorFlow** computes with arrays and finds slopes; **Keras** builds networks from ready-made layers on top of it. TensorFlow's `GradientTape` records what you compute and then goes back through it, as you did. **Does it find the same slopes?**

# %% tags=["nbval-check-output"]
with course.quiet():  # hides start-up messages that concern nobody here
    import keras
    import tensorflow as tf
    from keras import layers

tf.get_logger().setLevel("ERROR")  # it warns when several networks are in use
variables = [tf.Variable(weights) for weights in network]
with tf.GradientTape() as tape:
    h = tf.nn.relu(x[train] @ variables[0] + variables[1])
    s = h @ variables[2] + variables[3]
    losses = tf.nn.softmax_cross_entropy_with_logits(y[train], s)
    loss = tf.reduce_mean(losses)
theirs = tape.gradient(loss, variables)
ours = gradients(x[train], y[train], network)
for mine, taped in zip(ours, theirs):
    assert np.abs(mine - taped).max() < 1e-6
print("all", sum(slope.size for slope in ours), "slopes equal TensorFlow's to 1e-6")

# %% [markdown]
# A layer in which every output is connected to every input is a **dense layer**. Keras offers two ways to say "784 inputs, a dense layer of 512 with ReLU, a dense layer of 10 with softmax". The **Sequential API** is a list of layers. The **functional API** says what each layer is applied to, so that a network may branch; this course mostly uses it. In `layers.Dense(512)(inputs)` the first bracket makes the layer, the second applies it.


# %% tags=["recipe"]
def build_mlp():
    """Return the network of section 10, untrained: functional API."""
    inputs = keras.Input(shape=(784,), name="pixels")
    hidden = layers.Dense(512, activation="relu", name="hidden")(inputs)
    outputs = layers.Dense(10, activation="softmax", name="probabilities")(hidden)
    return keras.Model(inputs, outputs, name="mlp")


def train_mlp(pixels, answers, seed, callbacks=()):
    """Return a trained network; `answers` are one-hot."""
    keras.utils.set_random_seed(seed)
    model = build_mlp()
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    epochs = course.budget(full=15, reduced=1)
    model.fit(
        pixels, answers, batch_size=64, epochs=epochs, callbacks=list(callbacks), verbose=0
    )
    return model


# %% tags=["nbval-check-output"]
sequential = keras.Sequential(
    [
        keras.Input(shape=(784,)),
        layers.Dense(512, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
functional = build_mlp()
for model in (sequential, functional):
    model.set_weights(reader)  # the numbers your own code has learned
few_digits = pixels[:100]
answers_of = [model.predict(few_digits, verbose=0) for model in (sequential, functional)]
for said in answers_of:
    assert np.allclose(said, forward(few_digits, reader)[1], atol=1e-5)
print("parameters:", sequential.count_params(), functional.count_params())
print("both say what your NumPy network says, for 100 digits")
assert functional.count_params() == 784 * 512 + 512 + 512 * 10 + 10 == 407_050

# %% [markdown]
# The weights of your NumPy network fit into the Keras network, and all three give the same probabilities. Now let Keras train. `compile` chooses loss and **optimizer** (Adam is gradient descent that adapts the stride of each weight), `fit` runs the epochs. (Adam, 15 epochs and batches of 64 are usual values; no test digit was used to choose them.) Train on all 4,000, and test once.

# %%
import shutil

from helpers.training import progress

shutil.rmtree("files/00", ignore_errors=True)  # a log of this run only
log = keras.callbacks.TensorBoard("files/00/logs")
mlp = train_mlp(pixels, answers, seed=0, callbacks=[log, *progress()])
test_images = digits.x_test / 255
said = mlp.predict(test_images.reshape(-1, 784), verbose=0).argmax(axis=1)
share = np.mean(said == digits.y_test)
error = np.sqrt(share * (1 - share) / len(said))
print(f"test: {share:.1%} ± {error:.1%} of {len(said):,} digits")
if course.budget(full=True, reduced=False):
    assert share > 0.925

# %% [markdown]
# **TensorBoard** is a small web page about your network. Under *Graphs* (choose the tag *keras*) you see its layers; under *Time series*, how the loss fell. In Colab the cell uses a magic command; in a terminal it is `tensorboard --logdir files/00/logs`. (If you read this as a web page, you see nothing here: the server is gone. Below is Keras' own drawing of the same graph.)

# %% tags=["live"] slideshow={"slide_type": "skip"}
import sys

from IPython import get_ipython
from IPython.display import IFrame, display
from tensorboard import program

if "google.colab" in sys.modules:
    get_ipython().run_line_magic("load_ext", "tensorboard")
    get_ipython().run_line_magic("tensorboard", "--logdir files/00/logs")
else:
    board = program.TensorBoard()
    board.configure(
        argv=[None, "--logdir", "files/00/logs", "--port", "0", "--load_fast", "false"]
    )
    display(IFrame(board.launch(), width="100%", height=500))

# %%
plots.model_graph(
    mlp,
    "Three boxes one below the other: the input of 784 pixels, the dense layer hidden with 512 outputs, and the dense layer probabilities with 10.",
)

# %% [markdown]
# ## 12 · Your own digit
#
# **Draw a digit** between the quotes: `#` is ink, `.` is paper, at most 14 signs wide and 14 lines high. Make it a 4, a 7, a 9, and run the cells again. Show a friend. The picture is doubled in size, its edges are softened, and its center of mass is moved to the middle, because that is what the makers of MNIST did with theirs.

# %%
DRAWING = """
. . . . . . . . . .
. . # # # # # . . .
. # # . . . # # . .
. . . . . . # # . .
. . . . # # # . . .
. . . . . # # # . .
. . . . . . . # # .
. # . . . . . # # .
. # # # . . # # . .
. . . # # # # . . .
"""


# %% slideshow={"slide_type": "skip"}
def as_digit(drawing):
    """Turn the text into a picture of 28×28 pixels, centered."""
    lines = [line.replace(" ", "") for line in drawing.split("\n") if line.strip()]
    width = max(map(len, lines))
    rows = [[sign != "." for sign in line.ljust(width, ".")] for line in lines]
    ink = np.kron(np.array(rows, dtype=float), np.ones((2, 2)))  # each sign: 2×2 pixels
    ink = np.pad(ink, [(0, 28 - side) for side in ink.shape])
    ink = sum(np.roll(ink, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)) / 9 + ink
    ink = ink.clip(0, 1)
    for axis in (0, 1):
        weight = ink.sum(axis=1 - axis)
        center = np.sum(weight * np.arange(28)) / weight.sum()
        ink = np.roll(ink, round(13.5 - center), axis)
    return ink


# %%
mine = as_digit(DRAWING)
moved = [np.pad(mine, ((0, 0), (shift, 0)))[:, :28] for shift in (0, 2, 4, 6)]
p = mlp.predict(np.reshape(moved, (4, 784)), verbose=0)

figure, axes = plt.subplots(
    2, 4, figsize=(13, 5.6), layout="constrained", height_ratios=[1.4, 1]
)
for place, (shift, picture) in enumerate(zip((0, 2, 4, 6), moved)):
    axes[0, place].imshow(picture, cmap="gray")
    said = f"{shift} px to the right: {p[place].argmax()} ({p[place].max():.0%})"
    axes[0, place].set(title=said, xticks=[], yticks=[])
    axes[1, place].bar(range(10), p[place])
    axes[1, place].set(xticks=range(10), ylim=(0, 1.05), xlabel="digit")
axes[1, 0].set_ylabel("probability")
plots.show(
    "A drawn 3 four times, moved to the right by 0, 2, 4 and 6 pixels, each with the network's answer in the title and ten bars for the probabilities below."
)

# %% [markdown]
# **What to notice.** In the middle of the picture the network usually reads your drawing. Then it is moved, *and nothing else*, and the answer changes, often with great confidence. Is that bad luck with one drawing? Measure it on all test digits. The record holds five such networks from five random starts:

# %%
recorded = [row for row in course.recorded("mnist_shift") if row["experiment"] == "MLP"]
by_shift = 100 * np.array([row["by_shift"] for row in recorded])
shifts = range(by_shift.shape[1])

figure, axis = plt.subplots(figsize=(10, 4.4), layout="constrained")
low, high = by_shift.min(axis=0), by_shift.max(axis=0)
axis.fill_between(shifts, low, high, color="C3", alpha=0.4, label="worst to best of five")
axis.plot(shifts, by_shift.mean(axis=0), "o-", label="MLP, mean of five networks")
axis.axhline(10, color="0.5", linewidth=1)
axis.text(0, 12, "guessing", color="0.3")
axis.set(xlabel="shift to the right (pixels)", ylabel="right (%)", ylim=(0, 102))
axis.legend(loc="upper right")
plots.show(
    "The share of right answers against the shift: above 90 percent without a shift, below half from a shift of 3 pixels on, near guessing from 5 pixels on. The band of the five networks is narrow."
)
print(
    "  ".join(
        f"{shift} px: {value:.0f} %" for shift, value in zip(shifts, by_shift.mean(axis=0))
    )
)
assert by_shift[:, 0].min() > 92
assert by_shift[:, 6].max() < 40

# %% [markdown]
# **What to notice.** Three pixels, and more than half of the answers are wrong. (Source B in the README reports the same: 98.3 % on centered digits, then a collapse.) At the right end it is worse than guessing: there the ink lies on weights that speak for other digits, and some of it has left the picture. It is no wonder: each pixel has its own weights, and a digit that moves meets *other* weights, which have learned nothing about it. A reader of digits should know that a stroke is a stroke wherever it is. That idea is the **convolution**, and it is what this course is about.
#
# ## Summary
#
# - A project goes from a question over examples, three sets, a model and training to an honest judgment; the test set is for one look.
# - A neuron computes $x \cdot w + b$ and can only draw a line. Linear layers collapse into one; with a non-linearity between them they fold the plane.
# - Softmax turns scores into probabilities, and cross-entropy, $-\log p_\text{right}$, says how wrong they are.
# - Gradient descent moves each weight against its slope. Backpropagation finds all slopes at once: it starts with $p - y$ and goes back through the weights.
# - Overfitting shows only on examples the network was not trained on. And an MLP does not know that a moved stroke is the same stroke: three pixels to the side, and it fails.
#
# ## Try it
#
# **Question 1.** The four scores of a network are all equal. What does softmax say, and what is the loss?
#
# <details><summary>Answer</summary>
# Each class gets 1/4, and the loss is −log 0.25 = 1.386, whichever class is right.
# </details>
#
# **Question 2.** A dense layer goes from 784 inputs to 128 outputs. How many weights and biases does it have?
#
# <details><summary>Answer</summary>
# 784·128 = 100,352 weights and 128 biases, together 100,480.
# </details>
#
# **Question 3.** In section 7, make one step with the learning rate 0.1, for all weights and biases. Does the loss fall?
#
# <details><summary>Answer</summary>
# Yes, from 2.127 to 1.155.
# </details>
#
# **Question 4.** You try 20 networks and keep the one with the best validation accuracy, 96 %. Will it reach 96 % on the test set?
#
# <details><summary>Answer</summary>
# Probably a little less: the best of 20 was also the luckiest. Suppose all 20 are really equally good, right on 93 % of all digits, and judged on 400 validation examples. By luck alone the best of them shows 95.3 % on average, more than two points too many.
# </details>
#
# **Question 5.** Start with all weights 0. What does the network of section 8 learn?
#
# <details><summary>Answer</summary>
# Only the biases of the last layer. The hidden layer gives 0, so $W_2$ has slope 0; and a slope that comes back through $W_2 = 0$ is 0, too.
# </details>

# %%
# The numbers in the answers, computed.
assert np.allclose(softmax(np.ones(4)), 1 / 4)  # 1
assert round(-np.log(1 / 4), 3) == 1.386
assert 784 * 128 == 100_352  # 2
assert 100_352 + 128 == 100_480

small = (W1 - 0.1 * slope_W1, b1 - 0.1 * slope_z, W2 - 0.1 * slope_W2, b2 - 0.1 * slope_s)
after = cross_entropy(forward(np.array([[1.0, 2.0]]), small)[1], np.array([[0, 1]]))
assert (round(L, 3), round(after, 3)) == (2.127, 1.155)  # 3

luck = np.random.default_rng(0).binomial(400, 0.93, size=(10_000, 20)).max(axis=1) / 400
assert round(100 * luck.mean(), 1) == 95.3  # 4

zero = [np.zeros_like(weights) for weights in network]
slopes = gradients(x[:30], y[:30], zero)
assert [bool(np.any(slope)) for slope in slopes] == [False, False, False, True]  # 5

# %% [markdown]
# **Next:** [lab 00](labs/lab_00_neural_networks_from_zero.ipynb) has you write softmax, a gradient and cross-validation yourself. Then
# [lesson 01](01_convolution_by_hand.ipynb) begins with the question this lesson ends with.
