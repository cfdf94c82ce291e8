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

SEARCH = "CREATE INDEX customers_search ON customers_customer USING gin (tenant_id, search gin_trgm_ops)"


class Migration(migrations.Migration):
    """How many contacts and addresses the customers have that are there already.

    Nearly every row of a table is written once more, so its largest index is made afresh.
    """

    dependencies = [
        ("contacts", "0007_plain_marks"),
        ("customers", "0007_contacts_and_addresses_counted"),
    ]
    run_before = [("customers", "0008_email_keys")]  # which puts another index in the place of this one
    operations = [
        migrations.RunSQL(["DROP INDEX customers_search", FILL, SEARCH], migrations.RunSQL.noop),
    ]
