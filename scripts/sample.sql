-- A small booking company to try Countersign on. The same data every time.
SET ROLE sample_owner;
SET client_min_messages = warning;

CREATE TABLE customers (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  country text NOT NULL,
  since date NOT NULL
);

CREATE TABLE rooms (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  floor integer NOT NULL,
  beds integer NOT NULL CHECK (beds BETWEEN 1 AND 4),
  price_cents integer NOT NULL CHECK (price_cents > 0)
);

CREATE TABLE bookings (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers,
  room_id integer NOT NULL REFERENCES rooms,
  starts_on date NOT NULL,
  ends_on date NOT NULL CHECK (ends_on > starts_on),
  state text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'confirmed', 'stayed', 'cancelled')),
  note text
);
CREATE INDEX ON bookings (customer_id);
CREATE INDEX ON bookings (room_id, starts_on);

CREATE TABLE payments (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  booking_id integer NOT NULL REFERENCES bookings ON DELETE CASCADE,
  amount_cents integer NOT NULL CHECK (amount_cents > 0),
  method text NOT NULL CHECK (method IN ('card', 'transfer', 'cash')),
  paid_at timestamptz NOT NULL
);
CREATE INDEX ON payments (booking_id);

INSERT INTO customers (name, email, country, since)
SELECT given || ' ' || family, lower(given) || '.' || lower(family) || n || '@example.com',
       (ARRAY['DE', 'FR', 'NL', 'PL', 'PT', 'SE', 'GB'])[1 + n % 7], date '2021-01-01' + (n * 9) % 1700
FROM generate_series(1, 200) AS n,
     LATERAL (SELECT (ARRAY['Ada', 'Björn', 'Carla', 'Deniz', 'Emil', 'Fatima', 'Grete', 'Hugo', 'Ines', 'Jonas'])[1 + n % 10] AS given,
                     (ARRAY['Okafor', 'Lindqvist', 'Moreau', 'Novak', 'Silva', 'Jansen', 'Weber', 'Kowalski', 'Reyes', 'Haddad', 'Byrne'])[1 + n % 11] AS family) AS names;

INSERT INTO rooms (name, floor, beds, price_cents)
SELECT 'Room ' || (100 * (1 + n / 10) + 1 + n % 10), 1 + n / 10, 1 + n % 4, 7900 + 2000 * (n % 4) + 500 * (n / 10)
FROM generate_series(0, 39) AS n;

INSERT INTO bookings (customer_id, room_id, starts_on, ends_on, state, note)
SELECT 1 + (n * 37) % 200, 1 + n % 40, starts_on, starts_on + 1 + n % 5,
       CASE WHEN n % 17 = 0 THEN 'cancelled' WHEN n <= 700 THEN 'stayed' WHEN n % 4 = 0 THEN 'held' ELSE 'confirmed' END,
       CASE WHEN n % 23 = 0 THEN 'Late arrival' WHEN n % 29 = 0 THEN 'Needs a cot' END
FROM generate_series(1, 1200) AS n, LATERAL (SELECT date '2026-01-05' + (n / 40) * 7 AS starts_on) AS week;

INSERT INTO payments (booking_id, amount_cents, method, paid_at)
SELECT b.id, (b.ends_on - b.starts_on) * r.price_cents, (ARRAY['card', 'card', 'transfer', 'cash'])[1 + b.id % 4],
       b.starts_on::timestamp AT TIME ZONE 'UTC' + interval '15 hours'
FROM bookings b JOIN rooms r ON r.id = b.room_id WHERE b.id <= 1100 ORDER BY b.id;

RESET ROLE;

-- What the broker may hand on, and no more: PostgreSQL lets a role grant only what it holds WITH GRANT OPTION.
GRANT USAGE ON SCHEMA public TO sample_broker WITH GRANT OPTION;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO sample_broker WITH GRANT OPTION;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO sample_broker WITH GRANT OPTION;

ANALYZE;
