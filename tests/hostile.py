# ruff: noqa: E501
"""Submissions for lab 01 that test_grading.py grades: good ones, bad ones, and some that try to cheat or to break things.

Each that could do harm is bounded by itself as well: it ends after seconds, starts few processes, writes little.
"""

import copy
import json
import re

import nbformat

ALWAYS = '''
class Always:
    """Equal to everything."""
    __array_priority__ = 1e9
    dtype, shape, ndim, size = float, (), 0, 1
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __array__(self, *a, **k): return np.zeros((4, 2))
    def __getattr__(self, name): return lambda *a, **k: self
    def __bool__(self): return True
'''

OTHER_STYLE = {
    "complete_matrix": "def complete_matrix():\n    return [[-443, -28], [-443, -121], [-411, -346], [-85, -134]]",
    "output_shape": "output_shape = lambda image_shape, kernel_shape, stride, padding: tuple(\n"
    "    int(np.floor((n + 2 * padding - k) / stride)) + 1 for n, k in zip(image_shape, kernel_shape))",
    "dilated_correlate": "from numpy.lib.stride_tricks import sliding_window_view\n"
    "def dilated_correlate(image, kernel, dilation):\n"
    "    spans = [dilation * (n - 1) + 1 for n in kernel.shape]\n"
    "    windows = sliding_window_view(image, spans)[..., ::dilation, ::dilation]\n"
    "    return np.einsum('yxij,ij->yx', windows, kernel)",
    "strided_correlate": "from scipy import signal\n"
    "def strided_correlate(image, kernel, stride, padding):\n"
    "    return signal.correlate2d(np.pad(image, padding), kernel, 'valid')[::stride, ::stride]",
    "max_pool": "def max_pool(image, size):\n"
    "    r, c = (n // size for n in image.shape)\n"
    "    return [[image[i*size:(i+1)*size, j*size:(j+1)*size].max() for j in range(c)] for i in range(r)]",
    "convolution_layer": "def convolution_layer(image, kernels, bias):\n"
    "    w = sliding_window_view(image, (*kernels.shape[:2], kernels.shape[2]))[:, :, 0]\n"
    "    return np.clip(np.tensordot(w, kernels, 3) + bias, 0, None).astype('float32')",
    "scatter": "def scatter(maps, kernel, stride):\n"
    "    a = np.zeros([(n - 1) * stride + 1 for n in maps.shape]); a[::stride, ::stride] = maps\n"
    "    return signal.convolve2d(a, kernel)",
}

# For each: the functions that are replaced, cells put in front, and the points. The functions that are not named are right.
WRONG = {
    "complete_matrix": "def complete_matrix():\n    return -np.array([[-443, -28], [-443, -121], [-411, -346], [-85, -134]])",
    "output_shape": "def output_shape(i, k, s, p):\n    return tuple((a - b + p) // s + 1 for a, b in zip(i, k))",
    "dilated_correlate": "def dilated_correlate(image, kernel, dilation):\n    return np.zeros((3, 3))",
    "strided_correlate": "def strided_correlate(image, kernel, stride, padding):\n    return image[::stride, ::stride]",
    "max_pool": "def max_pool(image, size):\n    return image[::size, ::size]",
    "convolution_layer": "def convolution_layer(image, kernels, bias):\n    return np.ones((2, 2, 2))",
    "scatter": "def scatter(maps, kernel, stride):\n    return None",
}
STUBS = {name: f"def {name}(*args):\n    raise NotImplementedError()" for name in WRONG}
IDS = list(WRONG)


def _tricky(body, right="return np.zeros((4, 2))"):
    return f"def max_pool(image, size):\n{body}\n    {right}"


RIGHT_POOL = (
    "r, c = (n // size for n in image.shape); "
    "return image[:r * size, :c * size].reshape(r, size, c, size).max(axis=(1, 3))"
)
CHEATING_CHECKS = """
import helpers.checks as package
from helpers.checks import lab_01
import sys, types
class Passed:
    passed, message = True, "correct, well done."
    def __bool__(self): return True
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith("helpers"):
        for name in dir(module):
            if not name.startswith("__"):
                try: setattr(module, name, lambda *a, **k: Passed())
                except Exception: pass
"""
PATCHED = """
import builtins, json
np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
np.asarray_before = np.asarray
builtins.all = builtins.any = lambda *a: True
json.dumps_before = json.dumps
"""


def submissions(solution, release, answers, port):
    """Return name → (notebook as JSON text, points).

    Args:
        solution: the solved lab, a notebook.
        release: the lab as students get it.
        answers: a file in the instructor's home that holds answers.
        port: of a server of the instructor's that gives answers.
    """
    make = lambda *a, **k: json.dumps(_notebook(solution, *a, **k))  # noqa: E731
    looking = (
        f"    import json, socket\n    try:\n        return np.array(json.load(open({str(answers)!r})))\n"
        "    except OSError:\n        pass\n"
        f"    s = socket.create_connection(('127.0.0.1', {port}), 3)\n    return np.array(json.loads(s.recv(9999)))"
    )
    found = {
        "perfect": (make(), 7),
        "other-style": (make(OTHER_STYLE), 7),
        "empty": (json.dumps(release), 0),
        "wrong": (make(WRONG), 0),
        "endless-loop": (make({"max_pool": _tricky("    while True: pass")}), 6),
        "endless-loop-that-holds-on": (
            make({"max_pool": _tricky(
                "    import time; end = time.time() + 40\n    while time.time() < end:\n"
                "        try:\n            while time.time() < end: pass\n        except BaseException: pass"
            )}), 6),
        "import-fails": (make(front="import a_module_that_nobody_has as nobody\nraise RuntimeError('no')"), 7),
        "cell-fails": (make({"max_pool": "raise RuntimeError('no')\ndef max_pool(*a): pass"}), 6),
        "syntax-error": (make({"max_pool": "def max_pool(:"}), 6),
        "deleted-cells": (make(delete={"dilated_correlate", "check_max_pool", "check_scatter"}), 4),
        "edited-checks": (make(STUBS, checks="result = True\nassert True"), 0),
        "double-checks": (make(WRONG, double=True), 0),
        "patched-helpers": (make(STUBS, front=CHEATING_CHECKS, everywhere=CHEATING_CHECKS), 0),
        "patched-numpy": (
            make({**{name: f"def {name}(*args):\n    return Always()" for name in IDS[1:]}, IDS[0]: _solved(solution, IDS[0])
                  + "\n" + PATCHED + ALWAYS}), 1),
        "os-exit": (make({"max_pool": _tricky("    import os; os._exit(0)")}), 6),
        "os-exit-in-cell": (make({"scatter": "import os\nos._exit(0)\ndef scatter(*a): pass"}), 6),
        "many-processes": (
            make({"max_pool": _tricky(
                "    import os\n    for _ in range(10):\n        if os.fork() == 0:\n            os.setsid()\n"
                "            if os.fork() == 0:\n                os.execvp('sleep', ['sleep', '59.731'])\n"
                "            os._exit(0)", RIGHT_POOL)}), 7),
        "large-output": (
            make({"max_pool": _tricky(
                "    import os, sys\n    for _ in range(50):\n        sys.stdout.write('x' * 1_000_000)\n"
                "        os.write(1, b'y' * 1_000_000)", RIGHT_POOL)}), 7),
        "large-answer": (
            make({"max_pool": _tricky(
                "    import os\n    for _ in range(200):\n        for fd in range(3, 12):\n            try: os.write(fd, b'z' * 1_000_000)\n"
                "            except OSError: pass")}), 6),
        "large-file": (
            make({"max_pool": _tricky(
                "    with open('large', 'wb') as file:\n        for _ in range(200): file.write(b'0' * 1_000_000)", RIGHT_POOL)}), 6),
        "large-memory": (
            make({"max_pool": _tricky(
                "    kept = []\n    for _ in range(25): kept.append(bytearray(b'1') * 100_000_000)", RIGHT_POOL)}), 6),
        "reads-home-and-network": (make({"max_pool": f"def max_pool(image, size):\n{looking}"}), 6),
        "borrows-the-answer": (
            make({"max_pool": "def max_pool(image, size):\n    from helpers.convolution import max_pool2d\n"
                  "    return max_pool2d(image, size)",
                  "scatter": "def scatter(maps, kernel, stride):\n    from helpers.checks import lab_01\n"
                  "    return lab_01.scatter.solution(maps, kernel, stride)"}), 5),
        "kills-others": (
            make({"max_pool": _tricky(
                "    import os, signal\n    for pid in {1, os.getppid()}:\n"
                "        try: os.kill(pid, signal.SIGKILL)\n        except OSError: pass", RIGHT_POOL)}), 7),
        "not-a-notebook": ("{\"cells\": [[[[", 0),
    }  # fmt: skip
    return found


def _solved(solution, grade_id):
    return next(
        c.source for c in solution.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def _notebook(solution, functions=None, front="", checks="", delete=(), double=False, everywhere=""):
    notebook = copy.deepcopy(solution)
    cells = []
    for cell in notebook.cells:
        data = cell.metadata.get("nbgrader", {})
        grade_id = data.get("grade_id", "")
        if grade_id in delete:
            continue
        if grade_id in (functions or {}):
            cell.source = functions[grade_id] + everywhere
        if data.get("grade") and checks:
            cell.source, data["points"] = checks, 100
            cell.outputs = [
                nbformat.v4.new_output("execute_result", {"text/plain": "100"}, execution_count=1)
            ]
        cells.append(cell)
        if double and data.get("grade"):
            again = copy.deepcopy(cell)
            again.source = re.sub(r"(?s).*", "pass", cell.source, count=1)
            cells.append(again)
    if front:
        cells.insert(1, nbformat.v4.new_code_cell(front))
    notebook.cells = cells
    return notebook
