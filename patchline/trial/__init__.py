"""Trial: validate what staff changed, train it, test it, compare it with the model that serves, and report."""
