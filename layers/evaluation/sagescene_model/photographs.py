"""What packing an image and asking a model about it have in common; needs Pillow alone."""

from PIL import Image

# Pillow holds four bytes a pixel, and an image that is converted up to four times, in a function of 3 GB beside the
# network. `sagescene pack` takes larger ones, so that it can scale them down.
LARGEST_IN_PIXELS = 100_000_000
# What sets a JPEG upright, by the orientation of EXIF; 1 is upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
