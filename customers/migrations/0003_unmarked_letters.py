from django.db import migrations

MARKED = "[øđðłħıŧŋæœþ]"


def plain(column: str) -> str:
    """The column with its letters as tenants.fields.fold has them now."""
    single = f"translate({column}, 'øđðłħıŧŋ', 'oddlhitn')"
    return f"replace(replace(replace({single}, 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')"


class Migration(migrations.Migration):
    """Customers called Łódź or Øresund are found and sorted as Lodz and Oresund."""

    dependencies = [("customers", "0002_contributed_search")]
    operations = [
        migrations.RunSQL(
            f"UPDATE customers_customer SET sort_name = {plain('sort_name')}, own_words = {plain('own_words')} "  # noqa: S608
            f"WHERE own_words ~ '{MARKED}'",
            migrations.RunSQL.noop,
        )
    ]
