"""An HBase of a test's own, in a temporary folder and on free ports: any number side by side."""

import os

from own_services import OwnServices


class HBase(OwnServices):
    """Running; see OwnServices."""

    def __init__(self):
        super().__init__("hbase")

    def gateway(self):
        return self.status()["address"]["gateways"][0]

    def environment(self):
        """With which the test programs find it."""
        return os.environ | {"LONGWIRE_TEST_HBASE_GATEWAY": self.gateway()}
