"""Life stories of loans through HTTP, compared with the oracle after each step."""
