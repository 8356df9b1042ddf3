-- What a source said the records of an object hold (core::Catalogue as JSON), as of when: a restart
-- must be able to map without it.
CREATE TABLE catalogue (
  source TEXT NOT NULL,
  object TEXT NOT NULL,
  read_ms INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (source, object)
) STRICT, WITHOUT ROWID;
