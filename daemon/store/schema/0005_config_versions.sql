-- The text of every configuration that was in force, so that one can go back to it: a JSON list of
-- {"path", "text"}, the main file first. It holds references to secrets, never a secret.
ALTER TABLE config_version ADD COLUMN files TEXT NOT NULL DEFAULT '[]';

-- Which of an object's values the mirror's records hold: those read at or after `since_ms` hold all
-- that `paths` names (one path a line). A mapping that asks for more needs a new reading.
CREATE TABLE mirror_paths (
  source   TEXT    NOT NULL,
  object   TEXT    NOT NULL,
  paths    TEXT    NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (source, object)
) STRICT, WITHOUT ROWID;

-- Records that the reading named as this one's parents (JSON list of [object, id]; '' = none): so a
-- record that is mapped again still knows whom to fetch.
ALTER TABLE record ADD COLUMN related TEXT NOT NULL DEFAULT '';
