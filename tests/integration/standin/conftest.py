"""A small SAM application, as `sam build` would leave it, standing on this machine."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sagescene_standin.occurrence import Occurrence
from sagescene_standin.options import Options
from sagescene_standin.stack import Stack

RUNTIME = Path(sys.prefix) / "lambda-runtime"  # made by `make setup`
LIMIT = 15.0  # seconds that anything may take to happen

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Mail: {Type: String, Default: ""}
Conditions:
  SendsMail: !Not [!Equals [!Ref Mail, ""]]
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        EventBridgeConfiguration: {EventBridgeEnabled: true}
      VersioningConfiguration: {Status: Enabled}
  QuietBucket:
    Type: AWS::S3::Bucket
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement:
          - {Effect: Deny, Principal: "*", Action: "s3:*", Resource: !Sub "${Bucket.Arn}/*",
             Condition: {Bool: {"aws:SecureTransport": false}}}

  Uploaded:
    Type: AWS::Events::Rule
    Properties:
      EventPattern:
        source: [aws.s3]
        detail: {bucket: {name: [!Ref Bucket]}, object: {key: [{wildcard: "in/*.rec"}]}}
      Targets:
        - {Id: Queue, Arn: !GetAtt Queue.Arn}
        - {Id: Forbidden, Arn: !GetAtt ForbiddenQueue.Arn, DeadLetterConfig: {Arn: !GetAtt Undelivered.Arn}}
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 30
      RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadLetters.Arn, maxReceiveCount: 3}
  DeadLetters: {Type: AWS::SQS::Queue}
  ForbiddenQueue: {Type: AWS::SQS::Queue}
  Undelivered: {Type: AWS::SQS::Queue}
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue, !Ref Undelivered]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: events.amazonaws.com}
            Action: sqs:SendMessage
            Resource: [!GetAtt Queue.Arn, !GetAtt Undelivered.Arn]
            Condition: {ArnEquals: {"aws:SourceArn": !GetAtt Uploaded.Arn}}

  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: Worker
      Handler: app.handler
      Runtime: python3.13
      Timeout: 3
      Role: !GetAtt Role.Arn
      Layers: [!Ref Shared]
      LoggingConfig: {LogFormat: JSON, LogGroup: !Ref Logs}
      Environment: {Variables: {BUCKET: !Ref Bucket, TOPIC: !Ref Topic}}
      Events:
        Messages:
          Type: SQS
          Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 1, ScalingConfig: {MaximumConcurrency: 2}}
  Background:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: Worker
      Handler: app.handler
      Runtime: python3.13
      Timeout: 3
      Role: !GetAtt Role.Arn
      Layers: [!Ref Shared]
      Events:
        Jobs:
          Type: EventBridgeRule
          Properties: {Pattern: {source: [jobs]}}
        Clock:
          Type: Schedule
          Properties: {Schedule: rate(1 hour)}
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt FailedInvocations.Arn}}
  Unpermitted:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [unpermitted]}
      Targets: [{Id: Background, Arn: !GetAtt Background.Arn}]
  FailedInvocations: {Type: AWS::SQS::Queue}
  Looping:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: Worker
      Handler: app.handler
      Runtime: python3.13
      Timeout: 60
      Role: !GetAtt Role.Arn
      Layers: [!Ref Shared]
      Events:
        Messages:
          Type: SQS
          Properties: {Queue: !GetAtt Loop.Arn, BatchSize: 1}
      EventInvokeConfig:
        DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt FailedInvocations.Arn}}
  LoopingOnPurpose:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: Worker
      Handler: app.handler
      Runtime: python3.13
      Timeout: 3
      Role: !GetAtt Role.Arn
      Layers: [!Ref Shared]
      RecursiveLoop: Allow
      Events:
        Messages:
          Type: SQS
          Properties: {Queue: !GetAtt AllowedLoop.Arn, BatchSize: 1}
  Loop:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 300
      RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadLetters.Arn, maxReceiveCount: 2}
  AllowedLoop: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 300}}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: worker-logs}}
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: Shared}

  Topic: {Type: AWS::SNS::Topic}
  MailSubscription:
    Type: AWS::SNS::Subscription
    Condition: SendsMail
    Properties: {TopicArn: !Ref Topic, Protocol: email, Endpoint: !Ref Mail}
  FailedAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: Tests
      MetricName: Failed
      Dimensions: [{Name: service, Value: worker}]
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
      TreatMissingData: notBreaching
      AlarmActions: [!Ref Topic]

  Letters: {Type: AWS::SQS::Queue}
  LettersAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Metrics:
        - {Id: increase, Expression: "DIFF(FILL(letters, 0))"}
        - Id: letters
          MetricStat:
            Metric:
              Namespace: AWS/SQS
              MetricName: ApproximateNumberOfMessagesVisible
              Dimensions: [{Name: QueueName, Value: !GetAtt Letters.QueueName}]
            Period: 300
            Stat: Maximum
          ReturnData: false
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
      AlarmActions: [!Ref Topic]
      OKActions: [!Ref Topic]
  SilenceAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: Tests
      MetricName: Silent
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
      AlarmActions: [!Ref Topic]
      OKActions: [!Ref Topic]
      InsufficientDataActions: [!Ref Topic]

  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
      Policies:
        - PolicyName: work
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: "s3:GetObject", Resource: !Sub "${Bucket.Arn}/in/*"}
              - {Effect: Allow, Action: "s3:PutObject", Resource: !Sub "${Bucket.Arn}/out/*"}
              - Effect: Allow
                Action: s3:ListBucket
                Resource: !GetAtt Bucket.Arn
                Condition: {StringLike: {"s3:prefix": "in/*"}}
              - {Effect: Allow, Action: "sns:Publish", Resource: !Ref Topic}
              - Effect: Allow
                Action: sqs:SendMessage
                Resource: [!GetAtt FailedInvocations.Arn, !GetAtt Loop.Arn, !GetAtt AllowedLoop.Arn]
              - {Effect: Allow, Action: ["lambda:InvokeFunction", "events:PutEvents"], Resource: "*"}
              - Effect: Allow
                Action: [sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes]
                Resource: [!GetAtt Queue.Arn, !GetAtt Loop.Arn, !GetAtt AllowedLoop.Arn]
              - {Effect: Allow, Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: !GetAtt Logs.Arn}
Outputs:
  Bucket: {Value: !Ref Bucket}
"""

HANDLER = """
import json
import os
import sys
import time

import boto3
from botocore.exceptions import ClientError
from shared_words import greet

s3 = boto3.client("s3")
METRIC = {
    "_aws": {
        "Timestamp": 1,
        "CloudWatchMetrics": [
            {"Namespace": "Tests", "Dimensions": [["service"]], "Metrics": [{"Name": "Failed"}]}
        ],
    },
    "service": "worker",
    "Failed": 1,
}


def handler(event, context):
    print(json.dumps({"message": greet(), "request": context.aws_request_id}))
    text = json.dumps(event)
    if "measure" in text:
        print(json.dumps(METRIC))
    if "fail" in text:
        raise RuntimeError("as told")
    if "sleep" in text:
        time.sleep(60)
    if "exit" in text:
        os._exit(7)
    if "paths" in event:
        return {"modules": sorted(sys.modules), "directory": os.getcwd(), "path": sys.path}
    for record in event.get("Records", ()):
        if record["body"].startswith("around "):
            return go_around(record)
    if left := event.get("detail", {}).get("left"):
        entry = {"Source": "jobs", "DetailType": "left", "Detail": json.dumps({"left": left - 1})}
        return call("events", "put_events", Entries=[entry])
    if "again" in event:
        again = {"FunctionName": context.function_name, "InvocationType": event["again"]}
        return call("lambda", "invoke", Payload=json.dumps(event).encode(), **again)
    if "call" in event:
        return call(**event["call"])
    return {"event": event, "remaining": context.get_remaining_time_in_millis()}


def go_around(record):
    words, left, url = record["body"].split()
    if int(left):
        boto3.client("sqs").send_message(QueueUrl=url, MessageBody=f"{words} {int(left) - 1} {url}")
    return {"attributes": record["attributes"]}


def call(service, operation, **parameters):
    try:
        getattr(boto3.client(service), operation)(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"
"""


class Witness:
    """Remember everything that happened, and wait for what should."""

    def __init__(self) -> None:
        self.occurrences: list[Occurrence] = []
        self._changed = threading.Condition()

    def __call__(self, occurrence: Occurrence) -> None:
        with self._changed:
            self.occurrences.append(occurrence)
            self._changed.notify_all()

    def seen(self, kind: str, subject: str = "", where: Callable[[Occurrence], bool] = bool) -> list[Occurrence]:
        """Give the occurrences of a kind whose subject contains the text and which satisfy the condition."""
        return [
            occurrence
            for occurrence in list(self.occurrences)
            if occurrence.kind == kind and subject in occurrence.subject and where(occurrence)
        ]

    def await_seen(
        self, kind: str, subject: str = "", where: Callable[[Occurrence], bool] = bool, count: int = 1
    ) -> list[Occurrence]:
        """Wait until so many have been seen; fail after LIMIT."""
        with self._changed:
            if self._changed.wait_for(lambda: len(self.seen(kind, subject, where)) >= count, LIMIT):
                return self.seen(kind, subject, where)
        raise AssertionError(f"{count} {kind} of {subject!r} did not happen, only {self.occurrences}")


class Clock:
    """The real clock, which a test can set forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    build = tmp_path_factory.mktemp("build")
    (build / "template.yaml").write_text(TEMPLATE)
    (build / "Worker").mkdir()
    (build / "Worker" / "app.py").write_text(HANDLER)
    (build / "Shared" / "python").mkdir(parents=True)
    (build / "Shared" / "python" / "shared_words.py").write_text("def greet():\n    return 'hello'\n")
    return build


@pytest.fixture(scope="module")
def witness() -> Witness:
    return Witness()


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def stack(built: Path, witness: Witness, clock: Clock) -> Iterator[Stack]:
    options = Options(
        runtime_directory=RUNTIME,
        listen=witness,
        time_factor=100,
        retry_delays=(0.1, 0.1),
        now=clock,
    )
    with Stack.deploy(built, {}, options) as stack:
        yield stack
