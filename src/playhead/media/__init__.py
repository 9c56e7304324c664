"""Media: finding ffmpeg, measuring files, and the sample clips of the demo."""
