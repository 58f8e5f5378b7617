"""What packing an image and asking a model about it have in common; needs Pillow alone."""

# Pillow holds four bytes a pixel, and an image that is converted up to four times, in a function of 3 GB beside the
# network. `sagescene pack` takes larger ones, so that it can scale them down.
LARGEST_IN_PIXELS = 100_000_000
