"""The hot door: a bare ASGI application for batches."""
