"""What can be measured again by anyone: `python -m benchmarks NAME`."""
