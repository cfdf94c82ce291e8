"""Addresses of all countries: which parts they have, how these are spelled, and how they are written out.

Parts are named `street` (lines separated by a line break), `district`, `city`, `region`, `postal_code`,
`sorting_code` and `country` (ISO code or ''). Nothing here raises on any text; what cannot be understood is
kept as typed.
"""

from contacts.postal.block import block, map_url, one_line
from contacts.postal.codes import tidy_postal_code
from contacts.postal.layout import Part, layout, part
from contacts.postal.problems import Problem, problems
from contacts.postal.regions import region_name, tidy_region
from contacts.postal.rules import PARTS

__all__ = [
    "PARTS",
    "Part",
    "Problem",
    "block",
    "layout",
    "map_url",
    "one_line",
    "part",
    "problems",
    "region_name",
    "tidy_postal_code",
    "tidy_region",
]
