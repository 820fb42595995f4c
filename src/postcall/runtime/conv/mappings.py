"""The dictionaries that hang on `conv`: some are read only, some answer a missing attribute with None."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn


class ReadOnlyDict(dict[str, Any]):
    """A dictionary that functions may read and not change; a copy of it is an ordinary dictionary."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def __readonly__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is read only")

    __setitem__ = __readonly__
    __delitem__ = __readonly__
    __ior__ = __readonly__
    clear = __readonly__
    pop = __readonly__
    popitem = __readonly__
    setdefault = __readonly__
    update = __readonly__

    def copy(self) -> dict[str, Any]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        from copy import deepcopy

        return deepcopy(dict(self), memo)

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        # Kept in the state, it comes back as what its copy would be.
        return dict, (dict(self),)


class RealtimeConfig(ReadOnlyDict):
    """`conv.real_time_config`: `{}` where nothing is configured."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)


class Variant(dict[str, Any]):
    """A variant's attributes, as items and as attributes; what the variant does not have is None as an attribute."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class Entities(dict[str, Any]):
    """`conv.entities`: what default steps have collected, by name; None as an attribute where nothing was."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class Memory:
    """What is remembered of this caller from earlier conversations; read only."""

    def __init__(self, fields: dict[str, Any]) -> None:
        object.__setattr__(self, "_fields", fields)

    def __getitem__(self, name: str) -> Any:
        return self._of_mine()[name]

    def get(self, name: str, default: Any = None) -> Any | None:
        return self._of_mine().get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self._of_mine()

    def __len__(self) -> int:
        return len(self._of_mine())

    def __iter__(self) -> Iterator[str]:
        return iter(self._of_mine())

    def fields(self) -> dict[str, Any]:
        return dict(self._of_mine())

    @property
    def line_memory(self) -> ReadOnlyDict:
        """What is remembered of the line that was called: postcall remembers callers only."""
        return ReadOnlyDict()

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("memory is read only: what is to be remembered is a state key")

    def __setitem__(self, name: str, value: Any) -> None:
        raise TypeError("memory is read only: what is to be remembered is a state key")

    def _of_mine(self) -> dict[str, Any]:
        fields: dict[str, Any] = object.__getattribute__(self, "_fields")
        return fields


class TranslationReplacementProxy:
    """`conv.translations`: a text of the project in the conversation's language.

    A text without that language falls back to another country's (`en-GB` for `en-US`), then to the project's default
    language.
    """

    def __init__(self, translations_config: dict[str, dict[str, str]] | None, language_code: str | None) -> None:
        self._texts = translations_config or {}
        self._language = language_code
        self._default: str | None = None

    @classmethod
    def falling_back(
        cls, texts: Mapping[str, Mapping[str, str]], language: str | None, *, default: str
    ) -> TranslationReplacementProxy:
        """With a language for texts that the conversation's own language lacks."""
        proxy = cls({name: dict(by_language) for name, by_language in texts.items()}, language)
        proxy._default = default
        return proxy

    def __getattr__(self, name: str) -> str:
        if name.startswith("_"):
            raise AttributeError(name)
        by_language = self._texts.get(name)
        if not by_language:
            raise AttributeError(f"no translation {name}")
        text = text_in(by_language, self._language, self._default)
        if text is None:
            raise AttributeError(f"translation {name} has no text in {self._language}")
        return text


def text_in(by_language: Mapping[str, str], *wanted: str | None) -> str | None:
    """The text in the first of these languages that there is one for."""
    for language in wanted:
        if language is None:
            continue
        if language in by_language:
            return by_language[language]
        family = language.split("-")[0].casefold()
        for code, text in by_language.items():
            if code.split("-")[0].casefold() == family:
                return text
    return None
