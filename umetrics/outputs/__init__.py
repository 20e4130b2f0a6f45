"""What later work needs to know of a deployment, by names that stay, in the forms it is read in.

    values.py   receipts -> ids by name        formats.py  ids -> the syntax of other programs
    files.py    into files, all of them or none

Everything comes from the state file; AWS is asked nothing. The JSON document and its schema are
rendered with all other documents.
"""

from umetrics.outputs.files import chosen_by_name, format_of, write_all
from umetrics.outputs.formats import Format, formatted
from umetrics.outputs.values import Output, outputs, shared_names

__all__ = [
    "Format",
    "Output",
    "chosen_by_name",
    "format_of",
    "formatted",
    "outputs",
    "shared_names",
    "write_all",
]
