-- Dead letters of one record: they end when it goes through later.
CREATE INDEX notice_dead_of ON notice (source, object, record) WHERE state = 'dead';
