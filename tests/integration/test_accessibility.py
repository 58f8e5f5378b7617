"""Pages as people see them: in headless Chromium, on desktop and phone, light and dark, by the rules of axe."""

import base64
import dataclasses
import shutil
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from sagescene.files.classnames import ClassNames
from sagescene.files.setchange import Relabelling, SetChange
from sagescene.files.thumbnails import Thumbnail
from sagescene.findings import Severity
from sagescene.messages import page as report_page
from sagescene.preflight.report import Channel, Verdict
from sagescene_evaluation import page as evaluation_page
from sagescene_evaluation.evaluation import EpochAccuracy, Evaluation
from tests.unit.evaluation.test_document import ODD, SEVERAL, balanced, evaluate
from tests.unit.messages.test_report_page import FINDING, SOUND

CHROMIUM = shutil.which("chromium")
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HOSTILE = "<img src=x onerror=alert(1)> " + "a-long-name-without-a-blank" * 8
NAMES = ClassNames.of({0: "ant", 1: "bee", 2: "cat", 3: HOSTILE}, "classes.txt")
WARNING = dataclasses.replace(FINDING, severity=Severity.WARNING)
EPOCHS = tuple(EpochAccuracy(n, 0.5 + n / 20, 0.4 + n / 20) for n in range(1, 9))

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the PATH")


def of_evaluation(evaluation: Evaluation, said: str = "") -> str:
    pictures = {case.place: PIXEL for case in (*evaluation.mistakes, *evaluation.doubtful)}
    return evaluation_page.render(evaluation, pictures, said)


def pages() -> Iterator[tuple[str, str]]:
    """Give every kind of page by a name."""
    many = Channel(images=200, classes=dict.fromkeys(range(90), 2), shorter_sides={256: 18, 2048: 2})
    relabelled = Relabelling(before="cat (0)", after=HOSTILE, images=1200)
    change = SetChange(job="job", relabelled=1200, relabellings=(relabelled,))
    thumbnails = tuple(Thumbnail(label=label, format="png", image=PIXEL) for label in range(4))
    request = {"TrainingJobName": HOSTILE, "HyperParameters": {"epochs": "5"}}
    ready = dataclasses.replace(SOUND, class_names=NAMES, findings=(WARNING,), change=change)
    yield "ready", report_page.render(ready, thumbnails, request)
    refused = dataclasses.replace(FINDING, file=HOSTILE, message=HOSTILE, remedy=HOSTILE)
    refusal = dataclasses.replace(SOUND, verdict=Verdict.REFUSED, findings=(refused, WARNING), train=many)
    yield "refused", report_page.render(refusal)
    yield "waiting", report_page.render(dataclasses.replace(SOUND, verdict=Verdict.WAITING, findings=(WARNING,)))
    yield "good", of_evaluation(evaluate(balanced(40), epochs=EPOCHS, epoch=8))
    confused = evaluate(balanced(40, 2), class_names=NAMES, epochs=EPOCHS)
    paths = {(0, case.identifier): HOSTILE for case in confused.mistakes}
    yield "confused", of_evaluation(dataclasses.replace(confused, paths=paths), "It is better than version 1.")
    yield "guessing", of_evaluation(evaluate([(n % 4, balanced(1)[0][1]) for n in range(40)], class_names=NAMES))
    yield "many classes", of_evaluation(dataclasses.replace(confused, classes=13))
    yield "several labels", of_evaluation(evaluate(SEVERAL, class_names=NAMES))
    yield "odd", of_evaluation(evaluate(ODD))
    yield "not evaluated", of_evaluation(evaluate([], epochs=()))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_passes_the_rules_of_axe(browser: Browser, width: int, scheme: Literal["light", "dark"]) -> None:
    shown = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = {}
    for name, content in pages():
        shown.set_content(content)
        violations = Axe().run(shown).response["violations"]
        if violations:
            found[name] = [
                (each["id"], node["target"], node["failureSummary"]) for each in violations for node in each["nodes"]
            ]
    shown.close()
    assert found == {}
