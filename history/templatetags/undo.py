"""What the templates of messages need to know about undoing."""

from django import template

from history.messages import undo_address

register = template.Library()
register.filter("undo_address", undo_address)
