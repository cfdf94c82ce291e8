from functools import lru_cache

from django import template

from tenants.phones import display

register = template.Library()
register.filter("phone", lru_cache(maxsize=10_000)(display))
