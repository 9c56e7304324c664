from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='Cursor',
            fields=[
                ('id', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('journal_id', models.BigIntegerField()),
                ('rolled_at', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='EventCounts',
            fields=[
                ('pk', models.CompositePrimaryKey('video', 'day', 'type', blank=True, editable=False, primary_key=True, serialize=False)),
                ('video', models.CharField(max_length=200)),
                ('day', models.CharField(max_length=10)),
                ('type', models.CharField(max_length=40)),
                ('times', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='SecondCounts',
            fields=[
                ('pk', models.CompositePrimaryKey('video', 'kind', blank=True, editable=False, primary_key=True, serialize=False)),
                ('video', models.CharField(max_length=200)),
                ('kind', models.CharField(max_length=8)),
                ('viewers', models.BinaryField(default=b'')),
                ('views', models.BinaryField(default=b'')),
                ('pauses', models.BinaryField(default=b'')),
            ],
        ),
    ]
