"""Where the `sagescene` command begins: signals are heard before anything is imported that takes its time."""

from sagescene_command import interrupts


def main() -> None:
    """Run the command line."""
    interrupts.install()
    from sagescene_command import cli

    cli.main()


if __name__ == "__main__":
    main()
