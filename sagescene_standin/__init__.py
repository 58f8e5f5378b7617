"""Stand-ins for the AWS services, in one process on one machine; nothing here imports the product."""
