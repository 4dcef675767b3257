"""The centre on the web: log-in, the API, the live socket and the page. It holds no rules of its own."""
