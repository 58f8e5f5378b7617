"""Event-driven training of SageMaker image classifiers from data sets dropped in S3."""

__version__ = "0.1.0"
