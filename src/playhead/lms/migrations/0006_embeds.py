from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lms', '0005_viewing_rules'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='video',
            name='video_source',
        ),
        migrations.AlterField(
            model_name='video',
            name='source',
            field=models.CharField(choices=[('file', 'a file on the server'), ('url', 'a web address'), ('asset', 'an uploaded video'), ('hls', 'a playlist (HLS)'), ('vimeo', 'Vimeo'), ('youtube', 'YouTube'), ('cloudinary', 'Cloudinary'), ('kollus', 'Kollus')], default='file', max_length=10, verbose_name='source'),
        ),
        migrations.AddConstraint(
            model_name='video',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('asset', None), ('source', 'file'), ('url', ''), models.Q(('file', ''), _negated=True)), models.Q(models.Q(('source__in', ['file', 'asset']), _negated=True), ('asset', None), ('file', ''), models.Q(('url', ''), _negated=True)), models.Q(('asset__isnull', False), ('file', ''), ('source', 'asset'), ('url', '')), _connector='OR'), name='video_source', violation_error_message='A video has a file, a web address, or was uploaded.'),
        ),
    ]
