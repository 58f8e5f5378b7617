"""The order of things: an upload becomes a training job, a job's end an outcome."""
