CREATE TABLE account_balances (
  account BIGINT NOT NULL,
  currency TEXT NOT NULL,
  last_month BIGINT NOT NULL,
  balance BIGINT NOT NULL,
  balance_base BIGINT NOT NULL,
  PRIMARY KEY (account, currency)
);
CREATE TABLE month_balances (
  account BIGINT NOT NULL,
  currency TEXT NOT NULL,
  month BIGINT NOT NULL,
  closing BIGINT NOT NULL,
  closing_base BIGINT NOT NULL,
  PRIMARY KEY (account, currency, month)
);
CREATE TABLE day_balances (
  account BIGINT NOT NULL,
  currency TEXT NOT NULL,
  day BIGINT NOT NULL,
  moved BIGINT NOT NULL,
  moved_base BIGINT NOT NULL,
  PRIMARY KEY (account, currency, day)
);
