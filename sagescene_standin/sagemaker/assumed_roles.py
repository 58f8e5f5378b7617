"""SageMaker as the roles of this account: assumed as their trust policies allow, held against their own."""

from collections.abc import Callable, Mapping
from functools import cached_property

from sagescene_standin.aws_call import Permission
from sagescene_standin.cloudwatch.logs import LogDelivery, Measurement
from sagescene_standin.iam.authority import Authority
from sagescene_standin.sagemaker.collaborators import ObjectStore


class AssumedRole:
    """A RoleSession; its S3 has to hold the role's calls against the role's policies by itself."""

    def __init__(
        self,
        role: str,
        *,
        authority: Authority,
        logs: LogDelivery,
        measure: Callable[[Measurement], None],
        connect: Callable[[], ObjectStore],
    ) -> None:
        """Take what makes the role's S3 when it is first needed."""
        self._role, self._authority = role, authority
        self._logs, self._measure, self._connect = logs, measure, connect
        self._groups: set[str] = set()

    @cached_property
    def objects(self) -> ObjectStore:
        """S3, as the role sees it."""
        return self._connect()

    def may(self, action: str, resource: str) -> bool:
        """Say whether the role may do what leaves no trace in this account."""
        return self._authority.role_may(self._role, Permission(action=action, resource=resource))

    def write_log(self, group: str, stream: str, line: str, _time: float) -> None:
        """Put a line into a log stream, if the role may.

        That SageMaker looks for the stream first is among the permissions that it asks for:
        https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createtrainingjob-perms
        """
        if group not in self._groups:
            if not self._logs.may(self._role, "logs:DescribeLogStreams", group):
                return
            self._groups.add(group)
        self._logs.store(self._role, group, stream, line)

    def put_metric(self, namespace: str, name: str, value: float, dimensions: Mapping[str, str]) -> None:
        """Give CloudWatch one value of a metric, if the role may."""
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
        context = {"cloudwatch:namespace": namespace}
        permission = Permission(action="cloudwatch:PutMetricData", resource="*", context=context)
        if self._authority.role_may(self._role, permission):
            self._measure(Measurement(namespace=namespace, name=name, dimensions=dimensions, value=value))
