-- By which address a webhook came: the object it names (/hooks/SOURCE/OBJECT), '' = none.
ALTER TABLE receipt ADD COLUMN object TEXT NOT NULL DEFAULT '';
-- The sender's name of the delivery, the same when it is sent again; '' = it has none.
ALTER TABLE receipt ADD COLUMN delivery TEXT NOT NULL DEFAULT '';
CREATE INDEX receipt_delivery ON receipt (source, delivery) WHERE delivery <> '';
