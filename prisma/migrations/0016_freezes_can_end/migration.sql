-- A freeze ends by a statement that names it and says why it was begun: one that no statement can name would never end.
ALTER TABLE freezes
  ADD CHECK (id ~ '^frz_[0-9a-z]{20}$'),
  ADD CHECK (human_id ~ '^hum_[0-9a-z]{20}$' OR (human_id = 'warden' AND current_user <> 'countersign_web')),
  ADD CHECK (char_length(reason) <= 4000);
