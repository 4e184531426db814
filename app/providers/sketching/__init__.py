"""The painter behind the sketch provider: words to a setting, a setting to a picture."""
