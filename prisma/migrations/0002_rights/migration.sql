-- Who may touch what. Two roles, made by `npm run db:setup` (or the starter):
-- countersign_web and countersign_warden. Neither owns a table.

-- Values that are one of a few words.
ALTER TABLE humans ADD CHECK (role IN ('owner','approver','reviewer')),
                   ADD CHECK (state IN ('waiting','active','disabled'));
ALTER TABLE keys ADD CHECK (class IN ('attested','hardware','synced')),
                 ADD CHECK (state IN ('waiting','active','disabled'));
ALTER TABLE agents ADD CHECK (state IN ('active','disabled','deleted'));
ALTER TABLE targets ADD CHECK (kind IN ('postgres','token')), ADD CHECK (state IN ('active','disabled'));
ALTER TABLE requests ADD CHECK (state IN ('preparing','pending','approved','denied','cancelled','lapsed'));
ALTER TABLE grants ADD CHECK (kind IN ('elevated','resting','exact')),
                   ADD CHECK (state IN ('waiting','ready','active','ending','ended')),
                   ADD CHECK (end_reason IN ('expired','revoked','spent','voided')),
                   ADD CHECK ((kind = 'resting') = (request_id IS NULL)),
                   ADD CHECK (state <> 'ended' OR proof IS NOT NULL),
                   ADD CHECK (state NOT IN ('ending','ended') OR end_reason IS NOT NULL),
                   ADD CHECK (max_uses IS NULL OR uses <= max_uses);

-- The record is written once. Not even the tables' owner changes it by mistake.
CREATE FUNCTION written_once() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '% is written once and never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION written_once();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON chain FOR EACH STATEMENT EXECUTE FUNCTION written_once();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON approvals FOR EACH STATEMENT EXECUTE FUNCTION written_once();

-- A request that was decided stays decided; a grant only moves forward.
CREATE FUNCTION final_request() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF OLD.state IN ('approved','denied','cancelled','lapsed') AND NEW.state <> OLD.state THEN
    RAISE EXCEPTION 'request % is already %', OLD.id, OLD.state USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.state = 'approved' AND OLD.state <> 'approved' AND current_user = 'countersign_web' THEN
    RAISE EXCEPTION 'web does not approve' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF OLD.state = 'pending' AND NEW.state = 'preparing' THEN
    RAISE EXCEPTION 'request % cannot go back', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER final_request BEFORE UPDATE OF state ON requests FOR EACH ROW EXECUTE FUNCTION final_request();

CREATE FUNCTION forward_grant() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF array_position(ARRAY['waiting','ready','active','ending','ended'], NEW.state)
   < array_position(ARRAY['waiting','ready','active','ending','ended'], OLD.state) THEN
    RAISE EXCEPTION 'grant % cannot go from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER forward_grant BEFORE UPDATE OF state ON grants FOR EACH ROW EXECUTE FUNCTION forward_grant();

-- Web and warden never call each other: a changed row is the message.
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  PERFORM pg_notify('countersign', TG_TABLE_NAME || ' ' || (to_jsonb(NEW) ->> TG_ARGV[0]));
  RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON requests FOR EACH ROW EXECUTE FUNCTION tell('id');
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON grants FOR EACH ROW EXECUTE FUNCTION tell('id');
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON agents FOR EACH ROW EXECUTE FUNCTION tell('id');
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON humans FOR EACH ROW EXECUTE FUNCTION tell('id');
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON targets FOR EACH ROW EXECUTE FUNCTION tell('id');
CREATE TRIGGER tell AFTER INSERT ON chain FOR EACH ROW EXECUTE FUNCTION tell('seq');

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO countersign_web, countersign_warden;
GRANT USAGE ON SEQUENCE audit_events_seq_seq TO countersign_web, countersign_warden;

-- Web: reads what it shows, files, denies, cancels, asks for ends. No chain, no
-- approvals, no secrets, no roster.
GRANT SELECT ON chain, humans, keys, invitations, sessions, sign_in_challenges, oidc_links, agents, targets,
  rest_allowances, requests, approvals, grants, audit_events, warden_status TO countersign_web;
GRANT INSERT ON audit_events, requests, agents, invitations, sessions, sign_in_challenges, oidc_links, tickets TO countersign_web;
GRANT UPDATE (sign_in_counter, last_used_at) ON keys TO countersign_web;
GRANT UPDATE (last_seen_at, revoked_at) ON sessions TO countersign_web;
GRANT UPDATE (name, description, public_jwk, token_hash, token_hint, token_issued_at, last_seen_at, state) ON agents TO countersign_web;
GRANT UPDATE (state, state_reason, decided_at, decided_by, version) ON requests TO countersign_web;
GRANT UPDATE (state, end_reason, ended_by, ending_at, retry_at, version) ON grants TO countersign_web;
GRANT UPDATE (expires_at) ON invitations TO countersign_web;
GRANT SELECT, DELETE ON tickets TO countersign_web;
GRANT DELETE ON sign_in_challenges TO countersign_web;

-- Warden: the chain, the roster, secrets, drafts, approvals, grants and their ends.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO countersign_warden;
GRANT INSERT ON chain, humans, keys, targets, sealed, rest_allowances, drafts, approvals, grants, dpop_proofs, audit_events, warden_status TO countersign_warden;
GRANT UPDATE ON humans, keys, targets, sealed, rest_allowances, grants, warden_status TO countersign_warden;
GRANT UPDATE (used_at, human_id) ON invitations TO countersign_warden;
GRANT UPDATE (used_at, sealed) ON drafts TO countersign_warden;
GRANT UPDATE (state, state_reason, preview, danger, decide_by, decided_at, decided_by, version) ON requests TO countersign_warden;
GRANT UPDATE (revoked_at) ON sessions TO countersign_warden;
GRANT UPDATE (last_seen_at) ON agents TO countersign_warden;
GRANT DELETE ON sealed, rest_allowances, drafts, dpop_proofs, tickets TO countersign_warden;
