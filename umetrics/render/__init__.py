"""Values made readable: plans, progress, outcomes, errors and findings, for people and machines.

Content is decided in functions that yield `Line`s or JSON values; what a terminal can show is
decided in one place (`line.compose`); where it goes, in another (`screen.Screen`). Nothing here
calls AWS, asks questions or chooses an exit code. Importing this package imports nothing else.
"""
