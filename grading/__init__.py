"""Release, collect, grade and return the labs of a class. ``python -m grading`` says how.

Nothing here is imported by a notebook or by ``helpers``.
"""
