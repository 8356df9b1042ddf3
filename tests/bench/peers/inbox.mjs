// The peers' store: one table, durable as the daemon's (synchronous FULL is not better-sqlite3's
// default for a file that is opened again, so it is set).
import Database from 'better-sqlite3';

export function openInbox(path) {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE IF NOT EXISTS inbox (id INTEGER PRIMARY KEY, at INTEGER, body BLOB)');
  const insert = db.prepare('INSERT INTO inbox (at, body) VALUES (?, ?)');
  return { db, insert };
}

export function rows(path) {
  const db = new Database(path, { readonly: true });
  return db.prepare('SELECT count(*) AS n FROM inbox').get().n;
}
