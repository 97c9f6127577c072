-- What counts of an agent is an entry of the authority chain, and its row a projection of it (T82). An agent of before is in no
-- chain: it is registered again, with a key.
UPDATE agents SET state = 'deleted' WHERE state <> 'deleted';
ALTER TABLE agents ADD COLUMN expires_at TIMESTAMPTZ(3) NOT NULL DEFAULT now();
ALTER TABLE agents ALTER COLUMN expires_at DROP DEFAULT;
ALTER TABLE agents ADD COLUMN previous_token_hash TEXT, ADD COLUMN previous_until TIMESTAMPTZ(3);
CREATE UNIQUE INDEX agents_previous_token_hash_key ON agents (previous_token_hash);

-- One name, whatever its case (T65); a deleted agent gives its name free.
DROP INDEX agents_name_key;
CREATE UNIQUE INDEX agents_one_name ON agents (lower(name)) WHERE state <> 'deleted';

-- Secrets that the warden made for a draft, sealed until it is signed.
ALTER TABLE drafts ADD COLUMN revealed TEXT;
GRANT UPDATE (revealed) ON drafts TO countersign_warden;

-- Web turns agents off and notes what they are for. Who they are is the warden's to write.
REVOKE INSERT ON agents FROM countersign_web;
REVOKE UPDATE (name, public_jwk, token_hash, token_hint, token_issued_at) ON agents FROM countersign_web;
GRANT INSERT ON agents TO countersign_warden;
GRANT UPDATE (name, owner_id, public_jwk, token_hash, token_hint, token_issued_at, expires_at, previous_token_hash, previous_until)
  ON agents TO countersign_warden;

GRANT SELECT (previous_token_hash) ON agents TO countersign_gateway;

DROP TRIGGER agents_only_off ON agents;
CREATE OR REPLACE FUNCTION agents_only_off() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF current_user <> 'countersign_warden' AND NEW.state <> OLD.state AND (NEW.state = 'active' OR OLD.state = 'deleted') THEN
    RAISE EXCEPTION 'turning an agent on takes a key' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER agents_only_off BEFORE UPDATE OF state ON agents FOR EACH ROW EXECUTE FUNCTION agents_only_off();

-- What was web's to record of agents is the warden's now: only their end and their description are left.
CREATE OR REPLACE FUNCTION recorded_by() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  process text := CASE current_user WHEN 'countersign_web' THEN 'web' WHEN 'countersign_gateway' THEN 'gateway'
    WHEN 'countersign_warden' THEN 'warden' ELSE current_user::text END;
  by_agents text[] := CASE process WHEN 'web' THEN ARRAY['request.filed','request.cancelled','grant.ending']
    ELSE ARRAY['request.filed','gateway.read','gateway.refused','grant.used'] END;
  by_people text[] := CASE process WHEN 'web' THEN ARRAY['human.invited','human.invitation_withdrawn','session.started',
    'session.ended','agent.edited','agent.disabled','agent.deleted','request.denied','freeze.begun'] ELSE ARRAY[]::text[] END;
  said jsonb;
BEGIN
  NEW.reported_by := process;
  NEW.recorded_at := clock_timestamp();
  IF process NOT IN ('web', 'gateway') THEN RETURN NEW; END IF;
  said := NEW.body::jsonb;
  IF NOT coalesce(
    -- At web a person files, revokes and takes back as well.
    CASE WHEN NEW.kind = ANY (by_agents) THEN NEW.actor = NEW.agent_id OR (process = 'web' AND NEW.actor LIKE 'hum\_%')
      WHEN NEW.kind = ANY (by_people) THEN NEW.actor LIKE 'hum\_%' ELSE false END, false) THEN
    RAISE EXCEPTION '% does not record % of %', process, NEW.kind, NEW.actor USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- The columns are what pages are made of, the body what a reviewer reads: one says what the other says.
  IF said->>'id' IS DISTINCT FROM NEW.id OR said->>'kind' IS DISTINCT FROM NEW.kind OR said->>'actor' IS DISTINCT FROM NEW.actor
    OR coalesce(said->'subject', '{}') IS DISTINCT FROM jsonb_strip_nulls(jsonb_build_object('agentId', NEW.agent_id,
      'humanId', NEW.human_id, 'targetId', NEW.target_id, 'requestId', NEW.request_id, 'grantId', NEW.grant_id)) THEN
    RAISE EXCEPTION 'the body of event % says something else', NEW.id USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- The gateway writes down reads later, where the database was away; nobody writes ahead, and web nothing of before.
  IF said->>'at' IS NULL OR greatest(NEW.at, (said->>'at')::timestamptz) > NEW.recorded_at + interval '1 minute'
    OR (process = 'web' AND least(NEW.at, (said->>'at')::timestamptz) < NEW.recorded_at - interval '1 minute') THEN
    RAISE EXCEPTION 'event % is of another time', NEW.id USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
