-- What grows has its sum, for limits and metrics: counted here once, from now on kept by the
-- transactions that change it.
INSERT INTO counter (name, value)
  SELECT 'notices_received', coalesce(sum(value), 0) FROM counter WHERE name LIKE 'notices.%';
INSERT INTO counter (name, value) SELECT 'rows.delivery', count(*) FROM delivery;
INSERT INTO counter (name, value)
  SELECT 'rows.notice', count(*) FROM notice WHERE state NOT IN ('open', 'dead', 'held');
INSERT INTO counter (name, value) SELECT 'rows.receipt', count(*) FROM receipt WHERE state <> 'received';

-- A body that could not be read has an end of its life as well.
DROP INDEX receipt_settled;
CREATE INDEX receipt_settled ON receipt (id) WHERE state <> 'received';

-- What a kept body takes. Those that are there already go by age.
ALTER TABLE receipt ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quarantine ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE quarantine SET bytes = length(CAST(body AS BLOB));
CREATE INDEX quarantine_size ON quarantine (id, bytes);

-- Since when the oldest change of a lane waits, without looking at all of them.
CREATE INDEX change_oldest ON change (lane, created_ms) WHERE state = 'pending' AND wait = 0;

-- What kind of trouble the last reading had: transient, throttled, unauthorized, rejected.
ALTER TABLE source_activity ADD COLUMN last_error_kind TEXT NOT NULL DEFAULT '';
