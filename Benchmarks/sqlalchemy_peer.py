# SPDX-License-Identifier: Apache-2.0
"""The peer of Mainstay in benchmarks: the same work in SQLAlchemy. The tables are made by the Swift side.

    python sqlalchemy_peer.py URL       with what requirements.txt lists

URL is sqlite:///absolute/path, or postgresql:// or mariadb:// as Scripts/servers gives them. Each line of standard
input is a command and its argument, see `commands` below, and is answered by one line of JSON: {"seconds",
"cpu_seconds", "result"}, where the result is a number to check, or {"error"}. What is timed begins with taking a warm
connection from the pool, and ends with the commit, or just before the rollback where nothing is committed, which is in
the scans and the inserts.
"""

import gc
import json
import sys
from collections.abc import Iterable
from time import perf_counter, process_time
from urllib.parse import unquote

from sqlalchemy import URL, BigInteger, Double, Engine, Integer, String
from sqlalchemy import bindparam, create_engine, event, insert, make_url, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

# SQLite generates keys for INTEGER PRIMARY KEY only.
Key = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    pass


class Columns:
    name: Mapped[str] = mapped_column(String(50))
    email: Mapped[str] = mapped_column(String(50))
    age: Mapped[int]
    score: Mapped[float] = mapped_column(Double)
    active: Mapped[bool]


class Row(Columns, Base):
    __tablename__ = "bench_rows"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)


class Work(Columns, Base):
    __tablename__ = "bench_work"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)


class Target(Columns, Base):
    __tablename__ = "bench_targets"
    id: Mapped[int] = mapped_column(Key, primary_key=True)


def make_engine(text: str) -> Engine:
    """As the Swift side connects: over TCP, without TLS."""
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite":
        # Of three slashes SQLAlchemy would make a relative path, and wants four. Both are taken here.
        path = "/" + unquote(rest.partition("?")[0]).lstrip("/")
        engine = create_engine(URL.create("sqlite", database=path))

        # The recipe of SQLAlchemy's documentation for transactions that contain their reads: the driver would begin one
        # at the first change only.
        @event.listens_for(engine, "connect")
        def connected(connection, _):
            connection.isolation_level = None

        @event.listens_for(engine, "begin")
        def begun(connection):
            connection.exec_driver_sql("BEGIN")

        return engine
    url = make_url(text).difference_update_query(["sslmode"])
    if scheme == "postgresql":
        return create_engine(url.set(drivername="postgresql+psycopg"), connect_args={"sslmode": "disable"})
    if scheme == "mariadb":
        return create_engine(url.set(drivername="mysql+pymysql"), connect_args={"ssl_disabled": True})
    raise ValueError(f"no such database: {scheme}")


class Clock:
    def start(self) -> None:
        # What the command before left behind is not to be collected in this one's time.
        gc.collect()
        self.wall, self.cpu = perf_counter(), process_time()

    def stop(self) -> None:
        self.seconds, self.cpu_seconds = perf_counter() - self.wall, process_time() - self.cpu


def values(number: int) -> dict:
    return {
        "name": f"name of {number}",
        "email": f"user{number}@example.com",
        "age": number % 90,
        "score": number / 2,
        "active": number % 2 == 1,
    }


table = Row.__table__
all_rows = select(table.c["id", "name", "email", "age", "score", "active"])
row_of_key = all_rows.where(table.c.id == bindparam("key"))


def unit_of_work(engine: Engine, clock: Clock, count: int) -> int:
    clock.start()
    with Session(engine) as session:
        works = session.scalars(select(Work)).all()
        for work in works[:count]:
            work.age += 1
        session.flush()
        session.commit()
        clock.stop()
        return len(works)


def core_sum(rows: Iterable) -> float:
    """The texts are ASCII, so that their first character is their first byte."""
    total = 0.0
    for key, name, email, age, score, active in rows:
        total += float(key) + age + score + (1 if active else 0) + ord(name[0]) + ord(email[0])
    return total


def scan_core(engine: Engine, clock: Clock) -> float:
    clock.start()
    with engine.connect() as connection:
        total = core_sum(connection.execute(all_rows).all())
        clock.stop()
        return total


def scan_orm(engine: Engine, clock: Clock) -> float:
    clock.start()
    with Session(engine) as session:
        total = 0.0
        for row in session.scalars(select(Row)).all():
            total += float(row.id) + row.age + row.score + (1 if row.active else 0)
            total += ord(row.name[0]) + ord(row.email[0])
        clock.stop()
        return total


def point_core(engine: Engine, clock: Clock, count: int) -> float:
    clock.start()
    with engine.connect() as connection:
        total = 0.0
        for number in range(count):
            total += core_sum(connection.execute(row_of_key, {"key": number * 7919 % 100_000}).all())
        connection.commit()
        clock.stop()
        return total


def insert_orm(engine: Engine, clock: Clock, count: int) -> int:
    clock.start()
    with Session(engine) as session:
        targets = [Target(**values(number)) for number in range(count)]
        session.add_all(targets)
        session.flush()
        clock.stop()
        generated = sum(target.id is not None for target in targets)
        session.rollback()
        return generated


def insert_core(engine: Engine, clock: Clock, count: int) -> int:
    clock.start()
    with engine.connect() as connection:
        connection.execute(insert(Target.__table__), [values(number) for number in range(count)])
        clock.stop()
        connection.rollback()
        return count


functions = [unit_of_work, scan_core, scan_orm, point_core, insert_orm, insert_core]
commands = {function.__name__: function for function in functions}


def main() -> None:
    engine = make_engine(sys.argv[1])
    engine.connect().close()
    for line in sys.stdin:
        try:
            name, *arguments = line.split()
            clock = Clock()
            result = commands[name](engine, clock, *map(int, arguments))
            answer = {"seconds": clock.seconds, "cpu_seconds": clock.cpu_seconds, "result": result}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
