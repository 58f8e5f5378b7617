"""Where the `sagescene` command begins: signals are heard before anything is imported that takes its time."""

import gc

from sagescene_command import interrupts

_NEW_OBJECTS = 100_000  # instead of 2,000: what is imported stays, and to look for garbage in it took 7 % of a check


def main() -> None:
    """Run the command line."""
    interrupts.install()
    gc.set_threshold(_NEW_OBJECTS)
    from sagescene_command import cli

    cli.main()


if __name__ == "__main__":
    main()
