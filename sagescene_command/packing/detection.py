"""Folders of object detection, told from those of classes."""

from pathlib import PurePosixPath

from sagescene_command.packing.source import PackingError
from sagescene_command.packing.tree import Tree

_BOXES, _IMAGES = "labels", "images"
_TABLES = {".csv", ".tsv", ".xlsx"}


def refuse_boxes(tree: Tree) -> None:
    """Refuse images beside a folder for their boxes, as YOLO lays them out: images/train and labels/train.

    So are train/images and train/labels. A folder of that name which holds images is that of a class, or of masks, and
    one that holds a table may say the class of each image.

    Raises:
        PackingError: with what to pack instead.
    """
    holding = {image.parent for image in tree.images}
    filled = holding.union(parent for folder in holding for parent in folder.parents)
    tabled = {
        PurePosixPath(skipped.path.parent.relative_to(tree.root))
        for skipped in tree.skipped
        if skipped.path.suffix.lower() in _TABLES
    }
    for folder in tree.folders:
        images = PurePosixPath(*(_IMAGES if part == _BOXES else part for part in folder.parts))
        if images != folder and images in holding and folder not in filled | tabled:
            raise PackingError(
                f"{tree.root} holds the images of object detection, as with YOLO: {images} has the images, and "
                f"{folder} is for their boxes. This algorithm learns what a whole image shows, and no boxes: cut the "
                "objects out, and put these into one folder for each class; or put each image into the folder of the "
                "one class that it shows; or train another algorithm on it, such as SageMaker's object detection."
            )
