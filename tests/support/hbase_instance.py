"""An HBase of a test's own, in a temporary folder and on free ports: any number side by side.
Where a Redis is brought up beside it, tests find that, too."""

import os

from own_services import OwnServices


class HBase(OwnServices):
    """Running; see OwnServices."""

    def __init__(self, *beside):
        super().__init__("hbase", *beside)

    def gateway(self):
        return self.status()["address"]["gateways"][0]

    def environment(self):
        """With which the test programs find it."""
        found = {"LONGWIRE_TEST_HBASE_GATEWAY": self.gateway()}
        if "redis" in self.services:
            found["LONGWIRE_TEST_REDIS"] = self.status("redis")["address"]["nodes"][0]
        return os.environ | found
