"""The hot door: batches, from the socket to the recorder and back."""
