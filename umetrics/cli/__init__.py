"""The command line, one file per command. It parses, wires, renders, exits; nothing imports it."""
