"""MariaDB on a data directory of its own: one server, or two masters that replicate each other.

The system's own service is never touched. The account `longwire` may do everything, on a pair
`longwire_admin`; the password of all is random and lies in the instance directory.
"""

import os
import pwd

import common

DATABASE = "longwire"
USER = "longwire"
PAIR_USER = "longwire_pair"
ADMINISTRATOR = "longwire_admin"

# Each acknowledged row is on disk; small buffers, since tests run several beside each other.
OPTIONS = ("--bind-address=" + common.HOST, "--skip-name-resolve", "--character-set-server=utf8mb4",
           "--collation-server=utf8mb4_bin", "--innodb-flush-log-at-trx-commit=1",
           "--innodb-buffer-pool-size=128M", "--performance-schema=OFF", "--max-connections=200")


class MariaDb(common.Service):
    name = "mariadb"
    servers_needed = ("mariadb",)
    accounts = {USER: "ALL PRIVILEGES"}  # and what they may do
    administrator = USER

    def up(self):
        self.directory.mkdir(exist_ok=True, mode=0o700)
        for server in self.servers():
            if self.only in (None, server.name):
                self._start(server)

    def _start(self, server):
        port = self.instance.port(server.name)
        data = self.directory / f"{server.name}-data"
        if server.pid() is None and not (data / ".complete").exists():
            self._install(data, self._temporary(server.name))
        opening = self._write_opening(server)
        self._write_client_file(server, port)
        server.start([common.find_program("mariadbd"), "--no-defaults", f"--datadir={data}",
                      self._temporary(server.name), f"--port={port}", *OPTIONS,
                      *self.options(server), *self._as_whom(),
                      # Relative to the data directory: a socket's path is short by nature.
                      "--socket=server.sock", f"--pid-file={data}/server.pid",
                      f"--init-file={opening}"],
                     [port], lambda: self.query(server.name, "SELECT 1") == [["1"]])

    def options(self, server):
        return ()

    def _as_whom(self):
        # It refuses to run as root unless told so.
        return ("--user=root",) if os.geteuid() == 0 else ()

    def _temporary(self, name):
        """A server that starts deletes the temporary tables of all that share this folder."""
        path = self.directory / f"{name}-tmp"
        path.mkdir(exist_ok=True)
        return f"--tmpdir={path}"

    def _install(self, data, temporary):
        """The system tables, in a place where a run that was cut short leaves no half of them."""
        common.run(["rm", "-rf", data], "clearing")
        user = pwd.getpwuid(os.geteuid()).pw_name
        common.run([common.find_program("mariadb-install-db"), "--no-defaults",
                    f"--datadir={data}", temporary, "--skip-test-db",
                    f"--auth-root-socket-user={user}",
                    "--auth-root-authentication-method=socket", *self._as_whom()],
                   "mariadb-install-db")
        (data / ".complete").touch()

    def _write_opening(self, server):
        """What each start makes sure of. Not logged for a peer: every master does it itself."""
        password = self.instance.secret("mariadb").read_text(encoding="utf-8")
        path = self.directory / f"{server.name}-opening.sql"
        path.touch(mode=0o600)
        path.write_text("SET SESSION sql_log_bin = 0;\n"
                        f"CREATE DATABASE IF NOT EXISTS {DATABASE};\n" +
                        "".join(f"CREATE USER IF NOT EXISTS '{user}'@'{common.HOST}';\n"
                                f"ALTER USER '{user}'@'{common.HOST}' IDENTIFIED BY '{password}';\n"
                                f"GRANT {rights} ON *.* TO '{user}'@'{common.HOST}';\n"
                                for user, rights in self.accounts.items()), encoding="utf-8")
        return path

    def _client_file(self, name):
        return self.directory / f"{name}.cnf"

    def _write_client_file(self, server, port):
        password = self.instance.secret("mariadb").read_text(encoding="utf-8")
        path = self._client_file(server.name)
        path.touch(mode=0o600)
        path.write_text(f"[client]\nprotocol = tcp\nhost = {common.HOST}\nport = {port}\n"
                        f"user = {self.administrator}\npassword = {password}\n"
                        "default-character-set = utf8mb4\n", encoding="utf-8")

    def query(self, name, sql):
        """Rows of text, through the ordinary client. OSError while nobody answers."""
        try:
            text = common.run([common.find_program("mariadb"),
                               f"--defaults-file={self._client_file(name)}", "--batch",
                               "--skip-column-names", "--connect-timeout=5", "-e", sql], sql)
        except common.Failure as failure:
            raise OSError(str(failure)) from failure
        return [line.split("\t") for line in text.splitlines()]

    def settings(self):
        """As in the configuration of a server."""
        address = self.address()
        return {"storage.directory": "mysql", "mysql.address": address["nodes"][0],
                "mysql.user": address["user"], "mysql.database": address["database"],
                "mysql.password_file": address["password_file"]}

    def address(self):
        return {"nodes": [f"{common.HOST}:{self.instance.known_port(name)}"
                          for name in self.servers_needed],
                "user": USER, "database": DATABASE,
                "password_file": str(self.instance.secret("mariadb")),
                "client_files": [str(self._client_file(name)) for name in self.servers_needed]}


class MariaDbPair(MariaDb):
    """Two masters, each the other's replica, semi-synchronous. Both start read-only; a server that
    uses them opens one, and directs how they replicate (see README.md)."""

    name = "mariadb-pair"
    servers_needed = ("mariadb-pair-1", "mariadb-pair-2")
    # What a server writes with must stop at a server that is read-only.
    accounts = {USER: "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX",
                PAIR_USER: "SELECT, INSERT, UPDATE, CREATE, READ_ONLY ADMIN,"
                           " REPLICATION SLAVE ADMIN, SLAVE MONITOR",
                ADMINISTRATOR: "ALL PRIVILEGES"}
    administrator = ADMINISTRATOR

    def options(self, server):
        self._make_certificate()
        number = self.servers_needed.index(server.name) + 1
        # A domain of its own for each master: with one for both, strict mode stops replication at
        # the first write made at the same time on both sides.
        return (f"--server-id={number}", f"--gtid-domain-id={number}", "--gtid-strict-mode=ON",
                "--log-bin=binlog", "--log-slave-updates=ON", "--binlog-format=ROW",
                "--relay-log=relay", "--sync-binlog=1", "--auto-increment-increment=2",
                f"--auto-increment-offset={number}", "--rpl-semi-sync-master-enabled=ON",
                "--rpl-semi-sync-slave-enabled=ON", "--rpl-semi-sync-master-timeout=1000",
                "--rpl-semi-sync-master-wait-point=AFTER_SYNC", "--skip-slave-start",
                "--slave-parallel-threads=4", "--rpl-semi-sync-slave-kill-conn-timeout=1",
                f"--ssl-cert={self.certificate()}", f"--ssl-key={self._key()}",
                "--read-only=ON")

    def up(self):
        super().up()
        if self.only is not None:
            return
        for name, peer in (self.servers_needed, self.servers_needed[::-1]):
            self._introduce(name, peer)
        # Once a server directs them, what one takes from the other is its business alone: a master
        # that comes back may have what must not be taken.
        if not any(map(self._is_directed, self.servers_needed)):
            for name in self.servers_needed:
                self._start_slave(name)

    def certificate(self):
        """It signs itself, so that it is the file of authorities, too."""
        return self.directory / "certificate.pem"

    def _key(self):
        return self.directory / "key.pem"

    def _make_certificate(self):
        if self.certificate().exists():
            return
        unfinished = self.certificate().with_suffix(".new")
        common.run([common.find_program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650", "-subj",
                    "/CN=mariadb-pair", "-addext", f"subjectAltName=IP:{common.HOST}",
                    "-keyout", self._key(), "-out", unfinished], "openssl")
        unfinished.rename(self.certificate())

    def address(self):
        return super().address() | {"certificate": str(self.certificate())}

    def _introduce(self, name, peer):
        if self.query(name, "SHOW SLAVE STATUS"):
            return
        password = self.instance.secret("mariadb").read_text(encoding="utf-8")
        try:
            self.query(name, f"CHANGE MASTER TO master_host='{common.HOST}',"
                       f" master_port={self.instance.port(peer)}, master_user='{ADMINISTRATOR}',"
                       f" master_password='{password}', master_use_gtid=slave_pos,"
                       " master_connect_retry=1")
        except OSError as failure:
            raise common.Failure(f"{name} does not know {peer}: {failure}".replace(
                password, "***")) from None

    def _is_directed(self, name):
        return self.query(name, "SELECT COUNT(*) FROM information_schema.tables"
                          " WHERE table_name = 'pair_state'") != [["0"]]

    def _start_slave(self, name):
        if not self._slave_runs(name):
            self.query(name, "START SLAVE")
        if not common.wait_for(lambda: self._slave_runs(name), 30):
            raise common.Failure(f"{name} follows nobody: see SHOW SLAVE STATUS on it")

    def settings(self):
        address = self.address()
        return super().settings() | {"mysql.peer": address["nodes"][1],
                                     "mysql.pair_user": PAIR_USER,
                                     "mysql.pair_password_file": address["password_file"]}

    def _slave_runs(self, name):
        rows = self.query(name, "SELECT variable_value FROM information_schema.global_status "
                          "WHERE variable_name IN ('Slave_running', 'Rpl_semi_sync_slave_status')")
        return rows == [["ON"], ["ON"]]
