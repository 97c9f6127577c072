-- An event says which process wrote it and when, by the database's word and not by its own (T90).
-- Of what was written before nobody knows who did: it says so, and counts as recorded when it says it was.
ALTER TABLE audit_events
  ADD COLUMN reported_by TEXT NOT NULL DEFAULT 'unknown',
  ADD COLUMN recorded_at TIMESTAMPTZ(3);
ALTER TABLE audit_events DISABLE TRIGGER written_once;
UPDATE audit_events SET recorded_at = at;
ALTER TABLE audit_events ENABLE TRIGGER written_once;
ALTER TABLE audit_events
  ALTER COLUMN reported_by SET DEFAULT CURRENT_USER,
  ALTER COLUMN recorded_at SET DEFAULT clock_timestamp(),
  ALTER COLUMN recorded_at SET NOT NULL;

CREATE INDEX "audit_events_recorded_at_idx" ON audit_events (recorded_at);

-- Number, writer and time are nobody's to write: a number from the future would keep the next event out, and with it whatever commits with that event (T83).
REVOKE INSERT ON audit_events FROM countersign_web, countersign_warden, countersign_gateway;
GRANT INSERT (id, kind, at, actor, agent_id, human_id, target_id, request_id, grant_id, body)
  ON audit_events TO countersign_web, countersign_warden, countersign_gateway;

-- Which process an event is whose. What a process may say of others it says in its own name: web reports what people and
-- agents did through it, the gateway what agents did through it, the warden everything else.
CREATE OR REPLACE FUNCTION recorded_by() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  process text := CASE current_user WHEN 'countersign_web' THEN 'web' WHEN 'countersign_gateway' THEN 'gateway'
    WHEN 'countersign_warden' THEN 'warden' ELSE current_user::text END;
  by_agents text[] := CASE process WHEN 'web' THEN ARRAY['request.filed','request.cancelled','grant.ending']
    ELSE ARRAY['request.filed','gateway.read','gateway.refused','grant.used'] END;
  by_people text[] := CASE process WHEN 'web' THEN ARRAY['human.invited','human.invitation_withdrawn','session.started',
    'session.ended','agent.registered','agent.edited','agent.token_rotated','agent.key_changed','agent.disabled','agent.enabled',
    'agent.deleted','request.denied','freeze.begun'] ELSE ARRAY[]::text[] END;
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
