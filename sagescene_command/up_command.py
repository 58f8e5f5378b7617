"""The command that keeps the local stack standing."""

import os
import sys
from contextlib import suppress
from typing import Any

import click

from sagescene_command import streams
from sagescene_command.examples import for_example
from sagescene_command.interrupts import Interrupted
from sagescene_command.local_stack import SAMPLE_EVENTS
from sagescene_command.stack_options import prepare, require_address, require_setup, stack_options, stand_up


@click.command(
    "up",
    epilog=for_example("sagescene up", "sagescene up --samples", "sagescene up --port 0 --parameter MaxJobsAtOnce=2"),
    short_help="Keep the local stack standing until Ctrl-C.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4566,
    show_default=True,
    help="Port of the endpoint; 0 takes a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address of the endpoint. For `sam local invoke` on Linux: that of Docker's bridge, 172.17.0.1.",
)
@click.option("--samples", is_flag=True, help="Lay in the data sets and jobs that the events of events/ tell of.")
@stack_options
def up_command(*, port: int, host: str, samples: bool, fail_with: str | None, **choices: Any) -> None:  # noqa: ANN401
    """Keep the local stack standing until Ctrl-C, for the AWS CLI (version 2), boto3 and `sam local invoke`.

    The exit status is 0 when it was ended, 1 when it could not stand, and 2 when the command line is wrong.
    """
    require_setup()
    require_address(host, port)
    from sagescene_command.narration import Narrator
    from sagescene_command.relay import Relay
    from sagescene_command.terminal import Console

    narrator = Narrator(Console())
    relay = Relay(narrator)
    streams.watch(sys.stdout, relay.fail)
    with narrator.doing("stack", "is being prepared"):
        from sagescene_command import sam_local
        from sagescene_command import samples as sample_data

        clock = sample_data.SampleClock()
        stack = prepare(relay.listen, port=port, host=host, now=clock, **choices)
    with narrator.telling_of_interrupts(), stack:
        with narrator.doing("stack", "is being stood up"):
            stand_up(stack, None if samples else fail_with)
        with suppress(Interrupted):
            if samples:
                with narrator.doing("samples", "are being laid in"):
                    sample_data.lay(stack, clock, fail_with)
            narrator.say("stack", "stands until Ctrl-C; in another terminal:")
            click.echo(
                f"""
    export AWS_ENDPOINT_URL={stack.endpoint} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
    export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
    aws s3 cp --recursive pets s3://{stack.outputs["Bucket"]}/datasets/pets/

    sam local invoke {" ".join(sam_local.write_settings(stack, choices["build"]))} \\
      StartTrainingFunction -e {os.path.relpath(SAMPLE_EVENTS / "start_training/put.json")}
"""
            )
            while True:
                relay.next()
    narrator.tell_end()
