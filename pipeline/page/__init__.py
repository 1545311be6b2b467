"""The report's page: its template, its style, its charts."""
