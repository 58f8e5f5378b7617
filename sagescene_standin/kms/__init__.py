"""KMS: what customer keys ask of whoever uses something that is encrypted with one."""
