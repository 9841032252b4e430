"""What the public sees: the hall's state, notices, media, the phone page, ratings. Imports `services.calling`
and below; changes nothing but its own data.
"""
