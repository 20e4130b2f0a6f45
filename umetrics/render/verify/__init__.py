"""The verdict on what others have, in words, as Markdown and as JSON."""
