"""A service process: what it is made of, its command line, and how it serves."""

from latchkey_kit.service.command import main
from latchkey_kit.service.definition import Definition, Printed, PrintError, Surface
from latchkey_kit.service.serving import serving

__all__ = ["Definition", "PrintError", "Printed", "Surface", "main", "serving"]
