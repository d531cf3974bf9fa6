"""The service: the clerk's page and the JSON API behind it (``ecert serve``)."""
