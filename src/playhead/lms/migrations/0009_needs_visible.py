from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lms', '0008_unverified_events'),
    ]

    operations = [
        migrations.AddField(
            model_name='course',
            name='needs_visible',
            field=models.BooleanField(default=False, verbose_name='only what is in view counts'),
        ),
    ]
