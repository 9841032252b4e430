"""Puts Motcua on a machine, renews it and goes back: `python3 -m config.installer --help` (see
docs/how-to/installation.md).

It runs before anything is installed, from a checkout or from a wheel (`PYTHONPATH=motcua-….whl`), so it imports the
standard library alone. Each version has an environment of its own in /opt/motcua/versions; the link
/opt/motcua/current says which one runs, and changing that link is the upgrade.
"""
