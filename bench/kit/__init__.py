"""What the measurements share: rows, rounds, peers."""
