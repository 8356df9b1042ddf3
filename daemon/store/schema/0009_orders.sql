-- What a person ordered about notices that wait for one: dead letters or held ones tried again.
CREATE TABLE person_order (
  -- Never used again: who takes an order back must not meet another one.
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  state     TEXT    NOT NULL CHECK (state IN ('dead', 'held')),
  what      TEXT    NOT NULL,
  given_ms  INTEGER NOT NULL,
  undone_ms INTEGER
) STRICT;
CREATE INDEX person_order_of_state ON person_order (state, id);

-- How a notice stood before an order opened it again, so that the order can be taken back exactly.
CREATE TABLE ordered (
  notice       INTEGER PRIMARY KEY REFERENCES notice (id) ON DELETE CASCADE,
  person_order INTEGER NOT NULL REFERENCES person_order (id) ON DELETE CASCADE,
  state        TEXT    NOT NULL CHECK (state IN ('dead', 'held')),
  reason       TEXT    NOT NULL,
  finished_ms  INTEGER NOT NULL,
  lane         INTEGER NOT NULL
) STRICT;
CREATE INDEX ordered_of_order ON ordered (person_order, notice);

-- Usage logs that an order sends although they may be in Assembly: what was in doubt (JSON), which
-- is in doubt again when the order is taken back before its call.
CREATE TABLE ordered_doubt (
  notice INTEGER NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
  entity INTEGER NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  known  TEXT    NOT NULL,
  PRIMARY KEY (notice, entity)
) STRICT, WITHOUT ROWID;
CREATE INDEX ordered_doubt_of_entity ON ordered_doubt (entity);

-- What needs a person, the latest first: of all sources, and of one.
CREATE INDEX notice_waiting ON notice (state, finished_ms, id) WHERE state IN ('dead', 'held');
CREATE INDEX notice_waiting_of ON notice (state, source, finished_ms, id)
  WHERE state IN ('dead', 'held');

-- By which path the webhook came, without its query, in which a secret may stand; '' = not known.
ALTER TABLE quarantine ADD COLUMN path TEXT NOT NULL DEFAULT '';
