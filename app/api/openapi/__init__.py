"""OpenAPI 3.1 from the code: each route says what it takes and answers, the document is derived."""
