"""The pages: rendered on the server, complete without script, a little better with it."""

from postcall.web.pages import add_pages, prepare_pages

__all__ = ["add_pages", "prepare_pages"]
