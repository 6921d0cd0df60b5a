"""Small pieces of HTML that panels are written with. Everything put into them is escaped."""

from jinja2 import Environment
from markupsafe import Markup

from tinylens.words import percent

environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)


environment.filters["percent"] = percent


def html(source: str, **values: object) -> Markup:
    """A Jinja template's text with these values in it, as HTML."""
    return Markup(environment.from_string(source).render(values))
