"""What can go wrong in the product's own terms: a status and a message key each, mapped once at the edge.

DomainError
|- NotFound (404)      it is not here, or this person may not know that it is
|- NotAllowed (403)    this person may not do that
|- Conflict (409)      something else happened first
|- Invalid (422)       one sentence per wrong field
|- TooLarge (413)      more than we take
`- TooMany (429)       too often; `retry_after` in seconds
"""

from __future__ import annotations

from collections.abc import Mapping

from inbox.rules.texts import N_


class DomainError(Exception):
    """An expected failure. `key` is an English sentence, `params` fill its `{names}` after translation."""

    status = 400
    default_key = N_("This cannot be done.")

    def __init__(self, key: str | None = None, params: Mapping[str, object] | None = None) -> None:
        """Keep the sentence for people; without one the class's own is used."""
        self.key = self.default_key if key is None else key
        self.params = dict(params or {})
        super().__init__(self.key)


class NotFound(DomainError):
    """There is no such thing, or it may not be seen: both look the same, so that ids cannot be probed."""

    status = 404
    default_key = N_("There is nothing here.")


class NotAllowed(DomainError):
    """The role of this person does not include that."""

    status = 403
    default_key = N_("You are not allowed to do this.")


class Conflict(DomainError):
    """Somebody or something else was first."""

    status = 409
    default_key = N_("Something has changed meanwhile. Look again.")


class Invalid(DomainError):
    """The input is wrong. `fields` maps a field's name to its sentence; the first one is also the error's own."""

    status = 422
    default_key = N_("Check what you have entered.")

    def __init__(self, fields: Mapping[str, str], params: Mapping[str, object] | None = None) -> None:
        """`params` fill the `{names}` of every sentence."""
        self.fields = dict(fields)
        super().__init__(next(iter(self.fields.values()), None), params)


class TooLarge(DomainError):
    """The text or file is beyond our limit."""

    status = 413
    default_key = N_("This is too large.")


class TooMany(DomainError):
    """Too many requests; the same may be tried again after `retry_after` whole seconds."""

    status = 429
    default_key = N_("Too often. Try again a little later.")

    def __init__(self, retry_after: int, key: str | None = None) -> None:
        """The seconds are also a parameter of the sentence."""
        self.retry_after = retry_after
        super().__init__(key, {"seconds": retry_after})
