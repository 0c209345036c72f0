"""What you see while a network trains, and what stops it when its numbers are lost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def progress() -> list[keras.callbacks.Callback]:
    """Return callbacks for ``fit``: a line that follows the epochs, and a stop where the loss is no number.

    In a notebook the line is there while the network trains and empty afterwards; elsewhere nothing is shown.

    Raises:
        FloatingPointError: (while ``fit`` runs) at the end of the first epoch whose loss is not finite.
    """
    import keras
    from IPython import get_ipython
    from IPython.display import display

    class Line(keras.callbacks.Callback):
        """One line for the epoch that is over."""

        def on_train_begin(self, logs: dict | None = None) -> None:
            self.line = display({"text/plain": "first epoch …"}, raw=True, display_id=True)

        def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
            figures = " · ".join(f"{name} {float(value):.3f}" for name, value in (logs or {}).items())
            text = f"epoch {epoch + 1} of {self.params['epochs']} · {figures}"
            if self.line:
                self.line.update({"text/plain": text}, raw=True)

        def on_train_end(self, logs: dict | None = None) -> None:
            if self.line:
                self.line.update({"text/plain": ""}, raw=True)

    class Stop(keras.callbacks.Callback):
        """A loss that is no number is an error, not a result."""

        def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
            broken = [name for name, value in (logs or {}).items() if not math.isfinite(value)]
            if broken:
                raise FloatingPointError(
                    f"After epoch {epoch + 1} the {broken[0]} is not a number, so the weights are lost. Build the "
                    "network again and train it with a learning rate ten times smaller. If that does not help, look "
                    "for pictures or labels that hold nan, and compute in 32 bits: "
                    'keras.config.set_dtype_policy("float32").'
                )

    return [Line(), Stop()] if get_ipython() else [Stop()]
