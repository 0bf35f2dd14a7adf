"""Nothing lost: the real processes are killed at random while patients write, and everything is counted at the end.

`python -m evaluation.reliability` (make reliability) writes docs/reliability.md. The servers are those of the tests.
"""
