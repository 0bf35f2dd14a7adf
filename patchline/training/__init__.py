"""Training: which files make a model, whether the model at hand is current, and the training itself."""
