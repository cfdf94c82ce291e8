from django.db import migrations

FILL = """
UPDATE customers_customer SET traits = traits || '["lacks:city"]'::jsonb
WHERE NOT traits @> '["alone"]' AND NOT traits @> '["lacks:city"]' AND NOT EXISTS (
    SELECT FROM contacts_address
    WHERE contacts_address.tenant_id = customers_customer.tenant_id
        AND contacts_address.customer_id = customers_customer.id AND is_billing AND city <> ''
)
"""


class Migration(migrations.Migration):
    """The mark of the customers that are there already and have no billing address, or one without a city."""

    dependencies = [("contacts", "0010_rows_of_operations")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
