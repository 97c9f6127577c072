-- Whoever may write one column of a row may hold the whole row locked. What a signature changes at once lies in rows that web may
-- not write (T85): a key's last sign-in, which is web's to note, stands beside it from now on.
CREATE TABLE key_sign_ins (key_id TEXT PRIMARY KEY, counter BIGINT NOT NULL, used_at TIMESTAMPTZ(3) NOT NULL);
INSERT INTO key_sign_ins SELECT id, sign_in_counter, coalesce(last_used_at, created_at) FROM keys;
REVOKE UPDATE (sign_in_counter, last_used_at) ON keys FROM countersign_web;
ALTER TABLE keys DROP COLUMN sign_in_counter;
GRANT SELECT, INSERT, UPDATE (counter, used_at) ON key_sign_ins TO countersign_web;

-- Sessions from before this moment are over, whatever their own rows say.
ALTER TABLE humans ADD COLUMN signed_out_at TIMESTAMPTZ(3);

-- Entries of the chain of which not every row is written yet: of some web holds the row. The warden goes by the chain.
CREATE TABLE chain_rows_due (seq INTEGER PRIMARY KEY, agents TEXT[]);
GRANT SELECT, INSERT, DELETE ON chain_rows_due TO countersign_warden;

-- A right to delete is a right to lock the whole table, and the warden reads tickets. It takes the old ones away itself.
REVOKE DELETE ON tickets FROM countersign_web;
