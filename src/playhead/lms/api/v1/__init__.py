"""Version 1 of the REST API: one module for each resource, over the functions that the pages use."""
