"""How well the intent model does, beside its peers: development set, public sets, service benchmark.

Imports the product; the product never imports this folder. Start with `python -m evaluation --help`.
"""
