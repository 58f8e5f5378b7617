"""What a create that fails leaves behind, and a delete: where moto's CloudFormation differs from AWS's.

A create that fails is rolled back: what it has created is deleted, except for what has `DeletionPolicy: Retain`, whose
name the next create then meets. `RetainExceptOnCreate` does not hold against the operation that created the resource; a
delete of the stack keeps both. The stack that was rolled back stays until somebody deletes it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
"""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from moto.s3.exceptions import BucketAlreadyExists

from sagescene_standin.moto_models import models, parsing


class _ResourceFailedError(Exception):
    def __init__(self, logical_id: str, kind: str, error: Exception) -> None:
        super().__init__(_explain(error))
        self.logical_id = logical_id
        self.kind = kind


def rolled_back_creates() -> Iterator[Any]:
    """Give the replacements, to be entered."""
    plain_create = parsing.parse_and_create_resource
    plain_create_stack = models.CloudFormationBackend.create_stack
    plain_delete = parsing.ResourceMap.delete

    def create(logical_id: str, resource: dict[str, Any], *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        try:
            return plain_create(logical_id, resource, *arguments, **options)
        except _ResourceFailedError:  # of one that this one refers to
            raise
        except Exception as error:
            raise _ResourceFailedError(logical_id, resource["Type"], error) from error

    # moto lets the caller have the error and leaves all that it created.
    def create_stack(backend: models.CloudFormationBackend, name: str, *arguments: Any, **options: Any) -> models.Stack:  # noqa: ANN401
        try:
            return plain_create_stack(backend, name, *arguments, **options)
        except _ResourceFailedError as failure:
            stack = backend.get_stack(name)
            _tell(stack, failure)
            plain_delete(stack.resource_map)
            stack.output_map._output_json_map = {}  # whoever asked for an output would create what it refers to
            stack._add_stack_event("ROLLBACK_COMPLETE")
            stack.status = "ROLLBACK_COMPLETE"
            return stack

    # moto knows Retain only.
    def delete(resources: parsing.ResourceMap) -> None:
        plain = resources._resource_json_map
        resources._resource_json_map = {
            logical_id: resource
            for logical_id, resource in plain.items()
            if resource.get("DeletionPolicy") != "RetainExceptOnCreate"
        }
        try:
            plain_delete(resources)
        finally:
            resources._resource_json_map = plain

    yield patch.object(parsing, "parse_and_create_resource", create)
    yield patch.object(models.CloudFormationBackend, "create_stack", create_stack)
    yield patch.object(parsing.ResourceMap, "delete", delete)


def _explain(error: Exception) -> str:
    if isinstance(error, BucketAlreadyExists):
        return f"{error.bucket_name} already exists"
    return str(getattr(error, "message", "") or error or type(error).__name__)


def _tell(stack: models.Stack, failure: _ResourceFailedError) -> None:
    stack.events.append(
        models.Event(
            stack_id=stack.stack_id,
            stack_name=stack.name,
            logical_resource_id=failure.logical_id,
            physical_resource_id="",
            resource_type=failure.kind,
            resource_status="CREATE_FAILED",
            resource_status_reason=str(failure),
            resource_properties=None,
        )
    )
    reason = f"The following resource(s) failed to create: [{failure.logical_id}]. Rollback requested by user."
    stack._add_stack_event("ROLLBACK_IN_PROGRESS", reason)
