"""What a student sees while a network trains: a line that goes away, and an explanation where the numbers are lost."""

import sys

import keras
import nbclient
import nbformat
import numpy as np
import pytest

from helpers.training import progress


def network():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


def test_a_run_that_is_well_is_left_alone(capsys):
    history = network().fit(np.ones((8, 2)), np.ones(8), epochs=3, callbacks=progress(), verbose=0).history
    assert len(history["loss"]) == 3
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("part", ["training", "validation"])
def test_a_loss_that_is_no_number_stops_with_advice(part):
    good, bad = (np.ones((8, 2)), np.ones(8)), (np.full((8, 2), np.nan), np.ones(8))
    training, validation = (bad, good) if part == "training" else (good, bad)
    model = network()
    with pytest.raises(
        FloatingPointError, match=r"After epoch 1 the (val_)?(loss|mae) is not a number.*learning rate"
    ):
        model.fit(*training, validation_data=validation, epochs=5, callbacks=progress(), verbose=0)
    assert len(model.history.epoch) <= 1


CELL = """
import keras, numpy as np
from helpers.training import progress
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(np.ones((8, 2)), np.ones(8), epochs=3, callbacks=progress(), verbose=0)
print("trained")
"""


def test_the_line_follows_the_epochs_and_is_empty_in_the_end(root):
    seen = []

    class Client(nbclient.NotebookClient):
        def process_message(self, message, cell, cell_index):
            if message["msg_type"] in ("display_data", "update_display_data"):
                seen.append(message["content"]["data"]["text/plain"])
            return super().process_message(message, cell, cell_index)

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    Client(notebook, kernel_name="python3", resources={"metadata": {"path": str(root)}}).execute()
    assert seen[0] == "first epoch …"
    assert [line.split(" · ")[0] for line in seen[1:-1]] == [f"epoch {number} of 3" for number in (1, 2, 3)]
    assert all(" · loss " in line for line in seen[1:-1])
    assert seen[-1] == ""


def test_the_empty_line_is_not_stored_and_what_was_printed_stays(root, tmp_path):
    from tools import build

    cell = nbformat.v4.new_code_cell(CELL.replace("model.fit", "print('before'); model.fit"))
    notebook = nbformat.v4.new_notebook(
        cells=[cell], metadata={"kernelspec": {"name": "python3", "display_name": "Python"}}
    )
    build.execute(notebook, root)
    texts = ["".join(output.text) for output in cell.outputs if output.get("name") != "stderr"]
    assert "".join(texts) == "before\ntrained\n"


def test_importing_it_loads_neither_keras_nor_ipython():
    import subprocess

    code = (
        "import sys; from helpers import training, networks; print({'keras', 'IPython'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
