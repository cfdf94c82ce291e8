"""`uv run python -m benchmarks COMMAND`: fills a database of its own and measures on it. See docs/performance.md."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / ".data" / "benchmarks"
MOST = 4 * 2**30  # bytes


def parser() -> ArgumentParser:
    made = ArgumentParser(
        prog="python -m benchmarks", description="Fills a database of its own and measures on it."
    )
    made.add_argument(
        "--data", metavar="DIR", help="where the data is kept (CLIENTELE_DATA or .data/benchmarks)"
    )
    commands = made.add_subparsers(dest="command", required=True)
    fill = commands.add_parser("fill", help="one company with many customers, one with few, and others")
    fill.add_argument(
        "--customers", type=int, default=1_000_000, metavar="N", help="of the big one (1000000)"
    )
    fill.add_argument("--small", type=int, default=1_000, metavar="N", help="of the small one (1000)")
    fill.add_argument("--others", type=int, default=10, metavar="N", help="how many others (10)")
    fill.add_argument(
        "--others-each", type=int, default=20_000, metavar="N", help="customers of each (20000)"
    )
    fill.add_argument("--fresh", action="store_true", help="delete the data and start over")
    lists = commands.add_parser("lists", help="every list request at the big company and at the small one")
    lists.add_argument("--only", default="", metavar="TEXT", help="only requests in whose name this occurs")
    lists.add_argument("--repeats", type=int, default=21, metavar="N", help="of each request (21)")
    lists.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    plans = commands.add_parser("plans", help="what the database does for them, at the big company")
    plans.add_argument("--only", default="", metavar="TEXT", help="only requests in whose name this occurs")
    plans.add_argument("--show", action="store_true", help="print the plans themselves")
    plans.add_argument("--scanning", action="store_true", help="only those that read a tenant's table whole")
    commands.add_parser("rendering", help="what a page costs in Python")
    commands.add_parser("pages", help="other pages, at both companies")
    bulk = commands.add_parser("bulk", help="a bulk edit and its undo, against bare statements")
    bulk.add_argument("--rows", type=int, default=10_000, metavar="N", help="how many customers (10000)")
    export = commands.add_parser("export", help="exports by a worker, against COPY of the same query")
    export.add_argument("--rows", type=int, default=100_000, metavar="N", help="1000000 for all (100000)")
    export.add_argument("--format", action="append", choices=["csv", "xlsx", "json"], help="only this one")
    imports = commands.add_parser("import", help="an import and its undo, against COPY and the stock engine")
    imports.add_argument("--rows", type=int, default=100_000, metavar="N", help="of the file (100000)")
    imports.add_argument(
        "--once",
        action="store_true",
        help="only one import of new rows and its undo, compared with nothing: their memory",
    )
    every = commands.add_parser("all", help="everything, as docs/performance.md has it")
    every.add_argument("--repeats", type=int, default=21, metavar="N", help="of each request (21)")
    every.add_argument("--json", type=Path, metavar="FILE", help="write the list requests there too")
    return made


def main(arguments: list[str]) -> int:
    options = parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if options.data:
        os.environ["CLIENTELE_DATA"] = options.data
    os.environ.setdefault("CLIENTELE_DATA", str(DATA))
    if os.environ.get("DATABASE_URL"):
        return complain("The benchmarks bring their own Postgres. Unset DATABASE_URL to run them.")
    import django

    django.setup()
    give_memory()
    return run(options)


def give_memory() -> None:
    """To the Postgres that is started: a quarter of the machine's, as a server of its own would have."""
    from django.conf import settings

    all_of_it = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    settings.EMBEDDED_POSTGRES["options"] = {"shared_buffers": f"{min(all_of_it // 4, MOST) // 2**20}MB"}


def run(options: Namespace) -> int:
    from benchmarks import filling

    if options.command == "fill":
        return fill(options)
    filling.prepare()
    if not filling.is_filled():
        return complain("There is nothing to measure on yet. Run `python -m benchmarks fill` first.")
    return measure(options)


def fill(options: Namespace) -> int:
    from benchmarks import filling

    try:
        if options.fresh:
            filling.start_over()
    except filling.CannotFill as error:
        return complain(str(error))
    filling.prepare()
    if filling.is_filled():
        found = ", ".join(f"{slug} {count:,}" for slug, count in filling.sizes_found().items())
        say(f"Filled already: {found} customers. --fresh starts over.")
    else:
        sizes = filling.Sizes(options.customers, options.small, options.others, options.others_each)
        filling.fill(sizes, say)
    return 0


def measure(options: Namespace) -> int:
    from benchmarks import bulk, exports, imports, lists, machine, pages, plans, rendering
    from lists.models import Layout

    if options.command == "all":
        for told in machine.describe():
            say(told)
        lists.measure_lists(say, repeats=options.repeats, file=options.json)
        pages.measure_pages(say)
        rendering.measure_rendering(say)
        plans.explain_lists(say, scanning=True)
        bulk.measure_bulk(say)
        exports.measure_exports(say)
        exports.measure_exports(say, rows=1_000_000, formats=(Layout.Format.CSV,))
        imports.measure_imports(say)
    if options.command == "lists":
        lists.measure_lists(say, only=options.only, repeats=options.repeats, file=options.json)
    if options.command == "plans":
        return min(1, plans.explain_lists(say, options.only, show=options.show, scanning=options.scanning))
    if options.command == "rendering":
        rendering.measure_rendering(say)
    if options.command == "pages":
        pages.measure_pages(say)
    if options.command == "export":
        formats = tuple(map(Layout.Format, options.format or Layout.Format))
        exports.measure_exports(say, rows=options.rows, formats=formats)
    if options.command == "import":
        measured = imports.measure_one if options.once else imports.measure_imports
        measured(say, rows=options.rows)
    if options.command == "bulk":
        bulk.measure_bulk(say, rows=options.rows)
    return 0


def say(line: str) -> None:
    print(line, flush=True)


def complain(line: str) -> int:
    print(line, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
