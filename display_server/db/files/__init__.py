"""Database files on disk: which set belongs together, who holds them, who owns them, whether they are
damaged. Imports nothing of Motcua but `config`.
"""
