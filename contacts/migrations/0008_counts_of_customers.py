from django.db import migrations

FILL = """
UPDATE customers_customer SET contact_count = found.contacts, address_count = found.addresses
FROM (
    SELECT tenant_id, customer_id, count(*) FILTER (WHERE is_person) AS contacts,
        count(*) FILTER (WHERE NOT is_person) AS addresses
    FROM (
        SELECT tenant_id, customer_id, true AS is_person FROM contacts_contact
        UNION ALL
        SELECT tenant_id, customer_id, false FROM contacts_address
    ) AS part
    GROUP BY tenant_id, customer_id
) AS found
WHERE found.tenant_id = customers_customer.tenant_id AND found.customer_id = customers_customer.id
"""

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
    """How many contacts and addresses the customers have that are there already.

    Nearly every row of a table is written once more, so its largest index is made afresh.
    """

    dependencies = [
        ("contacts", "0007_plain_marks"),
        ("customers", "0007_contacts_and_addresses_counted"),
    ]
    operations = [
        migrations.RunSQL([DROP, FILL, SEARCH], migrations.RunSQL.noop),
    ]
