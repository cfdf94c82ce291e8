"""What the templates of messages need to know about undoing, and about what goes on."""

from django import template

from history.messages import going_place, undo_address

register = template.Library()
register.filter("undo_address", undo_address)
register.filter("going_place", going_place)
