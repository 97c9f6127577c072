-- With a person their agents stop (T85): the warden turns them off when a key has signed that the person goes.
GRANT UPDATE (state) ON agents TO countersign_warden;

-- Only off: turning an agent on is a person's, at web.
CREATE FUNCTION agents_only_off() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF current_user = 'countersign_warden' AND NEW.state <> OLD.state AND NEW.state <> 'disabled' THEN
    RAISE EXCEPTION 'the warden only turns agents off' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER agents_only_off BEFORE UPDATE OF state ON agents FOR EACH ROW EXECUTE FUNCTION agents_only_off();
