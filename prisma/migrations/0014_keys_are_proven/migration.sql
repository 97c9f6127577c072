-- What a key says of itself is called a claim from now on; `attested` is what its maker proved.
ALTER TABLE keys DROP CONSTRAINT keys_class_check;
UPDATE keys SET class = 'claimed' WHERE class = 'hardware';
ALTER TABLE keys ADD CONSTRAINT keys_class_check CHECK (class IN ('attested','claimed','synced'));

-- Whose word about hardware counts, for the console to show.
ALTER TABLE warden_status ADD COLUMN makers JSONB;

-- What FIDO's metadata calls a key's model, with its picture. The warden writes it; it stands in no chain.
ALTER TABLE keys ADD COLUMN model TEXT, ADD COLUMN icon TEXT;
