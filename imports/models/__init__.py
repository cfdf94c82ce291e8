"""Imports: each run with the plan of its rows, how files were matched, and what runs by the clock."""

from imports.models.runs import ImportRun, Matching, PlanRow, headings_key
from imports.models.schedules import SET_UP, Clock, Schedule

__all__ = ["SET_UP", "Clock", "ImportRun", "Matching", "PlanRow", "Schedule", "headings_key"]
