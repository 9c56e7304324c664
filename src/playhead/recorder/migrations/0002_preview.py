from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recorder', '0001_tracking'),
    ]

    operations = [
        migrations.AddField(
            model_name='playback',
            name='preview',
            field=models.BooleanField(default=False),
        ),
    ]
