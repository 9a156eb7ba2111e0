//! How the sample runs, and how it behaves where nobody outside of Torii can know what Torii does.

use std::{sync::Arc, time::SystemTime};

use clap::{Args, ValueEnum};

/// A source of the time.
pub type Now = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// How the sample runs.
#[derive(Clone)]
pub struct Options {
    /// The current time for the sample.
    pub now: Now,
    /// Whether the documented rate limits apply; load tests switch them off.
    pub rate_limits: bool,
    /// How much the organization has.
    pub size: Size,
    /// Which organization is served.
    pub organization: Organization,
    /// How the sample behaves.
    pub behavior: Behavior,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            now: Arc::new(SystemTime::now),
            rate_limits: true,
            size: Size::Default,
            organization: Organization::First,
            behavior: Behavior::default(),
        }
    }
}

/// How much the organization has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// 300 apps, 2,000 users, 3,000 transactions
    #[default]
    Default,
    /// 3,000 apps, 20,000 users, 50,000 transactions, and as many fields as a real organization
    Large,
}

/// Which organization is served. Both have Torii's default fields under the same names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Organization {
    /// The organization of the documentation
    #[default]
    First,
    /// Another one, with other system keys, ids, numbers and another currency
    Second,
}

/// How the sample behaves where Torii's behaviour is not published, or where sources contradict each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct Behavior {
    /// Which form of `filters` is accepted
    #[arg(long, value_enum, default_value_t)]
    pub filters: Filters,
    /// Whether the audit log has to be asked for one entity
    #[arg(long, value_enum, default_value_t)]
    pub audit_entity: AuditEntity,
    /// How responses write a moment
    #[arg(long, value_enum, default_value_t)]
    pub times: Times,
    /// How responses write owners and those who added an app
    #[arg(long, value_enum, default_value_t)]
    pub people: People,
    /// Under which name, and with which members, the runs of workflow actions are listed
    #[arg(long, value_enum, default_value_t)]
    pub executions: Executions,
    /// What records hold in a field with choices, and what filters compare with
    #[arg(long, value_enum, default_value_t)]
    pub choices: Choices,
    /// What the body of an error looks like
    #[arg(long, value_enum, default_value_t)]
    pub errors: Errors,
    /// The status for bodies that are not valid
    #[arg(long, value_enum, default_value_t)]
    pub invalid_bodies: InvalidBodies,
}

/// Which form of `filters` is accepted; another form is refused with 400.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Filters {
    /// Key and operator are texts, as on Torii's page
    #[default]
    Flat,
    /// Key and operator are objects with a `value`, as Torii's own client sends them
    Wrapped,
    /// Both forms
    Both,
    /// Filters are not applied, and nothing says so
    Ignored,
}

/// Whether `GET /audit` requires the parameter `entity`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum AuditEntity {
    /// Without an entity, all entries are listed
    #[default]
    Optional,
    /// Without an entity, the call is refused
    Required,
}

/// How responses write a moment. Days are texts in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Times {
    /// ISO 8601 in UTC
    #[default]
    Text,
    /// Milliseconds since 1970
    Milliseconds,
}

/// How responses write `primaryOwner`, `addedBy` and `owner`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum People {
    /// Objects; ids in the apps of a user
    #[default]
    Objects,
    /// Ids
    Numbers,
}

/// The envelope of `GET /workflows/actionExecutions`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Executions {
    /// `response`, as in Torii's document
    #[default]
    Response,
    /// `actionExecutions` with `status` and `errorMessage`, as in a guide of Torii's
    ActionExecutions,
}

/// What records hold in a field with choices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Choices {
    /// The values of the choices, such as `inReview`
    #[default]
    Values,
    /// The labels of the choices, such as `In Review`
    Labels,
}

/// What the body of an error looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Errors {
    /// `statusCode`, `error` and `message`
    #[default]
    Plain,
    /// As the framework hapi writes them: also `validation`, with the part of the request and its keys
    Hapi,
    /// As a gateway writes them: only `message`; large pages of slow lists time out
    Gateway,
}

/// The status for bodies that are well-formed but not valid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum InvalidBodies {
    /// 400 Bad Request
    #[default]
    #[value(name = "400")]
    BadRequest,
    /// 422 Unprocessable Entity
    #[value(name = "422")]
    Unprocessable,
}
