"""Hidden cases: for each exercise a function that draws the arguments of a few calls.

``lab_NN.py`` holds one function for each exercise that takes arguments, of the same name: ``rng`` → list of tuples. The
domain is that of the visible cases in ``helpers/checks/lab_NN.py``: a right answer passes whatever is drawn, and each
mistake that the checks know shows in some of the calls (``tests/test_grading_cases.py``).
"""
