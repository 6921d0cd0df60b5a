"""Small pieces of HTML that panels are written with. Everything put into them is escaped."""

from jinja2 import Environment
from markupsafe import Markup

environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 as people read it: 0.6684 is 66.8 %."""
    return f"{share * 100:.{digits}f}\u202f%"


environment.filters["percent"] = percent


def html(source: str, **values: object) -> Markup:
    """A Jinja template's text with these values in it, as HTML."""
    return Markup(environment.from_string(source).render(values))
