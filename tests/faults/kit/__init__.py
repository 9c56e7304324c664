"""What the faults share: a place to break things in, and bugs to plant there."""
