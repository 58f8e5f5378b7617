"""What must be known beside the verdict of an evaluation, and what to do about it."""

from pathlib import PurePosixPath

from sagescene.foreign_text import printable
from sagescene.grammar import agree, count, name_some, percent
from sagescene_evaluation.caveat import Caveat, CaveatCode
from sagescene_evaluation.evaluation import MOST_CLASSES_TOLD, Evaluation, Role, SampleKind, Subject
from sagescene_evaluation.figure_caveats import find_of_figures
from sagescene_evaluation.list_look import OtherList
from sagescene_model.pictures import Fit

_MOST_SEEN_TOLD = 5  # images
_MOST_UNTESTED_TOLD = 3  # classes


def find_caveats(evaluation: Evaluation) -> list[Caveat]:
    """Give what must be known beside the verdict, the gravest first."""
    found = _find_of_files(evaluation)
    if evaluation.images:
        found += [*find_of_figures(evaluation), *_find_untested(evaluation)]
    return [caveat._replace(message=printable(caveat.message)) for caveat in found]


def _find_of_files(evaluation: Evaluation) -> list[Caveat]:
    found = []
    if not evaluation.images:
        found.append(_tell_nothing_read(evaluation))
    found += _compare_names(evaluation.subject, evaluation.classes)
    if evaluation.subject.role is Role.VALIDATION:
        found.append(
            Caveat(
                CaveatCode.NO_TEST_FILES,
                "The data set has no test files, so the validation images were used; the best epoch was chosen by "
                "them, which makes the figure too good.",
                "Upload images that training never sees as a _test.rec, or in the folder test/.",
            )
        )
    if evaluation.subject.copies:
        names = ", ".join(evaluation.subject.copies)
        found.append(
            Caveat(
                CaveatCode.COPY_OF_VALIDATION,
                f"{names}: this is the validation file by another name; the best epoch was chosen by its images, which "
                "makes the figure too good.",
                "Replace it by images that training never sees.",
            )
        )
    if evaluation.seen.images:
        found.append(_tell_seen(evaluation))
    if evaluation.repeated:
        role, repeated = evaluation.subject.role, evaluation.repeated
        found.append(
            Caveat(
                CaveatCode.IMAGES_REPEATED,
                f"{repeated:,} of {evaluation.images:,} {role} images {agree(repeated, 'is', 'are')} there once more, "
                "and counted each time: the figure is less sure than its interval says.",
                f"Leave each image in the {role} files once, and pack again.",
            )
        )
    found += [_tell_other_list(evaluation, other) for other in evaluation.other_lists]
    if evaluation.sample and evaluation.images:
        found.append(_tell_sample(evaluation))
    found += [
        Caveat(
            CaveatCode.FILE_ENDS_EARLY,
            f"{fault}; what follows there was not read.",
            "Upload the file again from where it is whole.",
        )
        for fault in evaluation.faults
    ]
    if evaluation.damaged:
        left = evaluation.damaged - len(evaluation.damages)
        more = f" and {left:,} more" if left else ""
        found.append(
            Caveat(
                CaveatCode.IMAGES_DAMAGED,
                f"The figures are without {count(evaluation.damaged, 'image')} that could not be read: "
                f"{'; '.join(evaluation.damages)}{more}.",
                "Replace these images or leave them out, and pack again.",
            )
        )
    if evaluation.strange:
        found.append(_tell_strangers(evaluation))
    return found


def _tell_nothing_read(evaluation: Evaluation) -> Caveat:
    unknown = "Not one image was read, so nothing is known of this model"
    if evaluation.faults or evaluation.damaged:
        message, remedy = f"{unknown}.", "Look at what is said of the files below, and upload them again."
    elif evaluation.sample:
        message = f"{unknown}: the time that MaxEvaluationMinutes allows was over before."
        remedy = "Give it more minutes."
    else:
        files = evaluation.subject.files
        names = ", ".join(each.key for each in files)
        message = f"{unknown}: {names} {agree(len(files), 'holds', 'hold')} no record."
        remedy = "Pack the images again, and look whether the copy or the upload ended."
    return Caveat(CaveatCode.NOTHING_READ, message, remedy)


def _compare_names(subject: Subject, classes: int) -> list[Caveat]:
    """Hold the model's class names against those of the files; as of a set trained before, others are only told."""
    names, others = subject.class_names, subject.names_of_files
    if others.names and not names.names:
        return [
            Caveat(
                CaveatCode.CLASS_NAMES_DIFFER,
                f"{others.source} names {len(others.names) + others.more:,} classes, and the model has {classes:,}: it "
                "is of another data set, so classes are told by their numbers.",
                "Evaluate the model on images that are packed with its own class numbers, or mend that file.",
            )
        ]
    differing = names.find_differing(others)
    if not differing:
        return []
    label = differing[0]
    left = len(differing) - 1
    more = f" ({left:,} more {agree(left, 'differs', 'differ')})" if left else ""
    return [
        Caveat(
            CaveatCode.CLASS_NAMES_DIFFER,
            f"{others.source} calls class {label} {others.names[label]}, the model {names.names[label]}{more}: classes "
            "are compared by number, so the figures mean nothing unless only the names are others.",
            "Evaluate the model on images of its own classes, packed with its own class numbers.",
        )
    ]


def _tell_seen(evaluation: Evaluation) -> Caveat:
    seen, unseen = evaluation.seen, evaluation.unseen
    kind = f"{evaluation.subject.role} images"
    rest = f" Of the other {count(unseen.of, 'image')} {percent(unseen.share)} are right." if unseen.of else ""
    places = [
        evaluation.paths.get((each.file, each.identifier))
        or f"byte {each.offset:,} of {evaluation.subject.files[each.file].key}"
        for each in seen.named[:_MOST_SEEN_TOLD]
    ]
    told, condition, those = (
        (f"{agree(seen.images, 'was', 'were')} trained on", "", "Trained on")
        if evaluation.subject.is_of_training
        else (
            f"{agree(seen.images, 'lies', 'lie')} among the training images of this data set, too",
            "if the model was trained on it, ",
            agree(seen.images, "That is", "Those are"),
        )
    )
    return Caveat(
        CaveatCode.TRAINED_ON,
        f"{seen.images:,} of {evaluation.images:,} {kind} {told}: {condition}the figure is too good by up to "
        f"{100 * seen.right / evaluation.images:.1f} percentage points.{rest} {those}: "
        f"{name_some(places, seen.images)}.",
        f"Leave these images out of the {evaluation.subject.role} files, or out of training, and pack again.",
    )


def _tell_other_list(evaluation: Evaluation, other: OtherList) -> Caveat:
    records = PurePosixPath(evaluation.subject.files[other.file].key)
    looked_at = f"{other.differing:,} of {count(other.looked_at, 'image')} that were looked at"
    return Caveat(
        CaveatCode.LIST_NOT_OF_RECORDS,
        f"{records.with_suffix('.lst')} gives {looked_at} another label than {records.name} does, as to that with the "
        f"id {other.identifier}: it is the list of other records, or was changed since. The figures are of the labels "
        "in the records, and no image is named by the list's paths.",
        "Put the list beside the records from which they were packed, or pack them again from this one.",
    )


def _tell_sample(evaluation: Evaluation) -> Caveat:
    of_all = f"{evaluation.all_images:,}" if evaluation.all_images is not None else "more"
    if evaluation.sample is SampleKind.BALANCED:
        message = (
            f"In the time that MaxEvaluationMinutes allows {evaluation.images:,} of {of_all} images were read, as "
            "evenly over the classes as can be: where classes are of unequal size, all images may give another figure."
        )
        remedy = "Give it more minutes for all of them; nothing needs doing if the interval is narrow enough."
    else:
        seen = len(evaluation.tested)
        message = (
            f"In the time that MaxEvaluationMinutes allows the first {evaluation.images:,} of {of_all} images were "
            f"read; they show {seen:,} of {evaluation.classes:,} classes, whose mean recall is "
            f"{percent(evaluation.fits[Fit.CROP].balanced)}."
        )
        remedy = "Upload the .idx file and the list beside it, and a class-balanced sample is taken."
    return Caveat(CaveatCode.SAMPLE, message, remedy)


def _tell_strangers(evaluation: Evaluation) -> Caveat:
    labels = ", ".join(f"{label} ({images:,})" for label, images in evaluation.strangers.items())
    left = evaluation.strange - sum(evaluation.strangers.values())
    more = f" and others ({left:,})" if left else ""
    role, classes = evaluation.subject.role, f"the model's {evaluation.classes:,} classes"
    remedy = f"Pack the {role} images with " + (
        f"{evaluation.classes:,} labels each, 0 or 1, in the order of the model's classes."
        if evaluation.is_multi_label
        else "one label each, the class number that the model was trained with."
    )
    if evaluation.strange == evaluation.images:
        message = f"The labels of all {role} images are none of {classes}, so nothing is known of it: {labels}{more}."
        return Caveat(CaveatCode.NO_LABEL_FITS, message, remedy)
    message = (
        f"Counted as wrong: {count(evaluation.strange, 'image')} with a label that is none of {classes}: {labels}"
        f"{more}."
    )
    return Caveat(CaveatCode.LABELS_OF_NO_CLASS, message, remedy)


def _find_untested(evaluation: Evaluation) -> list[Caveat]:
    """Tell of classes that no image has: whatever the figures are, they say nothing of these."""
    tested = [each.label for each in evaluation.tested]
    is_known = evaluation.classes <= MOST_CLASSES_TOLD and not evaluation.sample
    if not is_known or evaluation.images == evaluation.strange or len(tested) == evaluation.classes:
        return []
    names, kind = evaluation.subject.class_names, f"{evaluation.subject.role} images"
    untested = sorted({*range(evaluation.classes)}.difference(tested))
    named = name_some([*map(names.tell, untested[:_MOST_UNTESTED_TOLD])], len(untested))
    if len(tested) == 1 and not evaluation.is_multi_label:
        told = f"All {kind} are of class {names.tell(tested[0])}: whether the model tells it from others is not known."
    else:
        told = (
            f"{kind.capitalize()} show {len(tested):,} of the model's {evaluation.classes:,} classes: nothing is known "
            f"of {named}."
        )
    return [Caveat(CaveatCode.CLASSES_NOT_TESTED, told, f"Add {kind} of every class.")]
