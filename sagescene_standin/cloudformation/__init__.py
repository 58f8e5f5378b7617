"""CloudFormation: a template and its parameters become resources."""
