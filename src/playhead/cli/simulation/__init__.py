"""A class on a virtual clock: students who watch, students who cheat, and the truth about both."""
