"""Instant self-checks, one module for each lab: ``from helpers.checks import lab_01 as checks``.

A check runs your function on several inputs, prints what it found and returns a ``Result``. It says what kind
of mistake it sees, where, and for which input; it never prints the answer and never stops the page.
``checks.score()`` counts what is done.
"""
