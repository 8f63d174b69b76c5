CREATE TABLE running_balances (
  span BIGINT NOT NULL,
  account BIGINT NOT NULL,
  currency TEXT NOT NULL,
  until BIGINT NOT NULL,
  moved BIGINT NOT NULL,
  moved_base BIGINT NOT NULL,
  PRIMARY KEY (span, account, currency, until)
);
INSERT INTO running_balances (span, account, currency, until, moved, moved_base)
  SELECT 0, account, currency, date / 10000,
    CAST(sum(sum(amount)) OVER (PARTITION BY account, currency ORDER BY date / 10000) AS BIGINT),
    CAST(sum(sum(base)) OVER (PARTITION BY account, currency ORDER BY date / 10000) AS BIGINT)
  FROM lines GROUP BY account, currency, date / 10000;
INSERT INTO running_balances (span, account, currency, until, moved, moved_base)
  SELECT date / 100 / 100, account, currency, date / 100,
    CAST(sum(sum(amount)) OVER (PARTITION BY account, currency, date / 100 / 100 ORDER BY date / 100) AS BIGINT),
    CAST(sum(sum(base)) OVER (PARTITION BY account, currency, date / 100 / 100 ORDER BY date / 100) AS BIGINT)
  FROM lines GROUP BY account, currency, date / 100 / 100, date / 100;
INSERT INTO running_balances (span, account, currency, until, moved, moved_base)
  SELECT date / 100, account, currency, date,
    CAST(sum(sum(amount)) OVER (PARTITION BY account, currency, date / 100 ORDER BY date) AS BIGINT),
    CAST(sum(sum(base)) OVER (PARTITION BY account, currency, date / 100 ORDER BY date) AS BIGINT)
  FROM lines GROUP BY account, currency, date / 100, date;
DROP TABLE month_balances;
DROP TABLE day_balances;
DROP TABLE account_balances;
CREATE TABLE account_balances (
  account BIGINT NOT NULL,
  currency TEXT NOT NULL,
  balance BIGINT NOT NULL,
  balance_base BIGINT NOT NULL,
  base_differs BIGINT NOT NULL,
  PRIMARY KEY (account, currency)
);
INSERT INTO account_balances (account, currency, balance, balance_base, base_differs)
  SELECT account, currency, CAST(sum(amount) AS BIGINT), CAST(sum(base) AS BIGINT),
    max(CASE WHEN amount = base THEN 0 ELSE 1 END)
  FROM lines GROUP BY account, currency;
