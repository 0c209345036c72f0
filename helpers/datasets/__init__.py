"""The course's data: real sets where they are present, asked for, or quickly fetched; built-in ones elsewhere.

Real sets are looked for in ``COURSE_DATA_DIR`` (default: the folder ``data/`` of the course).
"""

from helpers.datasets.automatic import only_built_in
from helpers.datasets.cifar import cifar10
from helpers.datasets.digits import mnist
from helpers.datasets.folders import films, flowers, fruits, turntable_fruits
from helpers.datasets.kinds import ArrayData, FileData, FolderData
from helpers.datasets.pets import cats_vs_dogs
from helpers.datasets.places import pets_in_places
from helpers.datasets.registry import REGISTRY, SAMPLES, contents_digest, data_dir, real_sets
from helpers.datasets.signs import save_signs, sign_language, write_signs
from helpers.transfer import DownloadFailed

__all__ = [
    "REGISTRY", "SAMPLES", "ArrayData", "DownloadFailed", "FileData", "FolderData", "cats_vs_dogs", "cifar10",
    "contents_digest", "data_dir", "films", "flowers", "fruits", "mnist", "only_built_in", "pets_in_places",
    "real_sets", "save_signs", "sign_language", "turntable_fruits", "write_signs",
]  # fmt: skip
