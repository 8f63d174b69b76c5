//! The database behind Daybook's back, with full rights: what an attacker on
//! the machine has, or an operator with a slip of the hand.

use rusqlite::Connection;

use crate::Instance;

impl Instance {
    /// Runs statements in a workspace's database (the instance's for `None`),
    /// as whoever holds the key, or as PostgreSQL's superuser.
    pub fn tamper(&self, workspace: Option<&str>, sql: &str) -> Result<(), String> {
        match self.database() {
            None => self
                .embedded(workspace)
                .execute_batch(sql)
                .map_err(|error| error.to_string()),
            Some(database) => {
                let schema = self.schema(workspace);
                let mut client = crate::Cluster::shared().client(database);
                let sql = format!("SET search_path = {schema}; {sql}");
                client
                    .batch_execute(&sql)
                    .map_err(|error| match error.as_db_error() {
                        Some(told) => told.message().to_owned(),
                        None => error.to_string(),
                    })
            }
        }
    }

    /// One number out of a workspace's database.
    pub fn peek(&self, workspace: Option<&str>, sql: &str) -> i64 {
        match self.database() {
            None => self
                .embedded(workspace)
                .query_row(sql, [], |row| row.get(0))
                .expect(sql),
            Some(database) => {
                let mut client = crate::Cluster::shared().client(database);
                client
                    .batch_execute(&format!("SET search_path = {}", self.schema(workspace)))
                    .expect(sql);
                client.query_one(sql, &[]).expect(sql).get(0)
            }
        }
    }

    /// The file of a workspace, opened with its key.
    pub fn embedded(&self, workspace: Option<&str>) -> Connection {
        let desk = self.engine().desk(workspace).expect("a workspace");
        let opening = &desk.database.opening;
        let file = self
            .engine()
            .store()
            .file(opening.place)
            .expect("an embedded store");
        let connection = Connection::open(file).expect("the file");
        let key = format!("x'{}'", daybook_kernel::id::hex(&**opening.raw_key));
        connection.pragma_update(None, "key", key).expect("the key");
        connection
            .pragma_update(None, "cipher_hmac_algorithm", "HMAC_SHA256")
            .expect("a pragma");
        connection
            .pragma_update(None, "busy_timeout", 10_000)
            .expect("a pragma");
        connection
    }

    /// The schema of a workspace, and the role that alone may use it.
    pub fn schema(&self, workspace: Option<&str>) -> String {
        let desk = self.engine().desk(workspace).expect("a workspace");
        desk.database.opening.place.name()
    }
}
