"""One module per audience. A route validates, asks a service, and dresses the answer; it touches no table."""
