"""S3: how it lists keys, and what it tells EventBridge of objects."""
