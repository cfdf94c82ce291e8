#!/usr/bin/env python
"""Django's command line for Clientele."""

import os
import sys
from argparse import ArgumentParser


def choose_folder(arguments: list[str]) -> None:
    """`demo --data DIR` says where the settings look, so it is read before they are."""
    if arguments[:1] == ["demo"]:
        parser = ArgumentParser(add_help=False)
        parser.add_argument("--data")
        chosen = parser.parse_known_args(arguments)[0].data
        if chosen:
            os.environ["CLIENTELE_DATA"] = chosen


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    choose_folder(sys.argv[1:])
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"Not configured: {error}")


if __name__ == "__main__":
    main()
