"""The job engine: the only code that knows DBOS. Everything else asks `services.job_queue`."""
