"""`motcua demo --once`: a short scripted run that leaves screenshots and a summary. Imports
`display_server.demo` and its simulation.
"""
