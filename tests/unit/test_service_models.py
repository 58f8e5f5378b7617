"""What botocore is given to know of AWS: what `sagescene.aws` calls, as the installed botocore knows it."""

import re

from botocore import xform_name

from scripts.generate_service_models import FOLDER, OPERATIONS, generate
from tests.stack_template import ROOT

CALLED = re.compile(r"""\._(s3|sagemaker|logs|sns|sqs)\.(?:get_paginator\("(\w+)"\)|(\w+)\()""")
BY_BOTOCORE = {("s3", "head_bucket")}


def test_the_models_are_those_of_the_installed_botocore() -> None:
    written = {str(path.relative_to(FOLDER)): path for path in FOLDER.rglob("*.json")}
    generated = generate()
    assert written.keys() == generated.keys()
    for name, content in generated.items():
        assert written[name].read_text(encoding="utf-8") == content, f"{name}: `make service-models` writes it anew"


def test_every_operation_that_is_called_has_its_model_and_no_other() -> None:
    source = (ROOT / "layers/core/sagescene/aws.py").read_text()
    called = {(service, paginated or plain) for service, paginated, plain in CALLED.findall(source)}
    known = {(service, xform_name(name)) for service, names in OPERATIONS.items() for name in names}
    assert known == called | BY_BOTOCORE
