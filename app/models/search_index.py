"""The index behind the search of the history: the words of each image, by its position."""

from __future__ import annotations

from app.extensions import Base
from app.models.image import Image
from app.models.word_index import Count, Found, IndexedText, WordIndex, include_name

__all__ = ["Count", "Found", "SearchText", "include_name"]


class SearchText(IndexedText, Base):
    """The normalised words of one image, by its `position`, which is the order of every page."""

    __tablename__ = "search_texts"


_IMAGES = WordIndex.of(Image.position, SearchText, "search_words")
add, add_many, remove, rebuild = _IMAGES.add, _IMAGES.add_many, _IMAGES.remove, _IMAGES.rebuild
find, count = _IMAGES.find, _IMAGES.count
