"""The desk's pages on models: train and see, the list, promote and roll back."""
