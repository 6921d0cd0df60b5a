"""Small pieces of HTML that panels are written with. Everything put into them is escaped."""

from jinja2 import Environment
from markupsafe import Markup, escape

from tinylens.words import percent

environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)


def coded(text: str) -> Markup:
    """Words in which commands stand between backticks, as HTML."""
    parts = text.split("`")
    tags = (Markup("<code>{}</code>").format(part) if i % 2 else escape(part) for i, part in enumerate(parts))
    return Markup("").join(tags)


environment.filters |= {"percent": percent, "coded": coded}


def html(source: str, **values: object) -> Markup:
    """A Jinja template's text with these values in it, as HTML."""
    return Markup(environment.from_string(source).render(values))
