"""Moto, standing in for S3 as a process of its own: it lives on when who sends to it is killed."""

import subprocess
import sys
import time
from typing import Self

import boto3
import httpx

from bench.kit.processes import free_port

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


class S3:
    def __init__(self) -> None:
        self.endpoint = f"http://127.0.0.1:{free_port()}"
        self._made = 0

    def __enter__(self) -> Self:
        port = self.endpoint.rpartition(":")[2]
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{self.endpoint}/moto-api/")
                return self
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def __exit__(self, *_exc: object) -> None:
        self._process.terminate()
        self._process.wait(30)

    def bucket(self) -> str:
        """The address of an empty one."""
        self._made += 1
        client = boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1", **KEYS)
        client.create_bucket(Bucket=f"lake-{self._made}")
        return f"s3://testing:testing@lake-{self._made}/copy?endpoint={self.endpoint}&region=us-east-1"
