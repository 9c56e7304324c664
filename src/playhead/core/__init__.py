"""The rules, pure: no clock, no random, no I/O. Time, keys and ids are arguments, and every other room asks here."""
