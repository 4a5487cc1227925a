"""What may be told about an arrival, as a shape: connectors have a class of their own, which this layer never sees."""

from __future__ import annotations

from typing import Protocol


class Told(Protocol):
    """An arrival in the words of a connector. Every text is untrusted and may be ""."""

    @property
    def kind(self) -> str:
        """A LeadKind, or "" when the parameters and addresses shall decide."""

    @property
    def source(self) -> str:
        """Who sent them: an advertising system, a site, a community."""

    @property
    def medium(self) -> str:
        """By what means: cpc, email, post."""

    @property
    def campaign(self) -> str:
        """The campaign's name or number."""

    @property
    def content(self) -> str:
        """The advertisement or post."""

    @property
    def term(self) -> str:
        """The search words."""

    @property
    def ad_id(self) -> str:
        """The platform's id of the advertisement."""

    @property
    def click_id_kind(self) -> str:
        """Which system's click id it is: yclid, gclid ..."""

    @property
    def click_id(self) -> str:
        """The click id itself."""

    @property
    def metrica_client_id(self) -> str:
        """The browser's id in Yandex Metrica."""

    @property
    def landing_url(self) -> str:
        """The first page of the visit."""

    @property
    def page_url(self) -> str:
        """The page from which they write."""

    @property
    def referrer(self) -> str:
        """The page before the landing page."""

    @property
    def confidence(self) -> str:
        """A Confidence."""
