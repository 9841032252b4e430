"""What the server does. One function = one transaction = one notification of the displays. No service knows Flask.

The packages stand in the order of the contract "Services": each imports only those below it.
"""
