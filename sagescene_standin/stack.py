"""A built SAM application, standing on this machine: the entry point of the local stack."""

import json
import logging
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from moto.awslambda.models import lambda_backends
from moto.moto_api._internal.models import moto_api_backend

from sagescene_standin.account import connect
from sagescene_standin.agenda import Agenda
from sagescene_standin.aws_call import Permission
from sagescene_standin.cloudformation.deployment import check_types, create_stack
from sagescene_standin.cloudformation.template import StackTemplate, read_template
from sagescene_standin.cloudwatch.alarms import Alarms
from sagescene_standin.cloudwatch.logs import LogDelivery, assign_level
from sagescene_standin.cloudwatch.metrics import Metrics
from sagescene_standin.errors import DeploymentError
from sagescene_standin.events.bus import EventBus
from sagescene_standin.events.event_patterns import judge_event_pattern
from sagescene_standin.events.put_events import put_events
from sagescene_standin.events.schedules import next_firing
from sagescene_standin.events.targets import Targets, UndeliverableError
from sagescene_standin.functions.asynchronous import AsynchronousInvocations
from sagescene_standin.functions.endpoint import handle_invocation
from sagescene_standin.functions.function import Function, FunctionSettings, Invocation, read_functions
from sagescene_standin.functions.lineage import RecursiveInvocationError
from sagescene_standin.functions.trust import check_role
from sagescene_standin.gateway import Gateway, Server
from sagescene_standin.iam.authority import Authority
from sagescene_standin.iam.identity import Identities
from sagescene_standin.kms.log_keys import check_log_keys
from sagescene_standin.moto_changes import changed_moto
from sagescene_standin.occurrence import Occurrence
from sagescene_standin.options import Options
from sagescene_standin.queues.mailbox import Mailbox
from sagescene_standin.queues.mapping import QueueMapping
from sagescene_standin.queues.polling import QueuePoller
from sagescene_standin.sagemaker import BotoObjectStore, ProcessLauncher, Runner, TrainingService, make_application
from sagescene_standin.sagemaker.assumed_roles import AssumedRole
from sagescene_standin.sagemaker.collaborators import PRINCIPAL
from sagescene_standin.sagemaker.quotas import list_default_quotas, list_quotas
from sagescene_standin.storage.object_events import ObjectEvents

_NAME = "sagescene"  # of the CloudFormation stack
_ALARM_INTERVAL = 0.5  # seconds between two looks at all alarms
_log = logging.getLogger(__name__)
_occupied = threading.Lock()


class StackAlreadyStandsError(DeploymentError):
    """moto keeps its state in the process, which has room for one stack."""

    def __init__(self) -> None:
        super().__init__("Another local stack stands in this process: close it first.")


class Stack:
    """A built application, from its deployment until it is closed; as a context manager it is closed at the end."""

    def __init__(self, template: StackTemplate, options: Options) -> None:
        """Take a template that was read, and stand nothing up yet; `Stack.prepare` reads one."""
        self._template = template
        self._options = options
        self._closing = ExitStack()
        self._muted = False
        self._functions: dict[str, Function] = {}  # by ARN
        self._dead_letters: frozenset[str] = frozenset()
        account = options.account
        self.agenda = Agenda(options.now)
        self._authority = Authority(account)
        self.identities = Identities(account, self._authority)
        self.metrics = Metrics(account, self.report, options.now)
        self.logs = LogDelivery(account, self._authority, self.report, self.metrics.measure)
        self._asynchronous = AsynchronousInvocations(
            account,
            self._functions,
            after=self.agenda.after,
            now=options.now,
            retry_delays=options.retry_delays,
            may=self._may,
            on_dropped=self.metrics.count_dropped_event,
        )
        self._targets = Targets(account, self._authority, self._asynchronous.invoke_later)
        self.bus = EventBus(
            account,
            self._targets,
            self.report,
            options.now,
            count=lambda rule, is_delivered: self.metrics.count_delivery(rule, is_delivered=is_delivered),
        )
        self._objects = ObjectEvents(account, self.bus, self.report)
        self._alarms = Alarms(account, self.metrics, self._authority, self.report, options.now)
        self._mailbox = Mailbox(account, self.report)

    @classmethod
    def deploy(cls, build_directory: Path, parameters: Mapping[str, str], options: Options) -> Self:
        """Prepare a stack and stand it up.

        Raises:
            Exception: what `prepare` and `stand_up` raise.
        """
        stack = cls.prepare(build_directory, parameters, options)
        stack.stand_up()
        return stack

    @classmethod
    def prepare(cls, build_directory: Path, parameters: Mapping[str, str], options: Options) -> Self:
        """Read what `sam build` wrote to a directory (`.aws-sam/build`); parameters default as they say.

        Raises:
            FileNotFoundError: nothing was built, or the runtime directory does not hold the runtime.
            TemplateRejectedError: CloudFormation would refuse template or parameters, in its words.
            UnsupportedResourceError: the template holds a resource type that cannot be created here.
        """
        if not (options.runtime_directory / "awslambdaric").is_dir():
            raise FileNotFoundError(
                f"{options.runtime_directory} does not hold Lambda's runtime client: run `make setup`."
            )
        account = options.account
        pseudo_parameters = {
            "AWS::AccountId": account.id,
            "AWS::Partition": "aws",
            "AWS::Region": account.region,
            "AWS::StackId": account.arn("cloudformation", f"stack/{_NAME}"),
            "AWS::StackName": _NAME,
            "AWS::URLSuffix": "amazonaws.com",
        }
        template = read_template(build_directory.resolve(), parameters, pseudo_parameters)
        check_types(template)
        return cls(template, options)

    @property
    def endpoint(self) -> str:
        """The URL of all services, for AWS_ENDPOINT_URL."""
        return self._server.endpoint

    @property
    def resources(self) -> Mapping[str, str]:
        """Physical ids by logical id."""
        return {logical_id: resource.physical_id for logical_id, resource in self.deployed.resources.items()}

    @property
    def outputs(self) -> Mapping[str, str]:
        """The stack's outputs."""
        return self.deployed.outputs

    @property
    def functions(self) -> Mapping[str, Function]:
        """The functions by logical id."""
        return {function.settings.logical_id: function for function in self._functions.values()}

    def client(self, service: str) -> Any:  # noqa: ANN401
        """Make a boto3 client of a service, with the administrator's credentials."""
        return connect(self._options.account.session(), service, self.endpoint)

    def invoke(self, logical_id: str, event: object) -> Invocation:
        """Invoke a function and wait for it."""
        return self.functions[logical_id].invoke(json.dumps(event).encode())

    def report(self, occurrence: Occurrence) -> None:
        """Pass on what happened; a listener that fails disturbs nothing else."""
        if self._muted:
            return
        try:
            self._options.listen(occurrence)
        except Exception:
            _log.exception("The listener failed on %s", occurrence)

    def stand_up(self) -> None:
        """Stand the stack up; whoever may be interrupted enters it as a context first, so that it is closed then, too.

        Raises:
            DeploymentFailedError: the stack did not come to be.
            RuntimeMismatchError: a function wants another Python than the running one.
            UnassumableRoleError: Lambda would refuse a function, in its words.
            UntraceableError: Lambda would refuse to trace a function, in its words.
            LogKeyRefusedError: CloudWatch Logs would refuse a log group, in its words.
            UnacceptableMappingError: Lambda would refuse an event source mapping, in its words.
            UnsupportedAlarmError: an alarm cannot be evaluated here.
            UnsupportedScheduleError: a rule fires by anything but a rate.
            StackAlreadyStandsError: another stack stands in this process.
        """
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End every process and thread, and forget all state."""
        self._muted = True
        # The functions first: nothing waits for an invocation in hand. An interrupt breaks off one step at most.
        with self._closing, ExitStack() as functions:
            for function in self._functions.values():
                functions.callback(function.close)

    def __enter__(self) -> Self:
        """Return the stack itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the stack."""
        self.close()

    def _build(self) -> None:
        """Build from the ground; whatever stands is closed in the reverse order."""
        options, account = self._options, self._options.account
        if not _occupied.acquire(blocking=False):
            raise StackAlreadyStandsError
        self._closing.callback(_occupied.release)
        moto_api_backend.reset()
        self._closing.callback(moto_api_backend.reset)
        self._closing.enter_context(
            changed_moto(
                time_factor=options.time_factor,
                on_object_event=self._objects.publish,
                on_message=self._on_message,
                call_function=self._on_direct_notification,
                on_notification=lambda topic, is_delivered: self.metrics.count_notification(
                    topic, is_delivered=is_delivered
                ),
                now=options.now,
            )
        )
        gateway = Gateway(
            self.identities,
            self._authority,
            invoke=lambda request: handle_invocation(request, self._functions, self._asynchronous.invoke_later),
            operations={
                ("events", "PutEvents"): lambda request: put_events(self.bus, request),
                ("events", "TestEventPattern"): judge_event_pattern,
                ("servicequotas", "ListServiceQuotas"): lambda _: list_quotas(),
                ("servicequotas", "ListAWSDefaultServiceQuotas"): lambda request: list_default_quotas(
                    request, options.sagemaker
                ),
            },
        )
        self._server = Server(gateway, options.host, options.port)
        self._closing.callback(self._server.close)
        self.deployed = create_stack(
            self._template, name=_NAME, account=account, session=account.session(), endpoint=self.endpoint
        )
        check_log_keys(self.deployed, account, self._authority)
        self._dead_letters = self.deployed.dead_letter_queues()
        self._mailbox.subscribe_to(topic.physical_id for topic in self.deployed.of_type("AWS::SNS::Topic"))
        self._make_functions()
        self._start_training_service(gateway)
        self._start_polling()
        self._start_clock()

    def _make_functions(self) -> None:
        account = self._options.account
        for settings in read_functions(self.deployed, self._template.code, account):
            check_role(settings, self._authority)
            function = Function(
                settings,
                environment={
                    "AWS_ENDPOINT_URL": self.endpoint,
                    "AWS_REGION": account.region,
                    "AWS_DEFAULT_REGION": account.region,
                    **self.identities.credentials_for(settings.role, settings.name),
                },
                runtime_directory=self._options.runtime_directory.resolve(),
                on_line=self._on_line,
                on_invocation=self._on_invocation,
                on_drop=self._on_drop,
                on_throttle=self.metrics.count_throttle,
            )
            self._functions[settings.arn] = function
            if self._options.start_processes:
                function.start_process()

    def _start_training_service(self, gateway: Gateway) -> None:
        self.training = TrainingService(
            account=self._options.account,
            options=self._options.sagemaker,
            clock=self._options.now,
            assume=self._assume_for_sagemaker,
            publish=self.bus.take,
            launcher=ProcessLauncher(self._options.sagemaker.program),
            listen=self.report,
        )
        self._closing.enter_context(Runner(self.training))
        gateway.sagemaker = make_application(self.training)

    def _assume_for_sagemaker(self, role: str, source: str) -> AssumedRole | None:
        if not self._authority.can_assume(PRINCIPAL, role, source=source):
            return None
        credentials, session = self.identities.credentials_for(role, "SageMaker"), self._options.account.session()
        return AssumedRole(
            role,
            authority=self._authority,
            logs=self.logs,
            measure=self.metrics.store,
            connect=lambda: BotoObjectStore(connect(session, "s3", self.endpoint, credentials)),
        )

    def _start_polling(self) -> None:
        backend = lambda_backends[self._options.account.id][self._options.account.region]
        for mapping in backend.list_event_source_mappings("", ""):
            function = self._functions[mapping.function_arn]
            poller = QueuePoller(QueueMapping(self._options.account, mapping, function, self._may))
            self._closing.callback(poller.close)

    def _start_clock(self) -> None:
        for rule in self.bus.rules():
            if rule.scheduled_expression:
                self._plan(rule)
        self._alarms.require_known()
        self._alarms.check()
        self.agenda.every(_ALARM_INTERVAL, self._alarms.check)
        self.agenda.start()
        self._closing.callback(self.agenda.close)

    def _plan(self, rule: Any) -> None:  # noqa: ANN401
        def fire() -> None:
            self.bus.fire(rule)
            self._plan(rule)

        now = self._options.now()
        self.agenda.after(next_firing(rule.scheduled_expression, now) - now, fire)

    def _may(self, role: str, action: str, resource: str) -> bool:
        permission = Permission(action=action, resource=resource)
        return self._authority.role_may(role, permission)

    def _on_direct_notification(self, arn: str, event: dict[str, Any]) -> None:
        bucket = event["Records"][0]["s3"]["bucket"]["arn"]
        try:
            self._targets.deliver(arn, json.dumps(event), service="s3.amazonaws.com", source_arn=bucket)
        except UndeliverableError as error:
            self.report(Occurrence("event", bucket, {"target": arn, "error": str(error)}))

    def _on_message(self, queue: str, body: str) -> None:
        if queue == self._mailbox.arn:
            self._mailbox.open(body)
        elif queue in self._dead_letters:
            self.report(Occurrence("dead-letter", queue.rsplit(":", 1)[-1], {"body": body}))

    def _on_line(self, settings: FunctionSettings, line: str) -> None:
        stream = self._functions[settings.arn].log_stream
        taken = assign_level(line) if settings.log_format == "JSON" else line
        self.logs.deliver(settings.role, settings.log_group, stream, taken, subject=settings.logical_id)

    def _on_invocation(self, settings: FunctionSettings, invocation: Invocation) -> None:
        self.metrics.count_invocation(settings, invocation)
        detail = {
            "error": invocation.result if invocation.error else None,
            "result": None if invocation.error else invocation.result,
            "duration_ms": round(invocation.duration_ms, 1),
            "request_id": invocation.request_id,
        }
        self.report(Occurrence("invocation", settings.logical_id, detail))

    def _on_drop(self, settings: FunctionSettings, error: RecursiveInvocationError) -> None:
        self.metrics.count_drop(settings)
        stopped = {"errorType": "RecursiveInvocationException", "errorMessage": str(error)}
        self.report(Occurrence("dropped", settings.logical_id, {"error": stopped}))
