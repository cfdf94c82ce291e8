from django import template

from customers.fields import language_name

register = template.Library()
register.filter("language_name", language_name)
