"""Our server with something changed, for measurements: each module changes it, then runs the product's own command."""
