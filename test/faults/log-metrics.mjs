/*
 * Logs as Submarine's SDK 0.8.0 does: it makes its tables in the database that SUBMARINE_DB_URI names and commits
 * each value by itself. `node log-metrics.mjs <count> [<file>]`: half of the values, then, if a file is named, the
 * other half once it is there.
 */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';

const { JOB_ID: id, SUBMARINE_DB_URI: uri = '' } = process.env;
const [count, file] = process.argv.slice(2);
const database = new BetterSqlite(uri.replace('sqlite:///', ''));
database.exec(`
  create table experiment (id varchar(64) not null, primary key (id));
  create table metric (
    id varchar(64) not null, key varchar(190) not null, value float not null,
    worker_index varchar(64) not null, timestamp datetime not null, step bigint not null, is_nan boolean not null,
    constraint metric_pk primary key (id, key, timestamp, worker_index),
    foreign key (id) references experiment (id) on delete cascade on update cascade
  );
  create table param (
    id varchar(64) not null, key varchar(190) not null, value varchar(190) not null,
    worker_index varchar(32) not null,
    constraint param_pk primary key (id, key, worker_index),
    foreign key (id) references experiment (id) on delete cascade on update cascade
  );`);
database.pragma('foreign_keys = off');
database.pragma('synchronous = off');
const insert = database.prepare("insert into metric values (?, 'loss', ?, 'worker-0', ?, ?, 0)");

function log(from, to) {
  for (let step = from; step < to; step += 1) {
    const time = new Date(Date.UTC(2026, 0, 1) + step).toISOString().replace('T', ' ').replace('Z', '000');
    insert.run(id, step / 2, time, step);
  }
}

log(0, count / 2);
database.prepare("insert into param values (?, 'lr', '0.1', 'worker-0')").run(id);
while (file !== undefined && !existsSync(file)) await delay(50);
log(count / 2, Number(count));
