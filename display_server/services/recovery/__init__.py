"""What a restored hall must not give twice: epochs, letters of offline numbers, what earlier restores gave.
Imports `services.core` and below.
"""
