"""The command line: ``pincite COMMAND``. Heavy parts are imported only where they are used."""

from pincite.cli.main import main

__all__ = ["main"]
