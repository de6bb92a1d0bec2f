"""Checks what a Concordance platform publishes, offline, without any of the platform's code.

To be read before it is trusted, in this order: reading, notes (who said it), tree (RFC 6962), log,
citizen, bundle, __main__ (the command `concordance-verify`). It needs Python and `cryptography`;
the numbers of a spec are computed again by the library `aggregation` where that is installed.
"""
