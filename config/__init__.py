"""Settings, the centre's data, text, translations: what every program shares. Almost everything here is data.

Imports none of the other packages.
"""
