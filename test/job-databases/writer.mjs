// Writes a database as a job does: `node writer.mjs <file> <mode>`.
import { once } from 'node:events';
import BetterSqlite from 'better-sqlite3';

const [file, mode] = process.argv.slice(2);
const database = new BetterSqlite(file);

/** Adds a row, and keeps everybody else away until the input ends. */
async function hold() {
  database.exec("begin exclusive; insert into metric values ('b', 2)");
  process.stdout.write('holds');
  await once(process.stdin.resume(), 'end');
  database.exec('commit');
}

/** With this mode of its journal, stores a transaction, and is killed in the middle of another. */
function die(journalMode) {
  database.pragma(`journal_mode = ${journalMode}`);
  database.pragma('wal_autocheckpoint = 0');
  database.exec('create table metric (key text, value real)');
  const insert = database.prepare('insert into metric values (?, ?)');
  database.transaction(() => {
    for (let step = 0; step < 1000; step += 1) insert.run('stored', step);
  })();
  // What does not fit into so small a cache is written before its end.
  database.pragma('cache_size = 5');
  database.exec('begin');
  for (let step = 0; step < 20_000; step += 1) insert.run('half done', step);
  database.exec("update metric set value = -1 where key = 'stored'");
  process.kill(process.pid, 'SIGKILL');
}

if (mode === 'hold') await hold();
else die(mode);
