-- Dead letters of one record: they end when what they could not bring about is there, or moot.
CREATE INDEX notice_dead_of ON notice (source, object, record) WHERE state = 'dead';

-- When the record was mapped and compared for the notice; NULL = it never was.
ALTER TABLE notice ADD COLUMN planned_ms INTEGER;

-- What failed when, of what an order opened again.
CREATE INDEX ordered_failed ON ordered (state, finished_ms);
