"""The recorder: one transaction that journals a batch, credits it, and lets it be answered."""
