"""The command that checks a folder, uploads it and follows it to its verdict."""

import sys
from functools import partial
from pathlib import Path

import click

from sagescene.parts import DATASETS, Part, part_of
from sagescene_command.examples import for_example
from sagescene_command.following.options import JSON, STACK_NAME, TIMEOUT, echo_json, print_lines
from sagescene_command.following.verdicts import end_with, follow_to_verdict, open_sources
from sagescene_command.narration import show_progress
from sagescene_command.terminal import Console


@click.command(
    "drop",
    epilog=for_example("sagescene drop pets/", "sagescene drop pets-2026-11/ pets --json"),
    short_help="Check a folder, upload it and follow it.",
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("data_set", metavar="[SET]", required=False)
@TIMEOUT
@STACK_NAME
@JSON
def drop_command(*, folder: Path, data_set: str | None, timeout: float, stack_name: str | None, as_json: bool) -> None:
    """Check FOLDER, upload it as the data set SET, by default of the folder's name, and follow it to its verdict.

    A set with errors is not uploaded, nor one in whose way other files of SET lie in the bucket, such as last month's:
    it names them, with the commands that take them away. Nor is what is no part of a set. Files that are there already
    are not uploaded again, so an upload that was broken off goes on where it was; .rec files come last. Ctrl-C while it
    is followed ends nothing of it.

    The exit status is 0 when there is a model, 1 when there is none, or not within the time, 2 when files are missing,
    and 3 when the folder could not be checked, AWS not be asked, or a function failed.
    """
    from sagescene_command import check, operations, places, verdict
    from sagescene_command.following import leaving, leftovers, stacks, uploading, words
    from sagescene_command.following.faults import aws_errors, unusable_folders
    from sagescene_command.local_run import find_uploads
    from sagescene_command.repairing.suggestion import suggest_repair

    console = Console(stderr=as_json)
    name = data_set or folder.resolve().name
    with aws_errors(), unusable_folders():
        uploading.require_name(name)
        files = find_uploads(folder, name)
        uploads = {key: path for key, path in files.items() if uploading.is_uploaded(key)}
        stack = stacks.find(stack_name)
        parameters = stacks.name_parameters(stacks.read_settings(stack))
        place = places.find_folder(str(folder), name)
        found = leftovers.look_for_leftovers(stack, place, uploads)
        address = f"s3://{stack.bucket}/{DATASETS}{name}/"
        print_lines(console, leftovers.tell_beside(found, address, len(files) - len(uploads)))
        if found.in_the_way:
            refused = leftovers.refuse(found, address, folder)
            print_lines(console, [refused.reason, *refused.remedy.splitlines()])
            end_with(refused, as_json=as_json)
        place = leftovers.lay_beside(place, found, stack)
        showing = partial(show_progress, console)
        examined, _ = check.check(str(folder), parameters, show_progress=showing, place=place)
        if status := verdict.EXIT_STATUS[examined.report.verdict]:
            verdict.tell(examined.report, console)
            if suggestion := suggest_repair(folder, examined.report, showing):
                print_lines(console, ["", suggestion])
            if as_json:
                echo_json({"verdict": str(examined.report.verdict), "report": examined.report.as_json()})
            sys.exit(status)
        # Of the others the stack tells.
        of_tests = [finding for finding in examined.report.findings if part_of(finding.file) is Part.TEST]
        verdict.tell_findings(of_tests, examined.report.verdict, console)
        if examined.report.estimate:
            print_lines(console, [f"cost: {examined.report.estimate}"])
        planned = uploading.look_before_upload(stack, name, uploads)
        print_lines(console, words.tell_plan(planned, stack.bucket, name))
        with leaving.leaving_upload(console), show_progress(console, "uploading") as progress:
            uploading.upload(stack, planned, progress)
        if not planned.rings:
            decision = operations.start(stack, name)
            print_lines(console, [f"{decision['subject']}: {decision['decision']}, {decision['reason']}"])
        with leaving.leaving_watch(console, name):
            state = follow_to_verdict(open_sources(stack), name, timeout, console, began=stack.found)
    end_with(state, as_json=as_json)
