-- Complete passes over an object of a source: what such a pass does not show, the source does not
-- have any more (I10). `last_row` = the mirror's newest row when it began; `shrunk` = it showed so
-- much less that a person must say whether that is so.
CREATE TABLE pass (
  -- Never used again: what an abandoned pass showed must not count for a later one.
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  source      TEXT    NOT NULL,
  object      TEXT    NOT NULL,
  run         INTEGER,
  begun_ms    INTEGER NOT NULL,
  last_row    INTEGER NOT NULL,
  fingerprint TEXT    NOT NULL DEFAULT '',
  records     INTEGER NOT NULL DEFAULT 0,
  bad_rows    INTEGER NOT NULL DEFAULT 0,
  ended_ms    INTEGER,
  present     INTEGER NOT NULL DEFAULT 0,
  absent      INTEGER NOT NULL DEFAULT 0,
  shrunk      INTEGER NOT NULL DEFAULT 0 CHECK (shrunk IN (0, 1)),
  taken       TEXT  -- the last absent record that has its notice; NULL = not decided yet
) STRICT;
CREATE INDEX pass_of_object ON pass (source, object, id);

-- The newest complete pass that showed the record; 0 = none did.
ALTER TABLE record ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;

-- A person said that what the run's passes do not show is gone, however much it is.
ALTER TABLE run ADD COLUMN accept_shrink INTEGER NOT NULL DEFAULT 0 CHECK (accept_shrink IN (0, 1));

-- Of each source, when the program was last not there, and what it found of that time since.
CREATE TABLE catch_up (
  source        TEXT    PRIMARY KEY,
  from_ms       INTEGER NOT NULL,
  to_ms         INTEGER NOT NULL,
  polled        INTEGER NOT NULL DEFAULT 0,
  late_webhooks INTEGER NOT NULL DEFAULT 0,
  done_ms       INTEGER
) STRICT, WITHOUT ROWID;

-- Of which object the last error of a source is: another one's success does not end it.
ALTER TABLE source_activity ADD COLUMN last_error_of TEXT NOT NULL DEFAULT '';
