"""Why a sign-in through a provider did not come about, in sentences for whoever tries."""

from __future__ import annotations


class OidcError(ValueError):
    """The sentence says what to do; what the provider sent is never repeated in it."""


class RefusedError(OidcError):
    """Something of what came back is not as it must be, or the person may not come in."""


class ProviderError(OidcError):
    """The provider does not answer, or answers nonsense. `reason` is for the log and the doctor."""

    def __init__(self, sentence: str, reason: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason or sentence
