"""IAM: who calls, and what the role's policies allow."""
