"""Small, typed helpers that the course notebooks import.

Importing ``helpers`` loads neither TensorFlow nor matplotlib; import the module you need,
for example ``from helpers import course, plots``.
"""

__version__ = "0.1.0"
