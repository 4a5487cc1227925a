"""Phone numbers in one form (E.164), by Google's libphonenumber metadata."""

from __future__ import annotations

# A Russian user types 8 917 ..., +7 917 ... or 917 ...; the default region reads all three.
DEFAULT_REGION = "RU"


def normalise_phone(text: str) -> str:
    """The number in E.164 ("+79171234567"), or "" when the text is not a possible phone number."""
    if not text.strip():
        return ""
    # Its metadata takes long to load and most processes never see a phone.
    import phonenumbers

    try:
        number = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def format_phone(number: str) -> str:
    """An E.164 number the way people read it ("+7 917 123-45-67"); other text is returned as it is."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
