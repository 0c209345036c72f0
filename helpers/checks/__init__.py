"""Instant self-checks, one module for each lab: ``from helpers.checks import lab_01 as checks``.

A check runs your function on several inputs, prints one line and returns a ``Result``. It says what kind
of mistake it sees and gives a hint; it never prints the answer and never stops the page.
"""
