"""What can be wrong with a data set: every kind of finding by its code."""

import re
from enum import StrEnum
from typing import Self

from sagescene.bounds import LONGEST_KEY, LONGEST_QUOTE, LONGEST_SENTENCE
from sagescene.findings import Finding, Severity
from sagescene.quoting import quote

_LONG_WORD = re.compile(rf"\S{{{LONGEST_QUOTE + 1},}}")


class Family(StrEnum):
    """What a finding is about, as a heading of `docs/findings.md`."""

    SET = "The files of a set"
    LIST = "The list (.lst)"
    RECORDS = "The records (.rec) and their index (.idx)"
    LABELS = "Labels and classes, in a list or in records"
    NAMES = "Class names (classes.txt)"
    IMAGES = "Images"
    CHANNEL = "Records and list of one channel"
    CHANNELS = "Training and validation"
    TRAINING_JSON = "training.json"
    HYPERPARAMETERS = "Hyperparameters and instances"


class Kind(StrEnum):
    """What a finding rests on: a fact stands, a judgement may be wrong, and a person can accept what it tells."""

    FACT = "fact"
    JUDGEMENT = "judgement"


class Code(StrEnum):
    """Every kind of finding: its stable name, what it is about, how much it weighs, and a sentence on why it matters.

    The names stand in reports, logs and metrics, so they stay as they are. The sentences make `docs/findings.md`
    (`make findings`).
    """

    family: Family
    severity: Severity
    meaning: str
    kind: Kind

    def __new__(cls, name: str, family: Family, severity: Severity, meaning: str, kind: Kind = Kind.FACT) -> Self:
        """Make a member that is its name as text."""
        code = str.__new__(cls, name)
        code._value_ = name
        code.family, code.severity, code.meaning, code.kind = family, severity, meaning, kind
        return code

    @property
    def is_judgement(self) -> bool:
        """Tell whether `"accept"` in `training.json` makes the finding a warning."""
        return self.kind is Kind.JUDGEMENT

    def found(
        self, *, file: str, message: str, remedy: str, where: str = "", severity: Severity | None = None
    ) -> Finding:
        """Make a finding; the parameters are those of `Finding`, and `severity` is for one that is not the usual.

        Whatever they quote, the texts stay short: words are cut, and then whole sentences.
        """
        return Finding(
            code=self,
            severity=severity or self.severity,
            file=quote(file, LONGEST_KEY),
            where=quote(where),
            message=_shorten(message),
            remedy=_shorten(remedy),
        )

    # fmt: off
    FILE_MISSING = (
        "file-missing", Family.SET, Severity.ERROR,
        "A file that every job needs is not there; the set waits for it.")
    FILE_OF_NO_CHANNEL = (
        "file-of-no-channel", Family.SET, Severity.ERROR,
        "Whether a `.rec` or `.lst` file is for training or for validation cannot be told, and is not guessed.")
    TOO_MANY_FILES = (
        "too-many-files", Family.SET, Severity.ERROR,
        "The folder holds more files than can be looked through in time; a set has about ten.")
    SURPLUS_FILE = (
        "surplus-file", Family.SET, Severity.ERROR,
        "Two files are for one part of the set; a job takes one, and which one was meant is not guessed.")
    NOT_READ_IN_TIME = (
        "not-read-in-time", Family.SET, Severity.ERROR,
        "The files could not be read within the function's time, so nobody can say whether they are sound.")
    KEY_SWEPT_INTO_CHANNEL = (
        "key-swept-into-channel", Family.SET, Severity.ERROR,
        "Another key begins with that of a `.rec` file, and SageMaker takes all keys that do into the channel.")
    KEY_REFUSED_BY_SAGEMAKER = (
        "key-refused-by-sagemaker", Family.SET, Severity.ERROR,
        "A `.rec` file's address is longer than SageMaker takes, or holds `//`, `/./` or a line separator.")

    CHANNEL_IN_CHUNKS = (
        "channel-in-chunks", Family.SET, Severity.ERROR,
        "A channel is in several files, as `im2rec --chunks` and `split` make them; a job takes one `.rec` a channel.")
    ENDING_IN_CAPITALS = (
        "ending-in-capitals", Family.SET, Severity.ERROR,
        "A file ends in `.REC`, `.LST` or, where Windows hides that, in `.rec.txt` or `.lst.txt`; keys are told by "
        "their very letters, and so are the files of a job.")
    NAME_NOT_EXACT = (
        "name-not-exact", Family.SET, Severity.ERROR,
        "A file is called `training.json` or `classes.txt` but for its capitals or a second ending: nothing reads it.")
    FILE_COMPRESSED = (
        "file-compressed", Family.SET, Severity.ERROR,
        "What the set lacks seems to be in an archive or compressed, and nothing unpacks it for a job.")
    OTHER_FORMAT = (
        "other-format", Family.SET, Severity.ERROR,
        "The set has no `.rec` file, but files of another tool's format, which the algorithm does not read.")
    IMAGES_NOT_PACKED = (
        "images-not-packed", Family.SET, Severity.ERROR,
        "The set has no `.rec` file, but images, which are to be packed first.")

    LIST_EMPTY = (
        "list-empty", Family.LIST, Severity.ERROR,
        "The list has no row, so nothing says what the records should hold.")
    LIST_TOO_LARGE = (
        "list-too-large", Family.LIST, Severity.ERROR,
        "The list has more bytes, or more labels in all, than can be held against its records in time.")
    LINE_TOO_LONG = (
        "line-too-long", Family.LIST, Severity.ERROR,
        "A line has more than 1 MiB: most likely the line feeds are lost, and the rows with them.")
    NUL_BYTE = (
        "nul-byte", Family.LIST, Severity.ERROR,
        "A line holds a NUL byte, which no path has: the list is damaged, or it is no text.")
    NOT_A_LIST = (
        "not-a-list", Family.LIST, Severity.ERROR,
        "The file begins as another kind of file does, such as an archive, a web page or records.")
    NOT_UTF_8 = (
        "not-utf-8", Family.LIST, Severity.WARNING,
        "A line has bytes that are not UTF-8, so its path may not be readable; a list in UTF-16 is an error.")
    HEADER_LINE = (
        "header-line", Family.LIST, Severity.WARNING,
        "The first line names the columns, or one is a comment; im2rec cannot read it as an image, and goes on.")
    WRONG_SEPARATOR = (
        "wrong-separator", Family.LIST, Severity.ERROR,
        "The columns are separated by something else than TABs, so im2rec.py and this look read no row.")
    WRONG_COLUMNS = (
        "wrong-columns", Family.LIST, Severity.ERROR,
        "The columns are others than index, label(s) and path, in that order; im2rec packs no such row, or wrongly.")
    TOO_FEW_FIELDS = (
        "too-few-fields", Family.LIST, Severity.ERROR,
        "A line is not index, label(s) and path with a TAB between them; im2rec leaves such an image out.")
    INDEX_NOT_AN_INTEGER = (
        "index-not-an-integer", Family.LIST, Severity.ERROR,
        "A row's index is none that a record can carry as its id, so no record can be this row's.")
    INDEX_REPEATED = (
        "index-repeated", Family.LIST, Severity.ERROR,
        "Two rows have one index, so which of them a record belongs to cannot be told.")
    PATH_REPEATED = (
        "path-repeated", Family.LIST, Severity.WARNING,
        "Two rows name one image, which then counts twice, maybe with two labels.")
    REPEATS_SAMPLED = (
        "repeats-sampled", Family.LIST, Severity.WARNING,
        "The list is too long to compare all its rows; a repeat among the others would not have been found.")

    RECORD_FILE_EMPTY = (
        "record-file-empty", Family.RECORDS, Severity.ERROR,
        "The file has no bytes: packing or uploading it failed.")
    NOT_A_RECORD_FILE = (
        "not-a-record-file", Family.RECORDS, Severity.ERROR,
        "Nothing in the file starts a RecordIO record: it is a file of another kind.")
    NO_MAGIC_NUMBER = (
        "no-magic-number", Family.RECORDS, Severity.ERROR,
        "Bytes that belong to no record stand between two records: the file is damaged.")
    TRAILING_BYTES = (
        "trailing-bytes", Family.RECORDS, Severity.ERROR,
        "Bytes that belong to no record follow the last one: the file is damaged, or something was added to it.")
    TRUNCATED = (
        "truncated", Family.RECORDS, Severity.ERROR,
        "The file ends within a record: it was cut off, and the images after that are lost.")
    PART_OUT_OF_ORDER = (
        "part-out-of-order", Family.RECORDS, Severity.ERROR,
        "A record of several parts lacks one, or they stand in a wrong order: the file is damaged.")
    HEADER_TOO_SHORT = (
        "header-too-short", Family.RECORDS, Severity.ERROR,
        "A record is too short for the label and the id that im2rec writes: it is damaged, or of another tool.")
    INDEX_FILE_DIFFERS = (
        "index-file-differs", Family.RECORDS, Severity.WARNING,
        "The `.idx` file is not of these records; a job does without it, and so does the look at large ones.")
    META_RECORDS = (
        "meta-records", Family.RECORDS, Severity.ERROR,
        "Records without an image, as face sets have them, say which others belong together; training fails at one.")
    RECORDS_IN_ORDER_OF_CLASSES = (
        "records-in-order-of-classes", Family.RECORDS, Severity.WARNING,
        "A training file over 16 MB holds one class behind the other; a job shuffles 8 MB at a time, so that a batch "
        "has images of few classes, and training learns badly.")
    RECORDS_SAMPLED = (
        "records-sampled", Family.RECORDS, Severity.WARNING,
        "The file is too large to read whole; a fault in the records not looked at would not have been found.")

    LABEL_NOT_A_NUMBER = (
        "label-not-a-number", Family.LABELS, Severity.ERROR,
        "A label is no number, so im2rec cannot pack it; classes are numbered, not named.")
    LABEL_NOT_FINITE = (
        "label-not-finite", Family.LABELS, Severity.ERROR,
        "A label is infinite or not a number, and so is no class.")
    LABEL_NOT_0_OR_1 = (
        "label-not-0-or-1", Family.LABELS, Severity.ERROR,
        "One of several labels of an image is neither 0 nor 1, as `multi_label` wants each of them.")
    LABEL_NOT_AN_INTEGER = (
        "label-not-an-integer", Family.LABELS, Severity.ERROR,
        "A label is no whole number, and so is no class; the algorithm does not learn continuous values.")
    LABEL_NEGATIVE = (
        "label-negative", Family.LABELS, Severity.ERROR,
        "A label is below 0, where no class is; SageMaker would train on it without a word.")
    LABEL_TOO_LARGE = (
        "label-too-large", Family.LABELS, Severity.ERROR,
        "A label is above 2^24, up to which records hold whole numbers exactly.")
    LABEL_WIDTH_DIFFERS = (
        "label-width-differs", Family.LABELS, Severity.ERROR,
        "A row or a record has another number of labels than those before it; all need the same.")
    TOO_MANY_LABELS = (
        "too-many-labels", Family.LABELS, Severity.ERROR,
        "There are more labels than can be looked at: most likely they are continuous values, not classes.")
    DETECTION_LABELS = (
        "detection-labels", Family.LABELS, Severity.ERROR,
        "The labels are classes and boxes of objects, for object detection, which is another algorithm.")
    MULTI_LABEL_IN_RECORDS = (
        "multi-label-in-records", Family.LABELS, Severity.WARNING,
        "Several labels an image are documented for augmented manifests today; for RecordIO they no longer are.")
    CLASS_MISSING = (
        "class-missing", Family.LABELS, Severity.ERROR,
        "No image has a label below the largest one: the model would have a class that it never saw.")
    CLASS_WITHOUT_SAMPLES = (
        "class-without-samples", Family.LABELS, Severity.WARNING,
        "No image has a 1 in a column of labels, so the model cannot learn that class.")
    ONE_CLASS_ONLY = (
        "one-class-only", Family.LABELS, Severity.ERROR,
        "All images have the same label, so there is nothing to learn; a warning where each has several, and the same.",
        Kind.JUDGEMENT)
    SPLITS_AS_CLASSES = (
        "splits-as-classes", Family.LABELS, Severity.ERROR,
        "A class has another label in each split, as im2rec numbers folders: the model learns the splits.",
        Kind.JUDGEMENT)
    HIDDEN_FOLDERS_AS_CLASSES = (
        "hidden-folders-as-classes", Family.LABELS, Severity.ERROR,
        "A folder that a program made for itself, such as `.ipynb_checkpoints` or `@eaDir`, is a class: im2rec numbers "
        "every folder that holds images.",
        Kind.JUDGEMENT)
    CLASSES_UNEVEN = (
        "classes-uneven", Family.LABELS, Severity.WARNING,
        "A class has over ten times as many images as another, which will be recognized badly.")

    FEW_IMAGES_OF_CLASS = (
        "few-images-of-class", Family.LABELS, Severity.WARNING,
        "A class has fewer than five training images, from which nobody learns what its images have in common.")
    FEW_TRAINING_IMAGES = (
        "few-training-images", Family.LABELS, Severity.WARNING,
        "There are fewer than ten training images in all; the model would know those by heart and nothing else.")

    CLASS_NAMES_NOT_UTF_8 = (
        "class-names-not-utf-8", Family.NAMES, Severity.ERROR,
        "The file is UTF-16, or has bytes that are not UTF-8, so the names cannot be read.")
    CLASS_NAMES_TOO_LARGE = (
        "class-names-too-large", Family.NAMES, Severity.ERROR,
        "The file has over 1 MiB or 100,000 lines, far more than names take: it is another file of that name.")
    CLASS_NAMES_NUMBERED = (
        "class-names-numbered", Family.NAMES, Severity.ERROR,
        "The lines hold numbers beside the names, but a name is that of the label of its line, whatever it says.")
    CLASS_NAME_MISSING = (
        "class-name-missing", Family.NAMES, Severity.ERROR,
        "A line between names is blank: its class has no name, or all classes after it have a wrong one.")
    CLASS_NAME_NOT_PRINTABLE = (
        "class-name-not-printable", Family.NAMES, Severity.ERROR,
        "A name holds control characters, which nobody can read: most likely the line holds more than a name.")
    CLASS_NAME_REPEATED = (
        "class-name-repeated", Family.NAMES, Severity.ERROR,
        "Two classes have one name, so what the model answers does not tell which of them is meant.")
    CLASS_NAMES_ALIKE = (
        "class-names-alike", Family.NAMES, Severity.WARNING,
        "Two classes have names that people take for one: their images may be of one class under two labels.")
    CLASS_NAME_TOO_LONG = (
        "class-name-too-long", Family.NAMES, Severity.WARNING,
        "A name has over 100 characters, of which the first are shown.")
    CLASS_NAMES_MISCOUNTED = (
        "class-names-miscounted", Family.NAMES, Severity.ERROR,
        "There are more or fewer names than classes, so names may stand at wrong labels.")
    CLASS_NAMES_CONFLICT = (
        "class-names-conflict", Family.NAMES, Severity.ERROR,
        "The file and the folders of a list give one name different labels: answers would have wrong names.",
        Kind.JUDGEMENT)

    IMAGE_NOT_READABLE = (
        "image-not-readable", Family.IMAGES, Severity.ERROR,
        "A record's image is no JPEG, PNG, BMP or TIFF file, or of a kind that the algorithm does not read.")
    IMAGE_FORMAT_UNDOCUMENTED = (
        "image-format-undocumented", Family.IMAGES, Severity.WARNING,
        "An image is a BMP or TIFF file, which MXNet's reader takes; AWS documents JPEG and PNG alone.")
    IMAGE_BROKEN = (
        "image-broken", Family.IMAGES, Severity.ERROR,
        "A JPEG without a scan, or a PNG without pixels or without its end: MXNet refuses it, and training fails.")
    IMAGE_CUT = (
        "image-cut", Family.IMAGES, Severity.WARNING,
        "A JPEG ends within its picture; training reads it, and takes what is missing as grey.")
    IMAGE_UNDECODABLE = (
        "image-undecodable", Family.IMAGES, Severity.ERROR,
        "The pixels of an image are damaged, and MXNet refuses it; only `sagescene check` of a folder decodes images.")
    IMAGE_DAMAGED = (
        "image-damaged", Family.IMAGES, Severity.WARNING,
        "A JPEG's picture breaks off at damaged bytes; training takes the rest as grey, and only decoding shows it.")
    IMAGE_TOO_LARGE = (
        "image-too-large", Family.IMAGES, Severity.ERROR,
        "`sagescene check` decodes no image of over 160 million pixels, of too many scans, or in a record of over 64 "
        "MiB; a warning says of one over 100 million pixels that no evaluation takes it.")
    IMAGE_SIZE_UNKNOWN = (
        "image-size-unknown", Family.IMAGES, Severity.WARNING,
        "The size of an image was not found, so it may be smaller than `image_shape`, and training would fail.")
    IMAGES_BELOW_IMAGE_SHAPE = (
        "images-below-image-shape", Family.IMAGES, Severity.ERROR,
        "Images are smaller than `image_shape`, which is cut out of them; training would fail.")
    IMAGES_MOSTLY_CROPPED = (
        "images-mostly-cropped", Family.IMAGES, Severity.WARNING,
        "`image_shape` is cut out of images and not made of them: of a typical one, training sees less than half.")
    FEW_SMALL_IMAGES = (
        "few-small-images", Family.IMAGES, Severity.WARNING,
        "A few images much smaller than the others decide `image_shape`; an error where that is 28 pixels or less.",
        Kind.JUDGEMENT)

    RECORD_NOT_IN_LIST = (
        "record-not-in-list", Family.CHANNEL, Severity.ERROR,
        "A record has an id that no row has: the records were packed from another list.")
    RECORD_REPEATED = (
        "record-repeated", Family.CHANNEL, Severity.ERROR,
        "A record has the id of one before: a packing tool added to the file, or gave two images one id.")
    RECORDS_NOT_COMPARED = (
        "records-not-compared", Family.CHANNEL, Severity.WARNING,
        "Records lie more than 100,000 rows from their place in a list of more rows than records: a fault may hide.")
    ROWS_WITHOUT_RECORD = (
        "rows-without-record", Family.CHANNEL, Severity.WARNING,
        "Rows of the list have no record: a packing tool leaves out the images that it cannot read.",
        Kind.JUDGEMENT)
    CLASSES_WITHOUT_RECORD = (
        "classes-without-record", Family.CHANNEL, Severity.ERROR,
        "All images of a class that the list names are lost: the model would not know it; for validation a warning.",
        Kind.JUDGEMENT)
    PACKING_ENDED_EARLY = (
        "packing-ended-early", Family.CHANNEL, Severity.ERROR,
        "The last rows of the list, a tenth or more, have no record: the packing tool died before its end.",
        Kind.JUDGEMENT)
    LIST_NOT_SPLIT = (
        "list-not-split", Family.CHANNEL, Severity.WARNING,
        "The list names the other channel's images as well; a job takes the records alone, but packing would mix them.")
    LABEL_NOT_AS_LISTED = (
        "label-not-as-listed", Family.CHANNEL, Severity.ERROR,
        "A record has another label than its row: the model would learn what the list does not say.")
    LABEL_WIDTH_NOT_AS_LISTED = (
        "label-width-not-as-listed", Family.CHANNEL, Severity.ERROR,
        "The records have another number of labels than their rows: im2rec keeps one without `--pack-label`.")
    NO_RECORDS = (
        "no-records", Family.CHANNEL, Severity.ERROR,
        "The records hold no image, so there is nothing to train on.")
    IMAGES_DROPPED = (
        "images-dropped", Family.CHANNEL, Severity.WARNING,
        "Fewer images are packed than the list names: a packing tool leaves out what it cannot read.",
        Kind.JUDGEMENT)
    MORE_RECORDS_THAN_ROWS = (
        "more-records-than-rows", Family.CHANNEL, Severity.ERROR,
        "More images are packed than the list names: the records were packed from another list.")
    CLASSES_NOT_IN_LIST = (
        "classes-not-in-list", Family.CHANNEL, Severity.ERROR,
        "The records have images of classes that the list does not name: they were packed from another one.")
    LABELS_DIFFER = (
        "labels-differ", Family.CHANNEL, Severity.ERROR,
        "The records have as many images as the list, but not of each class: labels were changed in one of them.")

    LABEL_WIDTH_OF_VALIDATION = (
        "label-width-of-validation", Family.CHANNELS, Severity.ERROR,
        "The validation images have another number of labels than the training images; a job has one for both.")
    CLASS_NOT_IN_TRAIN = (
        "class-not-in-train", Family.CHANNELS, Severity.ERROR,
        "Validation has images of a class that training never sees, so the model can only be wrong about them.")
    CLASS_NOT_IN_VALIDATION = (
        "class-not-in-validation", Family.CHANNELS, Severity.WARNING,
        "Validation has no image of a class, so the accuracy says nothing about it.")
    VALIDATION_LARGER_THAN_TRAIN = (
        "validation-larger-than-train", Family.CHANNELS, Severity.WARNING,
        "There are clearly more images to validate with than to train on, as if both channels were exchanged.")
    LISTS_EXCHANGED = (
        "lists-exchanged", Family.CHANNELS, Severity.ERROR,
        "Each list counts the images of the other channel's records: the lists, or the records, were exchanged.")
    LABELS_NUMBERED_APART = (
        "labels-numbered-apart", Family.CHANNELS, Severity.ERROR,
        "The lists give one folder different labels: each was numbered by itself, and the accuracy means nothing.",
        Kind.JUDGEMENT)
    IMAGE_LABELS_DIFFER = (
        "image-labels-differ", Family.CHANNELS, Severity.ERROR,
        "The same images have other labels, from 1 % of validation or half of training on; fewer are a warning.",
        Kind.JUDGEMENT)
    VALIDATION_OF_ONE_CLASS = (
        "validation-of-one-class", Family.CHANNELS, Severity.ERROR,
        "All validation images have one label, but training has several classes: the accuracy means nothing.",
        Kind.JUDGEMENT)
    PATHS_SHARED = (
        "paths-shared", Family.CHANNELS, Severity.WARNING,
        "Both lists name the same paths; if these are the same images, the accuracy promises too much.")
    IMAGES_SHARED = (
        "images-shared", Family.CHANNELS, Severity.WARNING,
        "Both channels have the same images, which the model learned by heart; from half of validation on an error.",
        Kind.JUDGEMENT)
    SHARED_SAMPLED = (
        "shared-sampled", Family.CHANNELS, Severity.WARNING,
        "There are too many paths or images to compare all; a single one in both may not have been found.")

    TRAINING_JSON_TOO_LARGE = (
        "training-json-too-large", Family.TRAINING_JSON, Severity.ERROR,
        "The file has over 64 KiB, far more than all hyperparameters take: it is another file of that name.")
    NOT_JSON = (
        "not-json", Family.TRAINING_JSON, Severity.ERROR,
        "The file cannot be read as JSON, so what it asks for is not known.")
    NOT_AN_OBJECT = (
        "not-an-object", Family.TRAINING_JSON, Severity.ERROR,
        "The file is JSON, but has no hyperparameters by their names.")
    HYPERPARAMETER_REPEATED = (
        "hyperparameter-repeated", Family.TRAINING_JSON, Severity.ERROR,
        "A hyperparameter is given twice, and which value was meant is not guessed.")
    HYPERPARAMETER_UNKNOWN = (
        "hyperparameter-unknown", Family.TRAINING_JSON, Severity.ERROR,
        "The algorithm has no hyperparameter of that name, and would refuse the job.")
    NOT_ACCEPTABLE = (
        "not-acceptable", Family.TRAINING_JSON, Severity.ERROR,
        "`accept` names what is no finding, or one that tells a fact: only what is a judgement can be accepted.")
    CONTRADICTS_DATA = (
        "contradicts-data", Family.TRAINING_JSON, Severity.ERROR,
        "A count is given, but the data says another; what is measured need not be written.")

    HYPERPARAMETER_INVALID = (
        "hyperparameter-invalid", Family.HYPERPARAMETERS, Severity.ERROR,
        "A value is outside what the algorithm takes, so the job would fail.")
    DEPTH_NOT_FOR_HEIGHT = (
        "depth-not-for-height", Family.HYPERPARAMETERS, Severity.ERROR,
        "`num_layers` is no depth of network that the algorithm builds for images of this height.")
    PRETRAINED_DEPTH = (
        "pretrained-depth", Family.HYPERPARAMETERS, Severity.ERROR,
        "`use_pretrained_model` is on, but there is no pretrained model of this depth.")
    PRETRAINED_IMAGE_SHAPE = (
        "pretrained-image-shape", Family.HYPERPARAMETERS, Severity.ERROR,
        "`use_pretrained_model` is on, but the pretrained models take images of 224 by 224 pixels only.")
    WEIGHTED_LOSS_NEEDS_MULTI_LABEL = (
        "weighted-loss-needs-multi-label", Family.HYPERPARAMETERS, Severity.ERROR,
        "`use_weighted_loss` weighs several labels of an image against each other, but the images have one.")
    TOP_K_ABOVE_CLASSES = (
        "top-k-above-classes", Family.HYPERPARAMETERS, Severity.ERROR,
        "`top_k` is above the number of classes; MXNet cannot take so many of the best, and training ends.")
    ONE_CHANNEL = (
        "one-channel", Family.HYPERPARAMETERS, Severity.WARNING,
        "`image_shape` asks for one channel; the algorithm is documented for the three of coloured images.")
    BATCH_ABOVE_IMAGES = (
        "batch-above-images", Family.HYPERPARAMETERS, Severity.ERROR,
        "`mini_batch_size` is above the number of images, so not even one batch can be filled.")
    BATCH_BELOW_GPUS = (
        "batch-below-gpus", Family.HYPERPARAMETERS, Severity.ERROR,
        "`mini_batch_size` is below the number of GPUs, so some would have no image.")
    BATCH_UNEVEN = (
        "batch-uneven", Family.HYPERPARAMETERS, Severity.WARNING,
        "`mini_batch_size` is no multiple of the number of GPUs, so they do not share a batch equally.")
    BATCH_OF_FEW_VALIDATION_IMAGES = (
        "batch-of-few-validation-images", Family.HYPERPARAMETERS, Severity.WARNING,
        "A batch is no larger than either channel, so that a handful of images to validate with makes batches of under "
        "eight, from which the model learns badly.")
    EPOCHS_ABOVE_LIMIT = (
        "epochs-above-limit", Family.HYPERPARAMETERS, Severity.ERROR,
        "The job would train more epochs than `MaxEpochs`, the most that the stack pays for.")
    COST_ABOVE_LIMIT = (
        "cost-above-limit", Family.HYPERPARAMETERS, Severity.ERROR,
        "By `HourlyPriceUSD` the job may cost more than `MaxJobCostUSD`, if it runs as long as it may.")
    COST_UNKNOWN = (
        "cost-unknown", Family.HYPERPARAMETERS, Severity.ERROR,
        "The stack has a `MaxJobCostUSD`, and no price of an instance type that the job may run on.")
    CHECKPOINT_AFTER_END = (
        "checkpoint-after-end", Family.HYPERPARAMETERS, Severity.ERROR,
        "`checkpoint_frequency` is above `epochs`, so no checkpoint would ever be written.")
    STEPS_NOT_RISING = (
        "steps-not-rising", Family.HYPERPARAMETERS, Severity.ERROR,
        "The epochs in `lr_scheduler_step` do not rise, and the algorithm takes no others.")
    STEP_AFTER_END = (
        "step-after-end", Family.HYPERPARAMETERS, Severity.WARNING,
        "An epoch in `lr_scheduler_step` comes after training has ended, so the learning rate does not change.")
    EARLY_STOPPING_NEVER = (
        "early-stopping-never", Family.HYPERPARAMETERS, Severity.WARNING,
        "`early_stopping_min_epochs` is above `epochs`, so training cannot stop early.")
    RESIZE_BELOW_IMAGE_SHAPE = (
        "resize-below-image-shape", Family.HYPERPARAMETERS, Severity.ERROR,
        "`resize` makes images smaller than `image_shape`, which is cut out of them.")
    WITHOUT_EFFECT = (
        "without-effect", Family.HYPERPARAMETERS, Severity.WARNING,
        "A hyperparameter was chosen that the job will not use, so something else was meant.")
    STORAGE_TOO_SMALL = (
        "storage-too-small", Family.HYPERPARAMETERS, Severity.ERROR,
        "Every instance copies the `.rec` files to its storage before it trains, and they do not fit there.")
    INSTANCE_TYPE_UNDOCUMENTED = (
        "instance-type-undocumented", Family.HYPERPARAMETERS, Severity.WARNING,
        "The algorithm is not documented to train on this type of instance, so the job may fail.")
    # fmt: on


def _shorten(sentence: str) -> str:
    return quote(_LONG_WORD.sub(lambda word: quote(word[0]), sentence), LONGEST_SENTENCE)
