import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lms', '0007_certificates'),
    ]

    operations = [
        migrations.CreateModel(
            name='UnverifiedEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('integration', models.CharField(blank=True, max_length=64)),
                ('name', models.CharField(max_length=64)),
                ('percent', models.PositiveSmallIntegerField(null=True)),
                ('session', models.CharField(blank=True, max_length=100)),
                ('page', models.CharField(blank=True, max_length=500)),
                ('told', models.TextField(default='{}')),
                ('received_at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lms.organisation')),
            ],
        ),
    ]
