"""The HTTP front alone, over canned answers: http-test-server as a context.

    with CannedServer() as server:
        server.url, server.ca, server.app["appSecret"]
"""

import json
import pathlib
import shutil
import subprocess
import tempfile

from harness import Programs


class CannedServer:
    def __init__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="longwire-http-"))
        self.ca = str(self._folder / "cert.pem")
        self._process = None

    def __enter__(self):
        self._process = subprocess.Popen([Programs.path("http-test-server"), self.ca], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        told = json.loads(self._process.stdout.readline())
        self.ports = {"https": told["https"], "admin": told["admin"]}
        self.url = f"https://localhost:{told['https']}"
        self.app = {"appId": told["appId"], "appKey": told["appKey"], "appSecret": told["secret"],
                    "package": told["package"]}
        return self

    def __exit__(self, kind, error, trace):
        self._process.stdin.close()
        try:
            code = self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            code = "no end"
        shutil.rmtree(self._folder, ignore_errors=True)
        assert kind is not None or code == 0, f"http-test-server ended with {code}"
