"""Event-driven training of SageMaker image classifiers from data sets dropped in S3."""
