"""One module for each thing that people or services come for."""
