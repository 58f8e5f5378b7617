"""Lambda: functions run by AWS's own runtime client."""
