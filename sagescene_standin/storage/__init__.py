"""S3: what tells EventBridge of objects."""
