"""Provisioning: from what is wanted to what exists, and back."""
