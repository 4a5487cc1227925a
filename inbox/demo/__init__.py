"""`inbox demo`: a shop with ninety days of believable dialogs, for looking around and for measuring.

Dialogs are told step by step in Russian and English (story, dialogs) and written in chunks, each one transaction of
the usual writer, so that a server may run meanwhile. A million takes minutes. Nothing that exists is changed.
"""
