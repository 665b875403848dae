#!/usr/bin/python3
"""Fills one server of a MariaDB pair anew from the other, which is written to; see production.md.

mariadb_refill.py --from CNF --to CNF [--database longwire]

CNF is an option file for the server's clients ([client] with host, port, user, password) of an
account that may do everything. All that only the server behind --to has is thrown away. Replication
is left stopped: whoever keeps the pair starts it.
"""

import argparse
import re
import subprocess
import sys

POSITION = re.compile(r"^-- SET GLOBAL gtid_slave_pos='([0-9,-]*)';$", re.MULTILINE)

# Who has the lock alone may change how a server replicates, and who is written to: it ends with the
# connection. Under it the target tells by its own record (epoch and alone, as PairRules compares
# them) whether it was written to since. The database is dropped in the binary log, too: a server
# that stays half filled has a transaction then that the other has not, and is not let follow.
BEGIN = """DELIMITER //
BEGIN NOT ATOMIC
  DECLARE newer INT DEFAULT 0;
  DECLARE CONTINUE HANDLER FOR SQLSTATE '42S02' SET newer = 0;
  IF GET_LOCK('longwire.pair', 60) <> 1 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'another program changes its replication';
  END IF;
  SELECT COUNT(*) INTO newer FROM `{database}`.pair_state
    WHERE holder = @@server_id AND (epoch > {epoch} OR (epoch = {epoch} AND alone > {alone}));
  IF newer THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the server of --to was written to later';
  END IF;
END//
DELIMITER ;
STOP SLAVE;
SET GLOBAL read_only = ON;
CHANGE MASTER TO IGNORE_DOMAIN_IDS = ();
DROP DATABASE IF EXISTS `{database}`;
SET SESSION sql_log_bin = 0;
"""
END = """
RESET MASTER;
SET GLOBAL gtid_binlog_state = '{position}';
SET GLOBAL gtid_slave_pos = '{position}';
"""


class Failure(Exception):
    """For the operator: one line that says what to do."""


def run(arguments, text=None):
    done = subprocess.run(arguments, input=text, text=True, encoding="utf-8",
                          errors="surrogateescape", stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise Failure(f"{arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def sql(file, text):
    return run(["mariadb", f"--defaults-file={file}", "--batch", "--skip-column-names"],
               text).strip()


def must_be_written_to(file, database):
    """The one to copy is the one that Longwire writes to, by its own record: epoch, alone."""
    answer = sql(file, "SELECT holder = @@server_id AND NOT @@read_only, epoch, alone"
                       f" FROM `{database}`.pair_state").split("\t")
    if answer[0] != "1":
        raise Failure(f"the server of {file} is not the one that is written to: nothing is done")
    return answer[1:]


def refill(source, target, database):
    epoch, alone = must_be_written_to(source, database)
    if sql(source, "SELECT @@server_id") == sql(target, "SELECT @@server_id"):
        raise Failure("--from and --to are one server")
    dump = run(["mariadb-dump", f"--defaults-file={source}", "--single-transaction", "--gtid",
                "--master-data=2", "--hex-blob", "--add-drop-database", "--databases", database])
    found = POSITION.search(dump)
    if found is None:
        raise Failure("the copy does not say which transactions it has: is the binary log on?")
    # Its own numbers go on where the other has seen them end.
    sql(target, BEGIN.format(database=database, epoch=epoch, alone=alone) + dump +
        END.format(position=found[1]))
    return found[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", required=True)
    parser.add_argument("--to", dest="target", required=True)
    parser.add_argument("--database", default="longwire")
    options = parser.parse_args()
    try:
        position = refill(options.source, options.target, options.database)
    except Failure as failure:
        print(f"mariadb_refill: {failure}", file=sys.stderr)
        return 1
    print(f"filled up to {position}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
