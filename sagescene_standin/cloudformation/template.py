"""From what `sam build` wrote to a plain template: parameters settled, SAM transformed, conditions gone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from samtranslator.metrics.metrics import DummyMetricsPublisher, Metrics
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from sagescene_standin.cloudformation.intrinsics import choose_branches, evaluate_condition, is_true
from sagescene_standin.cloudformation.parameters import check_rules, settle_parameters, split_lists
from sagescene_standin.cloudformation.short_forms import read_yaml

CODE_BUCKET = "local-code"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackTemplate:
    """A CloudFormation template without conditions or SAM types, and the value of each of its parameters."""

    body: Mapping[str, Any]
    parameters: Mapping[str, str]
    code: Mapping[str, Path]

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """The resources that the conditions leave, by logical id."""
        resources: Mapping[str, Mapping[str, Any]] = self.body["Resources"]
        return resources


def read_template(
    build_directory: Path, parameters: Mapping[str, str], pseudo_parameters: Mapping[str, str]
) -> StackTemplate:
    """Read the built template and work out everything that the parameters decide.

    `code` maps the key of each function's and layer's code in CODE_BUCKET to the built folder that holds it.

    Raises:
        FileNotFoundError: the directory holds no built template.
        TemplateRejectedError: CloudFormation would refuse the parameter values or the template.
    """
    path = build_directory / "template.yaml"
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist: run `sam build` first.")
    source = read_yaml(path.read_text("utf-8"))
    values = settle_parameters(source.get("Parameters", {}), parameters)
    lists = split_lists(source.get("Parameters", {}), values)
    check_rules(source.pop("Rules", {}), {**pseudo_parameters, **lists})
    code = _point_code_at_s3(source, build_directory)
    plain = _transform(source, {**pseudo_parameters, **values})
    body = apply_conditions(plain, {**pseudo_parameters, **values})
    return StackTemplate(body=body, parameters=values, code=code)


def _point_code_at_s3(source: dict[str, Any], build_directory: Path) -> dict[str, Path]:
    # The transform accepts code only by its S3 address, which `sam package` would have filled in.
    code = {}
    for resource in source["Resources"].values():
        properties = resource.get("Properties", {})
        for name in ("CodeUri", "ContentUri"):
            folder = properties.get(name)
            if isinstance(folder, str) and not folder.startswith("s3://"):
                properties[name] = f"s3://{CODE_BUCKET}/{folder}"
                code[folder] = build_directory / folder
    return code


def _transform(source: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    # The session only names the Region; nothing is called.
    session = boto3.Session(region_name=values["AWS::Region"])
    metrics = Metrics(metrics_publisher=DummyMetricsPublisher())
    translator = Translator({}, Parser(), boto_session=session, metrics=metrics)
    plain: dict[str, Any] = json.loads(json.dumps(translator.translate(source, parameter_values=dict(values))))
    metrics.publish()  # to nobody; it complains of metrics that were never published
    plain.pop("Transform", None)
    return plain


def apply_conditions(template: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Leave out what conditions switch off and put the chosen branch in place of each Fn::If.

    Raises:
        TemplateRejectedError: a resource or an Fn::If names a condition that the template does not have.
    """
    conditions = template.get("Conditions", {})
    truths = {name: bool(evaluate_condition(condition, values, conditions)) for name, condition in conditions.items()}
    kept = {
        section: {
            name: choose_branches({key: value for key, value in entry.items() if key != "Condition"}, truths)
            for name, entry in template.get(section, {}).items()
            if "Condition" not in entry or is_true(entry["Condition"], truths)
        }
        for section in ("Resources", "Outputs")
    }
    rest = {key: value for key, value in template.items() if key not in ("Conditions", *kept)}
    return {**rest, **{section: entries for section, entries in kept.items() if entries}}
