"""Labels from a CSV file: its columns and rows, the images it names, one label an image or several."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from sagescene.files import listrows, recordio
from sagescene_command.cli import commands
from sagescene_command.packing.labels import find_labelled
from sagescene_command.packing.pack import pack
from sagescene_command.packing.source import PackedChannel, PackingError, PictureSource
from sagescene_command.packing.table import LabelFile
from sagescene_command.packing.tree import walk


def draw(folder: Path, names: str) -> Path:
    for number, name in enumerate(names.split()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), f"#{number * 7:06x}").save(path)
    return folder


def find(folder: Path, table: str, file_column: str = "", label_columns: tuple[str, ...] = ()) -> PictureSource:
    path = folder.with_name("labels.csv")
    path.write_text(table)
    labels = LabelFile(path=path, file_column=file_column, label_columns=label_columns)
    return find_labelled(walk(folder, []), labels)


def labels_of(source: PictureSource) -> dict[str, tuple[float, ...]]:
    return {picture.name: picture.labels for picture in source.whole}


@pytest.mark.parametrize(
    "table",
    [
        "file,label\n1.png,dog\n2.png,cat\n3.png,dog\n",
        "\ufefffile,label\r\n1.png,dog\r\n2.png,cat\r\n\r\n3.png,dog\r\n",
        "label;width;File Name\ndog;1;1.png\ncat;2;./2.png\ndog;3;3.png\n",
        "id\tBreed\n1\tdog\n2\tcat\n3\tdog\n",
        'image_path,class\n"photos/1.png","dog"\nphotos/2.png,cat\nphotos\\3.png,dog\n',
        "id,filename,category\n9,1.png,dog\n8,2.png,cat\n7,3.png,dog\n",
    ],
)
def test_columns_are_found_by_their_names(tmp_path: Path, table: str) -> None:
    source = find(draw(tmp_path / "photos", "1.png 2.png 3.png"), table)
    assert source.classes == ("cat", "dog")
    assert labels_of(source) == {"1.png": (1,), "2.png": (0,), "3.png": (1,)}
    assert (source.skipped, source.is_multi_label, source.parts) == ((), False, {})


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("file,label\n", "holds no row"),
        ("", "holds no row"),
        ("file\n1.png\n", "does not say which column holds the labels"),
        ("a,label\n1.png,x\n", "does not say which column names the files; give --file-column, one of a, label"),
        ("file,path,label\n1.png,1.png,x\n", "does not say which column names the files"),
        ("file,path,id,label\n1.png,1.png,1,x\n", "does not say which column names the files"),
        ("file,label,class\n1.png,x,y\n", "give --label-column, one of label, class"),
        ("file,width,cat\n1.png,12,1\n", "give --label-column, one of width, cat"),
        ("file,label,label\n1.png,x,x\n", "two columns of one name"),
        ("file,label\n1.png,x\n2.png,x,y\n", "Line 3 of labels.csv has 3 fields"),
        ('file,label\n"1.png,x\n', "cannot be read as CSV"),
        ("file,label\n1.png,x\n2.png,x\n", "of 1 class; a"),
        (
            '{"source-ref":"s3://b/1.png","pets":1}\n{"source-ref":"s3://b/2.png","pets":0}\n',
            "manifest of SageMaker Gr",
        ),
        ('{\n"file": "1.png"}\n', "is JSON and no CSV file"),
        ('[{"file": "1.png"}]\n', "is JSON and no CSV file"),
        ("0\t1\t0\t1.png\n1\t0\t1\t2.png\n", "is a list with several labels an image"),
        ("0\t1\t1.png\n0\t0\t2.png\n", "give --label-column, one of column 1, column 2"),
        ("1,1,0\n2,0,1\n", "give --file-column, one of column 1, column 2, column 3"),
        ("1.png,x\n2.png,y,z\n", "Line 2 of labels.csv has 3 fields, and its first line 2; mend"),
        ("1.png,x,a\n2.png,y,b\n", "give --label-column, one of column 2, column 3"),
        ("1.png,2.png,x\n2.png,1.png,y\n", "give --file-column, one of column 1, column 2, column 3"),
        (
            "file,label\n1.png,cat|dog\n2.png,cat\n",
            r"Line 2 .* has several labels in one cell, cat\|dog; .* than \| where",
        ),
        ("file,label\n1.png,a; b\n2.png,b; c\n", "Line 3 .* has several labels in one cell, b; c;"),
        ('file,label\n1.png,"a,b"\n2.png,a\n3.png,b\n', "Line 2 .* has several labels in one cell, a,b;"),
        (
            "file,label,split\n1.png,x,train\n2.png,y,mine\n",
            "Line 3 .* has mine in the column split, which is no split;",
        ),
        (
            "file,label,split\n1.png,x,val\n2.png,y,test\n",
            "column split .* gives no image to train on; write train",
        ),
        (
            "file,label,split,set\n1.png,x,val,train\n2.png,y,test,val\n",
            "has splits in several columns, split and set;",
        ),
        (
            "file,label\nC:\\mine\\1.png,x\n/home/2.png,y\n",
            r"No file that labels.csv names is in .*photos: C:\\mine\\1.png on line 2 and 1 more; .* 1.png, or",
        ),
        (
            "file,label\ngs://b/img/3.png,x\n",
            r"No file that labels.csv names is in .*: gs://b/img/3.png on line 2;",
        ),
        ("file,cat,dog\n1.png,1,0\n2.png,1,0\n", r"No image has a 1 in the column dog of"),
    ],
)
def test_a_table_that_leaves_a_question_is_refused(tmp_path: Path, table: str, says: str) -> None:
    with pytest.raises(PackingError, match=says):
        find(draw(tmp_path / "photos", "1.png 2.png"), table)


def test_names_that_several_files_have_are_refused_where_no_other_is_found(tmp_path: Path) -> None:
    says = "Line 3 of labels.csv names 1.png, but several files in .* are called so; .* such as a/1.png"
    with pytest.raises(PackingError, match=says):
        find(draw(tmp_path / "photos", "a/1.png b/1.png"), "file,label\n2.png,x\n1.png,y\n")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PackingError, match=r"empty holds no image, and labels.csv names 2 files"):
        find(tmp_path / "empty", "file,label\n2.png,x\n1.png,y\n")


@pytest.mark.parametrize(
    "labels",
    [
        ["maillot", "maillot, tank suit"],
        ["animal|cat", "animal|dog"],
        ["a;", "a"],
        ["big, cat", "cat, big"],
        ["a-b", "a"],
    ],
)
def test_a_label_that_holds_a_sign_is_one_label(tmp_path: Path, labels: list[str]) -> None:
    rows = "".join(f'{number}.png,"{label}"\n' for number, label in enumerate(labels))
    assert find(draw(tmp_path / "photos", "0.png 1.png"), f"file,label\n{rows}").classes == tuple(sorted(labels))


@pytest.mark.parametrize(
    ("table", "remark"),
    [
        ("1.png,dog\n2.png,cat\n3.png,dog\n", "labels.csv has no header line; its columns are read as file, label."),
        ("dog;./1.png\ncat;2.png\ndog;3.png\n", "labels.csv has no header line; its columns are read as label, file."),
        ("1,dog\n2,cat\n3,dog\n", "labels.csv has no header line; its columns are read as file, label."),
        (
            "1.png,label\n2.png,cat\n3.png,label\n",
            "labels.csv has no header line; its columns are read as file, label.",
        ),
    ],
)
def test_a_first_line_that_names_an_image_is_no_header(tmp_path: Path, table: str, remark: str) -> None:
    source = find(draw(tmp_path / "photos", "1.png 2.png 3.png"), table)
    assert labels_of(source) == {"1.png": (1,), "2.png": (0,), "3.png": (1,)}
    assert source.remarks == (remark,)


def test_a_header_stays_one_where_an_image_is_called_like_a_column(tmp_path: Path) -> None:
    source = find(draw(tmp_path / "photos", "image.png label.png"), "image,label\nimage,x\nlabel,y\n")
    assert labels_of(source) == {"image.png": (0,), "label.png": (1,)}


def test_columns_of_a_table_without_a_header_can_be_asked_for_by_their_places(tmp_path: Path) -> None:
    source = find(draw(tmp_path / "photos", "1.png 2.png"), "1.png,x,u\n2.png,y,v\n", "", ("column 3",))
    assert (source.classes, labels_of(source)) == (("u", "v"), {"1.png": (0,), "2.png": (1,)})


def test_a_list_is_read_with_its_numbers_as_names(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos", "1.png 2.png 3.png")
    source = find(photos, "7\t10.000000\t1.png\n4\t2.000000\tphotos/2\n5\t2\t3.png\n")
    assert (source.classes, source.skipped) == (("2", "10"), ())
    assert labels_of(source) == {"1.png": (1,), "2.png": (0,), "3.png": (0,)}
    assert source.remarks[0].startswith(
        "labels.csv is a list: its labels, which are numbers, are taken as the names of"
    )


@pytest.mark.parametrize(
    "table",
    [
        "file,label,split\n1.png,x,train\n2.png,y,Training\n3.png,x,VALIDATION\n4.png,y,test\n5.png,x,\n",
        "file,mine,split\n1.png,x,train\n2.png,y,train\n3.png,x,valid\n4.png,y,test\n5.png,x,\n",
        "Subset;file;label\ntrain;1.png;x\ntrain;2.png;y\nval;3.png;x\ntest;4.png;y\n;5.png;x\n",
        "file,x,y,set\n1.png,1,0,train\n2.png,0,1,train\n3.png,1,0,dev\n4.png,0,1,test\n5.png,1,0,\n",
    ],
)
def test_a_column_of_splits_deals_the_images(tmp_path: Path, table: str) -> None:
    asked = ("mine",) if "mine" in table else ()
    source = find(draw(tmp_path / "photos", "1.png 2.png 3.png 4.png 5.png"), table, "", asked)
    assert (source.whole, source.classes) == ((), ("x", "y"))
    assert {str(channel): [picture.name for picture in pictures] for channel, pictures in source.parts.items()} == {
        "train": ["1.png", "2.png"],
        "val": ["3.png"],
        "test": ["4.png"],
    }
    ((skipped, reason),) = [(skipped.path.name, skipped.reason) for skipped in source.skipped]
    assert (skipped, reason) == ("5.png", "line 6 of labels.csv gives it no split")
    assert source.remarks[0].endswith("of labels.csv says which images are to train, validate and test with.")


def test_a_column_of_splits_is_found_without_a_header_and_goes_before_folders(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos", "train/1.png train/2.png test/3.png test/4.png")
    source = find(photos, "TEST,1.png,x\nTRAIN,2.png,y\nTRAIN,3.png,x\nTRAIN,4.png,y\n")
    assert source.remarks[0] == "labels.csv has no header line; its columns are read as split, file, label."
    assert [picture.name for picture in source.parts[PackedChannel.TEST]] == ["train/1.png"]
    assert len(source.parts[PackedChannel.TRAIN]) == 3


def test_an_image_of_two_splits_is_left_out(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos", "1.png 2.png 3.png")
    table = "file,label,split\n1.png,x,train\n2.png,y,train\n3.png,x,train\n3.png,x,train\n3.png,x,test\n"
    assert [skipped.reason for skipped in find(photos, table).skipped] == [
        "lines 4 and 6 of labels.csv give it different splits"
    ]


def test_a_column_that_names_no_splits_is_said_to_be_unused(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos", "1.png 2.png")
    source = find(photos, "file,label,fold\n1.png,x,0\n2.png,y,1\n")
    assert (source.classes, len(source.whole)) == (("x", "y"), 2)
    assert source.remarks == (
        "The column fold of labels.csv is not used, for nothing in it is called train, val or test.",
    )
    assert find(photos, "file,set\n1.png,train\n2.png,test\n", "", ("set",)).classes == ("test", "train")
    assert find(photos, "file,label,set\n1.png,x,new train\n2.png,y,new test\n").parts == {}


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes("file,label\n1.png,Käfer\n".encode("latin-1"))
    with pytest.raises(PackingError, match="not in UTF-8"):
        find_labelled(walk(draw(tmp_path / "photos", "1.png"), []), LabelFile(path=path))


def test_columns_can_be_asked_for(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos", "1.png 2.png")
    table = "a,b,c,label\n1.png,x,0,u\n2.png,y,1,u\n"
    assert find(photos, table, "a", ("b",)).classes == ("x", "y")
    assert find(photos, table, "a", ("c",)).classes == ("0", "1")
    with pytest.raises(PackingError, match="has no column d; its columns are a, b, c, label"):
        find(photos, table, "d")
    with pytest.raises(PackingError, match="has no column d"):
        find(photos, table, "a", ("b", "d"))


def test_numbers_keep_their_order(tmp_path: Path) -> None:
    source = find(draw(tmp_path / "photos", "1.png 2.png 3.png"), "file,label\n1.png,10\n2.png,9\n3.png,0\n")
    assert source.classes == ("0", "9", "10")


def test_an_image_is_named_by_the_end_of_its_path_and_never_by_another_folder(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos", "a/1.png a/2.png b/2.png b/3.png b/5.png 6.png c/6.png")
    source = find(
        photos, "file,label\n1.png,x\na/2.png,y\n2.png,x\nc/3.png,x\nphotos/b/5.png,x\n../photos/b/3.png,x\n6.png,y\n"
    )
    assert labels_of(source) == {"6.png": (1,), "a/1.png": (0,), "a/2.png": (1,), "b/5.png": (0,)}
    assert {str(skipped.path): skipped.reason for skipped in source.skipped} == {
        "2.png": "line 4 of labels.csv names it, but several files are called so",
        "c/3.png": "line 5 of labels.csv names it, but there is no such image",
        "../photos/b/3.png": "line 7 of labels.csv names it, but there is no such image",
        f"{photos}/b/2.png": "labels.csv does not name it",
        f"{photos}/b/3.png": "labels.csv does not name it",
        f"{photos}/c/6.png": "labels.csv does not name it",
    }


def test_what_has_no_clear_label_is_left_out(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos", "1.png 2.png 3.png 4.png 5.png 6.png")
    source = find(photos, 'file,label\n1.png,x\n2.png,y\n3.png,x\n3.png,y\n4.png,\n1.png,x\n5.png,"x\ny"\n6.png,NaN\n')
    assert labels_of(source) == {"1.png": (0,), "2.png": (1,)}
    assert {skipped.path.name: skipped.reason for skipped in source.skipped} == {
        "3.png": "lines 4 and 5 of labels.csv give it different labels",
        "4.png": "line 6 of labels.csv gives it no label",
        "5.png": "line 9 of labels.csv gives it a label with a line break or another control character",
        "6.png": "line 10 of labels.csv gives it NaN, which is no label",
    }


def test_columns_of_flags_give_several_labels(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos", " ".join(f"{number}.png" for number in range(10)))
    table = "file,cat,dog,owl\n" + "".join(f"{n}.png,{n % 2},{n % 3 % 2}.0,{int(n == 4)}\n" for n in range(10))
    source = find(photos, table)
    assert (source.classes, source.is_multi_label) == (("cat", "dog", "owl"), True)
    assert labels_of(source)["4.png"] == (0, 1, 1)
    asked = find(photos, table.replace("file,", "a,"), "a", ("owl", "cat"))
    assert (asked.classes, labels_of(asked)["4.png"]) == (("owl", "cat"), (1, 0))
    blank = find(photos, table + "", "file", ("cat", "dog"))
    assert blank.skipped == ()


@pytest.mark.parametrize("seed", range(20))
def test_a_set_of_several_labels_is_packed(tmp_path: Path, seed: int) -> None:
    photos = draw(tmp_path / "photos", " ".join(f"{number}.png" for number in range(10)))
    table = "file,cat,dog,owl\n" + "".join(f"{n}.png,{n % 2},{int(n > 3)},{int(n == 4)}\n" for n in range(10))
    (photos / "labels.csv").write_text(table)
    packed = pack(photos, tmp_path / "out" / "a", labels=LabelFile(path=photos / "labels.csv"), seed=seed)
    assert (packed.images, packed.skipped) == ({"train": 8, "val": 2}, ())
    learned = []
    for part in ("train", "val"):
        rows = list(listrows.read([(tmp_path / "out" / f"a_{part}.lst").read_bytes()]))
        records = list(recordio.read([(tmp_path / "out" / f"a_{part}.rec").read_bytes()]))
        for row, record in zip(rows, records, strict=True):
            number = int(Path(row.path).stem)
            assert row.labels == record.labels == (number % 2, number > 3, number == 4)
            learned += [number] if part == "train" else []
    assert 4 in learned, "the only owl is trained on"


def test_flags_of_which_each_row_has_one_are_classes(tmp_path: Path) -> None:
    source = find(draw(tmp_path / "photos", "1.png 2.png"), "image,cat,dog\n1.png,0,1\n2.png,1,0\n")
    assert (source.classes, source.is_multi_label) == (("cat", "dog"), False)
    assert labels_of(source) == {"1.png": (1,), "2.png": (0,)}
    assert source.remarks[0].startswith("Every row of labels.csv has exactly one 1")


def test_a_flag_that_is_none_leaves_its_image_out(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos", "1.png 2.png 3.png")
    source = find(photos, "file,cat,dog\n1.png,1,1\n2.png,1,0\n3.png,1,yes\n", "file", ("cat", "dog"))
    assert source.is_multi_label
    assert [(skipped.path.name, skipped.reason) for skipped in source.skipped] == [
        ("3.png", "line 4 of labels.csv holds something other than 0 and 1")
    ]


def test_labelled_images_stay_as_they_are_split(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos", "train/1.png train/2.png valid/3.png test/4.png 5.png")
    table = "file,label\n" + "".join(f"{number}.png,{'xy'[number % 2]}\n" for number in range(1, 6))
    source = find(photos, table)
    assert source.whole == ()
    assert {str(channel): [picture.name for picture in pictures] for channel, pictures in source.parts.items()} == {
        "train": ["train/1.png", "train/2.png"],
        "val": ["valid/3.png"],
        "test": ["test/4.png"],
    }
    assert [(skipped.path.name, skipped.reason) for skipped in source.skipped] == [("5.png", "it is in no split")]


def test_the_command_takes_a_file_of_labels(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos", "1.png 2.png 3.png 4.png")
    table = tmp_path / "labels.csv"
    table.write_text("a,b\n1.png,x\n2.png,y\n3.png,x\n4.png,y\n")

    def run(*options: str) -> tuple[int, str]:
        done = CliRunner().invoke(commands, ["pack", str(photos), f"{tmp_path}/out/", *options])
        return done.exit_code, done.output

    status, told = run("--labels", str(table))
    assert (status, "give --file-column" in told) == (1, True)
    status, told = run("--labels", str(table), "--file-column", "a", "--label-column", "b")
    assert (status, told.splitlines()[0]) == (0, "2 images to train on and 2 to validate with, of 2 classes")
    assert run("--label-column", "b") == (1, "Error: Columns are those of a CSV file: give --labels FILE.\n")
    status, told = run("--labels", str(table), "--class-depth", "1")
    assert (status, "give --class-depth or --labels" in told) == (1, True)
