from django.db import migrations

FILL = r"""
UPDATE customers_customer SET
    billing_city = coalesce(found.city, ''),
    billing_country = coalesce(found.country, ''),
    traits = coalesce((
        SELECT jsonb_agg(mark ORDER BY place)
        FROM jsonb_array_elements_text(every.traits) WITH ORDINALITY AS marks (mark, place)
        WHERE mark NOT LIKE 'country:%' AND mark <> 'lacks:city'
    ), '[]')
FROM customers_customer AS every
LEFT JOIN (
    SELECT tenant_id, customer_id, country,
        CASE WHEN city <> '' THEN substring(own_words FROM '[^\n]*$') ELSE '' END AS city
    FROM contacts_address WHERE is_billing
) AS found ON found.tenant_id = every.tenant_id AND found.customer_id = every.id
WHERE customers_customer.tenant_id = every.tenant_id AND customers_customer.id = every.id
    AND NOT every.traits @> '["alone"]'
"""


class Migration(migrations.Migration):
    """City and country of the billing address, of the customers that are there already, in the place of their marks."""

    dependencies = [("contacts", "0011_customers_without_a_city"), ("customers", "0013_where_they_are_billed")]
    run_before = [("customers", "0014_by_where_they_are_billed")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
