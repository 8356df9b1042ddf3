-- Several records may feed one entity; records are merged or erased in their source; labels are
-- renamed in Assembly.

-- Which mapping made it of `record`, and that one's place among the mappings; `shared` = others feed
-- it too, and what each wants stands in `contribution`; `merged_into` = the entity that took over its
-- account or its key; `leaving` = the former company in whose
-- account a contact still sits in Assembly.
ALTER TABLE entity ADD COLUMN mapping TEXT NOT NULL DEFAULT '';
ALTER TABLE entity ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entity ADD COLUMN shared INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0, 1));
ALTER TABLE entity ADD COLUMN merged_into INTEGER REFERENCES entity (id);
ALTER TABLE entity ADD COLUMN leaving INTEGER REFERENCES entity (id);
CREATE INDEX entity_merged ON entity (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX entity_leaving ON entity (leaving) WHERE leaving IS NOT NULL;
CREATE INDEX entity_parent ON entity (parent) WHERE parent IS NOT NULL;

-- What each record wants of an entity that several feed. An entity with one record has no row: what
-- it wants is its pending change, the one in flight, or its known state.
CREATE TABLE contribution (
  entity    INTEGER NOT NULL REFERENCES entity (id),
  mapping   TEXT    NOT NULL,
  source    TEXT    NOT NULL,
  object    TEXT    NOT NULL,
  record    TEXT    NOT NULL,
  position  INTEGER NOT NULL,
  enriches  INTEGER NOT NULL CHECK (enriches IN (0, 1)),
  on_delete INTEGER NOT NULL CHECK (on_delete BETWEEN 0 AND 2),
  wanted    TEXT    NOT NULL,
  PRIMARY KEY (entity, mapping, source, object, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX contribution_of_record ON contribution (source, object, record);

-- Records that the source merged away, and into which one; `place` = in which order it named them.
CREATE TABLE merge (
  source   TEXT    NOT NULL,
  object   TEXT    NOT NULL,
  loser    TEXT    NOT NULL,
  survivor TEXT    NOT NULL,
  place    INTEGER NOT NULL,
  seen_ms  INTEGER NOT NULL,
  PRIMARY KEY (source, object, loser),
  CHECK (loser <> survivor)
) STRICT, WITHOUT ROWID;
CREATE INDEX merge_of_survivor ON merge (source, object, survivor);

-- Records whose data the source erased for a person's privacy: that they were, and nothing else.
CREATE TABLE erasure (
  source    TEXT    NOT NULL,
  object    TEXT    NOT NULL,
  record    TEXT    NOT NULL,
  erased_ms INTEGER NOT NULL,
  PRIMARY KEY (source, object, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_of_record ON notice (source, object, record);

-- The name by which the mapping knows a label; the label's own name in Assembly may have changed.
CREATE TABLE label_name (
  type        TEXT NOT NULL,
  name        TEXT NOT NULL,
  assembly_id TEXT NOT NULL,
  PRIMARY KEY (type, name)
) STRICT, WITHOUT ROWID;
