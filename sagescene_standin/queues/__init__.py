"""SQS: queues, what polls them for functions, and the queue that listens to topics."""
