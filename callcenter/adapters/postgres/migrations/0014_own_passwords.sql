-- The password was given by somebody else: its owner must choose another one before anything else.
ALTER TABLE users ADD COLUMN password_due boolean NOT NULL DEFAULT false;
