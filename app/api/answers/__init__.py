"""What the API answers, as models: they describe it and are never run, for speed; tests hold every
answer to them.
"""
