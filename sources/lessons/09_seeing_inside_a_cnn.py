# %% [markdown]
# # 09 · Seeing inside a CNN
#
# **What you will do:** ask a network why it takes a cat for a dog, with five explanations that you build yourself; test which of them deserve your trust; and catch a network that is right for the wrong reason.
#
# **What you will learn**
# - what kernels, feature maps and single units show, and how far a unit sees,
# - how to ask without opening the network: occlusion and LIME,
# - how to ask through the gradient: saliency, SmoothGrad and Grad-CAM,
# - how to test an explanation: scrambled weights, deletion and insertion curves, random orders,
# - how to find a network that looks at the background, how to mend it, and what no map can tell you.
#
# **What you need:** lessons 04 to 06. Section 7 uses the gradient of lesson 00.
#
# **Time:** 75–90 minutes in class. Running all cells takes about 3 min on 2 CPU cores.

# %%
from helpers import course, plots

course.start("Lesson 09", tensorflow=True)

# %% slideshow={"slide_type": "skip"}
import time
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers
from PIL import Image, ImageOps
from skimage import data as photographs

from helpers import datasets, explain, networks
from helpers.pretrained import vgg16_base
from helpers.training import progress

keras.config.disable_interactive_logging()

# %% [markdown]
# ## The question
#
# Lesson 05's network was trained on 2,000 photographs of cats and dogs. It is right on 82 of 100 test photographs. Show it Chelsea, a cat it has never seen, twice: the whole photograph, and only her face. Both are put into a frame of the photograph's mean color and reduced to 96×96 pixels.


# %%
def build_network(activation, side=96):
    """Lesson 05's network without its random changes; the activation is that of the last layer."""
    inputs = keras.Input((side, side, 3), name="picture")
    x = layers.Rescaling(1 / 255)(inputs)
    for number, filters in enumerate((32, 64, 128, 256, 256), start=1):
        x = layers.Conv2D(filters, 3, padding="same", name=f"conv_{number}")(x)
        if number < 5:
            x = layers.MaxPooling2D(2)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU(name=f"relu_{number}")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(1, activation=activation, name="is_dog")(x))


judge = build_network("sigmoid")
networks.load("cats_vs_dogs", judge)
about = networks.about("cats_vs_dogs")
print(
    f"trained on {about['trained_on']}; right on {about['test_accuracy']:.0%} of {about['test_size']} others"
)
assert about["test_accuracy"] == 0.82

# %% tags=["cover"]
SIDE = 96


def framed(photo, share):
    """Put a photograph into a square of its mean color, its long side a share of the square's; reduce it."""
    height, width = photo.shape[:2]
    side = round(max(height, width) / share)
    top, left = (side - height) // 2, (side - width) // 2
    square = np.tile(photo.mean(axis=(0, 1)), (side, side, 1))
    square[top : top + height, left : left + width] = photo
    return np.asarray(tf.image.resize(square, (SIDE, SIDE)))


chelsea = photographs.chelsea().astype("float32")
whole, face = framed(chelsea, 0.8), framed(chelsea[:, 60:360], 0.9)
p_dog = judge.predict(np.stack([whole, face]), verbose=0)[:, 0]

titles = [f"{'dog' if p > 0.5 else 'cat'}, {max(p, 1 - p):.0%}" for p in p_dog]
plots.image_grid([whole / 255, face / 255], titles, columns=2, cell=3.6)
plots.show(
    "The same cat twice. The whole photograph, in a frame: the network says cat, 77 percent. Only her face: it says dog, 83 percent."
)
assert p_dog[0] < 0.3
assert p_dog[1] > 0.8

# %% [markdown]
# **What to notice.** Same cat, same light, two answers, each given with confidence. An accuracy of 82 % tells you how *often* to expect that. It does not tell you *why* it happened here. **What did the network look at?**
#
# Sections 2 to 4 look at the parts of a network. Sections 5 to 8 ask about one answer. Section 9 asks whether such explanations can be trusted, and section 10 uses them.
#
# ## 1 · Which number do you ask about?
#
# The network ends in a sigmoid, $p = \frac{1}{1 + e^{-z}}$. An explanation asks: *how does the answer change if the picture changes?* The probability is the wrong number to ask about. Its slope is $p\,(1-p)$, so near 0 and 1 it hardly moves, whatever happens to the picture. Ask about the **logit** $z$ instead: the score before the sigmoid. Build the network without the sigmoid, with the same weights, and it returns it.

# %% tags=["nbval-check-output"]
for p in (0.5, 0.9, 0.99, 0.999):
    print(f"p = {p:<6} slope of the sigmoid: {p * (1 - p):.3f}")

network = build_network(None)  # the same weights, no sigmoid
networks.load("cats_vs_dogs", network)
logits = network.predict(np.stack([whole, face]), verbose=0)[:, 0]
assert np.allclose(1 / (1 + np.exp(-logits)), p_dog, atol=1e-5)

# %% [markdown]
# A positive logit says dog, a negative one cat. So the score "for cat" is $-z$. The two functions below pick the score that you ask about; all methods of this lesson take such a **target**. (For a network with several classes it would be `answers[:, class_number]`.)


# %%
def cat(answers):
    """The score for cat, one number for each picture."""
    return -answers[:, 0]


def dog(answers):
    """The score for dog."""
    return answers[:, 0]


def score(network, pictures, target):
    """Return one score for each picture; 32 pictures are asked at a time."""
    parts = [network(pictures[n : n + 32], training=False) for n in range(0, len(pictures), 32)]
    return np.asarray(target(np.concatenate(parts)))


CASES = {"whole: why cat?": (whole, cat), "face: why dog?": (face, dog)}
for question, (picture, target) in CASES.items():
    print(f"{question:16} score {score(network, picture[None], target)[0]:.2f}")

# %% [markdown]
# ## 2 · What the first layer has learned
#
# The first layer's kernels see pixels, so they can be drawn *as* pictures: three numbers for each place are red, green and blue. VGG16 (lesson 06) has 64 kernels of 3×3. Its channels are in the order blue, green, red, because its authors read photographs that way; turn them around before you draw.

# %% slideshow={"slide_type": "skip"}
vgg = vgg16_base((None, None, 3))
kernels = vgg.get_layer("block1_conv1").get_weights()[0][:, :, ::-1]  # to red, green, blue
ours = network.get_layer("conv_1").get_weights()[0]


def gray_share(kernels):
    """Return for each kernel which share of its sum of squares is the same in all three colors."""
    gray = kernels.mean(axis=2, keepdims=True)
    return 3 * np.sum(gray**2, axis=(0, 1, 2)) / np.sum(kernels**2, axis=(0, 1, 2))


for name, several in {"VGG16": kernels, "the course's network": ours}.items():
    shares = gray_share(several)
    print(f"{name}: {np.sum(shares > 0.9)} of {len(shares)} kernels are nearly gray,", end=" ")
    print(f"{np.sum(shares < 0.1)} nearly pure color")


# %%
def as_pictures(kernels):
    """Scale each kernel to 0–1, with ½ for a weight of zero, the most gray ones first."""
    pictures = 0.5 + 0.5 * kernels / np.abs(kernels).max(axis=(0, 1, 2))
    return np.moveaxis(pictures[..., np.argsort(-gray_share(kernels))], -1, 0)


figure = plt.figure(figsize=(13, 4.9), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=[1.15, 1])
for part, several, title in (
    (left, kernels, "VGG16: 64 kernels"),
    (right, ours, "the course's network: 32 kernels"),
):
    part.suptitle(title)
    rows = 6 if several is kernels else 4
    columns = -(-several.shape[-1] // rows)
    axes = part.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, picture in zip(axes.flat, as_pictures(several)):
        axis.imshow(picture)
plots.show(
    "Two groups of small color patches. VGG16's 64 kernels: first many gray ones with a bright and a dark side, then colored ones. The 32 kernels of the course's network: irregular patches in all colors."
)

# %% [markdown]
# **What to notice.** In VGG16's gray kernels you recognize lesson 02: a bright side against a dark side, in all directions. The last ones are patches of one color. Magenta, for example, means red and blue minus green: such a kernel compares *colors*, not places. Nobody designed them. The course's network has seen 2,000 pictures instead of a million, and its kernels still look like noise. It is right on 82 % of test photographs all the same, so do not judge a network by the beauty of its kernels. And from the second layer on there is nothing to draw: a kernel there reads 64 maps, not three colors.
#
# ## 3 · Feature maps through depth
#
# So look at what comes *out*. Stop VGG16 after each of its five blocks and draw, of the hundreds of maps, the four that vary most over the picture.

# %%
BLOCKS = ["block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3", "block5_conv3"]
photo = tf.image.resize(chelsea[:, 60:360], (224, 224)).numpy()
prepared = keras.applications.vgg16.preprocess_input(photo[None].copy())
stages = keras.Model(vgg.input, [vgg.get_layer(name).output for name in BLOCKS])
maps = [stage[0] for stage in stages.predict(prepared, verbose=0)]
strongest = [np.argsort(-stage.std(axis=(0, 1)))[:4] for stage in maps]

figure, axes = plt.subplots(4, 5, figsize=(12.5, 10.4), layout="constrained")
for column, (name, stage, units) in enumerate(zip(BLOCKS, maps, strongest)):
    for row, unit in enumerate(units):
        axes[row, column].imshow(stage[..., unit], cmap="viridis")
        axes[row, column].axis("off")
    height, width, count = stage.shape
    axes[0, column].set_title(f"{name}\n{height}×{width}, {count} maps")
plots.show(
    "Five columns of four feature maps of the cat's face. Block 1 shows the photograph and its fine stripes, block 2 contours, block 3 scattered spots and once only the frame. Two maps of block 4 show both eyes and little else; those of block 5 show broad areas."
)

for name, stage in zip(BLOCKS, maps):
    quiet = np.mean(stage < 0.01 * stage.max())
    print(f"{name}: {quiet:.0%} of all values are (almost) zero")
assert np.mean(maps[-1] == 0) > np.mean(maps[0] == 0)

# %% [markdown]
# **What to notice.** Read the columns from left to right. Each map gets coarser and *quieter*: in the first block most values are busy; in the last one nearly all are zero, and a few places stand out. Early maps answer "is there a stripe here?", and there nearly always is. Late ones answer more special questions, and the answer is nearly always no. Two maps of block 4 say yes at both eyes and almost nowhere else. And one map of block 3 is dark but for a bright frame: it has found the zeros of the padding.
#
# ### How far does a unit see?
#
# Lesson 01 computed the **receptive field**: the square of pixels that one unit depends on. Each layer adds (kernel − 1) times its step, and each pooling doubles the step. You can also *measure* it: ask for the gradient of one unit by all pixels. Outside the field it is exactly zero.

# %% tags=["nbval-check-output"]
field, step, fields = 1, 1, {}
for layer in vgg.layers[1:]:
    size = 2 if "pool" in layer.name else 3
    field += (size - 1) * step
    step *= 2 if "pool" in layer.name else 1
    fields[layer.name] = field
print({name: fields[name] for name in BLOCKS})

until_third = keras.Model(vgg.input, vgg.get_layer("block3_conv3").output)
slopes = explain.gradient(
    until_third, prepared, lambda maps: tf.reduce_sum(maps[:, 28, 28], -1)
)
seen = np.flatnonzero(np.abs(slopes[0]).sum(axis=(1, 2)))
print("block3_conv3, measured: rows", seen[0], "to", seen[-1], "=", seen[-1] - seen[0] + 1)
assert list(map(fields.get, BLOCKS)) == [5, 14, 40, 92, 196]
assert seen[-1] - seen[0] + 1 == fields["block3_conv3"]

# %%
figure, axis = plt.subplots(figsize=(8, 5.6), layout="constrained")
axis.imshow(photo / 255)
center = (82, 88)  # an eye
colors = ["white", "#56b4e9", "#ffd700", "#ff800e", "black"]
for name, edge in zip(BLOCKS, colors):
    size = fields[name]
    corner = (center[0] - size / 2, center[1] - size / 2)
    label = f"{name}: {size} pixels"
    axis.add_patch(
        plt.Rectangle(corner, size, size, fill=False, edgecolor=edge, linewidth=3, label=label)
    )
axis.set(xlim=(-20, 224), ylim=(224, -14), xticks=[], yticks=[], facecolor="0.85")
axis.legend(loc="upper left", bbox_to_anchor=(1, 1), facecolor="0.85", frameon=True)
plots.show(
    "The cat's face with five nested squares around one eye, of 5, 14, 40, 92 and 196 pixels: the receptive fields of VGG16's five blocks. The third covers the iris, the fourth the eye and its surroundings, the last most of the face."
)

# %% [markdown]
# **What to notice.** A unit of the first block sees a few hairs, one of the third an eye, one of the fifth most of a face. So *edges → parts → objects* is not a mystery. It is partly geometry: a unit that sees 5 pixels *cannot* know a face. (That it does *learn* parts is not geometry; for that, look at what excites it.)
#
# <!-- question receptive-field -->
#
# ## 4 · What does a unit want to see?
#
# ### Ask the pictures
#
# The simplest way: run many pictures through the network and keep those that excite a unit most. Take the four units of block 4 from the figure above. Two of them lit up at Chelsea's eyes. Do they find eyes in other animals?

# %%
pets = datasets.cats_vs_dogs()
KIND = "drawn sample" if pets.source == "sample" else "photograph"
loaded = keras.utils.image_dataset_from_directory(
    pets.path, image_size=(128, 128), batch_size=None, seed=course.SEED, verbose=False
).take(course.budget(full=120, reduced=8))
pictures = np.stack([picture for picture, _kind in loaded.as_numpy_iterator()])
four = keras.ops.take(vgg.get_layer("block4_conv3").output, strongest[3], axis=-1)
prepared = keras.applications.vgg16.preprocess_input(pictures.copy())
excited = keras.Model(vgg.input, four).predict(prepared, batch_size=4, verbose=0)

best = [np.argsort(-excited[..., n].max(axis=(1, 2)))[:6] for n in range(4)]
shown = [pictures[number] / 255 for row in best for number in row]
axes = plots.image_grid(shown, columns=6, cell=2.1)
for n, row in enumerate(best):
    for number, axis in zip(row, axes[6 * n :]):
        place = np.unravel_index(excited[number, ..., n].argmax(), (16, 16))
        center = (8 * place[1] + 4, 8 * place[0] + 4)  # one place is 8 pixels wide
        axis.add_patch(plt.Circle(center, 14, fill=False, edgecolor="#ffd700", linewidth=3))
    axes[6 * n].set_title(f"unit {strongest[3][n]}", fontsize=13)
axes[0].figure.suptitle(
    f"the six of {len(pictures)} pictures that excite a unit most ({KIND}s)"
)
plots.show(
    "Four rows of six animals: for each of four units the pictures that excite it most, with a yellow circle at the place of the largest value. Most circles of the first three rows lie on muzzles and cheeks; those of the last row lie beside the animals."
)

# %% [markdown]
# **What to notice.** The circles mark *where* each unit is most excited. At Chelsea, the first two units lit up at the eyes, and you may have been about to call them eye detectors. Look at their circles here: in the drawn animals most of them lie on muzzles and cheeks. A name that fits one picture is a guess. And a circle is the middle of a field of 92 pixels: what in it excites the unit, the circle does not say.
#
# ### Ask the unit
#
# Or start from noise and change the *picture* until the unit is as excited as possible: **gradient ascent**, uphill instead of downhill, with the pixels in the role of the weights. Left alone, this finds shrill noise. A light blur after each step is enough regularization to make patterns appear.


# %% slideshow={"slide_type": "skip"}
def favorite_pictures(layer, units, steps, side=64, seed=0):
    """Return for each unit of a VGG16 layer a picture found by gradient ascent, and its excitement."""
    part = keras.Model(vgg.input, vgg.get_layer(layer).output)
    blur = np.outer([1, 6, 1], [1, 6, 1]) / 64
    blur = tf.constant(np.tile(blur[..., None, None], (1, 1, 3, 1)), tf.float32)
    x = np.random.default_rng(seed).normal(0, 25, (len(units), side, side, 3))
    x = tf.constant(x, tf.float32)
    for _step in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(x)
            maps = part(x, training=False)[:, 1:-1, 1:-1]
            excited = [tf.reduce_mean(maps[n, ..., unit]) for n, unit in enumerate(units)]
            total = tf.add_n(excited)
        slope = tape.gradient(total, x)
        slope /= tf.math.reduce_std(slope, axis=(1, 2, 3), keepdims=True) + 1e-8
        x = tf.nn.depthwise_conv2d(x + 6 * slope, blur, [1, 1, 1, 1], "SAME")
    return x.numpy()[..., ::-1], np.array(excited)  # to red, green, blue


# %%
STEPS = course.budget(full=20, reduced=1)
columns = {}
for layer in BLOCKS[:4]:
    columns[layer], excited = favorite_pictures(layer, [0, 10, 20, 30], STEPS)
    if not excited.all():
        print(f"{layer}: {np.sum(excited == 0)} of 4 units stayed silent")

figure, axes = plt.subplots(4, 4, figsize=(9.6, 9.9), layout="constrained")
for column, (layer, found) in enumerate(columns.items()):
    for row, picture in enumerate(found):
        spread = 4 * picture.std()
        axes[row, column].imshow(np.clip(0.5 + picture / spread, 0, 1))
        axes[row, column].axis("off")
    axes[0, column].set_title(layer)
plots.show(
    "Four columns of four pictures found by gradient ascent: fine stripes for block 1, colored stripes and spots for block 2, rings, chains and bands for block 3, and larger, more varied patterns for block 4; one of these is still blurred noise."
)

# %% [markdown]
# **What to notice.** The patterns grow with the receptive field: stripes, then textures of color, then rings and chains, then larger shapes. None of them is a photograph of anything. Such a picture shows what excites a unit *without limit*; it does not show what it responds to in real pictures. Units 0, 10, 20 and 30 were taken blindly, not chosen by beauty. A picture that is still noise belongs to a unit that stayed silent: behind a ReLU at 0 there is no slope to follow.
#
# All this is about the network as such. Now ask about *one answer*.
#
# ## 5 · Cover it: occlusion
#
# The most honest question is the simplest. Put a square of one color on the picture. If the score falls, what lay below was important. Move the square and repeat.

# %%
squares = [(34, 28), (50, 46), (8, 72)]
covered = []
for row, column in squares:
    picture = whole.copy()
    picture[row : row + 24, column : column + 24] = whole.mean(axis=(0, 1))
    covered.append(picture)
before = score(network, whole[None], cat)[0]
after = score(network, np.stack(covered), cat)
titles = [f"score {before:.2f}"] + [f"{value - before:+.2f}" for value in after]
plots.image_grid([whole / 255, *np.divide(covered, 255)], titles, columns=4, cell=3)
plots.show(
    "The framed cat, and three copies with a square of the mean color in different places. The titles give the score for cat and how a square changes it."
)


# %% [markdown]
# The square is 24 pixels wide and moves by 8, so each pixel is covered up to nine times. Its value is the mean fall of the score over all squares that cover it.


# %% slideshow={"slide_type": "skip"}
STRIDE = course.budget(full=8, reduced=24)


def occlusion(network, picture, target, size=24, stride=STRIDE):
    """Return for each pixel how much the score falls when it is covered."""
    places = [
        (r, c)
        for r in range(0, SIDE - size + 1, stride)
        for c in range(0, SIDE - size + 1, stride)
    ]
    covered = np.stack([picture] * len(places))
    for number, (row, column) in enumerate(places):
        covered[number, row : row + size, column : column + size] = picture.mean(axis=(0, 1))
    falls = score(network, picture[None], target) - score(network, covered, target)
    total, count = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE))
    for (row, column), fall in zip(places, falls):
        total[row : row + size, column : column + size] += fall
        count[row : row + size, column : column + size] += 1
    return total / count


# %%
def overlay(axis, picture, values, title=""):
    """Draw a map over a gray picture: purple raises the score, orange lowers it, white does nothing."""
    gray = picture.mean(axis=-1) / 255
    axis.imshow(gray, cmap="gray", vmin=-0.4, vmax=1.2)
    if values is not None:
        limit = np.percentile(np.abs(values), 99.5) or 1
        strength = np.clip(1.6 * np.abs(values) / limit, 0, 0.85)
        shown = axis.imshow(values, cmap=plots.SIGNED, vmin=-limit, vmax=limit)
        shown.set_alpha(strength)
    axis.set(title=title, xticks=[], yticks=[])


occluded = {question: occlusion(network, *case) for question, case in CASES.items()}
figure, axes = plt.subplots(1, 4, figsize=(13, 3.7), layout="constrained")
for place, (question, (picture, _target)) in enumerate(CASES.items()):
    axes[2 * place].imshow(picture / 255)
    axes[2 * place].set(title=question, xticks=[], yticks=[])
    values = occluded[question]
    overlay(axes[2 * place + 1], picture, values, f"{values.min():+.1f} to {values.max():+.1f}")
plots.show(
    "Two pictures of the cat, each with its occlusion map. Whole photograph: purple from the left cheek over the eyes, orange in the upper right corner at the tip of the ear. Face only: purple over both eyes, orange over the left cheek."
)

# %% [markdown]
# **What to notice.** Purple raises the score you asked about, orange lowers it. In the whole photograph, eyes and cheek speak for cat. In the close-up, the *eyes* speak for **dog**: cover one, and the score for dog falls. Large eyes are not what this network has learned to expect of a cat. That fits lesson 04's finding: a convolution moves along with a shift, not with a zoom.
#
# ## 6 · Nudge it: saliency
#
# Occlusion costs one prediction for each square, 100 here. A gradient costs one pass back and gives a number for *each pixel and color*: how fast would the score rise if this number grew a little? (Lesson 00 asked the same about weights.) The map keeps the largest slope of the three colors, without its sign. This is the **saliency map** (Simonyan et al. 2013).


# %% slideshow={"slide_type": "skip"}
def slopes_of(network, pictures, target):
    """Return the gradient of the score by each number of each picture."""
    x = tf.constant(pictures, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        scores = target(network(x, training=False))
    return tape.gradient(scores, x).numpy()


def saliency(network, picture, target):
    """Return the largest slope of each pixel's three colors."""
    return np.abs(slopes_of(network, picture[None], target)[0]).max(axis=-1)


# %% [markdown]
# Believe nothing: nudge some pixels by hand and compare. (ReLU and pooling have kinks, where a slope is not defined, so nudge a little, to both sides.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
slopes = slopes_of(network, whole[None], cat)[0]
random = np.random.default_rng(0)
places = [
    tuple(random.integers(20, 76, 2)) + (int(random.integers(3)),) for _pixel in range(20)
]
nudged = np.stack([whole] * 40)
for number, place in enumerate(places):
    nudged[2 * number][place] += 0.25
    nudged[2 * number + 1][place] -= 0.25
both = score(network, nudged, cat)
by_hand = (both[::2] - both[1::2]) / 0.5
taped = np.array([slopes[place] for place in places])
print(
    "20 pixels nudged; correlation with the gradient:",
    np.corrcoef(by_hand, taped)[0, 1].round(2),
)
assert np.corrcoef(by_hand, taped)[0, 1] > 0.99

# %% [markdown]
# One gradient is a nervous thing: the slope at this very point, with all its kinks. **SmoothGrad** (Smilkov et al. 2017) averages it over noisy copies of the picture.


# %%
def smooth_saliency(network, picture, target, samples=25, noise=0.1):
    """Return the saliency of the mean gradient over noisy copies."""
    spread = noise * np.ptp(picture)
    copies = picture + spread * np.random.default_rng(0).standard_normal(
        (samples, *picture.shape)
    )
    return np.abs(slopes_of(network, copies, target).mean(axis=0)).max(axis=-1)


figure, axes = plt.subplots(1, 4, figsize=(13, 3.7), layout="constrained")
for place, (question, (picture, target)) in enumerate(CASES.items()):
    kind = question.partition(":")[0]
    overlay(axes[2 * place], picture, saliency(network, picture, target), f"{kind}: gradient")
    overlay(
        axes[2 * place + 1],
        picture,
        smooth_saliency(network, picture, target),
        f"{kind}: SmoothGrad",
    )
plots.show(
    "Saliency maps of both pictures, plain and smoothed. In the whole photograph speckles lie at eyes, nose and ear, and after smoothing also on the even frame; in the close-up they gather at the eyes."
)

# %% [markdown]
# **What to notice.** Speckles instead of regions. In the close-up most lie at the eyes, as occlusion said. There is no sign: the map says where the score is *sensitive*, not what speaks for or against. Smoothing makes the map calmer, but in the whole photograph it also finds something in the even frame, where there is nothing to see. Whether it makes the map truer is another question; section 9 asks it.
#
# <!-- question saliency -->
#
# ## 7 · Grad-CAM, step by step
#
# The input is far from the answer. The last maps are near it: 6×6 places, 256 maps, each of which has something to say. **Grad-CAM** (Selvaraju et al. 2017) takes the middle way:
#
# 1. run the picture and keep the last maps $A_k$,
# 2. take the gradient of the score by these maps, and average it over the places: one weight $\alpha_k$ for each map,
# 3. add up the maps with these weights,
# 4. cut off the negative part (ReLU), and enlarge.
#
# $$\text{map} = \text{ReLU}\Big(\sum_k \alpha_k A_k\Big), \qquad \alpha_k = \frac{1}{36} \sum_{\text{places}} \frac{\partial\,\text{score}}{\partial A_k}$$


# %%
def grad_cam_steps(network, picture, target, layer="relu_5"):
    """Return the maps, their weights, and the weighted sum."""
    both = keras.Model(network.input, [network.get_layer(layer).output, network.output])
    x = tf.constant(picture[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        maps, answers = both(x, training=False)
        scores = target(answers)
    weights = tf.reduce_mean(tape.gradient(scores, maps), axis=(1, 2))[0]
    total = tf.reduce_sum(weights * maps[0], axis=-1)
    return maps[0].numpy(), weights.numpy(), total.numpy()


def grad_cam(network, picture, target, layer="relu_5"):
    """Return Grad-CAM's map, enlarged to the picture."""
    total = grad_cam_steps(network, picture, target, layer)[2]
    return np.asarray(tf.image.resize(np.maximum(total, 0)[..., None], picture.shape[:2]))[
        ..., 0
    ]


# %%
last_maps, alpha, total = grad_cam_steps(network, whole, cat)
order = np.argsort(-np.abs(alpha) * last_maps.mean(axis=(0, 1)))[:4]
figure, axes = plt.subplots(1, 7, figsize=(14, 2.9), layout="constrained")
for axis, unit in zip(axes, order):
    axis.imshow(last_maps[..., unit], cmap="viridis", vmin=0)
    axis.set_title(f"map {unit}\nweight {alpha[unit]:+.4f}", fontsize=12)
limit = np.abs(total).max()
axes[4].imshow(total, cmap=plots.SIGNED, vmin=-limit, vmax=limit)
axes[4].set_title("weighted sum\nof all 256", fontsize=12)
axes[5].imshow(np.maximum(total, 0), cmap=plots.SIGNED, vmin=-limit, vmax=limit)
axes[5].set_title("ReLU", fontsize=12)
overlay(axes[6], whole, grad_cam(network, whole, cat))
axes[6].set_title("enlarged", fontsize=12)
for axis in axes:
    axis.set(xticks=[], yticks=[])
plots.show(
    "Grad-CAM in seven panels: four of the last maps, six by six squares, with their weights; the weighted sum of all 256; its positive part; and this part, enlarged, over the picture, where it covers the upper left of the face and the frame beside it."
)

# %% [markdown]
# **What to notice.** Positive weights speak for the answer, negative ones against it. The result has only 6×6 places; the soft edges come from enlarging, not from knowledge. It spills over into the frame, where there is nothing but brown.
#
# This network averages its maps and multiplies by one weight each. So the gradient can be worked out with a pencil: each of the 36 places counts $\frac{1}{36}$ of the weight. No tape is needed, and without the ReLU the 36 values even *add up to the answer*:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
dense, bias = network.get_layer("is_dog").get_weights()
assert np.allclose(alpha, -dense[:, 0] / 36, atol=1e-6)
print("weights of Grad-CAM = weights of the last layer / 36, with the sign for cat")
assert np.isclose(total.sum() - bias[0], score(network, whole[None], cat)[0], atol=1e-3)
print("sum of the 36 places + bias = the score")

# %% [markdown]
# <!-- question grad-cam -->
#
# ## 8 · LIME by hand
#
# **LIME** (Ribeiro et al. 2016) asks in the language of regions. Cut the picture into patches of similar color (**superpixels**). Hide a random half of them, ask for the score, and repeat 500 times. Then fit a **linear model**: which patch adds how much to the score? Any network can be asked like that, even one behind a website: no gradient is needed.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
from skimage.segmentation import mark_boundaries, slic


def regions_of(picture):
    """Cut a picture into at most 40 superpixels, numbered from 0."""
    return slic(picture / 255, n_segments=40, compactness=10, start_label=0, channel_axis=-1)


regions = regions_of(face)
count = regions.max() + 1
print(f"{count} superpixels of {np.bincount(regions.ravel()).min()} pixels and more")
assert np.array_equal(np.unique(regions), np.arange(count))


# %%
def with_regions(picture, regions, present):
    """Return copies of the picture; where `present` is False, a region gets the mean color."""
    hidden = ~present.astype(bool)[:, regions]
    return np.where(hidden[..., None], picture.mean(axis=(0, 1)), picture)


SAMPLES = course.budget(full=500, reduced=100)
present = np.random.default_rng(0).random((SAMPLES, count)) < 0.5
present[0] = True
start = time.perf_counter()
asked = score(network, with_regions(face, regions, present), dog)
print(f"{SAMPLES} pictures asked in {time.perf_counter() - start:.0f} s")

figure, axes = plt.subplots(1, 5, figsize=(14, 3.2), layout="constrained")
axes[0].imshow(mark_boundaries(face / 255, regions, color=(1, 1, 0)))
axes[0].set_title("superpixels")
for number, axis in enumerate(axes[1:], start=1):
    axis.imshow(with_regions(face, regions, present[number : number + 1])[0] / 255)
    axis.set_title(f"score {asked[number]:+.2f}")
for axis in axes:
    axis.axis("off")
plots.show(
    "The cat's face with the borders of its superpixels, and four copies in which a random half of them is hidden, each with its score for dog."
)

# %% [markdown]
# Now the linear model: score ≈ constant + sum of the weights of the patches that are present. Two details:
#
# - Copies **near** the whole picture count more, since that is the answer to be explained. Distance $d$ is one minus the cosine between "what is present" and "all"; the weight is $e^{-(d/0.25)^2}$.
# - **Ridge**: adding $\lambda$ to the diagonal keeps the weights small where 500 answers do not say enough.
#
# Least squares with weights $\Pi$ on the rows of $X$ then reads $(X^\top \Pi X + \lambda I)\,w = X^\top \Pi\, y$.


# %% slideshow={"slide_type": "skip"}
def fit(present, scores, ridge=1.0, width=0.25):
    """Return the weight of each region, and the constant."""
    distance = 1 - np.sqrt(present.mean(axis=1))
    near = np.exp(-((distance / width) ** 2))
    x = np.column_stack([present, np.ones(len(present))])  # the ones stand for the constant
    penalty = ridge * np.diag([1.0] * present.shape[1] + [0.0])  # the constant goes unpunished
    return np.linalg.solve(x.T @ (near[:, None] * x) + penalty, x.T @ (near * scores))


solved = fit(present, asked)
predicted = present @ solved[:-1] + solved[-1]
explained = 1 - np.var(asked - predicted) / np.var(asked)
print(f"the linear model explains {explained:.0%} of the variance of the scores")

# %%
lime_map = solved[:-1][regions]
figure, axes = plt.subplots(
    1, 3, figsize=(13, 4), layout="constrained", width_ratios=[1, 1, 1.1]
)
overlay(axes[0], face, lime_map, "weight of each superpixel")
best = np.argsort(-solved[:-1])[:6]
only = with_regions(face, regions, np.isin(np.arange(count), best)[None])
axes[1].imshow(only[0] / 255)
axes[1].set(
    title=f"the best six alone: {score(network, only, dog)[0]:+.2f}", xticks=[], yticks=[]
)
axes[2].plot(asked, predicted, "o", markersize=4, alpha=0.6)
ends = [asked.min(), asked.max()]
axes[2].plot(ends, ends, "--", color="black", linewidth=1.5)
axes[2].set(xlabel="what the network says", ylabel="what the linear model says")
plots.show(
    "Left, the cat's face with purple superpixels at the eyes and orange ones. Middle, only the six superpixels with the largest weights, and the score they reach alone. Right, the linear model's scores against the network's: a cloud along the diagonal."
)

# %% [markdown]
# **What to notice.** The linear model is not the network: the cloud on the right shows how well it stands in for it. What it misses are *interactions*, for example an eye that counts only beside the other one. LIME gives one number for each patch, with a sign, and agrees with occlusion: the eyes speak for dog. Six patches alone make the network surer than the whole picture does.
#
# All methods are in `helpers.explain`, too, with tests. They give what yours give:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
same = {
    "occlusion": (occlusion, lambda n, p, t: explain.occlusion(n, p, t, 24, STRIDE)),
    "saliency": (saliency, explain.saliency),
    "SmoothGrad": (smooth_saliency, lambda n, p, t: explain.saliency(n, p, t, 25, 0.1)),
    "Grad-CAM": (grad_cam, lambda n, p, t: explain.grad_cam(n, p, t, "relu_5")),
}
for name, (ours, theirs) in same.items():
    mine, other = ours(network, face, dog), theirs(network, face, dog)
    print(f"{name:11} same: {np.allclose(mine, other, atol=1e-3 * np.abs(mine).max())}")
theirs = explain.lime_weights(network, face, dog, regions, samples=SAMPLES)
print(f"{'LIME':11} same: {np.allclose(solved[:-1], theirs, atol=1e-3)}")

# %% [markdown]
# ## 9 · Do you believe it?
#
# Five maps, and each looks reasonable. That is no proof: you *expect* a map to lie on the face, and your eye forgives the rest. Here is a sixth "explanation" that never looks at the network: lesson 02's edge detector.


# %% slideshow={"slide_type": "skip"}
from skimage.color import rgb2gray
from skimage.filters import sobel


def edge_detector(network, picture, target):
    """A fake explanation: edges of the picture."""
    return sobel(rgb2gray(picture / 255))


def lime(network, picture, target):
    """Return each pixel's LIME weight, with superpixels of its own."""
    regions = regions_of(picture)
    samples = course.budget(full=250, reduced=30)
    return explain.lime_weights(network, picture, target, regions, samples)[regions]


METHODS = {
    "occlusion": occlusion,
    "saliency": saliency,
    "SmoothGrad": smooth_saliency,
    "Grad-CAM": grad_cam,
    "LIME": lime,
    "edge detector": edge_detector,
}

# %% [markdown]
# ### Check 1: scrambled weights
#
# An explanation of *this network's* answer must depend on what the network has learned. So **scramble it**: shuffle the numbers in each kernel. The network now knows nothing. A map that stays the same explained nothing (Adebayo et al. 2018). Compare two maps by **rank correlation**: 1 if they put the pixels in the same order, 0 if the orders have nothing in common.

# %%
trained_maps = {name: method(network, face, dog) for name, method in METHODS.items()}
correlations = {name: [] for name in METHODS}
for seed in reversed(range(course.budget(full=5, reduced=1))):
    clueless = explain.scrambled(network, seed)
    clueless_maps = {name: method(clueless, face, dog) for name, method in METHODS.items()}
    for name, other in clueless_maps.items():
        correlations[name].append(explain.rank_correlation(trained_maps[name], other))

figure, axes = plt.subplots(2, 6, figsize=(14, 5.2), layout="constrained")
for column, name in enumerate(METHODS):
    overlay(axes[0, column], face, trained_maps[name], name)
    overlay(axes[1, column], face, clueless_maps[name])
    axes[1, column].set_xlabel(f"{np.mean(correlations[name]):+.2f}")
axes[0, 0].set_ylabel("trained")
axes[1, 0].set_ylabel("scrambled")
plots.show(
    "Six explanations of the close-up, above for the trained and below for the scrambled network, with the mean rank correlation. The maps of five methods change; those of the edge detector are identical, with correlation 1."
)

# %%
for name, values in correlations.items():
    print(f"{name:14}", "  ".join(f"{value:+.2f}" for value in values))
    passed = np.abs(values).mean() < explain.LIKE
    print(f"{'':14} {'depends on the weights' if passed else 'does NOT depend on the weights'}")
assert min(correlations["edge detector"]) > 0.9999

# %% [markdown]
# **What to notice.** Look at the edge detector's upper map alone: it outlines the eyes, where other methods look, too. It *looks* like an explanation. The scrambled network exposes it: the same map, to the last pixel, for a network that knows nothing. The real methods change, though not always to zero: even areas get small gradients in *any* network, so some likeness remains.
#
# ### Check 2: take away what matters
#
# If a map is right about what matters, then hiding the *most* important regions first must make the score fall fast. That is the **deletion curve**. The other way round, starting from an empty picture, is the **insertion curve**. Fast compared with what? With **random orders**, several of them.


# %% slideshow={"slide_type": "skip"}
def order_of(method, picture, target, regions):
    """Return the regions, the one with the largest mean of the map first."""
    means = explain.region_means(method(network, picture, target), regions)
    return np.argsort(-means, kind="stable")


ORDERS = course.budget(full=10, reduced=2)
random_orders = [np.random.default_rng(seed).permutation(count) for seed in range(ORDERS)]
orders = {name: [order_of(method, face, dog, regions)] for name, method in METHODS.items()}
orders["random"] = random_orders
curves = {
    (name, insert): np.array(
        [explain.deletion_curve(network, face, dog, regions, one, insert) for one in several]
    )
    for name, several in orders.items()
    for insert in (False, True)
}

# %%
LOOKS = {
    "occlusion": ("C0", "-"), "LIME": ("C4", "-"), "Grad-CAM": ("C1", "--"),
    "SmoothGrad": ("C3", "-."), "edge detector": ("black", ":"),
}  # fmt: skip
figure, axes = plt.subplots(1, 2, figsize=(13.5, 4.8), sharey=True, layout="constrained")
for axis, insert in zip(axes, (False, True)):
    by_chance = curves["random", insert]
    middle, spread = by_chance.mean(axis=0), by_chance.std(axis=0, ddof=1)
    axis.fill_between(range(count + 1), middle - spread, middle + spread, color="0.85")
    axis.plot(middle, color="0.5", label="random orders")
    for name, (tint, line) in LOOKS.items():
        axis.plot(curves[name, insert][0], line, color=tint, label=name)
    axis.axhline(0, color="0.5", linewidth=1)
    axis.set_xlabel("regions put in" if insert else "regions taken away")
axes[0].set(title="deletion", ylabel="score for dog")
axes[1].set(title="insertion")
axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1))
plots.show(
    "Deletion and insertion curves of five methods, with a gray band for random orders. Under deletion LIME and occlusion fall fastest, SmoothGrad and the edge detector nearly as fast, all below the band; Grad-CAM stays in the band for the first eight regions. Insertion shows the same upside down."
)

# %% [markdown]
# **What to notice.** LIME and occlusion, the two methods that ask by hiding, find best what hurts when it is hidden. (No wonder: they were made by the same test.) Insert their first regions only, and the network is *surer* than before the whole picture. Grad-CAM is no better than chance for the first eight regions. And the edge detector? Almost as good as the best. Is that one lucky picture? Repeat it with several pictures that the network answers correctly, and compare with each picture's own random orders.

# %% slideshow={"slide_type": "skip"}
COUNT = course.budget(full=10, reduced=2)
loaded = keras.utils.image_dataset_from_directory(
    pets.test_path, image_size=(SIDE, SIDE), batch_size=None, shuffle=False, verbose=False
)
test_pictures, test_kinds = (np.array(part) for part in zip(*loaded.as_numpy_iterator()))
signed = np.where(test_kinds == 1, 1, -1) * score(network, test_pictures, dog)
chosen = np.argsort(-signed)[:COUNT]  # right, the surest

gains = {name: [] for name in METHODS}
for number in chosen:
    picture, target = test_pictures[number], (cat, dog)[test_kinds[number]]
    patches = regions_of(picture)
    some = [
        np.random.default_rng(n).permutation(patches.max() + 1) for n in range(ORDERS // 2 or 1)
    ]
    by_chance = [
        explain.deletion_curve(network, picture, target, patches, o).mean() for o in some
    ]
    for name, method in METHODS.items():
        order = order_of(method, picture, target, patches)
        curve = explain.deletion_curve(network, picture, target, patches, order)
        gains[name].append(np.mean(by_chance) - curve.mean())

# %%
figure, axis = plt.subplots(figsize=(10, 4.2), layout="constrained")
for place, (name, values) in enumerate(gains.items()):
    axis.plot(values, [place] * COUNT, "o", color="0.45", markerfacecolor="none")
    error = np.std(values, ddof=1) / np.sqrt(COUNT)
    axis.errorbar(
        np.mean(values), place + 0.2, xerr=error, fmt="s", color="C0", capsize=7, ms=9
    )
    ahead = np.subtract(values, gains["edge detector"])  # picture by picture
    ahead_error = np.std(ahead, ddof=1) / np.sqrt(COUNT)
    print(f"{name:14} {np.mean(values):+.2f} ± {error:.2f}", end="   ")
    print(f"ahead of the edge detector: {np.mean(ahead):+.2f} ± {ahead_error:.2f}")
axis.axvline(0, color="0.3", linewidth=1)
axis.set_yticks(range(len(gains)), list(gains))
axis.invert_yaxis()
axis.set_xlabel("how much lower the score is on average than in random orders")
axis.set_title(f"{COUNT} pictures ({KIND}s) · squares: mean ± standard error", fontsize=13)
plots.show(
    "For six methods, circles for single pictures and a square with an error bar for their mean: how much faster the score falls than in random orders."
)

# %% [markdown]
# **What to notice.** All six beat chance, the fake one as well. In these pictures the edges are on the animal, and hiding the animal hurts, whatever the network has learned. So **random orders are a weak opponent; edges are a stronger one.** Read the last column: which methods are ahead of the edge detector by more than twice the error? Passing *one* check proves little. A method has to pass both: depend on the weights, *and* find what matters better than something that never looked at the network.
#
# <!-- question sanity -->
#
# ## 10 · A network that cheats
#
# Now put the tools to work. You are given 600 pictures of cats and dogs, and train a small network on them. All pictures are drawn, so for once the truth is known: a mask says which pixels belong to the animal.

# %%
animals = datasets.pets_in_places()
for name in ("training", "validation"):
    part = getattr(animals, name)
    print(f"{name:11}{part.pictures.shape}, {np.bincount(part.labels)} cats and dogs")
print(f"an animal covers {animals.training.masks.mean():.0%} of its picture on average")

x, y, masks = animals.training
few = [*np.flatnonzero(y == 0)[:6], *np.flatnonzero(y == 1)[:6]]
titles = [animals.classes[y[n]] for n in few]
plots.image_grid(list(x[few]), titles, columns=6, cell=2.1)
plots.show("Twelve training pictures, six cats and six dogs, each in its surroundings.")


# %% tags=["recipe"]
def build_small():
    """Four convolutions with batch normalization; one logit, positive for dog."""
    inputs = keras.Input((64, 64, 3), name="picture")
    x = layers.Rescaling(1 / 255)(inputs)
    for number, filters in enumerate((16, 32, 64, 64), start=1):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"conv_{number}")(x)
        if number < 4:
            x = layers.MaxPooling2D(2)(x)
        x = layers.BatchNormalization(momentum=0.8)(x)
        x = layers.ReLU(name=f"relu_{number}")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inputs, layers.Dense(1, name="is_dog")(x))


# %% tags=["recipe"] slideshow={"slide_type": "skip"}
SMALL_EPOCHS = course.budget(full=12, reduced=1)
BATCHES = 19  # in an epoch


def batches(part, change, seed):
    """Yield changed pictures and labels, in a new order in each epoch, without end."""
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(len(part.labels))
        for chosen in np.array_split(order, BATCHES):
            pictures = change(random, part.pictures[chosen], part.masks[chosen])
            yield pictures, part.labels[chosen][:, None]


# %% tags=["recipe"] slideshow={"slide_type": "skip"}
def train_small(part, validation, change, seed, callbacks=()):
    """Return a trained network."""
    keras.utils.set_random_seed(seed)
    model = build_small()
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, SMALL_EPOCHS * BATCHES)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    right = keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)
    model.compile(keras.optimizers.Adam(schedule), loss, metrics=[right])
    model.fit(
        batches(part, change, seed), steps_per_epoch=BATCHES, epochs=SMALL_EPOCHS,
        validation_data=(validation.pictures, validation.labels[:, None]),
        callbacks=list(callbacks), shuffle=False, verbose=0,
    )  # fmt: skip
    return model


# %% tags=["recipe"] slideshow={"slide_type": "skip"}
def as_collected(random, pictures, masks):
    """Change nothing."""
    return pictures


def accuracy(model, part):
    """Return the share of right answers."""
    logits = np.concatenate(
        [
            model(part.pictures[n : n + 60], training=False)
            for n in range(0, len(part.labels), 60)
        ]
    )
    return np.mean((logits[:, 0] > 0) == part.labels)


# %%
SEEDS = range(course.budget(full=3, reduced=1))
arms = {"as collected": []}
for seed in SEEDS:
    trained = train_small(animals.training, animals.validation, as_collected, seed, progress())
    arms["as collected"].append(trained)
    print(
        f"seed {seed}: {accuracy(trained, animals.validation):.1%} of 120 validation pictures"
    )
cheater = arms["as collected"][0]
if course.budget(full=True, reduced=False):
    assert accuracy(cheater, animals.validation) > 0.9

# %% [markdown]
# Well above 90 %, after seconds of training, on pictures that the network has never seen. Everything that lessons 03 to 07 taught you to check is fine: separate validation pictures, several seeds, no leak. **Would you hand this network over?** Ask it first where it looks.


# %% slideshow={"slide_type": "skip"}
def small_occlusion(network, picture, target):
    """Occlusion for pictures of 64×64."""
    return explain.occlusion(network, picture.astype("float32"), target, size=16, stride=8)


def small_cam(network, picture, target):
    """Grad-CAM in the last maps, 8×8."""
    return explain.grad_cam(network, picture.astype("float32"), target, "relu_4")


# %% slideshow={"slide_type": "skip"}
def suspects(model, part, numbers, description):
    """Draw pictures, occlusion and Grad-CAM for the answer that is given."""
    figure, axes = plt.subplots(3, len(numbers), figsize=(14, 7.2), layout="constrained")
    for column, number in enumerate(numbers):
        picture = part.pictures[number].astype("float32")
        logit = score(model, picture[None], dog)[0]
        target = dog if logit > 0 else cat
        axes[0, column].imshow(picture / 255)
        title = f"a {animals.classes[part.labels[number]].lower()}: “{target.__name__}”"
        axes[0, column].set(title=title, xticks=[], yticks=[])
        overlay(axes[1, column], picture, small_occlusion(model, picture, target))
        overlay(axes[2, column], picture, small_cam(model, picture, target))
        for row in (1, 2):
            axes[row, column].contour(part.masks[number], [0.5], colors="black", linewidths=1.5)
    axes[1, 0].set_ylabel("occlusion")
    axes[2, 0].set_ylabel("Grad-CAM")
    plots.show(description)


# %%
labels = animals.usual.labels
six = [*np.flatnonzero(labels == 0)[:3], *np.flatnonzero(labels == 1)[:3]]
suspects(
    cheater,
    animals.usual,
    six,
    "Six pictures that the network answers, with occlusion and Grad-CAM below and the animal outlined. For the three dogs most of the purple lies on grass and walls beside them; for the cats it is spread over animal and background.",
)

# %% [markdown]
# **What to notice.** The outlines do not seem to matter. The answers “dog” lean on grass and walls *beside* the dogs, hardly on a head or an ear. Covering a cat's face even *helps* the answer “cat” in the first picture. Look at the training pictures again: every cat is in a room, and every dog in a garden. "Is there grass?" is an easier question than "is it a cat?", and it earns the same loss. Nobody told the network which one you meant. This is called **shortcut learning**.
#
# A suspicion is not a proof. The proof is an experiment: the *same* 120 test animals drawn twice, once in their usual surroundings and once in the other ones.

# %%
numbers = [*np.flatnonzero(labels == 0)[:3], *np.flatnonzero(labels == 1)[:3]]
pairs = [animals.usual.pictures[n] for n in numbers] + [
    animals.swapped.pictures[n] for n in numbers
]
said = score(cheater, np.stack(pairs), dog)
titles = [f"“{'dog' if value > 0 else 'cat'}”" for value in said]
plots.image_grid(pairs, titles, columns=6, cell=2.2)
plots.show(
    "Six test animals in their usual surroundings, and below the same animals with cats in gardens and dogs in rooms. The titles give the network's answers."
)
for name in ("usual", "swapped"):
    shares = [accuracy(model, getattr(animals, name)) for model in arms["as collected"]]
    print(f"{name:8}", "  ".join(f"{share:.1%}" for share in shares))
if course.budget(full=True, reduced=False):
    assert max(accuracy(m, animals.swapped) for m in arms["as collected"]) < 0.3

# %% [markdown]
# **What to notice.** The same animals, and nearly every answer is wrong: *far* worse than guessing. The validation accuracy was true, and worthless, because the validation pictures had the same flaw as the training pictures.
#
# <!-- question cheating -->
#
# ### Mending it
#
# More epochs or a larger network would only cheat better. The remedy is in the *data*: break the link between animal and place. Collect cats in gardens and dogs in rooms, or **paste**: cut out each animal with its mask and put it into a random place, a room or a garden with nobody in it. (Here the masks are given. In life somebody has to draw them, or a segmentation network does.)
#
# Pasted pictures are also *more varied* pictures, and mirrored in the bargain. So a third arm is needed, as in lesson 05: mirrored only.


# %% tags=["recipe"] slideshow={"slide_type": "skip"}
def mirrored(random, pictures, masks):
    """Mirror a random half of the pictures."""
    flip = random.random(len(pictures)) < 0.5
    return np.where(flip[:, None, None, None], pictures[:, :, ::-1], pictures)


def pasted(random, pictures, masks):
    """Put each animal into a random place, then mirror half of the pictures."""
    places = np.concatenate([animals.rooms, animals.gardens])
    places = mirrored(random, places[random.integers(len(places), size=len(pictures))], None)
    return mirrored(random, np.where(masks[..., None], pictures, places), None)


# %%
random = np.random.default_rng(1)
shown = pasted(random, x[few], masks[few])
titles = [animals.classes[y[n]] for n in few]
plots.image_grid(list(shown), titles, columns=6, cell=2.1)
plots.show(
    "The twelve animals from before, cut out and put into other rooms and gardens; cats and dogs are now in both."
)

for name, change in {"mirrored": mirrored, "pasted": pasted}.items():
    arms[name] = [
        train_small(animals.training, animals.validation, change, seed, progress())
        for seed in SEEDS
    ]
table = {
    (name, part): [accuracy(model, getattr(animals, part)) for model in models]
    for name, models in arms.items()
    for part in ("usual", "swapped")
}
for (name, part), shares in table.items():
    error = np.std(shares, ddof=1) / np.sqrt(len(shares)) if len(shares) > 1 else np.nan
    print(f"{name:13} {part:8} {np.mean(shares):.1%} ± {error:.1%}")
if course.budget(full=True, reduced=False):
    assert min(table["pasted", "swapped"]) > 0.7 > 0.3 > max(table["mirrored", "swapped"])

# %% [markdown]
# Three arms, the same network, the same 600 animals, three seeds each. Does the explanation move, too? Measure it: which **share of the map's positive part lies on the animal**? A map that is even everywhere would have the animal's share of the picture.

# %% slideshow={"slide_type": "skip"}
MAPS = {"occlusion": small_occlusion, "Grad-CAM": small_cam, "edge detector": edge_detector}
JUDGED = course.budget(full=20, reduced=2)
inside = {}
for name in arms:
    for kind, method in MAPS.items():
        shares = []
        for model in arms[name]:
            for picture, label, mask in list(zip(*animals.usual))[:JUDGED]:
                drawn = method(model, picture.astype("float32"), (cat, dog)[label])
                shares.append(explain.share_inside(drawn, mask))
        inside[name, kind] = np.reshape(shares, (len(arms[name]), -1)).mean(axis=1)
even = animals.usual.masks[:JUDGED].mean()

# %%
figure, axes = plt.subplots(1, 2, figsize=(13.5, 4.4), layout="constrained")
names = list(arms)
for offset, part, mark in ((-0.1, "usual", "o"), (0.1, "swapped", "s")):
    for place, name in enumerate(names):
        shares = np.multiply(table[name, part], 100)
        style = {"color": "C0" if part == "usual" else "C1", "label": None if place else part}
        axes[0].plot([place + offset] * len(shares), shares, mark, markersize=9, **style)
axes[0].axhline(50, color="0.5", linewidth=1)
axes[0].set(ylabel="right (%)", ylim=(0, 103), title="same animals, two surroundings")
axes[0].legend(loc="lower right", title="surroundings")
for offset, (kind, mark) in zip((-0.2, 0, 0.2), zip(MAPS, "os^")):
    for place, name in enumerate(names):
        shares = 100 * inside[name, kind]
        style = {"color": f"C{list(MAPS).index(kind)}", "label": None if place else kind}
        axes[1].plot([place + offset] * len(shares), shares, mark, markersize=9, **style)
axes[1].axhline(100 * even, color="black", linestyle="--", linewidth=1.5)
axes[1].set(ylabel="share on the animal (%)", ylim=(0, 103), title="where the map lies")
axes[1].text(2.75, 100 * even + 2, "even", ha="right")
axes[1].legend(loc="upper left")
for axis in axes:
    axis.set(xticks=range(3), xticklabels=names, xlim=(-0.5, 2.75))
plots.show(
    "Left, right answers in usual and swapped surroundings for three arms: the first two are near the top and near the bottom, the pasted arm is high in both. Right, the share of each map on the animal: occlusion and Grad-CAM are near the dashed line of an even map in the first two arms and far above it in the pasted arm; the edge detector is the same in all three."
)

# %%
mended = arms["pasted"][0]
suspects(
    mended,
    animals.usual,
    six,
    "The same six pictures with the maps of the mended network: most of the purple now lies on the animals, in most of them on the head.",
)

# %% [markdown]
# **What to notice.** On *usual* surroundings the mended networks are a little worse: the shortcut really was useful there. On swapped ones they are right nearly as often, and the others fail. The maps tell the same story: in the mended networks they move onto the animals, from a share hardly larger than an even map's. Mirroring changes nothing: it varies what was never the problem. And the edge detector gives *all* networks the same good mark. Had you trusted it, you would have sold the cheater.

# %% tags=["ledger"]
# For the course's own records: what was measured, with what.
MEASURED = [
    course.ledger_row(
        experiment=f"small network, {name}",
        seed=seed,
        accuracy=round(float(table[name, "usual"][seed]), 4),
        accuracy_swapped=round(float(table[name, "swapped"][seed]), 4),
        test_size=len(labels),
        recipe="09 build_small train_small as_collected mirrored pasted",
        epochs=SMALL_EPOCHS,
        parameters=mended.count_params(),
        data=[animals.usual.pictures, animals.swapped.pictures],
    )
    for name in arms
    for seed in SEEDS
]

# %% [markdown]
# ## 11 · What explanations cannot say
#
# **Where is not why.** A map marks the eyes. Is it their shape, their color, the distance between them? No map of places can tell. An experiment can: change one thing and ask again.
#
# **An explanation is an estimate, too.** LIME draws 500 random copies. Draw others, or cut the picture into other superpixels, and see what stays.

# %%
fewer = {}
for samples in course.budget(full=(50, 100, 200, 500), reduced=(20, 40)):
    runs = [
        explain.lime_weights(network, face, dog, regions, samples, seed=seed)
        for seed in (1, 2, 3)
    ]
    fewer[samples] = np.mean(
        [np.corrcoef(runs[a], runs[b])[0, 1] for a, b in ((0, 1), (0, 2), (1, 2))]
    )
    print(f"{samples:4} samples: two runs of LIME correlate with {fewer[samples]:.2f}")
if course.budget(full=True, reduced=False):
    assert fewer[500] > 0.95 > fewer[50]

# %% [markdown]
# With 50 samples two runs differ visibly, with 500 they agree. Run every random method twice before you believe it once.
#
# **A wrong answer gets a map as pretty as a right one.** The close-up is a cat, and the maps for dog look as convincing as any. A map explains what the network *did*. It does not say whether that was right.
#
# **“Nothing” is a picture, too.** Occlusion, LIME and the deletion curve hide regions behind a color. Ask the network about that color alone:

# %%
plain = {
    "black": (0, 0, 0), "white": (255, 255, 255), "gray": (128, 128, 128),
    "brown, as the frame": whole.mean(axis=(0, 1)),
}  # fmt: skip
for name, tint in plain.items():
    logit = score(network, np.tile(tint, (1, SIDE, SIDE, 1)).astype("float32"), dog)[0]
    sure = 1 / (1 + np.exp(-abs(logit)))
    print(f"{name:20} {'dog' if logit > 0 else 'cat'}, {sure:.0%}")

# %% [markdown]
# An empty square, and the network is sure. It has never seen "nothing", and it has no way to say so. All maps made by hiding are relative to *that* answer; the lab tries other fillings.
#
# **Nobody looks at 10,000 maps.** Section 10 worked because there was a *number*: the share on the animal. A map raises a suspicion. The swapped pictures proved it.
#
# ## 12 · Your own photograph
#
# Put a photograph of your cat or dog next to this notebook and write its name between the quotes (a file from a phone is turned upright). `explain_photo` draws four maps for the answer that the network gives. Show them to a friend, with the two checks in mind.

# %% slideshow={"slide_type": "skip"}
PHOTO = ""  # for example "my_cat.jpg"; empty: Chelsea


def read_photo(name):
    """Return a photograph, upright; Chelsea if no name is given."""
    if not name:
        return chelsea
    upright = ImageOps.exif_transpose(Image.open(Path(name))).convert("RGB")
    upright.thumbnail((600, 600))
    return np.asarray(upright, dtype="float32")


# %%
def explain_photo(photo, share=0.8):
    """Draw a photograph with the network's answer and four maps for this answer."""
    picture = framed(photo, share)
    logit = score(network, picture[None], dog)[0]
    target = dog if logit > 0 else cat
    chosen = {name: METHODS[name] for name in ("occlusion", "SmoothGrad", "Grad-CAM", "LIME")}
    figure, axes = plt.subplots(1, 5, figsize=(14, 3.4), layout="constrained")
    axes[0].imshow(picture / 255)
    sure = 1 / (1 + np.exp(-abs(logit)))
    axes[0].set(title=f"{target.__name__}, {sure:.0%}", xticks=[], yticks=[])
    for axis, (name, method) in zip(axes[1:], chosen.items()):
        overlay(axis, picture, method(network, picture, target), name)
    plots.show(
        "A photograph with the network's answer, and four maps for it: occlusion, SmoothGrad, Grad-CAM and LIME."
    )


explain_photo(read_photo(PHOTO))

# %% [markdown]
# **What to notice.** Purple speaks for the answer above the photograph, orange against it (occlusion and LIME only; the other two have no sign). Where all four agree, you may begin to believe. Where they differ, cover that place with your own hand, photograph again, and see who was right.
#
# ## Summary
#
# - Kernels, feature maps and favorite pictures show what units respond to. Fields grow with depth, from 5 to 196 pixels in VGG16.
# - Occlusion and LIME ask by hiding; saliency, SmoothGrad and Grad-CAM ask through the gradient, of the logit and not of the probability.
# - A map that looks right proves nothing: an edge detector looks right, too. Scrambled weights must change the map.
# - Deletion and insertion curves must beat random orders over several pictures, and better still an edge detector, by more than the error.
# - A high validation accuracy cannot reveal a flaw that the validation pictures share. Maps raise the suspicion, swapped backgrounds prove it, better data mends it.
#
# ## Try it
#
# **Question 1.** A network is 99.9 % sure. By what factor is the gradient of its probability smaller than the gradient of its logit?
#
# <details><summary>Answer</summary>
# By p (1 − p) = 0.999 · 0.001, about 0.001: a thousandth.
# </details>
#
# **Question 2.** Occlusion on a picture of 96×96 pixels, a square of 24, stride 8. How many pictures must the network answer? And with stride 1?
#
# <details><summary>Answer</summary>
# (96 − 24)/8 + 1 = 10 positions in each direction, 100 pictures, and one without a square. With stride 1 it is 73 · 73 = 5,329, and one.
# </details>
#
# **Question 3.** How far does a unit of `relu_5` see in the course's network: five 3×3 convolutions, with a 2×2 pooling after each of the first four?
#
# <details><summary>Answer</summary>
# 78 pixels: 1 + 2·(1 + 2 + 4 + 8 + 16) for the convolutions, and 1 + 2 + 4 + 8 for the poolings.
# </details>
#
# **Question 4.** LIME hides each of 40 regions with probability ½. How likely is it that a random copy is the whole picture?
#
# <details><summary>Answer</summary>
# 1 in 2⁴⁰, about 10¹². That is why distances are weighted, and why the whole picture is put in by hand.
# </details>
#
# **Question 5.** All cats are in rooms and all dogs in gardens, but for 3 % of each. A network that looks at the background only: what validation accuracy does it reach?
#
# <details><summary>Answer</summary>
# 97 %. It looks excellent, and it knows nothing about cats.
# </details>

# %% slideshow={"slide_type": "skip"}
# The numbers in the answers, computed.
assert round(0.999 * 0.001, 3) == 0.001  # 1
assert ((96 - 24) // 8 + 1) ** 2 == 100  # 2
assert (96 - 24 + 1) ** 2 == 5_329
assert 1 + 2 * (1 + 2 + 4 + 8 + 16) + (1 + 2 + 4 + 8) == 78  # 3
assert 1e12 < 2**40 < 1.2e12  # 4
assert 1 - 0.03 == 0.97  # 5

# %% [markdown]
# **Next:** [lab 09](labs/lab_09_seeing_inside_a_cnn.ipynb) has you build other explanations, check one of them to the last digit, and decide which of two networks cheats.
