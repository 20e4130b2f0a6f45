"""Judging without changing."""
