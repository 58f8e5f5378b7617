"""What can be said beside the verdict of an evaluation: each kind by its code."""

from enum import StrEnum
from typing import NamedTuple


class CaveatCode(StrEnum):
    """What a caveat is about."""

    NOTHING_READ = "nothing-read"
    CLASS_NAMES_DIFFER = "class-names-differ"
    NO_TEST_FILES = "no-test-files"
    COPY_OF_VALIDATION = "copy-of-validation"
    TRAINED_ON = "trained-on"
    IMAGES_REPEATED = "images-repeated"
    LIST_NOT_OF_RECORDS = "list-not-of-records"
    SAMPLE = "sample"
    FILE_ENDS_EARLY = "file-ends-early"
    IMAGES_DAMAGED = "images-damaged"
    NO_LABEL_FITS = "no-label-fits"
    LABELS_OF_NO_CLASS = "labels-of-no-class"
    CLASSES_NOT_TESTED = "classes-not-tested"
    NO_BETTER_THAN_CHANCE = "no-better-than-chance"
    NEAR_CHANCE = "near-chance"
    FITS_DIFFER = "fits-differ"
    BELOW_THE_JOB = "below-the-job"
    CLASS_IS_WORSE = "class-is-worse"


class Caveat(NamedTuple):
    """One thing to know about the figures, and what to do about it."""

    code: CaveatCode
    message: str
    remedy: str
