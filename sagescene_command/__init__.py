"""The `sagescene` command: pack, check, run, up, start and redrive."""
