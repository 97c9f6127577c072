-- History of a person: what they did, beside what was done to them (which
-- audit_events_human_id_seq_idx serves). Only people's own acts are in it, so
-- that the many events of agents cost no further index.
CREATE INDEX audit_events_by_person ON audit_events (actor, seq) WHERE actor LIKE 'hum\_%';

-- Anybody may ask for a sign-in challenge; sweeping the stale ones stays cheap under a flood.
CREATE INDEX sign_in_challenges_expires_at_idx ON sign_in_challenges (expires_at);
