"""Kollus VOD's LMS callback: written for receivers that were built for it, and read where it is what we are sent.

Its figures are cumulative snapshots of a session, sent many times; the session is user + media + `start_at`, and the
receiver merges, never adds.
"""
