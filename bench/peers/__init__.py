"""The servers that ours is measured beside, each configured as bench/README.md says."""
