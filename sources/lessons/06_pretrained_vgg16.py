# %% [markdown]
# # 06 · Pretrained VGG16
#
# **What you will do:** take a network that has learned from a million photographs, and teach it cats and dogs in three ways, from a minute's work to
# fine-tuning.
#
# **What you will learn**
# - what VGG16 is, layer by layer, and why you can throw away its end and keep the rest,
# - what `preprocess_input` does and what it costs to forget it,
# - three ways to use a pretrained base: features once, a frozen base with augmentation, fine-tuning,
# - how to make sure that what should be frozen is frozen, and that what should move moves,
# - why 16-bit arithmetic can make this several times as fast, and how to check that it does no harm.
#
# **What you need:** lessons 04 and 05.
#
# **Time:** 75–90 minutes in class. Running all cells takes about 5 min on 2 CPU cores.

# %%
from helpers import course, plots

course.start("Lesson 06", tensorflow=True)
precision = course.use_fast_precision()

# %%
import gc
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

from helpers import datasets, pretrained
from helpers.training import progress

pets = datasets.cats_vs_dogs()
KIND = "drawn sample" if pets.source == "sample" else "photograph"
keras.config.disable_interactive_logging()
print(f"{len(pets.report.kept):,} {KIND}s of {' and '.join(pets.classes)}")

# %% [markdown]
# ## 1 · The idea: eyes that can already see
#
# In lessons 04 and 05 each network began with random numbers and had to learn **everything** from two kinds of animals: what an edge is, what fur
# looks like, what an ear is. A network that was trained on ImageNet, 1.3 million photographs of 1,000 kinds of things, has learned all this
# already. Only its last layers speak of those 1,000 kinds. Cut them off, and what is left turns a picture into a description, on
# which a small network of yours can decide: **transfer learning**. What to take from the old network depends on how many pictures you have, and on how much they resemble
# ImageNet's:
#
# | | your pictures resemble ImageNet's | they do not (X-rays, microscopy, drawings) |
# | --- | --- | --- |
# | **hundreds** | last block's features and a small head | an earlier block's features and a small head |
# | **thousands** | the same, then fine-tune the last block | fine-tune several blocks |
# | **a million** | fine-tune everything | fine-tune everything, or train from scratch |
#
# Cats and dogs are in the first column; you have hundreds or two thousand.
#
# VGG16 is such a network, from 2014, by the Visual Geometry Group of Oxford. It is neither small nor new, but it is the plainest one: nothing but 3×3
# convolutions and 2×2 poolings, all of which you have computed by hand. The next cell gets its weights, 59 MB, from where your machine can reach them, and
# compares them with a recorded digest. Without a network, it takes the course's own copy, rounded to 8 bits, and says so. You never get random ones.
#
# Your pictures have 96×96 pixels, as in lessons 04 and 05, so that you compare like with like. The source uses 180×180: three and a half times the work. Its size comes in at the end.

# %%
SIDE = 96
base = pretrained.vgg16_base((SIDE, SIDE, 3))
keras.config.set_dtype_policy("float32")  # 16 bits inside the pretrained base, nowhere else
print(f"VGG16 without its top: {base.count_params():,} parameters, output {base.output_shape}")

# %% [markdown]
# ## 2 · VGG16, layer by layer
#
# Before you go on, guess: where are the most parameters, in the first layers or in the last?

# %% tags=["nbval-check-output"]
print(f"{'layer':14} {'output shape':16} {'parameters':>11}")
for layer in base.layers:
    shape = " × ".join(map(str, layer.output.shape[1:]))
    print(f"{layer.name:14} {shape:16} {layer.count_params():11,}")
print(f"{'in all':31} {base.count_params():11,}")

# %% [markdown]
# Each number is one of lesson 01's: (3·3·channels in + 1) · channels out. Check them all. And check the size of the **whole** VGG16, which
# ends in three dense layers of 4,096, 4,096 and 1,000 units on a 7×7×512 input (its pictures have 224×224 pixels).

# %% tags=["nbval-check-output"]
channels = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
expected = [(9 * before + 1) * after for before, after in zip(channels, channels[1:])]
convolutions = [layer for layer in base.layers if layer.weights]
assert [layer.count_params() for layer in convolutions] == expected
assert expected[:6] == [1_792, 36_928, 73_856, 147_584, 295_168, 590_080]
assert sum(expected) == base.count_params() == 14_714_688
assert base.output_shape == (None, 3, 3, 512)

top = [(7 * 7 * 512 + 1) * 4096, (4096 + 1) * 4096, (4096 + 1) * 1000]
assert sum(expected) + sum(top) == 138_357_544
print(f"convolutions {sum(expected):,} + dense top {sum(top):,} = {sum(expected) + sum(top):,}")
print(f"share of the dense top: {sum(top) / (sum(expected) + sum(top)):.0%}")

# %%
figure, axes = plt.subplots(2, 1, figsize=(11, 5.2), sharex=True, layout="constrained")
names = [layer.name.replace("block", "").replace("_conv", ".") for layer in convolutions]
values = [int(np.prod(layer.output.shape[1:])) / 1e6 for layer in convolutions]
axes[0].bar(names, values, color="C0")
axes[0].set_ylabel("millions of\nnumbers out")
axes[1].bar(
    names, [count / 1e6 for count in expected], color="C1", hatch="//", edgecolor="white"
)
axes[1].set_ylabel("millions of\nparameters")
axes[1].set_xlabel("convolution (block.number)")
plots.show(
    "Two bar charts over the 13 convolutions: the number of output values falls from 0.6 million to below 0.02 million, while the "
    "parameters rise from almost none to 2.4 million for each of the last layers."
)

# %% [markdown]
# **What to notice.** The picture shrinks while the description grows: 96×96 places with three numbers each become 3×3 places with 512. The first layers
# are busy (many pixels), the last ones are heavy (many parameters). And 89 % of the original network was its dense top, which you leave behind.
#
# How far does one of the 3×3 outputs see? Lesson 01's rule: each 3×3 convolution adds 2 steps, each pooling 1 step, and a pooling
# doubles the length of all later steps.

# %% tags=["nbval-check-output"]
field, step = 1, 1
for layer in base.layers[1:]:
    pooling = "pool" in layer.name
    field += (1 if pooling else 2) * step
    step *= 2 if pooling else 1
print(f"one output sees {field}×{field} pixels; neighbors lie {step} pixels apart")
assert (field, step) == (212, 32)

# %% [markdown]
# 212 is more than twice 96: each of the nine outputs sees the whole picture, and padding around it.

# %% [markdown]
# ### What the first layer looks for
#
# Its 64 kernels are 3×3×3: small enough to be shown as color pictures. Nobody drew them; they were learned.

# %%
kernels = keras.ops.convert_to_numpy(convolutions[0].kernel)
low, high = kernels.min(axis=(0, 1, 2)), kernels.max(axis=(0, 1, 2))
tiles = ((kernels - low) / (high - low)).transpose(3, 0, 1, 2)
tiles = tiles[..., ::-1]  # the network's channels are blue, green, red: see section 4
plots.image_grid(list((255 * tiles).astype("uint8")), columns=16, cell=0.75)
plots.show(
    "The 64 kernels of VGG16's first layer as small color pictures: edges in several directions, spots, and contrasts of colors."
)

# %% [markdown]
# **What to notice.** You know some of them from lesson 02: light above dark, left against right, a spot against its surroundings. Others
# compare colors. Is one of them a Sobel filter? Compare each kernel, averaged over the colors, with Sobel's: a
# cosine of 1 or −1 means the same direction.

# %% tags=["nbval-check-output"]
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
gray = kernels.mean(axis=2)  # (3, 3, 64)
for name, pattern in [("vertical edges", sobel), ("horizontal edges", sobel.T)]:
    cosine = np.tensordot(pattern, gray, axes=2) / (
        np.linalg.norm(pattern) * np.linalg.norm(gray, axis=(0, 1))
    )
    best = np.abs(cosine).argmax()
    print(f"{name}: kernel {best} has the cosine {cosine[best]:.2f} with Sobel's")
    assert abs(cosine[best]) > 0.9

# %% [markdown]
# ## 3 · Fast arithmetic, and whether it does harm
#
# VGG16 needs 2.8 billion multiplications for each 96×96 picture (the last cell counts them). The first cell of this page called `use_fast_precision()`. What does it do?
#
# 1. A number in **float32** has 32 bits; in **bfloat16** it has 16: the same range, but only two to three digits.
# 2. Newer processors (Intel AMX) and graphics cards multiply matrices of such numbers many times as fast.
# 3. The **weights stay in float32**; only copies of them, and the activations, are rounded: `mixed_bfloat16`.
# 4. Your own layers stay in float32: what learns from random numbers needs its digits.
# 5. On a machine without such units 16 bits are slow, so `use_fast_precision()` leaves float32 there.
#
# Measure it: the same pictures through the same weights, once in float32 and once in what was chosen above.

# %% slideshow={"slide_type": "skip"}
TRAINING = course.budget(full=2000, reduced=16)
HALF = course.budget(full=500, reduced=8)


def as_arrays(path, most):
    """Return the pictures of a folder as bytes, and their labels."""
    part = keras.utils.image_dataset_from_directory(
        path, image_size=(SIDE, SIDE), batch_size=None, seed=course.SEED
    )
    as_bytes = part.take(most).map(
        lambda x, y: (tf.cast(x, "uint8"), y)
    )  # a quarter of the memory
    pairs = list(as_bytes.as_numpy_iterator())
    return np.stack([x for x, _ in pairs]), np.array([y for _, y in pairs])


x_train, y_train = as_arrays(pets.path, TRAINING)
x_validation, y_validation = as_arrays(pets.validation_path, HALF)
x_test, y_test = as_arrays(pets.test_path, HALF)
HALF = len(x_test)
print(
    f"{len(x_train)} {KIND}s for training, {len(x_validation)} for validation, {HALF} for the test"
)

# %%
preprocess = keras.applications.vgg16.preprocess_input


def timed_features(network, pictures):
    """Return VGG16's features and the pictures per second; the first batch only warms up."""
    prepared = preprocess(pictures.astype("float32"))
    network.predict(prepared[:16], batch_size=16)
    start = time.perf_counter()
    features = network.predict(prepared, batch_size=16).astype("float32")
    return features, len(pictures) / (time.perf_counter() - start)


exact_base = pretrained.vgg16_base((SIDE, SIDE, 3))
few = x_train[: course.budget(full=160, reduced=16)]
exact, slow_rate = timed_features(exact_base, few)
rounded, fast_rate = timed_features(base, few)
difference = np.linalg.norm(rounded - exact) / np.linalg.norm(exact)
print(f"float32: {slow_rate:.0f} pictures per second; {precision}: {fast_rate:.0f}")
print(f"the features differ by {difference:.1%}")
assert difference < 0.03
del exact_base

# %% [markdown]
# **What to notice.** A difference of about one percent in the features, and, where the processor is built for it, a multiple of the speed. What
# matters in the end is the accuracy. Recorded: the features of 1,000 photographs, and the mean accuracy of three heads trained on them.

# %% tags=["nbval-check-output"]
for row in course.recorded("vgg16_precision"):
    print(
        f"{row['precision']:15} {row['seconds']:5.1f} s for {row['pictures']:,} photographs, "
        f"test accuracy {row['accuracy']:.1%}"
    )

# %% [markdown]
# ## 4 · `preprocess_input`: speak the network's language
#
# VGG16 was trained with pictures in a certain form. Give it another form, and its kernels meet numbers they have never seen. The form is a
# convention of 2014's software (Caffe): channels in the order **blue, green, red**, from each the **mean of ImageNet subtracted**, and no division.

# %% tags=["nbval-check-output"]
white, red = np.full((1, 1, 3), 255.0), np.array([[[255.0, 0, 0]]])
print("white:", preprocess(white.copy()).ravel().round(3))
print("red:  ", preprocess(red.copy()).ravel().round(3))
mean_bgr = np.array([103.939, 116.779, 123.68])
assert np.allclose(preprocess(white.copy()), 255 - mean_bgr)
assert np.allclose(preprocess(red.copy()), [0, 0, 255] - mean_bgr)

# %% [markdown]
# (`.copy()`, because `preprocess_input` works **in place** on a NumPy array of floats: a second call would subtract the mean twice.)
#
# What does the network see if you forget it? Here are three ways to prepare the same picture, the way the network was trained first, with the colors drawn as the
# network takes them.

# %%
ways_to_prepare = {
    "as trained": lambda pictures: preprocess(pictures.astype("float32")),
    "0 to 255, RGB": lambda pictures: pictures.astype("float32"),
    "0 to 1, RGB": lambda pictures: pictures.astype("float32") / 255,
}
shown = []
for prepare in ways_to_prepare.values():
    understood = (prepare(x_train[:1])[0] + mean_bgr)[..., ::-1]  # undo what VGG16 expects
    shown.append(np.clip(understood, 0, 255).astype("uint8"))
titles = [f"{name} ({KIND})" for name in ways_to_prepare]
plots.image_grid(shown, titles, columns=3, cell=3.7)
plots.show(
    "The same animal three times as the network takes it: in its true colors; much too bright with red and blue exchanged; and a "
    "uniform gray, as all differences have become tiny."
)

# %% [markdown]
# **What to notice.** Divided by 255, the whole picture has no more contrast than two neighboring gray levels had before: to VGG16 it looks like an evenly gray
# wall.
# This is a frequent mistake, since lessons 03 to 05 divided by 255. No error message will tell you. How much it costs is measured in the next section.
#
# <!-- question preprocess -->
#
# ## 5 · Way 1: features once, then a small head
#
# The base never changes, so its output for each picture needs to be computed only **once**. Then training is a matter of seconds: 3×3×512 = 4,608 numbers
# go into a small dense network, the **head**.
#
# Compute them in two halves, blocks 1 to 4 and block 5, and keep what comes out of both. The maps between the halves will pay off in section 7.

# %%
lower = keras.Model(base.input, base.get_layer("block4_pool").output, name="blocks_1_to_4")
upper = keras.Model(lower.output, base.output, name="block_5")


def maps_of(pictures, prepare=ways_to_prepare["as trained"]):
    """Return what leaves block 4, shape (pictures, 6, 6, 512), in small portions to save memory."""
    portions = [
        lower.predict(prepare(pictures[start : start + 64]), batch_size=16).astype("float32")
        for start in range(0, len(pictures), 64)
    ]
    return np.concatenate(portions)


def features_of(maps):
    """Return VGG16's features, shape (pictures, 3, 3, 512)."""
    return upper.predict(maps, batch_size=64).astype("float32")


# %% slideshow={"slide_type": "skip"}
start = time.perf_counter()
m_train, m_validation, m_test = map(maps_of, (x_train, x_validation, x_test))
f_train, f_validation, f_test = map(features_of, (m_train, m_validation, m_test))
feature_seconds = time.perf_counter() - start
assert all(np.isfinite(part).all() for part in (f_train, f_validation, f_test))
in_one_go = base.predict(preprocess(x_train[:8].astype("float32")))
assert np.allclose(in_one_go, f_train[:8], atol=0.01 * in_one_go.max())
computed = len(f_train) + len(f_validation) + len(f_test)
print(f"features of {computed} {KIND}s in {feature_seconds:.0f} s: {f_train.shape}")

# %% tags=["cover"]
cat = int(np.flatnonzero(y_train == 0)[0])
strongest = m_train[cat].max(axis=(0, 1)).argsort()[-7:][::-1]
titles = [f"{pets.classes[0]} ({KIND})"] + [f"feature map {number}" for number in strongest]
pictures = [x_train[cat]]
for number in strongest:
    feature_map = m_train[cat][..., number]
    pictures.append((255 * feature_map / feature_map.max()).astype("uint8"))
plots.image_grid(pictures, titles, columns=4, cell=2.9)
plots.show(
    "A cat and the seven of block 4's 512 feature maps with the highest values, each 6×6: bright where the feature was found, dark elsewhere."
)

# %% [markdown]
# **What to notice.** Each of block 4's maps says where, in a grid of 6×6 places, one of 512 things was found. Most values are zero (ReLU): a description in a few
# words from a vocabulary of 512. Block 5 turns them into 3×3 places and another 512 words.


# %% tags=["recipe"]
def build_head(shape):
    """Source C's head: dense layer, dropout, one probability. (C's dense layer has no ReLU; ours has.)"""
    inputs = keras.Input(shape, name="features")
    x = layers.Flatten()(inputs)
    x = layers.Dense(256, activation="relu")(x)
    x = layers.Dropout(0.5)(x)
    outputs = layers.Dense(1, activation="sigmoid", name="is_dog")(x)
    return keras.Model(inputs, outputs, name="head")


# %% tags=["nbval-check-output"]
for pixels, places in ((96, 3), (180, 5)):
    parameters = build_head((places, places, 512)).count_params()
    assert parameters == (places**2 * 512 + 1) * 256 + (256 + 1) * 1
    print(f"parameters of the head for {pixels}×{pixels} pixels: {parameters:,}")

# %% slideshow={"slide_type": "skip"} tags=["recipe"]
SEEDS = course.budget(full=(0, 1, 2), reduced=(0, 1))
HEAD_EPOCHS = course.budget(full=8, reduced=2)
HEAD_RATE = 1e-3


def compile_with(model, learning_rate, epochs, pictures):
    """Compile a model for two classes; the learning rate falls to zero over the epochs."""
    updates = epochs * -(-pictures // 32)  # -(-a // b) divides and rounds up
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, updates)),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )


# %% tags=["recipe"]
def train_head(seed, training, validation):
    """Train one head on features and labels; return it and its history."""
    keras.utils.set_random_seed(seed)
    head = build_head(training[0].shape[1:])
    compile_with(head, HEAD_RATE, HEAD_EPOCHS, len(training[0]))
    history = head.fit(*training, epochs=HEAD_EPOCHS, validation_data=validation, verbose=0)
    return head, history.history


# %%
heads, histories = {}, {}
start = time.perf_counter()
for seed in SEEDS:
    heads[seed], histories[f"seed {seed}"] = train_head(
        seed, (f_train, y_train), (f_validation, y_validation)
    )
head_seconds = (time.perf_counter() - start) / len(SEEDS)
print(f"a head trains in {head_seconds:.1f} s; validation accuracy of the seeds at the end:")
print(", ".join(f"{history['val_accuracy'][-1]:.1%}" for history in histories.values()))

# %%
plots.learning_curves(histories)
plots.show(
    "Loss and accuracy of three heads on VGG16's features: after one or two epochs the validation accuracy is high and stays there."
)

# %% [markdown]
# **What to notice.** After **one epoch**, a matter of seconds, the heads are where the networks of lesson 05 did not get in 24. They also learn the training
# pictures by heart soon: 1.2 million parameters, and without augmentation always the same features.
#
# Do you need 1.2 million parameters? Ask for each of the 512 features only **whether** it occurs, not where: take the maximum over the 3×3 places. Then one dense layer with 513 parameters is a
# complete head.

# %%
p_train, p_validation = (part.max(axis=(1, 2)) for part in (f_train, f_validation))
size = p_train.std()
keras.utils.set_random_seed(SEEDS[0])
small_head = keras.Sequential(
    [keras.Input((512,)), layers.Dense(1, activation="sigmoid", dtype="float32")]
)
small_head.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
small_history = small_head.fit(
    p_train / size,
    y_train,
    epochs=3 * HEAD_EPOCHS,
    validation_data=(p_validation / size, y_validation),
    verbose=0,
).history
for name, head, history in (
    ("all places", heads[SEEDS[0]], histories[f"seed {SEEDS[0]}"]),
    ("the maximum", small_head, small_history),
):
    print(
        f"{name:12} {head.count_params():9,} parameters: validation {history['val_accuracy'][-1]:.1%}"
    )

# %% [markdown]
# **What to notice.** Compare the two lines, and remember the standard error of a few hundred pictures. For "is there a cat?", *where* hardly matters. A pooled head is the usual choice today; it takes pictures of any size, and
# it has little to learn by heart with.
#
# ### What does a forgotten `preprocess_input` cost?
#
# The same procedure on 400 training pictures, prepared in the right way and in the two wrong ones. As always, the choice is made on validation data.

# %%
FEW = 400
by_way = {}
for name, prepare in ways_to_prepare.items():
    training, validation = (
        (features_of(maps_of(part[:FEW], prepare)), labels[:FEW])
        for part, labels in ((x_train, y_train), (x_validation, y_validation))
    )
    by_way[name] = [
        train_head(seed, training, validation)[1]["val_accuracy"][-1] for seed in SEEDS
    ]


def mean_and_error(values):
    """Return the mean over seeds and its standard error."""
    return np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))


for name, values in by_way.items():
    mean, error = mean_and_error(values)
    print(f"{name:14} {mean:.1%} ± {error:.1%}")

# %%
figure, axis = plt.subplots(figsize=(9, 3), layout="constrained")
for place, (name, values) in enumerate(reversed(by_way.items())):
    mean, error = mean_and_error(np.multiply(values, 100))
    axis.barh(place, mean, xerr=error, capsize=6, color="C0" if name == "as trained" else "C1")
    axis.text(mean + error + 1, place, f"{mean:.1f} %", va="center")
axis.set_yticks(range(3), list(reversed(by_way)))
axis.axvline(50, color="0.3", linestyle="--")
axis.set_xlim(40, 108)
axis.set_xlabel(f"validation accuracy (%, {KIND}s), dashed: guessing")
plots.show(
    "Three bars of validation accuracy: prepared as trained, in the range 0 to 255 without the exchange of colors, and divided by 255."
)

# %% [markdown]
# **What to notice.** Nothing breaks and nothing warns you. Exchanged colors without the means cost little here, since a new head learns from what is left; dividing by 255 costs more. That is what makes the mistake so hard to
# find. Each pretrained network has its own `preprocess_input`: always import it from the same module as the network.
#
# ## 6 · Way 2: a frozen base with augmentation
#
# Features that were computed once cannot be augmented. So put everything into **one model**: augmentation, preprocessing, base, head. The base must not learn
# yet. With a new head it *must* be frozen, because a head that knows nothing sends large gradients back, and they would wreck what took ImageNet to learn. **Freeze** it: `base.trainable = False`.
#
# Your head is trained already. It continues where way 1 ended, so a few epochs are enough.
#
# VGG16 spares you one more trap. A base with **batch normalization** (ResNet50, Xception) should be called as `base(x, training=False)`. Frozen, Keras runs it that way anyhow. But as soon as you release it for
# fine-tuning, it would normalize with your small batches, and its moving averages would drift away from what ImageNet has taught.
# Lesson 07 shows what wrong averages do.


# %% tags=["recipe"]
FROZEN_EPOCHS = course.budget(full=2, reduced=1)
FROZEN_RATE = 2e-4


def copy_of(trained_head):
    """Return a copy of a head that can go on learning without changing the original."""
    head = keras.models.clone_model(trained_head)
    head.set_weights(trained_head.get_weights())
    return head


def build_whole(trained_head):
    """Augmentation, preprocessing, VGG16 and a copy of a head in one model."""
    inputs = keras.Input((SIDE, SIDE, 3), name="picture")
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomRotation(0.1)(x)
    x = layers.RandomZoom(0.2)(x)
    x = preprocess(x)
    x = base(x)
    outputs = copy_of(trained_head)(x)
    return keras.Model(inputs, outputs, name="cats_vs_dogs")


# %% slideshow={"slide_type": "skip"}
base.trainable = False
network = build_whole(heads[SEEDS[0]])


def trainable_parameters(model):
    """Return how many numbers training may change."""
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


# %% tags=["nbval-check-output"]
head_parameters = heads[SEEDS[0]].count_params()
print(f"all parameters       {network.count_params():11,}")
print(f"trainable parameters {trainable_parameters(network):11,}")
assert network.count_params() == 14_714_688 + head_parameters
assert trainable_parameters(network) == head_parameters == 1_180_161

# %%
base_before = base.get_weights()
keras.utils.set_random_seed(SEEDS[0])
compile_with(network, FROZEN_RATE, FROZEN_EPOCHS, len(x_train))
start = time.perf_counter()
frozen_history = network.fit(
    x_train,
    y_train,
    epochs=FROZEN_EPOCHS,
    validation_data=(x_validation, y_validation),
    callbacks=progress(),
    verbose=0,
).history
frozen_seconds = time.perf_counter() - start
print(f"{FROZEN_EPOCHS} epochs in {frozen_seconds:.0f} s")
print(f"validation accuracy {frozen_history['val_accuracy'][-1]:.1%}")

# %% [markdown]
# Did the base really stay as it was? Believe nothing, compare:

# %% tags=["nbval-check-output"]
same = [np.array_equal(old, new) for old, new in zip(base_before, base.get_weights())]
print(f"{sum(same)} of the base's {len(same)} arrays are unchanged")
assert all(same)

# %% [markdown]
# **What to notice.** Each epoch runs every picture through all of VGG16 again. That is the price of augmentation.
#
# <!-- question why-frozen -->
#
# ## 7 · Way 3: fine-tuning
#
# The first layers of VGG16 know edges and colors, which serve for any picture. The last ones know what ImageNet's 1,000 kinds need. Now that the head is
# good, let **the last four layers** (three convolutions and a pooling, which has no parameters) adapt to your pictures, with a
# very small learning rate.
#
# Two lines do it, and both are often wrong in notebooks you find:
#
# - `base.trainable = True` releases **all** layers; freeze the others again, one by one.
# - `compile` again after each such change. Otherwise the optimizer may still go by the old state.

# %% tags=["nbval-check-output"]
base.trainable = True
for layer in base.layers[:-4]:
    layer.trainable = False
print("released:", ", ".join(layer.name for layer in base.layers if layer.trainable))
released = 3 * 2_359_808
print(
    f"trainable parameters {trainable_parameters(network):,} = {head_parameters:,} + {released:,}"
)
assert [layer.name for layer in base.layers[-4:]] == [
    "block5_conv1",
    "block5_conv2",
    "block5_conv3",
    "block5_pool",
]
assert trainable_parameters(network) == head_parameters + released == 8_259_585

# %% [markdown]
# You could call `fit` on the whole network now. But blocks 1 to 4 are most of the work, and they are frozen: without augmentation they give the same maps in every epoch. You have kept these maps in
# section 5. So train what is released, block 5 and a head, **from the maps on**:

# %% tags=["recipe"]
TUNING_EPOCHS = course.budget(full=4, reduced=1)
TUNING_RATE = 2e-5


def build_last_block(block_5, trained_head):
    """Block 5 with a copy of a head: from block 4's maps to the probability."""
    inputs = keras.Input(block_5.input.shape[1:], name="block_4_maps")
    return keras.Model(inputs, copy_of(trained_head)(block_5(inputs)), name="last_block")


# %%
keras.utils.set_random_seed(SEEDS[0])
last_block = build_last_block(upper, heads[SEEDS[0]])
compile_with(last_block, TUNING_RATE, TUNING_EPOCHS, len(m_train))
assert trainable_parameters(last_block) == trainable_parameters(network)
start = time.perf_counter()
tuned_history = last_block.fit(
    m_train,
    y_train,
    epochs=TUNING_EPOCHS,
    validation_data=(m_validation, y_validation),
    callbacks=progress(),
    verbose=0,
).history
tuned_seconds = time.perf_counter() - start
print(f"{TUNING_EPOCHS} epochs in {tuned_seconds:.0f} s")
print(f"validation accuracy {tuned_history['val_accuracy'][-1]:.1%}")

# %% [markdown]
# Again, believe nothing: which layers of VGG16 moved, and how far?

# %% tags=["nbval-check-output"]
moved = {}
for number, layer in enumerate(convolutions):
    old, new = base_before[2 * number], keras.ops.convert_to_numpy(layer.kernel)
    moved[layer.name] = float(np.linalg.norm(new - old) / np.linalg.norm(old))
print("moved:", ", ".join(name for name, change in moved.items() if change > 0))
assert [name for name, change in moved.items() if change > 0] == [
    "block5_conv1",
    "block5_conv2",
    "block5_conv3",
]
assert max(moved.values()) < 0.05  # a fine adjustment, not new learning

# %%
plt.figure(figsize=(11, 3.6), layout="constrained")
colors = ["C1" if change else "0.8" for change in moved.values()]
plt.bar(names, [100 * change for change in moved.values()], color=colors)
for place, change in enumerate(moved.values()):
    plt.text(
        place,
        100 * change,
        "frozen" if not change else "",
        ha="center",
        va="bottom",
        fontsize=11,
    )
plt.xlabel("convolution (block.number)")
plt.ylabel("kernel changed by (%)")
plots.show(
    "Change of each of the 13 kernels by fine-tuning: exactly zero for the ten frozen ones, and a small share of a percent or a few percent for the last three."
)

# %% [markdown]
# **What to notice.** Ten bars are exactly zero: frozen means frozen. The last three moved by a small share of a percent or a few percent. Fine-tuning is a correction, not new learning.
#
# `last_block` and `base` share block 5, so the base has been tuned with it. Put the pieces together, and you have a network that takes pictures. It must answer as its parts do:

# %% slideshow={"slide_type": "skip"}
tuned_network = build_whole(last_block.layers[-1])
from_maps = last_block.predict(m_validation)
from_pictures = tuned_network.predict(x_validation[:64])
difference = np.abs(from_maps[:64] - from_pictures).max()
print(f"largest difference between the two ways: {difference:.4f}")
assert difference < 0.02  # nothing but rounding

# %%
start_of_both = histories[f"seed {SEEDS[0]}"]["val_loss"]
figure, axis = plt.subplots(figsize=(9, 3.8), layout="constrained")
axis.plot(range(1, len(start_of_both) + 1), start_of_both, "o-", label="1 · head on features")
for (name, history), style in zip(
    {"2 · frozen base, augmentation": frozen_history, "3 · fine-tuning": tuned_history}.items(),
    ("s--", "^:"),
):
    losses = [start_of_both[-1], *history["val_loss"]]
    axis.plot(
        range(len(start_of_both), len(start_of_both) + len(losses)), losses, style, label=name
    )
axis.set(xlabel="epoch", ylabel="validation loss", ylim=(0, 2 * max(start_of_both[1:])))
axis.legend()
plots.show(
    "Validation loss of the head over its epochs. From its last point two lines go on: the frozen base with augmentation, and fine-tuning."
)

# %% [markdown]
# **What to notice.** Ways 2 and 3 both start where way 1 ended. There is little left to gain. Look at the height of the curve, too: ln 2 = 0.69 is the loss of a network that always answers ½. A curve above that line
# although most answers are right belongs to an **overconfident** network: its few mistakes are made with near certainty, and cross-entropy punishes that without limit. You will see such mistakes at the end of section 8.
#
# <!-- question freeze-compile -->
#
# ## 8 · The ladder
#
# Now the one look at the test pictures, with everything that was trained in this lesson. (Augmentation rests during inference. So way 2's network is its head on the features you have, and way 3's is the last block on the maps.)

# %%
ways = {
    "features, then a head": [(head, f_test) for head in heads.values()],
    "frozen base, augmentation": [(network.layers[-1], f_test)],
    "fine-tuning": [(last_block, m_test)],
}
accuracy = {
    name: [model.evaluate(inputs, y_test, verbose=0)[1] for model, inputs in models]
    for name, models in ways.items()
}
facts = {  # for the course's own records
    "features, then a head": (HEAD_EPOCHS, feature_seconds + head_seconds, "train_head"),
    "frozen base, augmentation": (FROZEN_EPOCHS, frozen_seconds, "build_whole FROZEN_RATE"),
    "fine-tuning": (TUNING_EPOCHS, tuned_seconds, "build_last_block TUNING_RATE"),
}
for name, values in accuracy.items():
    print(f"{name:26}", ", ".join(f"{value:.1%}" for value in values))
share = np.mean(accuracy["features, then a head"])
test_error = np.sqrt(share * (1 - share) / HALF)
print(f"{HALF} test pictures alone leave an uncertainty of ± {test_error:.1%}")

# %% [markdown]
# **What to notice.** Compare the three ways with that last line: with so few test pictures, the differences **between** the three ways
# are hardly larger than chance.
#
# The seconds in the next table were measured on 2 CPU cores that sometimes did other work as well: take them as orders of magnitude.

# %% tags=["ledger"]
MEASURED = [
    course.ledger_row(
        experiment=f"VGG16, {name}, {KIND}s",
        seed=seed,
        accuracy=round(float(value), 4),
        test_size=HALF,
        epochs=facts[name][0],
        seconds=round(facts[name][1]),
        recipe=f"06 build_head compile_with {facts[name][2]}",
        parameters=network.count_params(),
        data=[x_test, y_test],
    )
    for name, values in accuracy.items()
    for seed, value in zip(SEEDS, values)
]


# %% slideshow={"slide_type": "skip"}
def table(rows):
    """Return one line for each experiment: parameters, seconds, accuracies of its seeds."""
    lines = {}
    for row in rows:
        line = lines.setdefault(row["experiment"], (row.get("parameters", 0), [], []))
        line[1].append(row.get("seconds", 0))
        line[2].append(100 * row["accuracy"])
    return lines


def show_table(lines):
    """Print a ladder."""
    for name, (parameters, seconds, values) in lines.items():
        error = f"± {mean_and_error(values)[1]:.1f}" if len(values) > 1 else "one seed"
        time_text = f"{np.mean(seconds):5.0f} s" if any(seconds) else "      –"
        print(f"{name:48} {parameters:11,} {time_text}  {np.mean(values):5.1f} % {error}")


# %%
recorded = course.recorded("cats_vs_dogs_photos") + course.recorded("vgg16_photos")
for row in recorded:
    if "VGG16" not in row["experiment"]:
        row["experiment"] = (
            f"from scratch at {row['image_size']}×{row['image_size']}, {row['experiment']}"
        )
photographs_ladder = table(recorded)
print("2,000 photographs for training, 500 for the test, recorded:\n")
show_table(photographs_ladder)

# %%
figure, axis = plt.subplots(figsize=(12, 5.6), layout="constrained")
for place, (name, (_parameters, _seconds, values)) in enumerate(photographs_ladder.items()):
    mean = np.mean(values)
    style = {"color": "C0"} if "VGG16" in name else {"color": "C1", "hatch": "//"}
    axis.barh(place, mean, edgecolor="white", **style)
    if len(values) > 1:
        axis.errorbar(mean, place, xerr=mean_and_error(values)[1], color="black", capsize=5)
    axis.text(mean + 2, place, f"{mean:.1f} %", va="center", fontsize=13)
axis.set_yticks(range(len(photographs_ladder)), list(photographs_ladder), fontsize=12)
axis.set_xlim(50, 108)
axis.set_xlabel("accuracy on 500 test photographs (%); striped: from scratch")
plots.show(
    "Bars of test accuracy on photographs: the networks from scratch at the bottom, then VGG16 with pictures of 96×96 pixels, and at the top, best of all, VGG16 with 180×180."
)

# %% [markdown]
# **What to notice.** Compare the bars of one size, 96×96: the same photographs, the same number of pixels. The only difference is what the network had seen before. Then compare VGG16 with itself: at 180×180 it
# makes far fewer mistakes. It learned from pictures of 224×224 pixels, so a small animal is not what its features expect.
#
# One more comparison. These heads chose nothing by the validation photographs: no epoch, no setting. Are the two sets of 500 equally hard?

# %% tags=["nbval-check-output"]
heads_only = [row for row in recorded if row["experiment"] == "VGG16 at 180×180, features"]
for name, key in (("validation", "validation_accuracy"), ("test", "accuracy")):
    share = np.mean([row[key] for row in heads_only])
    print(f"{name:10} {share:.1%} ± {np.sqrt(share * (1 - share) / 500):.1%}")

# %% [markdown]
# **What to notice.** They are not. Nobody selected anything, and still the test photographs turn out harder. So part of what lesson 04 called selection bias is the luck of the draw. That is what the standard error of 500 pictures means: another 500 give another number.
#
# And the ladder on the pictures that **you** have used, if they are the built-in ones: what lessons 04 and 05 recorded, and what you have just measured.

# %%
earlier = course.recorded("04_cats_vs_dogs") + course.recorded("05_augmentation")
earlier = [row for row in earlier if KIND in row["experiment"]]
show_table(table(earlier + MEASURED))
if earlier:
    best_scratch = max(row["accuracy"] for row in earlier)
    gain = 100 * (np.mean(accuracy["features, then a head"]) - best_scratch)
    print(f"\nVGG16's features against the best network from scratch: {gain:+.0f} points")

# %% [markdown]
# **What to notice.** Features that were learned from a million pictures are ahead of everything that 2,000 pictures can teach. Read your own lines with their errors: 200 or 500 test pictures
# do not resolve the last point.
#
# ### What is still wrong

# %%
probability = last_block.predict(m_test, verbose=0)[:, 0]
wrong = np.flatnonzero((probability >= 0.5) != y_test)
print(f"{len(wrong)} of {HALF} are wrong")
worst = wrong[np.abs(probability[wrong] - 0.5).argsort()[::-1]][:8]
if len(worst):
    titles = [f"{pets.classes[y_test[n]]}, p(dog) = {probability[n]:.2f}" for n in worst]
    axes = plots.image_grid(list(x_test[worst]), titles, columns=4, cell=3)
    axes[0].figure.suptitle(f"wrong after fine-tuning, the surest first ({KIND}s)")
    plots.show(
        "Up to eight test pictures that the fine-tuned network takes for the other animal, the most confident mistakes first."
    )

# %% [markdown]
# ## 9 · Other networks, other conventions
#
# Keras has dozens of pretrained networks. Source D uses two of them: **ResNet50** (2015), whose blocks add their input to their output, and **Xception** (2016),
# whose convolutions treat channels and places separately. Without their top they are larger than VGG16, but they have
# no huge dense layers: with it they are much smaller, and according to Keras' list better on ImageNet. Their structure can be built without any weights:

# %% tags=["nbval-check-output"]
constructors = {
    "VGG16": (keras.applications.VGG16, 224),
    "ResNet50": (keras.applications.ResNet50, 224),
    "Xception": (keras.applications.Xception, 299),
}
others = {}  # name → the output shapes of its layers, and its parameters
print(f"{'':9} {'without top':>12} {'layers':>7}  input    output at that size")
for name, (constructor, side) in constructors.items():
    model = constructor(weights=None, include_top=False, input_shape=(side, side, 3))
    others[name] = [layer.output.shape for layer in model.layers], model.count_params()
    print(
        f"{name:9} {others[name][1]:12,} {len(model.layers):7}  {side}×{side}  {model.output.shape[1:]}"
    )
    del model
    gc.collect()  # a hundred megabytes: its layers and tensors refer to each other in circles
assert others["ResNet50"][1] == 23_587_712
assert others["Xception"][1] == 20_861_480

# %% [markdown]
# Each has its own idea of what a picture is. This is what black, middle gray and white become:

# %% tags=["nbval-check-output"]
modules = {
    "VGG16": keras.applications.vgg16,
    "ResNet50": keras.applications.resnet50,
    "Xception": keras.applications.xception,
}
for name, module in modules.items():
    levels = [
        module.preprocess_input(np.full((1, 1, 1, 3), level))[0, 0, 0, 0]
        for level in (0.0, 127.5, 255.0)
    ]
    print(f"{name:9}", "  ".join(f"{value:8.2f}" for value in levels))
assert np.allclose(levels, [-1, 0, 1])

# %%
figure, axes = plt.subplots(1, 3, figsize=(11, 3.6), sharey=True, layout="constrained")
for axis, (name, (shapes, _parameters)) in zip(axes, others.items()):
    shapes = [shape for shape in shapes if len(shape) == 4]
    axis.step(range(len(shapes)), [shape[1] for shape in shapes], label="side")
    axis.step(range(len(shapes)), [shape[3] for shape in shapes], "--", label="channels")
    axis.set_title(f"{name}: {len(others[name][0])} layers")
    axis.set_yscale("log")
    axis.set_yticks([4, 16, 64, 256, 1024], ["4", "16", "64", "256", "1024"])
    axis.minorticks_off()
    axis.set_xlabel("layer")
axes[0].set_ylabel("side, channels")
axes[2].legend(loc="center right")
plots.show(
    "For each of the three networks, the side of the feature maps falls in steps from layer to layer while the number of channels rises from 3 to 512 or 2,048."
)

# %% [markdown]
# **What to notice.** The same plan three times: the side falls, the channels rise. (The zigzag: ResNet50's blocks squeeze the channels to a quarter inside and widen them
# again. Its name counts the 50 layers with weights; Keras also counts normalizations, activations and additions.) ResNet50 uses the convention of VGG16, Xception wants −1 to 1.
#
# Source D goes down to pictures of 75×75. How small may they be? VGG16 halves five times, so 32 pixels are the least; Xception asks for 71.

# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
for name, constructor in [
    ("VGG16", keras.applications.VGG16),
    ("Xception", keras.applications.Xception),
]:
    small = constructor(weights=None, include_top=False, input_shape=(75, 75, 3))
    print(f"{name:9} 75×75 → {small.output.shape[1:]}")
    del small
    gc.collect()

# %% [markdown]
# <!-- question batch-norm-base -->
#
# ## 10 · A real cat, named by your network
#
# Show the network of section 7 a photograph. If you trained it on drawn animals, it has never seen a real one: neither its head nor its last three layers. VGG16 has.

# %% tags=["payoff"]
from skimage import data as photographs

chelsea = tf.image.resize(photographs.chelsea(), (SIDE, SIDE)).numpy()
p_dog = float(tuned_network.predict(chelsea[None], verbose=0)[0, 0])
answer = pets.classes[int(p_dog >= 0.5)]
plots.image_grid([photographs.chelsea()], [f"p(dog) = {p_dog:.3f}: {answer}"], cell=5)
plots.show("A close-up of a striped cat, with the probability of dog that the network gives.")

# %% [markdown]
# **What to notice.** Drawings were enough to tell VGG16's features which of them mean "cat". That is transfer twice: from ImageNet to your task, and from drawings to photographs.
#
# ### What ImageNet's own classes say
#
# With its top, a pretrained network names one of 1,000 kinds of things; `decode_predictions` turns the numbers into words. VGG16's top is 500 MB large. MobileNetV2, made for
# phones, fits into 14 MB, so the next cell fetches it where it can. Without a network connection you only miss its five words.

# %% tags=["live"]
from helpers.transfer import why_silent

mobile = keras.applications.mobilenet_v2
WEIGHTS = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5"
if datasets.only_built_in() or why_silent(WEIGHTS):
    print("MobileNetV2 stays where it is: there is no network, or you asked for built-in data.")
else:
    namer = mobile.MobileNetV2(weights="imagenet")
    photo = tf.image.resize(photographs.chelsea()[:, 75:375], (224, 224)).numpy()
    shares = namer.predict(mobile.preprocess_input(photo[None].copy()), verbose=0)
    for _code, name, share in mobile.decode_predictions(shares)[0]:
        print(f"{name:20} {share:.1%}")

# %% [markdown]
# ## Summary
#
# - A network trained on a million photographs describes new pictures better than one that starts from random numbers.
# - Prepare pictures exactly as the network was trained: `preprocess_input` from the same module. No error tells you that you forgot it.
# - Way 1 (features once) is fast; way 2 (frozen base in the model) allows augmentation; way 3 (fine-tuning) adapts the last layers, with a small learning rate.
# - Freeze before you compile, compile after you release, and compare the weights before and after.
# - 16-bit arithmetic is faster where the hardware has it; check the difference and the accuracy.
#
# ## Try it
#
# **Question 1.** How many parameters does block 3's first convolution have, from 128 to 256 channels?
#
# <details><summary>Answer</summary>
# (3·3·128 + 1)·256 = 295,168.
# </details>
#
# **Question 2.** You use pictures of 224×224. Which shape do the features have, and how many parameters does the head of this lesson have then?
#
# <details><summary>Answer</summary>
# 7×7×512 = 25,088 numbers, so (25,088 + 1)·256 + 257 = 6,423,041 parameters.
# </details>
#
# **Question 3.** You release four layers and forget `for layer in base.layers[:-4]: layer.trainable = False`. How many parameters can training change, and how do you notice?
#
# <details><summary>Answer</summary>
# All 15,894,849. Count the trainable parameters before, or compare the weights after training.
# </details>
#
# **Question 4.** A blue picture has the color (0, 0, 255). What does VGG16's `preprocess_input` make of it?
#
# <details><summary>Answer</summary>
# (255 − 103.939, −116.779, −123.68) = (151.061, −116.779, −123.68): blue comes first.
# </details>
#
# **Question 5.** Two ways reach 97.4 % and 98.0 % on the same 500 test pictures, one run each. Is the second better?
#
# <details><summary>Answer</summary>
# You cannot tell. 0.6 points are three pictures; the uncertainty of one figure is about 0.7 points.
# </details>

# %%
# The numbers in the text and the answers, computed.
multiplications = sum(
    int(np.prod(layer.output.shape[1:3])) * 9 * before * after
    for layer, before, after in zip(convolutions, channels, channels[1:])
)
assert round(multiplications / 1e9, 1) == 2.8
assert (3 * 3 * 128 + 1) * 256 == 295_168  # 1
assert 7 * 7 * 512 == 25_088  # 2
assert (25_088 + 1) * 256 + 257 == 6_423_041
assert 14_714_688 + 1_180_161 == 15_894_849  # 3
blue = preprocess(np.array([[[0, 0, 255.0]]])).ravel()  # 4
assert np.allclose(blue, [151.061, -116.779, -123.68])
assert round((0.98 - 0.974) * 500) == 3  # 5
assert round(100 * float(np.sqrt(0.977 * 0.023 / 500)), 1) == 0.7

# %% [markdown]
# **Next:** [lab 06](labs/lab_06_pretrained_vgg16.ipynb) has you prepare pictures by hand, count what is trainable, and judge differences; lesson 07 builds a
# network from named parts.
