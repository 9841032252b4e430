"""What every request passes: strict JSON, problem documents, request ids and logs, client addresses,
languages. Imports `web.auth`.
"""
