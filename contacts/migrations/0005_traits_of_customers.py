from django.db import migrations

RECEIVES = ("invoices", "payment_reminders", "service_notices", "product_news", "promotions")
ANY = ", ".join(f"bool_or(receives_{name}) AS receives_{name}" for name in RECEIVES)
EACH = ", ".join(f"CASE WHEN receives_{name} THEN 'receives:{name}' END" for name in RECEIVES)
FILL = f"""
UPDATE customers_customer SET traits = to_jsonb(array_remove(ARRAY[
    CASE WHEN NOT has_contact THEN 'lacks:contact' END, CASE WHEN NOT has_primary THEN 'lacks:primary' END,
    CASE WHEN NOT has_address THEN 'lacks:address' END, CASE WHEN NOT has_billing THEN 'lacks:billing' END,
    'country:' || country, {EACH}
], NULL))
FROM (
    SELECT tenant_id, customer_id, count(is_primary) > 0 AS has_contact, coalesce(bool_or(is_primary), false) AS has_primary,
        count(is_billing) > 0 AS has_address, coalesce(bool_or(is_billing), false) AS has_billing,
        max(country) FILTER (WHERE is_billing) AS country, {ANY}
    FROM (
        SELECT tenant_id, customer_id, is_primary, NULL AS is_billing, NULL AS country,
            {", ".join(f"receives_{name}" for name in RECEIVES)}
        FROM contacts_contact
        UNION ALL
        SELECT tenant_id, customer_id, NULL, is_billing, country, {", ".join(["NULL"] * len(RECEIVES))}
        FROM contacts_address
    ) AS part
    GROUP BY tenant_id, customer_id
) AS found
WHERE found.tenant_id = customers_customer.tenant_id AND found.customer_id = customers_customer.id
"""  # noqa: S608


# Another index may have taken its place already.
DROP = "DROP INDEX IF EXISTS customers_search"
SEARCH = """
DO $$ BEGIN
    IF to_regclass('customers_found') IS NULL THEN
        CREATE INDEX customers_search ON customers_customer USING gin (tenant_id, search gin_trgm_ops);
    END IF;
END $$
"""


class Migration(migrations.Migration):
    """What is so of the contacts and addresses of the customers that are there already.

    Every row of a table is written once more, so its largest index is made afresh.
    """

    dependencies = [("contacts", "0004_of_disabled_customers")]
    operations = [
        migrations.RunSQL([DROP, FILL, SEARCH], migrations.RunSQL.noop),
    ]
