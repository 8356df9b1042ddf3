-- The path of a record, in tables. States are CHECKed, so that a wrong transition is an error and not
-- a surprise. Times are ms since the epoch.

-- Bodies of webhooks as received (step 1). `body` is set to NULL by retention once settled.
CREATE TABLE receipt (
  id          INTEGER PRIMARY KEY,
  source      TEXT    NOT NULL,
  received_ms INTEGER NOT NULL,
  body        TEXT,
  state       TEXT    NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'decoded', 'undecodable')),
  notices     INTEGER NOT NULL DEFAULT 0,
  error       TEXT,
  CHECK ((state = 'undecodable') = (error IS NOT NULL)),
  CHECK (state <> 'received' OR body IS NOT NULL)
) STRICT;
CREATE INDEX receipt_to_decode ON receipt (source, id) WHERE state = 'received';
CREATE INDEX receipt_settled ON receipt (id) WHERE state = 'decoded';

-- "This record may have changed" (step 2). Open while its record is to be read (`read`), mapped again
-- from the mirror (`mirror`) or its changes are on their way (`send`); then one final state.
CREATE TABLE notice (
  id          INTEGER PRIMARY KEY,
  receipt     INTEGER,
  run         INTEGER,
  source      TEXT    NOT NULL,
  object      TEXT    NOT NULL,
  record      TEXT    NOT NULL,
  kind        INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
  lane        INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 3),
  event       TEXT    NOT NULL,
  occurred_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  state       TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'delivered', 'unchanged',
                'filtered', 'superseded', 'orphaned', 'held', 'dead', 'ignored')),
  stage       TEXT    CHECK (stage IN ('read', 'mirror', 'send')),
  reason      TEXT,
  attempts    INTEGER NOT NULL DEFAULT 0,
  due_ms      INTEGER NOT NULL DEFAULT 0,
  finished_ms INTEGER,
  worst       INTEGER NOT NULL DEFAULT 0,
  CHECK ((state = 'open') = (finished_ms IS NULL)),
  CHECK ((state = 'open') = (stage IS NOT NULL)),
  CHECK (state = 'open' OR reason IS NOT NULL)
) STRICT;
CREATE INDEX notice_to_resolve ON notice (source, lane, due_ms, id)
  WHERE state = 'open' AND stage IN ('read', 'mirror');
CREATE INDEX notice_unread ON notice (source, object, record)
  WHERE state = 'open' AND stage IN ('read', 'mirror');
CREATE INDEX notice_dead ON notice (id) WHERE state = 'dead';
CREATE INDEX notice_settled ON notice (finished_ms) WHERE state NOT IN ('open', 'dead', 'held');

-- The mirror: each source record as last read.
CREATE TABLE record (
  id      INTEGER PRIMARY KEY,
  source  TEXT    NOT NULL,
  object  TEXT    NOT NULL,
  record  TEXT    NOT NULL,
  version INTEGER NOT NULL,
  state   INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
  read_ms INTEGER NOT NULL,
  json    TEXT    NOT NULL,
  UNIQUE (source, object, record)
) STRICT;

-- Assembly accounts and contacts that are looked after (step 4).
CREATE TABLE entity (
  id          INTEGER PRIMARY KEY,
  kind        INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
  key         TEXT    NOT NULL CHECK (key <> ''),
  assembly_id TEXT,
  present     INTEGER NOT NULL DEFAULT 0 CHECK (present IN (0, 1)),
  known       TEXT,
  doubtful    INTEGER NOT NULL DEFAULT 0 CHECK (doubtful IN (0, 1)),
  parent      INTEGER REFERENCES entity (id),
  source      TEXT,
  object      TEXT,
  record      TEXT,
  on_delete   INTEGER NOT NULL DEFAULT 0 CHECK (on_delete BETWEEN 0 AND 2),
  domain      TEXT    NOT NULL DEFAULT '',
  UNIQUE (kind, key),
  CHECK (present = 0 OR assembly_id IS NOT NULL)
) STRICT;
CREATE INDEX entity_of_record ON entity (source, object, record) WHERE record IS NOT NULL;
CREATE INDEX entity_assembly_id ON entity (assembly_id) WHERE assembly_id IS NOT NULL;
CREATE INDEX entity_domain ON entity (kind, domain) WHERE domain <> '';

-- Records whose parent (`key:…` or `domain:…`) is not there: mapped again when it comes.
CREATE TABLE orphan (
  parent TEXT NOT NULL,
  source TEXT NOT NULL,
  object TEXT NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (parent, source, object, record)
) STRICT, WITHOUT ROWID;

-- The outbox: at most one pending and one in flight per entity (I4), by the unique index.
CREATE TABLE change (
  id         INTEGER PRIMARY KEY,
  entity     INTEGER NOT NULL REFERENCES entity (id),
  state      TEXT    NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'in_flight')),
  wait       INTEGER NOT NULL DEFAULT 0 CHECK (wait BETWEEN 0 AND 2),
  action     INTEGER NOT NULL CHECK (action BETWEEN 0 AND 1),
  lane       INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 3),
  due_ms     INTEGER NOT NULL,
  attempts   INTEGER NOT NULL DEFAULT 0,
  wanted     TEXT    NOT NULL,
  mapping    TEXT    NOT NULL,
  parent     INTEGER REFERENCES entity (id),
  created_ms INTEGER NOT NULL,
  lease      TEXT,
  lease_ms   INTEGER,
  CHECK ((state = 'in_flight') = (lease IS NOT NULL)),
  CHECK ((state = 'in_flight') = (lease_ms IS NOT NULL)),
  CHECK (state = 'pending' OR wait = 0)
) STRICT;
CREATE UNIQUE INDEX change_one_each ON change (entity, state);
-- In the order of the claim.
CREATE INDEX change_claim ON change (lane, due_ms, id) WHERE state = 'pending' AND wait = 0;
CREATE INDEX change_children ON change (parent, wait) WHERE state = 'pending' AND parent IS NOT NULL;
CREATE INDEX change_in_flight ON change (lease_ms) WHERE state = 'in_flight';

-- Which notices end with which change.
CREATE TABLE notice_change (
  change INTEGER NOT NULL REFERENCES change (id),
  notice INTEGER NOT NULL REFERENCES notice (id),
  PRIMARY KEY (change, notice)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_change_of_notice ON notice_change (notice);

-- One row an attempt; bounded by retention.
CREATE TABLE delivery (
  id          INTEGER PRIMARY KEY,
  change      INTEGER NOT NULL,
  entity      INTEGER NOT NULL,
  attempt     INTEGER NOT NULL,
  lane        INTEGER NOT NULL,
  method      TEXT    NOT NULL,
  path        TEXT    NOT NULL,
  status      INTEGER NOT NULL,
  outcome     TEXT    NOT NULL CHECK (outcome IN ('delivered', 'throttled', 'transient', 'rejected',
                'ambiguous', 'unauthorized', 'unchanged')),
  reason      TEXT    NOT NULL,
  started_ms  INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX delivery_of_entity ON delivery (entity, id);

-- How far a stream was read; moves in the transaction that stored what was read (I8).
CREATE TABLE cursor (
  stream TEXT PRIMARY KEY,
  value  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
  id          INTEGER PRIMARY KEY,
  what        TEXT    NOT NULL,
  state       INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
  since_ms    INTEGER,
  row_limit   INTEGER,
  created_ms  INTEGER NOT NULL,
  finished_ms INTEGER NOT NULL DEFAULT 0,
  error       TEXT    NOT NULL DEFAULT '',
  records     INTEGER NOT NULL DEFAULT 0,
  open        INTEGER NOT NULL DEFAULT 0,
  bad_rows    INTEGER NOT NULL DEFAULT 0,
  calls       INTEGER NOT NULL DEFAULT 0,
  delivered   INTEGER NOT NULL DEFAULT 0,
  unchanged   INTEGER NOT NULL DEFAULT 0,
  filtered    INTEGER NOT NULL DEFAULT 0,
  superseded  INTEGER NOT NULL DEFAULT 0,
  orphaned    INTEGER NOT NULL DEFAULT 0,
  held        INTEGER NOT NULL DEFAULT 0,
  dead        INTEGER NOT NULL DEFAULT 0,
  ignored     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX run_unfinished ON run (id) WHERE state <= 2;

-- What Assembly's own lists say exists.
CREATE TABLE directory (
  kind        INTEGER NOT NULL,
  assembly_id TEXT    NOT NULL,
  domain      TEXT    NOT NULL,
  attributes  TEXT    NOT NULL,
  as_of_ms    INTEGER NOT NULL,
  PRIMARY KEY (kind, assembly_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_domain ON directory (kind, domain);
CREATE TABLE directory_key (
  kind        INTEGER NOT NULL,
  key         TEXT    NOT NULL,
  assembly_id TEXT    NOT NULL,
  PRIMARY KEY (kind, key, assembly_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_key_of_entry ON directory_key (kind, assembly_id);

CREATE TABLE label (
  assembly_id TEXT PRIMARY KEY,
  type        TEXT NOT NULL,
  name        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  id          INTEGER PRIMARY KEY,
  source      TEXT    NOT NULL,
  received_ms INTEGER NOT NULL,
  reason      TEXT    NOT NULL,
  headers     TEXT    NOT NULL,
  body        TEXT    NOT NULL
) STRICT;

CREATE TABLE source_activity (
  source          TEXT PRIMARY KEY,
  last_webhook_ms INTEGER,
  last_poll_ms    INTEGER,
  last_error_ms   INTEGER,
  last_error      TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE config_version (
  version   INTEGER PRIMARY KEY,
  hash      TEXT    NOT NULL,
  loaded_ms INTEGER NOT NULL
) STRICT;

-- Sums that `status` and the metrics show; kept in the transaction that changes them, because
-- counting a table of millions takes seconds.
CREATE TABLE counter (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE note (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
