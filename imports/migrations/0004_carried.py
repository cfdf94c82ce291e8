from django.db import migrations, models

# Of imports that have begun, the rows marked as done were the first ones.
FILL = """
UPDATE imports_importrun AS run SET carried = rows.last
FROM (
    SELECT tenant_id, run_id, max(number) AS last FROM imports_planrow WHERE outcome <> '' GROUP BY tenant_id, run_id
) AS rows
WHERE rows.tenant_id = run.tenant_id AND rows.run_id = run.id
"""
CLEAR = "UPDATE imports_planrow SET outcome = '' WHERE outcome = 'done'"


class Migration(migrations.Migration):
    """How far an import is stands in one place, instead of in each row that it has carried out."""

    dependencies = [
        ("imports", "0003_rows_to_look_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="carried",
            field=models.IntegerField(default=0),
        ),
        migrations.RunSQL([FILL, CLEAR], migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="planrow",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[("moved", "Changed meanwhile"), ("failed", "Refused")],
                default="",
                max_length=10,
            ),
        ),
    ]
