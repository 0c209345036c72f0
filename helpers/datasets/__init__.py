"""The course's data: built-in by default, the real set where it is present or asked for.

Real sets are looked for in ``COURSE_DATA_DIR`` (default: the folder ``data/`` of the course).
"""

from helpers.datasets.cifar import cifar10
from helpers.datasets.digits import mnist
from helpers.datasets.folders import cats_vs_dogs, flowers, fruits
from helpers.datasets.kinds import ArrayData, FileData, FolderData
from helpers.datasets.registry import REGISTRY, SAMPLES, contents_digest, data_dir, real_sets
from helpers.datasets.signs import save_signs, sign_language, write_signs
from helpers.transfer import DownloadFailed

__all__ = [
    "REGISTRY", "SAMPLES", "ArrayData", "DownloadFailed", "FileData", "FolderData", "cats_vs_dogs", "cifar10",
    "contents_digest", "data_dir", "flowers", "fruits", "mnist", "real_sets", "save_signs", "sign_language",
    "write_signs",
]  # fmt: skip
