"""Support of migration 0016, frozen as of that revision: the audit log gets ids and commitments. Imports
nothing of today's schema.
"""
