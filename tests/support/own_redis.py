"""A Redis server and a Redis cluster of a test's own."""

import os

from own_services import OwnServices


class OwnRedis(OwnServices):
    """Both running; see OwnServices."""

    def __init__(self):
        super().__init__("redis", "redis-cluster")

    def environment(self):
        """For C++ tests: see tests/contract/redis_servers.h."""
        nodes = {service: ",".join(self.status(service)["address"]["nodes"])
                 for service in self.services}
        return os.environ | {"LONGWIRE_TEST_REDIS": nodes["redis"],
                             "LONGWIRE_TEST_REDIS_CLUSTER": nodes["redis-cluster"],
                             "LONGWIRE_TEST_REDIS_INSTANCE": str(self.instance)}
