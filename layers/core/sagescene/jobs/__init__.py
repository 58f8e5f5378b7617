"""What SageMaker is sent, and what it says back."""
