"""Experience API statements about videos (xAPI Video Profile 1.0.3), read strictly and one line at a time."""
