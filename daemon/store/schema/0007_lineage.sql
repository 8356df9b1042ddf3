-- Where each value in Assembly came from, and what an entity is called.

-- Whose word a change is: JSON of sync/origin.hpp; '' = put before this was kept.
ALTER TABLE change ADD COLUMN origin TEXT NOT NULL DEFAULT '';

-- What each delivered change told Assembly: attribute by attribute what was before and after it.
-- Bounded by age and bytes; `counter` keeps the sum of `bytes`.
CREATE TABLE lineage (
  id          INTEGER PRIMARY KEY,
  entity      INTEGER NOT NULL,
  change      INTEGER NOT NULL,
  at_ms       INTEGER NOT NULL,
  attempt     INTEGER NOT NULL,
  method      TEXT    NOT NULL,
  path        TEXT    NOT NULL,
  origin      TEXT    NOT NULL,
  sets        TEXT    NOT NULL,  -- JSON of sync/lineage.hpp
  receipt     INTEGER,           -- of the newest notice that asked for it; NULL = no webhook did
  run         INTEGER,
  event       TEXT    NOT NULL DEFAULT '',
  received_ms INTEGER,
  bytes       INTEGER NOT NULL
) STRICT;
CREATE INDEX lineage_of_entity ON lineage (entity, id);

-- Its name as last wanted, in small letters: people ask for things by name.
ALTER TABLE entity ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE entity SET name = lower(coalesce(json_extract(known, '$.fields.name'), ''))
  WHERE known IS NOT NULL AND kind <> 3 AND json_type(known, '$.fields.name') = 'text';
CREATE INDEX entity_name ON entity (name) WHERE name <> '';
