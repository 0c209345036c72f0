# %% [markdown]
# # 03 · A CNN for handwritten digits
#
# **What you will do:** build a network that reads handwritten digits, find out how it learns, train it, and take it apart.
#
# **What you will learn**
# - where every number in a model's summary comes from,
# - how a network learns: the update rule, the gradient $p - y$, and backpropagation through a convolution,
# - what pooling saves, by training the same network without it,
# - how to read learning curves, a confusion matrix and the network's worst mistakes,
# - what a standard error over seeds says about "better", and what it does not say,
# - how far a CNN tolerates digits that are off-center, compared with a dense network.
#
# **What you need:** lessons 01 and 02, what training, validation and test sets are for, and derivatives with the chain rule (lesson 00 has both).
#
# **Time:** 90 minutes in class. Running all cells takes about 2 min on 2 CPU cores.

# %%
from helpers import course, plots

course.start("Lesson 03", tensorflow=True)

# %% slideshow={"slide_type": "skip"} tags=["recipe"]
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

from helpers import convolution, datasets
from helpers.training import progress

# %% [markdown]
# ## 1 · The data: real handwriting
#
# MNIST holds digits written by American high-school students and census employees, scanned, centered, and scaled to 28×28
# gray pixels. The full set has 60,000 digits for training and 10,000 for testing. With a network connection, the next line
# fetches it once (11 MB); without one, it takes 5,000 of these digits that the course brings. Either way this lesson trains
# on 4,000, so that it takes minutes, and tests on all the test digits that you have.

# %% tags=["nbval-check-output"]
digits = datasets.mnist()
print("training:", digits.x_train.shape, digits.x_train.dtype)
print("from", digits.x_train.min(), "to", digits.x_train.max())
print("test:    ", digits.x_test.shape)
print("licence: ", digits.licence)

# %%
generator = np.random.default_rng(0)
examples = [
    generator.choice(np.flatnonzero(digits.y_train == digit), 2, replace=False)
    for digit in range(10)
]
examples = np.transpose(examples).ravel()
plots.image_grid(
    digits.x_train[examples], [str(digits.y_train[n]) for n in examples], columns=10, cell=1.2
)
plots.show(
    "Two rows of ten handwritten digits, 0 to 9, in different handwritings, with their labels above."
)

# %% [markdown]
# **What to notice.** People write the same digit very differently; compare the two 1s and the two 2s. Two things to prepare:
#
# - pixels are numbers from 0 to 255; networks train better on **small numbers**, so divide by 255,
# - Keras expects a channel axis even for gray images: (28, 28) becomes (28, 28, 1).
#
# And set aside a **validation set**. You will look at it again and again while you make decisions; the test set is for
# one single look at the end.

# %% tags=["nbval-check-output"]
images = digits.x_train[:4000, ..., None].astype("float32") / 255
labels = digits.y_train[:4000]
test_images = digits.x_test[..., None].astype("float32") / 255
test_labels = digits.y_test

held_out = 500
train_images, valid_images = images[:-held_out], images[-held_out:]
train_labels, valid_labels = labels[:-held_out], labels[-held_out:]
print(
    "training", train_images.shape, "validation", valid_images.shape, "test", test_images.shape
)


# %% [markdown]
# ## 2 · The model
#
# Three convolution layers with 32, 64 and 128 filters find **features**: patterns that help to tell digits apart. A pooling layer follows each
# of the first two. A single dense layer then decides. In a **dense** layer every output is connected to every input by a
# weight of its own. It computes ten scores, one for each digit: the **logits**. **Softmax**, its activation, turns them
# into ten positive numbers that add up to 1, which you may read as probabilities.
#
# In Keras `layers.Conv2D(…)` makes a layer, and the `(x)` behind it connects the layer to what comes before. So read the code as a chain from `inputs` to `outputs`.


# %% tags=["recipe"]
def convolutions(x):
    """Three convolution layers, with pooling after the first two."""
    x = layers.Conv2D(32, kernel_size=3, activation="relu", name="conv_1")(x)
    x = layers.MaxPooling2D(pool_size=2, name="pool_1")(x)
    x = layers.Conv2D(64, kernel_size=3, activation="relu", name="conv_2")(x)
    x = layers.MaxPooling2D(pool_size=2, name="pool_2")(x)
    x = layers.Conv2D(128, kernel_size=3, activation="relu", name="conv_3")(x)
    return layers.Flatten(name="flatten")(x)


def build_model():
    """Return the untrained network."""
    inputs = keras.Input(shape=(28, 28, 1))
    features = convolutions(inputs)
    outputs = layers.Dense(10, activation="softmax", name="probabilities")(features)
    return keras.Model(inputs, outputs, name="digit_reader")


# %% [markdown]
# **Predict, on paper:** the side of the maps after each of the five layers, and the number of parameters of `conv_1`, of
# `conv_3` and of the dense layer. You know everything needed from lesson 01.
#
# <details><summary>Check your prediction</summary>
#
# - **Sizes.** A 3×3 kernel without padding takes away 2, pooling halves and rounds down: 28 → 26 → 13 → 11 → 5 → 3.
# - **Parameters.** For each filter a layer has *kernel height × kernel width × channels in* weights and one bias:
#   (3·3·1 + 1)·32 = 320 and (3·3·64 + 1)·128 = 73,856. The dense layer has (3·3·128 + 1)·10 = 11,530.
#
# </details>

# %% tags=["nbval-check-output"]
keras.utils.set_random_seed(course.SEED)
model = build_model()
for layer in model.layers[1:]:
    shape = " × ".join(str(size) for size in layer.output.shape[1:])
    print(f"{layer.name:14} {shape:14} {layer.count_params():8,} parameters")
print(f"{'total':29} {model.count_params():8,} parameters")

sizes = [28]
for window, stride in [(3, 1), (2, 2), (3, 1), (2, 2), (3, 1)]:
    sizes.append(convolution.output_size(sizes[-1], window, stride))
assert sizes[1:] == [26, 13, 11, 5, 3] == [layer.output.shape[1] for layer in model.layers[1:6]]
expected = [(3 * 3 * 1 + 1) * 32, (3 * 3 * 32 + 1) * 64, (3 * 3 * 64 + 1) * 128]
expected.append((3 * 3 * 128 + 1) * 10)
assert expected == [320, 18_496, 73_856, 11_530]
assert expected == [n for n in (layer.count_params() for layer in model.layers) if n]
assert model.count_params() == sum(expected) == 104_202

# %% [markdown]
# The shapes as a picture: from left to right the maps become smaller and more numerous. *Where* is traded for *what*. (One sheet for each sixteen maps, and one more.)


# %% slideshow={"slide_type": "skip"}
BLOCKS = ["input", "conv 1", "pool 1", "conv 2", "pool 2", "conv 3"]


def draw_blocks(axis, shapes, names):
    """Draw each layer's output as a stack of sheets, the sides to scale; more maps, more sheets."""
    left = 0.0
    for (side, _side, channels), name in zip(shapes, names):
        sheets = 1 if channels == 1 else channels // 16 + 1
        apart = min(0.9, side / 9)
        for step in np.arange(sheets)[::-1] * apart:
            corner = (left + step, -side / 2 + step)
            axis.add_patch(
                plt.Rectangle(corner, side, side, facecolor="#cfe3f3", edgecolor="C0")
            )
        width = side + apart * (sheets - 1)
        text = f"{name}\n{side}×{side}×{channels}"
        axis.text(left + width / 2, -16.5, text, ha="center", va="top", fontsize=16)
        left += max(width, 12) + 7
    axis.set(xlim=(-3, left), ylim=(-26, 18), aspect="equal")
    axis.axis("off")


# %%
figure, axis = plt.subplots(figsize=(15, 4.6), layout="constrained")
draw_blocks(
    axis, [(28, 28, 1)] + [layer.output.shape[1:] for layer in model.layers[1:6]], BLOCKS
)
plots.show(
    "Six blocks from left to right: one sheet of 28 by 28, then stacks of sheets for 32 maps of 26 by 26, 32 of 13 by 13, "
    "64 of 11 by 11, 64 of 5 by 5 and 128 of 3 by 3."
)

# %% [markdown]
# ## 3 · How a network learns
#
# The 104,202 parameters start as small random numbers, so the network guesses. Four ideas turn guesses into answers. Each
# is small enough to compute by hand, and you will check each one against TensorFlow.
#
# ### Idea 1: one step downhill
#
# The **loss** $L$ is one number that says how wrong the network is. The **gradient** $\partial L/\partial w$ says how fast the
# loss rises when the weight $w$ grows and all others stay. So go the other way:
#
# $$w \leftarrow w - \eta\,\frac{\partial L}{\partial w}$$
#
# This is the **update rule** of gradient descent, and $\eta$ is the **learning rate**. Try it with a single weight and the
# loss $L(w) = (w-3)^2$, whose gradient is $2(w-3)$. Start at $w = 0$ with $\eta = 0.1$. The gradient is −6, so the new
# weight is $0 + 0.1 \cdot 6 = 0.6$.
#
# **Predict:** what do 12 steps do with $\eta = 0.1$, with 0.4, and with 1.05?

# %%
weights = np.linspace(-8, 13, 200)
figure, axes = plt.subplots(1, 3, figsize=(14, 4), sharey=True, layout="constrained")
for axis, rate in zip(axes, (0.1, 0.4, 1.05)):
    path = [0.0]
    for _step in range(12):
        path.append(path[-1] - rate * 2 * (path[-1] - 3))  # the update rule
    path = np.array(path)
    axis.plot(weights, (weights - 3) ** 2, color="0.6")
    axis.plot(path, (path - 3) ** 2, "o--", color="C4", linewidth=1.5)
    axis.set(xlim=(-8, 13), ylim=(-4, 92), xlabel="weight $w$")
    axis.set_title(f"learning rate {rate}: ends at {path[-1]:.2f}".replace("-", "−"))
axes[0].set_ylabel("loss")
plots.show(
    "Three parabolas with the path of twelve steps from w = 0. With rate 0.1 the points creep toward the bottom at 3, with 0.4 they are "
    "there after a few steps, with 1.05 they jump from side to side and climb."
)

# %% [markdown]
# **What to notice.** Too small a rate creeps; too large a rate overshoots, farther with each step, and the loss grows. A network does the same
# with all its weights at once. What it needs is $\partial L/\partial w$ for each of them.
#
# ### Idea 2: for softmax and cross-entropy, the gradient is $p - y$
#
# Call the logits $s_1 … s_{10}$. Softmax makes probabilities of them, and **cross-entropy**, the loss for classes, is the
# negative logarithm of the probability given to the right class $c$:
#
# $$p_i = \frac{e^{s_i}}{\sum_j e^{s_j}} \qquad L = -\log p_c = -s_c + \log \sum_j e^{s_j}$$
#
# A right digit that gets 0.9 costs 0.11; one that gets 0.01 costs 4.61. Being sure and wrong is expensive.
#
# Now differentiate the right-hand form by one logit. The first term gives −1 if $i = c$ and else 0. The second gives
# $e^{s_i} / \sum_j e^{s_j}$, which is $p_i$ again. Write the label as a vector $y$ with a 1 at the right class and 0 elsewhere (**one-hot**), and all
# cases fit into one line:
#
# $$\frac{\partial L}{\partial s} = p - y$$
#
# Three classes and the logits 2, 1, 0.1; the second class is right. To check, nudge each logit by a thousandth and see how much the loss moves. And
# let TensorFlow differentiate: `tf.GradientTape` records a computation and then gives its gradients.


# %% tags=["nbval-check-output"]
def softmax(logits):
    """Turn the last axis into probabilities; subtracting the maximum keeps exp from overflowing."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


logits, y = np.array([2.0, 1.0, 0.1]), np.array([0, 1, 0])
p = softmax(logits)
loss = -np.log(p[1])
nudged = [(-np.log(softmax(logits + 0.001 * np.eye(3)[i])[1]) - loss) / 0.001 for i in range(3)]
with tf.GradientTape() as tape:
    variable = tf.Variable(logits)
    tf_loss = -tf.math.log(tf.nn.softmax(variable)[1])
from_tape = tape.gradient(tf_loss, variable).numpy()
print("p         ", p.round(3), "  loss", loss.round(3))
print("p - y     ", (p - y).round(3))
print("nudged    ", np.round(nudged, 3))
print("TensorFlow", from_tape.round(3))
assert np.allclose(p - y, from_tape, atol=1e-6)

# %% [markdown]
# **What to notice.** All three ways agree, the nudge to a thousandth. Only the right class has a negative gradient, so a step downhill *raises* its logit and lowers the others, each in proportion to
# the probability it wrongly got. The three numbers add up to 0. And where $p = y$, there is nothing left to learn.
#
# <!-- question p-minus-y -->
#
# ### Idea 3: the chain rule carries the gradient backward
#
# The logits come from features $h$, here a row of 1,152 numbers, and weights $W$: $s_j = \sum_i h_i W_{ij} + b_j$, in short $s = hW + b$. How does $L$ depend on these?
# Through the logits. The **chain rule** multiplies along the way, and adds up where there are several ways. The weight $W_{ij}$ has one way: it occurs in $s_j$, times $h_i$. So its gradient is
# $h_i\,(p_j - y_j)$. The feature $h_i$ occurs in all ten logits: $\sum_j (p_j - y_j)\,W_{ij}$. As matrices:
#
# $$\frac{\partial L}{\partial W} = h^\top (p - y) \qquad \frac{\partial L}{\partial b} = p - y \qquad \frac{\partial L}{\partial h} = (p - y)\,W^\top$$
#
# The first two are what the update rule needs. The third goes to the layer before, for which it is the gradient of the output. **Backpropagation** is this: run the
# network forward and keep what each layer received; then go from the loss back to the input. Each layer takes the gradient of its *output*, computes
# the gradient of its *weights*, and hands on the gradient of its *input*.


# %% slideshow={"slide_type": "skip"}
def arrow(axis, start, end, text, color, shift=(0, 0.16)):
    """Draw an arrow between two points with a label beside its middle."""
    axis.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": color, "lw": 2.5})
    middle = np.add(start, end) / 2 + shift
    axis.text(*middle, text, ha="center", va="center", color=color, fontsize=16)


# %%
figure, axis = plt.subplots(figsize=(14, 4.2), layout="constrained")
names = ["convolutions\nkernels $k$", "dense layer\n$W, b$", "softmax and\ncross-entropy"]
for place, name in enumerate(names):
    left = 1.4 + 3 * place
    axis.add_patch(plt.Rectangle((left, 0), 1.6, 1, facecolor="#cfe3f3", edgecolor="0.3"))
    axis.text(left + 0.8, 0.5, name, ha="center", va="center", fontsize=15)
for place, text in enumerate(["digit $x$", "features $h$", "logits $s$", "loss $L$"]):
    arrow(axis, (3 * place, 0.75), (3 * place + 1.4, 0.75), text, "C0")
for place, text in enumerate(["$∂L/∂x$", "$∂L/∂h$", "$p - y$"]):
    arrow(axis, (3 * place + 1.4, 0.25), (3 * place, 0.25), text, "C4", (0, -0.18))
for place, text in enumerate(["$∂L/∂k$", "$∂L/∂W, ∂L/∂b$"]):
    at = 2.2 + 3 * place
    arrow(axis, (at, 0), (at, -0.55), f"{text}: update", "C4", (0, -0.42))
axis.text(0.1, 1.25, "forward, left to right", color="C0", fontsize=15)
axis.text(7.2, -0.5, "backward, right to left", color="C4", fontsize=15)
axis.set(xlim=(-0.2, 10.6), ylim=(-0.95, 1.45))
axis.axis("off")
plots.show(
    "Three boxes: convolutions, dense layer, softmax and cross-entropy. Arrows above lead from the digit over features and logits to the loss; arrows "
    "below lead back from p minus y, and an arrow down from each layer with weights carries their gradient to the update."
)

# %% [markdown]
# ### The last layer, trained in NumPy
#
# Two of the three formulas are enough to train the last layer. Leave the convolutions as they are, with random kernels, and compute the 1,152 features
# of each digit once. Then: logits → softmax → $p - y$ → update, batch by batch. (A **batch** is a few digits that share one step; here it
# is 64. Their gradients are averaged. Once through all digits is an **epoch**.)


# %%
look = keras.Model(model.input, model.get_layer("flatten").output)
features, valid_features = (look.predict(x, verbose=0) for x in (train_images, valid_images))
start_weights, start_bias = (values.copy() for values in model.layers[-1].get_weights())


def train_last_layer(rate, epochs):
    """Train a softmax layer on the features; return validation loss and accuracy by epoch."""
    W, b, history = start_weights.copy(), start_bias.copy(), []
    for _epoch in range(epochs):
        for start in range(0, len(features), 64):
            h, batch_labels = features[start : start + 64], train_labels[start : start + 64]
            p = softmax(h @ W + b)  # forward
            y = np.eye(10)[batch_labels]  # one-hot
            error = (p - y) / len(h)  # averaged over the batch
            W -= rate * h.T @ error  # update
            b -= rate * error.sum(axis=0)
        p = softmax(valid_features @ W + b)
        loss = -np.log(p[np.arange(len(p)), valid_labels]).mean()
        history.append((loss, np.mean(p.argmax(axis=1) == valid_labels)))
    return np.transpose(history)


last_epochs = course.budget(full=20, reduced=3)
by_hand = train_last_layer(rate=1.0, epochs=last_epochs)  # features are small: a large rate

# %% slideshow={"slide_type": "skip"}
last_layer = keras.Sequential([keras.Input((1152,)), layers.Dense(10, activation="softmax")])
last_layer.layers[0].set_weights([start_weights, start_bias])
last_layer.compile(
    keras.optimizers.SGD(1.0), "sparse_categorical_crossentropy", metrics=["accuracy"]
)
in_keras = last_layer.fit(
    features,
    train_labels,
    batch_size=64,
    epochs=last_epochs,
    shuffle=False,
    validation_data=(valid_features, valid_labels),
    verbose=0,
).history
assert np.allclose(by_hand[0], in_keras["val_loss"], atol=2e-3)

# %%
figure, axes = plt.subplots(1, 2, figsize=(13, 4), layout="constrained")
for axis, values, name in zip(axes, by_hand, ("loss", "accuracy")):
    epochs_shown = range(1, last_epochs + 1)
    axis.plot(epochs_shown, values, label="NumPy, by hand")
    axis.plot(epochs_shown, in_keras[f"val_{name}"], "o", color="C1", label="Keras")
    axis.set(xlabel="epoch", ylabel=f"validation {name}")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.legend()
plots.show(
    "Validation loss and accuracy against the epoch: the loss falls and the accuracy rises steeply, then slowly. The dots of Keras lie on the line of NumPy."
)

# %% [markdown]
# **What to notice.** The dots lie on the line: Keras' `SGD` (stochastic gradient descent, "stochastic" because each step sees one batch only) computes what you
# just wrote. And random kernels already carry a network quite far. They give the last layer 1,152 different views of a digit to choose from. How
# much better are kernels that are learned, too? For that the gradient has to get through a convolution.
#
# ### Idea 4: backward through a convolution
#
# Take one dimension: four inputs, two weights, three outputs.
#
# $$z_1 = k_1x_1 + k_2x_2 \qquad z_2 = k_1x_2 + k_2x_3 \qquad z_3 = k_1x_3 + k_2x_4$$
#
# From the layer behind comes $g_i = \partial L/\partial z_i$. Now apply the chain rule, adding up over all ways.
#
# - **By a weight.** $k_1$ occurs in all three outputs, each time multiplied by another input:
#   $\partial L/\partial k_1 = g_1x_1 + g_2x_2 + g_3x_3$. For $k_2$ it is $g_1x_2 + g_2x_3 + g_3x_4$. That is $g$ *slid along* $x$: a **correlation** of
#   the input with the output gradient.
# - **By an input.** $x_2$ occurs in $z_1$ with $k_2$ and in $z_2$ with $k_1$: $\partial L/\partial x_2 = g_1k_2 + g_2k_1$. The indices run
#   against each other: this is a convolution **with the flip** of lesson 01, a *full* one, with padding on both sides, so that $x_1$ and $x_4$ get their share.
#
# **Predict:** for $x = (2, 4, 9, 1)$, $k = (1, -1)$ and $g = (1, 0, -2)$, what are the two gradients?

# %% tags=["nbval-check-output"]
x, k, g = np.array([2, 4, 9, 1]), np.array([1, -1]), np.array([1, 0, -2])
print("by the weights:", convolution.correlate1d(x, g))  # no flip
print("by the inputs: ", np.convolve(g, k, mode="full"))  # NumPy's convolve flips

# %% [markdown]
# In two dimensions nothing changes. Each gradient is one line:


# %%
def gradient_by_kernel(image, output_gradient):
    """∂L/∂k: slide the output gradient over the image."""
    return convolution.correlate2d(image, output_gradient)


def gradient_by_image(output_gradient, kernel):
    """∂L/∂x: a full convolution of the output gradient with the kernel (which is flipped)."""
    height, width = kernel.shape
    return convolution.convolve2d(output_gradient, kernel, padding=(height - 1, width - 1))


# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
digit = train_images[0, :, :, 0].astype(float)
kernel = generator.normal(size=(3, 3))
g = generator.normal(size=(26, 26))  # as if it came from the layer behind

x_tf, k_tf = tf.Variable(digit[None, :, :, None]), tf.Variable(kernel[:, :, None, None])
with tf.GradientTape() as tape:
    z = tf.nn.conv2d(x_tf, k_tf, strides=1, padding="VALID")
    L = tf.reduce_sum(z * g[None, :, :, None])  # the simplest loss with ∂L/∂z = g
for_image, for_kernel = (gradient[..., 0] for gradient in tape.gradient(L, [x_tf, k_tf]))

assert np.allclose(gradient_by_kernel(digit, g), for_kernel[..., 0], atol=1e-6)
assert np.allclose(gradient_by_image(g, kernel), for_image[0], atol=1e-6)
print("kernel gradient", for_kernel.shape[:2], "and image gradient", for_image.shape[1:3])
print("both equal TensorFlow's")

# %% [markdown]
# What does the flip look like? Let a single output want to change: its gradient is 1, all others are 0.

# %%
arrow_kernel = np.array([[1, 2, 3], [0, 5, 0], [0, 0, 0]])
one = np.zeros((3, 3))
one[1, 2] = 1

figure, axes = plt.subplots(1, 3, figsize=(13, 4.4), layout="constrained")
plots.number_grid(arrow_kernel, "kernel $k$", axis=axes[0], vmin=0, vmax=8)
plots.number_grid(one, "output gradient $g$", (1, 2, 1, 1), axes[1], vmin=0, vmax=8)
back = gradient_by_image(one, arrow_kernel)
plots.number_grid(back, "input gradient $∂L/∂x$", (1, 2, 3, 3), axes[2], vmin=0, vmax=8)
plots.show(
    "Three grids: the kernel 1 2 3 over 0 5 0 over 0 0 0; a 3 by 3 output gradient with a single 1 in the middle row on the right; and the 5 by 5 "
    "input gradient, zero except for an unturned copy of the kernel inside the frame, which marks the window of that output."
)

# %% [markdown]
# **What to notice.** The frame is the window that made this output. Each pixel in it gets the weight it was multiplied by: a *copy* of the kernel, stamped
# back where it was read. Lesson 01 showed which operation stamps a copy: convolution with the flip. Forward without the flip, backward with it.
#
# ReLU and pooling have no weights and only hand on: ReLU passes the gradient where its input was positive and blocks it elsewhere; max pooling
# gives it to the pixel that was the largest. Section 9 puts all of this together, for all 104,202 parameters.

# %% [markdown]
# ## 4 · Training the whole network
#
# Keras does all of this in `fit`. Three choices are made in `compile`:
#
# - **optimizer**: the update rule. `adam` refines the one above: it averages the gradient over the last steps, and gives each weight a step size of its own.
# - **loss**: cross-entropy. Its name is `sparse_categorical_crossentropy` where labels are class numbers instead of vectors.
# - **metrics**: what you want to read. `accuracy` is the share of right answers. It cannot be the loss, because it moves in jumps and has no useful gradient.


# %%
def train(network, epochs, seed=course.SEED):
    """Compile and train a network; return its history as a dictionary of lists."""
    keras.utils.set_random_seed(seed)
    network.compile(
        optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    count = course.budget(full=len(train_images), reduced=640)
    history = network.fit(
        train_images[:count],
        train_labels[:count],
        batch_size=64,
        epochs=epochs,
        validation_data=(valid_images, valid_labels),
        callbacks=progress(),
        verbose=0,
    )
    return history.history


# %%
epochs = course.budget(full=15, reduced=2)
history = train(model, epochs)
print(f"after {epochs} epochs: training accuracy {history['accuracy'][-1]:.1%},", end=" ")
print(f"validation accuracy {history['val_accuracy'][-1]:.1%}")

# %% [markdown]
# How much are the learned *kernels* worth? Compare with the last layer on random kernels, and be fair: give it the same optimizer (section 3 used plain gradient descent), features of spread 1, and four times the epochs.

# %%
last_only = keras.Sequential(
    [
        keras.Input((1152,)),
        layers.Rescaling(1 / features.std()),
        layers.Dense(10, activation="softmax"),
    ]
)
last_only.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
last_only_history = last_only.fit(
    features,
    train_labels,
    batch_size=64,
    epochs=4 * epochs,
    validation_data=(valid_features, valid_labels),
    verbose=0,
).history
for name, scores in (("learned", history), ("random", last_only_history)):
    wrong = round((1 - scores["val_accuracy"][-1]) * len(valid_labels))
    print(f"{name} kernels: {wrong} of {len(valid_labels)} validation digits misread")

# %%
plots.learning_curves({"": history})
plots.show(
    "Loss and accuracy over the epochs: training and validation improve steeply at first; later the training curves "
    "go on improving while the validation curves level off."
)

# %% [markdown]
# **What to notice.** The two come close: with 500 digits, a few mistakes more or fewer can be chance (section 7 says how to judge that). On digits, random kernels carry a network far, if the last layer is trained well. Now look at the curves: most is learned in the first epochs. From then on the dashed training loss goes
# on falling while the validation loss does not: the network begins to memorize its 3,500 digits. That gap is **overfitting**, and the accuracy on digits
# it was not trained on, its **generalization**, is what you want. Section 7 works on it.
#
# <!-- question test-set -->
#
# ## 5 · What pooling saves
#
# Take the pooling layers out and train the same network again. **Predict:** does it have more parameters or fewer, and in which layer?


# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
def build_model_without_pooling():
    """The same three convolutions, nothing in between."""
    inputs = keras.Input(shape=(28, 28, 1))
    x = layers.Conv2D(32, kernel_size=3, activation="relu")(inputs)
    x = layers.Conv2D(64, kernel_size=3, activation="relu")(x)
    x = layers.Conv2D(128, kernel_size=3, activation="relu")(x)
    outputs = layers.Dense(10, activation="softmax")(layers.Flatten()(x))
    return keras.Model(inputs, outputs)


flat_model = build_model_without_pooling()
last = flat_model.layers[-1].count_params()
assert flat_model.count_params() == 712_202
print(f"without pooling: {flat_model.count_params():,} parameters, {last:,} in the last layer")
print(f"with pooling:    {model.count_params():,} parameters")

stacks = {"with pooling": [(3, 1), (2, 2), (3, 1), (2, 2), (3, 1)], "without": [(3, 1)] * 3}
for name, stack in stacks.items():
    field, jump = 1, 1  # the rule of lesson 01
    for size, stride in stack:
        field, jump = field + (size - 1) * jump, jump * stride
    print(f"{name:13} one unit of the last convolution sees {field}×{field} pixels")

# %%
import time

flat_epochs = course.budget(full=2, reduced=1)
builders = {"with pooling": build_model, "without pooling": build_model_without_pooling}
for name, build in builders.items():
    keras.utils.set_random_seed(course.SEED)
    network = build()
    start = time.perf_counter()
    score = train(network, flat_epochs)["val_accuracy"][-1]
    seconds = (time.perf_counter() - start) / flat_epochs
    print(f"{name:16} validation accuracy {score:.1%}, {seconds:.1f} s an epoch")

# %% [markdown]
# **What to notice.** Without pooling the maps stay large, so the last layer explodes: seven times the parameters, many times the seconds, and
# each unit sees only 7×7 pixels of a digit. Whether it is more accurate, one run of each cannot tell; section 7 shows how to compare. On the
# photographs of lesson 04 such a network is unaffordable.
#
# ## 6 · Looking at mistakes
#
# One number hides everything interesting. A **confusion matrix** counts for each true digit (row) what the network answered
# (column). So far it is still the validation set.

# %%
probabilities = model.predict(valid_images, verbose=0)
predicted = probabilities.argmax(axis=1)

confusion = np.zeros((10, 10), dtype=int)
np.add.at(confusion, (valid_labels, predicted), 1)
assert confusion.sum() == len(valid_labels)
assert np.isclose(confusion.trace() / confusion.sum(), history["val_accuracy"][-1])

plots.confusion_matrix(confusion, digits.classes)
plots.show(
    "A 10 by 10 table: large counts on the diagonal, and a few single mistakes beside it, colored in orange."
)

# %% [markdown]
# Which mistakes are the worst? Those about which the network was most *certain*. Sort the wrong answers by the
# probability given to the wrong digit.

# %%
given = probabilities.max(axis=1)
wrong = np.flatnonzero(predicted != valid_labels)
worst = wrong[np.argsort(-given[wrong])][:10]
titles = [f"{valid_labels[n]}, read as {predicted[n]}\n({given[n]:.0%})" for n in worst]
plots.image_grid(valid_images[worst], titles, columns=5, cell=2.4)
plots.show(
    "Up to ten digits the network misread, each with its label, the answer given and its probability."
)
print(f"right: {np.mean(predicted == valid_labels):.1%}; mean probability: {given.mean():.1%}")

# %% [markdown]
# **What to notice.** Some you would misread too. Others are clear to you, and the network is not unsure about them: it is *confidently wrong*. Compare the two
# numbers in the line below the figure. A network that has memorized its training digits gives nearly every answer a probability close to 1, so read the output of a
# softmax as a ranking, not as a guarantee.
#
# <!-- question confident -->
#
# ## 7 · Three remedies: do they work, and which one?
#
# The gap between training and validation calls for **regularization**: making it harder to learn by heart. Three standard remedies:
#
# - **augmentation**: shift, turn and zoom each digit a little (lesson 05 is about this),
# - **dropout**: silence a random half of the features in each training step, so that the network does not rely on a single one,
# - **a falling learning rate**: large steps at first, tiny ones at the end. That settles the weights.


# %% slideshow={"slide_type": "skip"} tags=["recipe"]
def random_changes(x):
    """Augmentation: shift by up to 10 %, turn by up to 14°, zoom by up to 10 %."""
    x = layers.RandomTranslation(0.1, 0.1, fill_mode="constant")(x)
    x = layers.RandomRotation(0.04, fill_mode="constant")(x)
    return layers.RandomZoom(0.1, fill_mode="constant")(x)


def build_variant(augmented, dropout):
    """The same convolutions, with augmentation in front and dropout behind if wanted."""
    inputs = keras.Input(shape=(28, 28, 1))
    x = convolutions(random_changes(inputs) if augmented else inputs)
    if dropout:
        x = layers.Dropout(0.5)(x)
    outputs = layers.Dense(10, activation="softmax", name="probabilities")(x)
    return keras.Model(inputs, outputs)


# %% [markdown]
# Change everything at once, and you do not know what helped. An **ablation** varies one thing at a time: each remedy alone, and all three, against the plain network. All else is the
# same: convolutions, digits, epochs, and the optimizer, Adam, which starts at the same learning rate. From here on all 4,000 training digits are used.


# %% tags=["recipe"]
EPOCHS = course.budget(full=20, reduced=1)
LONG_EPOCHS = course.budget(full=40, reduced=1)
RATE = 0.002
RECIPES = {  # augmentation, dropout, falling learning rate
    "plain": (False, False, False),
    "augmentation": (True, False, False),
    "dropout": (False, True, False),
    "falling rate": (False, False, True),
    "all three": (True, True, True),
}


def falling_adam(epochs):
    """Adam whose learning rate follows half a cosine from RATE to 0."""
    steps = epochs * int(np.ceil(len(images) / 64))
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, steps))


# %% slideshow={"slide_type": "skip"} tags=["recipe"]
def train_on_everything(build, optimizer, epochs, seed):
    """Train on training and validation digits together; return the network."""
    keras.utils.set_random_seed(seed)
    network = build()
    network.compile(
        optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    network.fit(images, labels, batch_size=64, epochs=epochs, callbacks=progress(), verbose=0)
    return network


def train_recipe(name, seed):
    """Train the network of one recipe."""
    augmented, dropout, falling = RECIPES[name]
    optimizer = falling_adam(EPOCHS) if falling else keras.optimizers.Adam(RATE)
    return train_on_everything(
        lambda: build_variant(augmented, dropout), optimizer, EPOCHS, seed
    )


# %% [markdown]
# **Predict:** which of the three alone helps most? Do all three together beat the best single one?
#
# Five networks with **five seeds** each take too long for a class, so here is the record, made with the cells above on the
# 4,000 + 1,000 built-in digits (`python -m benchmarks.mnist`; 20 minutes of one core). For each run it holds *which* test digits were misread.
#
# The mean of five seeds varies less than a single run. How much, says the **standard error**: the standard deviation of the five, divided by $\sqrt 5$.

# %% tags=["nbval-check-output"]
record = {}  # experiment: seeds × test digits, True where the digit was read
for row in course.recorded("mnist_ablation"):
    table = record.setdefault(row["experiment"], np.ones((5, 1000), bool))
    table[row["seed"], row["wrong"]] = False


def standard_error(values):
    """How much the mean of such values would vary if all were measured again (ddof=1: sample)."""
    return np.std(values, ddof=1) / np.sqrt(len(values))


for name in RECIPES:
    each = 100 * record[name].mean(axis=1)
    seeds = "  ".join(f"{value:.1f}" for value in each)
    print(f"{name:13} {each.mean():.2f} ± {standard_error(each):.2f} %   ({seeds})")

# %% [markdown]
# **What to notice.** Augmentation stands apart from plain: its worst seed is better than the best of plain. The falling rate alone changes nothing that could be seen here. And all three
# together are *not* the best on these digits. Without an ablation nobody would have noticed.
#
# ### What a standard error over seeds says, and what it does not say
#
# It answers one question: *how far is this mean likely to lie from the mean of very many seeds, on the same 4,000 digits for training and the same 1,000 for the test?* A seed changes
# the first weights, the order of the digits and all random changes, and nothing else. So its error says nothing about
#
# - **other test digits.** Whether a network meets easy or hard ones is luck. The luck of $n$ digits has the **binomial error** $\sqrt{a(1-a)/n}$ at accuracy $a$: about half a point here, and no
#   number of seeds makes it smaller,
# - **other training digits, other writers, other settings**: they were the same in all runs,
# - **your next single run**, which scatters $\sqrt 5$ times as far as the mean of five.
#
# ### Compare in pairs
#
# Against the luck of the test digits there is a remedy: all recipes read the *same* ones, so **compare in pairs**. For each digit, take the share of the five seeds that read it with a remedy, minus the
# share without. A digit that all read, or none, gives 0: its luck cancels. The mean of the 1,000 differences is the gain, and *their* standard error says how far other test digits would move it.


# %% tags=["nbval-check-output"]
def gain(name, baseline):
    """Return the gain in points, its error over seeds, paired over digits, and unpaired."""
    tables = record[name], record[baseline]
    by_digit = 100 * (tables[0].mean(axis=0) - tables[1].mean(axis=0))
    # errors of a difference add as squares: np.hypot(a, b) = √(a² + b²)
    seeds = 100 * np.hypot(*(standard_error(table.mean(axis=1)) for table in tables))
    accuracies = np.array([table.mean() for table in tables])
    unpaired = 100 * np.sqrt(np.sum(accuracies * (1 - accuracies) / 1000))
    return by_digit.mean(), seeds, standard_error(by_digit), unpaired


gains = {name: gain(name, "plain") for name in list(RECIPES)[1:]}
print("gain in percentage points       ± seeds   ± digits, paired   ± digits, unpaired")
to_print = {**gains, "all three, minus augm.": gain("all three", "augmentation")}
for name, (points, seeds, paired, unpaired) in to_print.items():
    print(f"{name:23} {points:+5.2f} {seeds:9.2f} {paired:18.2f} {unpaired:20.2f}")

# %%
figure, axes = plt.subplots(1, 2, figsize=(14, 4.8), layout="constrained")
for place, name in enumerate(RECIPES):
    each = 100 * record[name].mean(axis=1)
    axes[0].plot(each, [place] * 5, "o", markersize=11, color="0.5", alpha=0.6)
    bar = {"xerr": standard_error(each), "fmt": "s", "color": "C0", "capsize": 7}
    axes[0].errorbar(each.mean(), place + 0.27, **bar)
for place, (points, seeds, paired, _unpaired) in enumerate(gains.values(), start=1):
    bar = {"capsize": 7, "markersize": 9}
    axes[1].errorbar(points, place - 0.14, xerr=2 * seeds, fmt="s", color="C0", **bar)
    axes[1].errorbar(points, place + 0.14, xerr=2 * paired, fmt="D", color="C4", **bar)
axes[1].axvline(0, color="0.4", linewidth=1.5)
for axis in axes:
    axis.set_yticks(range(5), list(RECIPES))
    axis.set_ylim(4.6, -0.6)
axes[0].set(xlabel="test accuracy (%)", title="● seeds, ■ mean ± 1 standard error")
axes[1].set(xlabel="gain over plain (points)", title="± 2 standard errors: ■ seeds, ◆ digits")
plots.show(
    "On the left the test accuracies of five seeds for each of the five recipes, with mean and standard error. On the right the gain of four of them over plain, "
    "each with two bars: twice the error over seeds and twice the paired error over digits. A line marks zero."
)

# %% [markdown]
# **What to notice.** Augmentation's gain is more than two errors away from zero, over seeds *and* over digits. (Chance alone goes beyond two errors once in twenty comparisons; with five seeds the error itself is uncertain, so about once in twelve.) Now look at all three. Over seeds the gain is three errors, and many would publish it as a success. Over digits
# it is one error: another 1,000 test digits could take it away. Pairing already halved that error, as the table says. For dropout and the falling rate zero lies within a bar: nothing is shown, neither that they help nor that they do not.
#
# All three against augmentation alone, the last line: over digits less than two errors, so even this is not shown. But suppose it is so: why would all three gain less? A guess: each remedy makes learning harder, and 20 epochs are too few for all of them. A guess can be tested. Train plain and all three for **40 epochs**, one seed
# each, while you watch; the record has five seeds of these, too.

# %%
EPOCHS = LONG_EPOCHS  # train_recipe reads it
trained, run_seconds, right = {}, {}, {}
for name in ("plain", "all three"):
    start = time.perf_counter()
    trained[name] = train_recipe(name, seed=0)
    run_seconds[name] = time.perf_counter() - start
    answers = trained[name].predict(test_images, verbose=0).argmax(axis=1)
    right[name] = answers == test_labels
    print(f"{name:10} {right[name].mean():.1%} of {len(test_labels):,} test digits")

# %%
only_all = int(np.sum(right["all three"] & ~right["plain"]))
only_plain = int(np.sum(right["plain"] & ~right["all three"]))
print(f"read only by all three: {only_all}; read only by plain: {only_plain}")
# each digit that only one of them reads counts +1 or −1: errors add as squares
print(f"difference: {only_all - only_plain} ± {np.sqrt(only_all + only_plain):.0f} digits")
for baseline in ("plain, longer", "all three", "augmentation"):
    points, seeds, paired, _unpaired = gain("all three, longer", baseline)
    against = (
        f"{baseline.removesuffix(', longer')}, {40 if 'longer' in baseline else 20} epochs"
    )
    print(f"all three, 40 epochs, minus {against:23} {points:+.2f} points", end=" ")
    print(f"± {seeds:.2f} (seeds) ± {paired:.2f} (digits)")

# %% [markdown]
# **What to notice.** The last three lines are the record. The guess holds: with 40 epochs all three gain much over their own 20, and about a point over plain with 40, more than two errors by either measure. Are they better than augmentation
# alone? Zero is within two errors over digits, and augmentation alone has not had its 40 epochs. That would be the next experiment: a good ablation tells you what to ask next.
# (This record *reports* on test digits. To *choose* a recipe, compare on validation digits, or the test digits are no longer unseen.)

# %% tags=["ledger"]
# What this page measured, in the form that the course keeps in results/.
MEASURED = [
    course.ledger_row(
        experiment=f"lesson 03, {label} recipe",
        seed=0,
        accuracy=round(float(right[name].mean()), 4),
        test_size=len(test_labels),
        training_size=len(labels),
        recipe="03 RECIPES train_recipe LONG_EPOCHS",
        epochs=LONG_EPOCHS,
        seconds=round(run_seconds[name]),
        parameters=trained[name].count_params(),
        data=[images, labels, test_images, test_labels],
    )
    for name, label in {"plain": "plain", "all three": "better"}.items()
]

# %% [markdown]
# <!-- question two-percentages -->
#
# ## 8 · What has it learned?
#
# The first layer's kernels are 3×3 weights for one channel, so you can draw them like the filters of lesson 02. Is any of them an edge detector? Measure instead of
# guessing: what share of a kernel is a brightness difference in some direction, that is, a mixture of Sobel's two kernels? (Squared cosine; 1 would be a perfect edge
# filter.) There are two fair opponents: kernels of nine random numbers, and the same network's kernels before training.
# (From here on test digits serve to explore. That is allowed, because no decision depends on them anymore.)

# %% slideshow={"slide_type": "skip"}
from helpers.filters import SOBEL_X, SOBEL_Y

directions = np.stack([SOBEL_X.ravel(), SOBEL_Y.ravel()])
directions = directions / np.linalg.norm(directions, axis=1, keepdims=True)


def edge_share(kernels):
    """Squared cosine between kernels, shape (9, count), and the plane of Sobel's two."""
    return np.sum((directions @ kernels) ** 2, axis=0) / np.sum(kernels**2, axis=0)


best_model = trained["all three"]
first_kernels, first_biases = best_model.get_layer("conv_1").get_weights()
shares = edge_share(first_kernels.reshape(9, -1))
ranked = np.argsort(-shares)

keras.utils.set_random_seed(0)
untrained = build_variant(True, True).get_layer("conv_1").get_weights()[0]
before = edge_share(untrained.reshape(9, -1))
chance = edge_share(generator.normal(size=(9, 32 * 2000))).reshape(2000, 32)
rows = {"random": (chance.mean(), chance.max(axis=1).mean())}
rows |= {n: (s.mean(), s.max()) for n, s in {"untrained": before, "trained": shares}.items()}
for name, (mean, best) in rows.items():
    print(f"{name:10} kernels: mean share {mean:.2f}, best of 32 {best:.2f}")

# %%
titles = [f"{share:.2f}" for share in shares[ranked]]
plots.kernel_grid(first_kernels[:, :, 0, ranked], titles, columns=8)
plots.show(
    "Thirty-two learned 3 by 3 kernels in orange and purple with their edge shares above, sorted from high to low: the first have one orange and one purple side."
)
if course.budget(full=True, reduced=False):
    assert shares.mean() > before.mean() + 2 * standard_error(before)
    assert round(chance.max(axis=1).mean(), 2) == 0.67

# %% [markdown]
# **What to notice.** Among 32 *random* kernels the best reaches 0.67, so do not judge by the best one. The mean of random kernels is 0.22: Sobel's two span two of nine dimensions. In this network the mean has moved well
# above that. Nobody asked for edges; they are useful for telling digits apart. But many of the 32 are something else.
#
# **Feature maps**: what the layers answer for one digit. From the first layer, the maps of the four most and the four least edge-like kernels; from the others, the eight maps with the strongest response.

# %% slideshow={"slide_type": "skip"}
outputs = [best_model.get_layer(f"conv_{n}").output for n in (1, 2, 3)]
look_inside = keras.Model(best_model.input, outputs)
sample = test_images[np.flatnonzero(test_labels == 7)[3:4]]
maps = [np.asarray(layer_maps)[0] for layer_maps in look_inside(sample, training=False)]
strongest = [np.argsort(-layer_maps.max(axis=(0, 1)))[:8] for layer_maps in maps[1:]]
chosen = [np.concatenate([ranked[:4], ranked[-4:]]), *strongest]

# %% tags=["cover"]
figure, axes = plt.subplots(3, 9, figsize=(15, 6), layout="constrained")
for row, (layer_maps, numbers) in enumerate(zip(maps, chosen)):
    side, _side, count = layer_maps.shape
    text = f"conv {row + 1}\n{count} maps\n{side}×{side}"
    axes[row, 0].text(0.5, 0.5, text, ha="center", va="center", fontsize=15)
    for axis, number in zip(axes[row, 1:], numbers):
        axis.imshow(layer_maps[..., number], cmap="viridis", vmin=0, vmax=layer_maps.max())
        axis.set_title(f"edge {shares[number]:.2f}" if row == 0 else f"map {number}")
for axis in axes.flat:
    axis.set(xticks=[], yticks=[])
for axis in axes[:, 0]:
    axis.axis("off")
inset = axes[0, 0].inset_axes([0.1, 1.0, 0.8, 0.8])
inset.imshow(sample[0, ..., 0], cmap="gray")
inset.axis("off")
plots.show(
    "A digit 7 and eight feature maps of each of the three layers: outlines in the first, coarse patches in the second, "
    "and 3 by 3 blocks in the third."
)

# %% [markdown]
# **What to notice.** In the first layer the edge-like maps mark one side of the stroke, the others the whole stroke. Later maps are coarser and harder to name. A map that stays dark, if there is one, is no error: its filter found nothing in this digit, every sum was negative, and ReLU made it 0.
#
# ## 9 · By hand: forward and backward
#
# If NumPy gives the same answers and the same gradients as Keras, no magic is left in the network. **Forward** is convolve, ReLU, pool, convolve, ReLU, pool, convolve, ReLU,
# flatten, one matrix product, softmax. (Dropout and augmentation do nothing outside training.) Keep what each layer received; the backward pass needs it.


# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
def forward(x, network):
    """Run the network in NumPy; return the probabilities and what each layer received."""
    received = []
    for number in (1, 2, 3):
        received.append(x)
        kernels_and_bias = network.get_layer(f"conv_{number}").get_weights()
        x = np.maximum(convolution.conv2d(x, *kernels_and_bias), 0)
        if number < 3:
            received.append(x)
            x = convolution.max_pool2d(x, size=2)
    received.append(x)
    weights, bias = network.get_layer("probabilities").get_weights()
    return softmax(x.reshape(len(x), -1) @ weights + bias), received


hundred = test_images[:100]
from_numpy, _received = forward(hundred, best_model)
from_keras = best_model.predict(hundred, verbose=0)
assert np.allclose(from_numpy, from_keras, atol=1e-4)
same = bool((from_numpy.argmax(1) == from_keras.argmax(1)).all())
print("same answers for all 100 digits:", same)

# %% [markdown]
# **Backward**, each layer in turn: receive the gradient of the output, compute those of the weights, hand on that of the input. With channels and filters the two formulas of
# section 3 become sums over them. Here each of the nine places of the kernel is one matrix product.


# %% slideshow={"slide_type": "skip"}
def conv_backward(x, kernels, g):
    """Return the gradients by kernels, bias and input, given g, the gradient by the output."""
    rows, columns = g.shape[1:3]
    for_kernels, for_x = np.zeros_like(kernels), np.zeros_like(x)
    for i, j in np.ndindex(kernels.shape[:2]):
        window = (slice(None), slice(i, i + rows), slice(j, j + columns))
        for_kernels[i, j] = np.tensordot(x[window], g, axes=([0, 1, 2], [0, 1, 2]))
        for_x[window] += g @ kernels[i, j].T
    return for_kernels, g.sum(axis=(0, 1, 2)), for_x


def pool_backward(x, g):
    """Hand each gradient to the largest pixel of its tile, the first one if several are."""
    rows, columns = g.shape[1:3]
    largest, grown = convolution.max_pool2d(x, 2), np.zeros_like(x)
    waiting = np.ones(g.shape, bool)
    for i, j in np.ndindex(2, 2):
        place = (slice(None), slice(i, 2 * rows, 2), slice(j, 2 * columns, 2))
        first = waiting & (x[place] == largest)
        grown[place] = first * g
        waiting &= ~first
    return grown


# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
def backward(x, y, network):
    """Return ∂L/∂w for all weights, in Keras' order; y is one-hot."""
    p, received = forward(x, network)
    h = received.pop()
    error = (p - y) / len(x)
    flat = h.reshape(len(h), -1)
    gradients = [error.sum(axis=0), flat.T @ error]  # collected from the end to the beginning
    g = (error @ network.get_layer("probabilities").get_weights()[0].T).reshape(h.shape)
    output = h
    for number in (3, 2, 1):
        g = g * (output > 0)  # ReLU
        kernels = network.get_layer(f"conv_{number}").get_weights()[0]
        for_kernels, for_bias, g = conv_backward(received.pop(), kernels, g)
        gradients += [for_bias, for_kernels]
        if number > 1:
            output = received.pop()
            g = pool_backward(output, g)
    return gradients[::-1]


y = np.eye(10, dtype="float32")[test_labels[:64]]
gradients = backward(test_images[:64], y, trained["plain"])
print(f"{sum(gradient.size for gradient in gradients):,} gradients by hand")

# %% tags=["nbval-check-output"]
with tf.GradientTape() as tape:
    p = trained["plain"](test_images[:64], training=False)
    L = tf.reduce_mean(keras.losses.categorical_crossentropy(y, p))
from_tape = tape.gradient(L, trained["plain"].trainable_weights)
for ours, theirs in zip(gradients, from_tape, strict=True):
    scale = np.abs(theirs).max()
    assert np.abs(ours - theirs).max() < 1e-3 * scale + 1e-7
print("all equal TensorFlow's, layer by layer")

# %% [markdown]
# **What to notice.** One training step of the whole network is `backward` and the update rule. The rest of Keras is speed and convenience.
#
# ## 10 · Off-center digits
#
# MNIST's digits are centered. What if they are not? Published notes report that a dense network, excellent on centered
# digits, collapses on shifted ones. Here is the record of five seeds each, on the built-in digits (`python -m benchmarks.mnist_shift`). The opponent is lesson 00's **multilayer perceptron** (MLP): 784 pixels in, one
# hidden layer (a dense layer between input and output) of 512 units, no convolution. Your network is that of section 2: plain, with augmentation alone, and with all three remedies, 20 epochs each.
# **Predict:** where do the MLP and the plain CNN stand after a shift of 4 pixels?


# %% slideshow={"slide_type": "skip"}
def shift_right(batch, pixels):
    """Move images to the right; black comes in from the left."""
    return np.pad(batch, ((0, 0), (0, 0), (pixels, 0), (0, 0)))[:, :, : batch.shape[2]]


shifts = range(9)
by_shift = {}  # experiment: seeds × shifts
for row in course.recorded("mnist_shift"):
    by_shift.setdefault(row["experiment"], []).append(row["by_shift"])
yours = [
    np.mean(best_model.predict(shift_right(test_images, s), verbose=0).argmax(1) == test_labels)
    for s in shifts
]
cropped = [
    np.mean(test_images[:, :, 28 - s :].max(axis=(1, 2, 3), initial=0) > 0) for s in shifts
]
means = {name: np.mean(values, axis=0) for name, values in by_shift.items()}
assert means["MLP"][4] < 0.3 < 0.5 < means["CNN"][4] < 0.6
assert abs(means["CNN, augmentation"] - means["CNN, all three"])[:6].max() < 0.02

# %%
plt.figure(figsize=(13, 4.8), layout="constrained")
for number, ((name, values), line) in enumerate(zip(by_shift.items(), plots.LINE_STYLES)):
    low, high = 100 * np.min(values, axis=0), 100 * np.max(values, axis=0)
    plt.plot(shifts, 100 * means[name], line, label=name)
    plt.fill_between(shifts, low, high, color=f"C{number}", alpha=0.3)
plt.plot(shifts, np.multiply(yours, 100), "*", color="black", markersize=13)
plt.plot([], [], "*", color="black", markersize=13, label="yours, all three,\n40 epochs")
plt.bar(shifts, np.multiply(cropped, 100), color="0.85", label="digits that lose ink")
plt.axhline(10, color="0.5", linewidth=1)
plt.text(-0.4, 12, "guessing", color="0.3")
plt.xlabel("shift to the right (pixels)")
plt.ylabel("test accuracy (%)")
plt.ylim(0, 102)
plt.legend(loc="upper left", bbox_to_anchor=(1, 1))
plots.show(
    "Accuracy against shift, lines with bands from the worst to the best of five seeds: all start high; the MLP drops first, the plain CNN about one pixel later, and the CNNs "
    "trained with shifted digits last, close together. Gray bars show the share of digits that lose ink at the border: few up to 3 pixels, most at 8."
)

# %% tags=["nbval-check-output"]
for name, values in means.items():
    print(f"{name:17}", "  ".join(f"{value:4.0%}" for value in values))

# %% [markdown]
# **What to notice.** The MLP falls first, as reported. (Below 10 % it is worse than guessing: the shifted ink now lies on weights that speak for *other* digits.) But the plain CNN falls too, only later: convolution and pooling move the map along, and then the dense layer
# at the end meets features in places it never saw. *Convolution alone does not make a network shift-invariant.* What helps is to **show** it shifted digits while training: with augmentation alone the curve is nearly that of all three. Beyond the range it was shown (10 % of 28 pixels, about 3) its accuracy
# falls, too. Read only the left half of the figure that way: a shift also **crops**, and the gray bars count the digits that lose ink. On the right no reader could be perfect.
#
# ## 11 · Can you beat it?
#
# These are the twelve test digits that your best network was *least sure* of. Write down your twelve answers, ask a friend for another twelve, and only then run the next cell. Who has
# more right: you, your friend, or 104,202 numbers?

# %%
answers = best_model.predict(test_images, verbose=0)
unsure = np.argsort(answers.max(axis=1))[:12]
plots.image_grid(test_images[unsure], list("ABCDEFGHIJKL"), columns=6, cell=2.1)
plots.show("Twelve handwritten digits with the letters A to L instead of their labels.")

# %%
for letter, n in zip("ABCDEFGHIJKL", unsure):
    verdict = "" if answers[n].argmax() == test_labels[n] else "   ✘"
    network_says = f"the network says {answers[n].argmax()} ({answers[n].max():.0%})"
    print(f"{letter}: meant as a {test_labels[n]}; {network_says}{verdict}")
read = int(np.sum(answers[unsure].argmax(axis=1) == test_labels[unsure]))
print(f"The network has read {read} of these 12, and {right['all three'].mean():.1%} of all.")

# %% [markdown]
# **What to notice.** Unsure is not wrong: count the ✘. In section 6 the plain network was *sure* and wrong. And where the network hesitates, do you?
#
# **Now your own digit.** Change the strokes below: each is a list of points (x to the right, y down). Or write a digit with a thick pen on white paper, photograph it, save it as
# `my_digit.jpg` beside this notebook, and run the cell again. MNIST's makers scaled each digit to 20×20 pixels and put its center of mass into the middle. You have to do the same, or section 10 happens to you.


# %% slideshow={"slide_type": "skip"}
from pathlib import Path

from scipy import ndimage
from skimage import color, io, transform


def as_mnist(ink):
    """Crop a picture of bright ink on 0, scale it to 20 pixels, center its mass in 28×28."""
    rows, columns = np.nonzero(ink > 0.3 * ink.max())
    ink = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    size = [max(2, round(20 * side / max(ink.shape))) for side in ink.shape]
    small = transform.resize(ink, size, anti_aliasing=True)
    canvas = np.pad(small / small.max(), [(0, 28 - side) for side in size])
    canvas = ndimage.shift(canvas, 13.5 - np.array(ndimage.center_of_mass(canvas)), order=1)
    return canvas[None, ..., None].astype("float32")


def drawn(strokes):
    """Draw lines through points, 1 wide, on 100×100 pixels."""
    rows, columns = np.mgrid[:100, :100]
    points = np.concatenate([np.linspace(a, b, 60) for s in strokes for a, b in zip(s, s[1:])])
    low, high = points.min(axis=0), points.max(axis=0)
    points = 50 + 60 * (points - (low + high) / 2) / (high - low).max()
    distance = np.hypot(columns[..., None] - points[:, 0], rows[..., None] - points[:, 1])
    return np.clip(5 - distance.min(axis=-1), 0, 1)


# %%
strokes = [[(1, 1), (3, 0), (5, 1), (5, 3), (3, 4)], [(3, 4), (5, 5), (5, 8), (3, 9), (1, 8)]]
ink = drawn(strokes)
if Path("my_digit.jpg").exists():
    gray = color.rgb2gray(io.imread("my_digit.jpg")[..., :3])
    ink = np.clip(np.median(gray) - gray - 0.15, 0, None)  # the paper is the median
mine = as_mnist(ink)
answer = best_model.predict(mine, verbose=0)[0]

figure, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
for axis, picture, title in zip(axes, (ink, mine[0, ..., 0]), ("your digit", "as MNIST")):
    axis.imshow(picture, cmap="gray")
    axis.set(title=title, xticks=[], yticks=[])
axes[2].bar(range(10), answer)
axes[2].set_xticks(range(10))
axes[2].set(title=f"read as {answer.argmax()} ({answer.max():.0%})", ylim=(0, 1.05))
axes[2].set(xlabel="digit", ylabel="probability")
plots.show(
    "A digit drawn with strokes, the same digit in 28 by 28 pixels, and ten bars with the probability the network gives to each digit."
)

# %% [markdown]
# ## Summary
#
# - Every size and every parameter count follows from two rules: $\lfloor (N-F+2P)/S \rfloor + 1$, and
#   (kernel height × kernel width × channels in + 1) × filters.
# - Learning is $w \leftarrow w - \eta\,\partial L/\partial w$; the gradient starts as $p - y$ at the logits, and backpropagation hands it from layer to layer.
# - Backward through a convolution: the kernels get a correlation of input and output gradient, the input a full convolution with the flip.
# - "Better" needs several seeds *and* paired test digits: the error over seeds knows nothing about other digits, and the test set is for one look.
# - Pooling saves parameters and lets units see farther; a CNN tolerates small shifts, and training on shifted digits extends that.
#
# ## Try it
#
# **Question 1.** How many parameters has `Conv2D(64, 5)` after a layer with 32 channels?
#
# <details><summary>Answer</summary>
# (5·5·32 + 1)·64 = 51,264.
# </details>
#
# **Question 2.** What loss does an untrained network have, about, if it gives each digit the probability 1/10? And what is $p - y$ for the right digit?
#
# <details><summary>Answer</summary>
# −ln(1/10) = 2.303, and 0.1 − 1 = −0.9. If your first loss is far above 2.3, something is wrong with the input, often a missing division by 255.
# </details>
#
# **Question 3.** A kernel of 3×3 reads 28×28 pixels, without padding. What is the shape of the output gradient, and what is that of the kernel's gradient?
#
# <details><summary>Answer</summary>
# 26×26, as the output. Sliding 26×26 over 28×28 gives 3×3: a gradient always has the shape of what it is the gradient of.
# </details>
#
# **Question 4.** Two recipes reach 97.5 % ± 0.1 and 97.9 % ± 0.1 (five seeds each) on the same 1,000 digits. Is the second better?
#
# <details><summary>Answer</summary>
# On these 1,000 digits, yes: 0.4 points are 2.8 errors of the difference, √(0.1² + 0.1²) = 0.14. On digits in general you cannot tell yet: the binomial error of one accuracy is 0.5 points. Compare
# in pairs, digit by digit.
# </details>
#
# **Question 5.** Would flipping left to right be a good augmentation for digits?
#
# <details><summary>Answer</summary>
# No: a mirrored 2 is not a 2 anymore. Augment only with changes that keep the label true.
# </details>

# %%
# The numbers in the answers, computed.
five = layers.Conv2D(64, 5)
five.build((None, 13, 13, 32))
assert five.count_params() == (5 * 5 * 32 + 1) * 64 == 51_264  # 1
assert round(-np.log(1 / 10), 3) == 2.303  # 2
assert [round(-np.log(share), 2) for share in (0.9, 0.01)] == [0.11, 4.61]  # section 3
assert convolution.output_size(28, 3) == 26  # 3
assert convolution.output_size(28, 26) == 3
assert round(np.hypot(0.1, 0.1), 2) == 0.14  # 4
assert round(0.4 / np.hypot(0.1, 0.1), 1) == 2.8
assert round(100 * np.sqrt(0.975 * 0.025 / 1000), 1) == 0.5

# %% [markdown]
# **Next:** [lab 03](labs/lab_03_mnist_cnn.ipynb) has you write gradients, change the network, and run an ablation of your own. Then
# [lesson 04](04_cats_vs_dogs.ipynb) turns to photographs.
