//! The store past one machine: PostgreSQL, with a schema and a role per
//! workspace. A connection belongs to the pool and to no workspace: each
//! transaction takes the workspace's role for its own length, and with it loses
//! the right to look at any other schema.
//!
//! The door is synchronous, as all below the HTTP edge. Inside it statements are
//! sent as soon as they can be and waited for as late as they may be.

mod errors;
mod values;
mod wire;

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use daybook_kernel::sight::WHOLE;
use daybook_kernel::{Connection as Door, Error, Param, Row, Vault};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use errors::{gone, in_statement, store_error};
use values::{Bound, Found, bind};
pub use wire::Server;

/// Statements that wait to be sent together, at most: their parameters are in
/// memory until then.
const LATER_MAX: usize = 1_024;
/// How long a goodbye to the server may take.
const GOODBYE: Duration = Duration::from_secs(1);

const SAVEPOINT: &str = "SAVEPOINT command";

const ONE_WRITER: &str = "; SELECT pg_advisory_xact_lock(hashtext(current_schema()))";

/// The role that may take the content off the records of a schema, and no more.
pub(super) fn eraser(schema: &str) -> String {
    format!("{schema}_eraser")
}

pub struct Postgres {
    client: Option<Client>,
    /// What reads and writes the socket. It runs while something is waited for.
    pipe: Option<JoinHandle<()>>,
    runtime: Runtime,
    statements: HashMap<usize, Statement>,
    /// What goes to the server with the next thing that must be waited for: the
    /// way there and back is most of what a statement costs.
    later: Vec<Message>,
    /// Whose transaction was the last: the server's plans are made for it.
    schema: String,
}

/// What is sent, owning what it says.
enum Message {
    Batch(String),
    Statement {
        sql: &'static str,
        statement: Statement,
        params: Vec<Bound>,
        /// Whether rows are wanted, or how many were touched.
        asks: bool,
    },
}

#[derive(Default)]
struct Reply {
    rows: Vec<tokio_postgres::Row>,
    touched: u64,
}

/// A connection inside one transaction of one schema, sealing under its keys.
pub struct PostgresTransaction<'a> {
    pub connection: &'a mut Postgres,
    pub vault: &'a Arc<dyn Vault>,
}

impl Postgres {
    pub fn connect(server: &Server) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::ours)?;
        let (client, pipe) = runtime
            .block_on(server.connect())
            .map_err(|error| store_error(&error))?;
        let pipe = runtime.spawn(pipe);
        Ok(Self {
            client: Some(client),
            pipe: Some(pipe),
            runtime,
            statements: HashMap::new(),
            later: Vec::new(),
            schema: String::new(),
        })
    }

    /// Sends the text after all that waits, and waits for the end of it.
    pub fn batch(&mut self, sql: &str) -> Result<(), Error> {
        self.later.push(Message::Batch(sql.to_owned()));
        self.flush()
    }

    /// Begins a transaction that sees one schema, with that schema's role. It is
    /// sent with the first statement. Of writers there is one over all processes.
    pub fn begin(&mut self, schema: &str, read_only: bool) {
        if read_only {
            let mode = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
            self.begin_as(schema, schema, mode, "");
        } else {
            self.begin_as(schema, schema, "BEGIN", ONE_WRITER);
        }
    }

    /// Begins a writing transaction of the role that may erase what is recorded.
    pub fn begin_erasing(&mut self, schema: &str) {
        self.begin_as(schema, &eraser(schema), "BEGIN", ONE_WRITER);
    }

    fn begin_as(&mut self, schema: &str, role: &str, mode: &str, lock: &str) {
        self.later.clear();
        schema.clone_into(&mut self.schema);
        self.later.push(Message::Batch(format!(
            "{mode}; SET LOCAL ROLE {role}; SET LOCAL search_path = {schema}{lock}"
        )));
    }

    /// Ends the transaction. A commit that follows a statement which failed is a
    /// rollback to the server, and an error here.
    pub fn commit(&mut self) -> Result<(), Error> {
        self.batch("COMMIT")
    }

    pub fn roll_back(&mut self) -> Result<(), Error> {
        self.later.clear();
        self.batch("ROLLBACK")
    }

    pub fn has_schema(&mut self, name: &str) -> Result<bool, Error> {
        let client = self.client.as_ref().ok_or_else(gone)?;
        let sql = "SELECT to_regnamespace($1) IS NOT NULL";
        let asked = async { client.query_one(sql, &[&name]).await?.try_get(0) };
        self.runtime
            .block_on(asked)
            .map_err(|error| store_error(&error))
    }

    pub fn schema(&self) -> &str {
        &self.schema
    }

    pub fn is_closed(&self) -> bool {
        self.client.as_ref().is_none_or(Client::is_closed)
    }

    fn statement(&mut self, sql: &'static str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(&sql.as_ptr().addr()) {
            return Ok(statement.clone());
        }
        // It is prepared against the schema that the transaction sees.
        self.flush()?;
        let client = self.client.as_ref().ok_or_else(gone)?;
        let statement = self
            .runtime
            // Within its own definition a name is the table's.
            .block_on(client.prepare(&sql.replace(WHOLE, "")))
            .map_err(|error| in_statement(sql, &error))?;
        self.statements
            .insert(sql.as_ptr().addr(), statement.clone());
        Ok(statement)
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.fly(Vec::new()).map(|_| ())
    }

    /// Sends what waits and these messages in one flight, and answers the replies
    /// to these. After an error the server refuses what follows, so the first
    /// error is the cause of all.
    fn fly(&mut self, messages: Vec<Message>) -> Result<Vec<Reply>, Error> {
        let waited = self.later.len();
        let mut flight = std::mem::take(&mut self.later);
        flight.extend(messages);
        if flight.is_empty() {
            return Ok(Vec::new());
        }
        let client = self.client.as_ref().ok_or_else(gone)?;
        let replies = self.runtime.block_on(together(client, &flight));
        let replies = flight.iter().zip(replies).map(|(message, reply)| {
            reply.map_err(|error| match message {
                Message::Batch(_) => store_error(&error),
                Message::Statement { sql, .. } => in_statement(sql, &error),
            })
        });
        let mut replies: Vec<Reply> = replies.collect::<Result<_, _>>()?;
        Ok(replies.split_off(waited))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Without a client the pipe says goodbye to the server and ends.
        self.client = None;
        if let Some(pipe) = self.pipe.take() {
            let goodbye = async { tokio::time::timeout(GOODBYE, pipe).await };
            // A server that does not listen any more misses nothing.
            drop(self.runtime.block_on(goodbye));
        }
    }
}

type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Reply, tokio_postgres::Error>> + Send + 'a>>;

/// Sends all messages in their order, then waits for each reply.
async fn together(
    client: &Client,
    flight: &[Message],
) -> Vec<Result<Reply, tokio_postgres::Error>> {
    let mut waiting: Vec<Waiting<'_>> = flight
        .iter()
        .map(|message| -> Waiting<'_> { Box::pin(message.send(client)) })
        .collect();
    // A message leaves when it is polled first.
    let mut replies: Vec<_> = poll_fn(|context| {
        let polled = waiting.iter_mut().map(|it| it.as_mut().poll(context));
        Poll::Ready(polled.collect())
    })
    .await;
    let mut done = Vec::with_capacity(replies.len());
    for (waiting, early) in waiting.into_iter().zip(replies.drain(..)) {
        done.push(match early {
            Poll::Ready(reply) => reply,
            Poll::Pending => waiting.await,
        });
    }
    done
}

impl Message {
    async fn send(&self, client: &Client) -> Result<Reply, tokio_postgres::Error> {
        let mut reply = Reply::default();
        match self {
            Self::Batch(sql) => client.batch_execute(sql).await?,
            Self::Statement {
                statement,
                params,
                asks,
                ..
            } => {
                let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|it| it as _).collect();
                if *asks {
                    reply.rows = client.query(statement, &params).await?;
                } else {
                    reply.touched = client.execute(statement, &params).await?;
                }
            }
        }
        Ok(reply)
    }
}

impl PostgresTransaction<'_> {
    fn message(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        asks: bool,
    ) -> Result<Message, Error> {
        Ok(Message::Statement {
            sql,
            statement: self.connection.statement(sql)?,
            params: bind(self.vault.as_ref(), params)?,
            asks,
        })
    }

    fn messages(
        &mut self,
        sql: &'static str,
        rows: &[Vec<Param<'_>>],
        asks: bool,
    ) -> Result<Vec<Message>, Error> {
        rows.iter()
            .map(|params| self.message(sql, params, asks))
            .collect()
    }

    fn put_off(&mut self, message: Message) -> Result<(), Error> {
        self.connection.later.push(message);
        if self.connection.later.len() < LATER_MAX {
            return Ok(());
        }
        self.connection.flush()
    }
}

impl Door for PostgresTransaction<'_> {
    fn each(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let message = self.message(sql, params, true)?;
        let replies = self.connection.fly(vec![message])?;
        let vault = self.vault.as_ref();
        for found in replies.iter().flat_map(|reply| &reply.rows) {
            row(&Found { row: found, vault })?;
        }
        Ok(())
    }

    fn run(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Error> {
        let message = self.message(sql, params, false)?;
        let replies = self.connection.fly(vec![message])?;
        Ok(replies.iter().map(|reply| reply.touched).sum())
    }

    fn run_each(&mut self, sql: &'static str, rows: &[Vec<Param<'_>>]) -> Result<Vec<u64>, Error> {
        let mut touched = Vec::with_capacity(rows.len());
        for rows in rows.chunks(LATER_MAX) {
            let messages = self.messages(sql, rows, false)?;
            let replies = self.connection.fly(messages)?;
            touched.extend(replies.iter().map(|reply| reply.touched));
        }
        Ok(touched)
    }

    fn run_later(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<(), Error> {
        let message = self.message(sql, params, false)?;
        self.put_off(message)
    }

    fn run_each_later(&mut self, sql: &'static str, rows: &[Vec<Param<'_>>]) -> Result<(), Error> {
        rows.iter()
            .try_for_each(|params| self.run_later(sql, params))
    }

    fn each_of(
        &mut self,
        sql: &'static str,
        rows: &[Vec<Param<'_>>],
        row: &mut dyn FnMut(usize, &dyn Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let messages = self.messages(sql, rows, true)?;
        let replies = self.connection.fly(messages)?;
        let vault = self.vault.as_ref();
        for (at, reply) in replies.iter().enumerate() {
            for found in &reply.rows {
                row(at, &Found { row: found, vault })?;
            }
        }
        Ok(())
    }

    fn savepoint(&mut self) -> Result<(), Error> {
        self.put_off(Message::Batch(SAVEPOINT.to_owned()))
    }

    fn release(&mut self) -> Result<(), Error> {
        self.connection.batch("RELEASE command")
    }

    /// What the command had not sent yet is not sent at all.
    fn roll_back_to_savepoint(&mut self) -> Result<(), Error> {
        let later = &mut self.connection.later;
        let is_savepoint =
            |message: &Message| matches!(message, Message::Batch(sql) if sql == SAVEPOINT);
        match later.iter().rposition(is_savepoint) {
            Some(at) => later.truncate(at + 1),
            None => later.clear(),
        }
        self.put_off(Message::Batch("ROLLBACK TO command".to_owned()))
    }
}
